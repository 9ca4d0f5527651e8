#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "yore/logic/formula.h"
#include "yore/logic/regex.h"
#include "yore/logic/small_worlds_test.h"

namespace yore::logic {
namespace {

// What each operator says at EOS, spelled out on words, for the abbreviations too (the other evaluator never
// sees them).
TEST(FormulaEvaluate, OperatorsByPredicates) {
  const Alphabet alphabet = Alphabet::parse("ab");
  const auto has = [](const Word& w, Symbol s) { return std::find(w.begin(), w.end(), s) != w.end(); };
  using Predicate = std::function<bool(const Word&)>;
  const std::pair<const char*, Predicate> kTable[] = {
      {"a", [](const Word&) { return false; }},
      {"!a", [](const Word&) { return true; }},
      {"true", [](const Word&) { return true; }},
      {"first", [](const Word& w) { return w.empty(); }},
      {"P a", [&](const Word& w) { return has(w, 0); }},
      {"Y a", [](const Word& w) { return !w.empty() && w.back() == 0; }},
      {"Z a", [](const Word& w) { return w.empty() || w.back() == 0; }},
      {"O a", [&](const Word& w) { return has(w, 0); }},
      {"H a", [](const Word&) { return false; }},
      {"H (a | !Y true | Y true)", [](const Word&) { return true; }},
      {"H !a", [&](const Word& w) { return !has(w, 0); }},
      {"Z H a", [&](const Word& w) { return !has(w, 1); }},
      {"Y O (a & first)", [](const Word& w) { return !w.empty() && w.front() == 0; }},
      {"Y<=3 a",
       [](const Word& w) {
         return std::any_of(w.rbegin(), w.rbegin() + std::min<std::ptrdiff_t>(3, std::ssize(w)),
                            [](Symbol s) { return s == 0; });
       }},
      {"Y<=1000000 a", [&](const Word& w) { return has(w, 0); }},
      {"a S b", [&](const Word& w) { return has(w, 1); }},
      {"(!b) S (a & first)", [&](const Word& w) { return !w.empty() && w.front() == 0 && !has(w, 1); }},
      {"P a -> P b", [&](const Word& w) { return !has(w, 0) || has(w, 1); }},
      {"P a <-> P b", [&](const Word& w) { return has(w, 0) == has(w, 1); }},
      {"P (b & P a)",
       [](const Word& w) {
         const auto a = std::find(w.begin(), w.end(), 0);
         return std::find(a, w.end(), 1) != w.end();
       }},
      {"P (b & Y a)",
       [](const Word& w) {
         const Word ab{0, 1};
         return std::search(w.begin(), w.end(), ab.begin(), ab.end()) != w.end();
       }},
  };
  for (const auto& [text, expected] : kTable) {
    const Formula formula = parse_formula(text, alphabet);
    for (const Word& word : all_words(2, 7)) {
      ASSERT_EQ(accepts(formula, word), expected(word)) << text << " on " << alphabet.format_word(word);
      ASSERT_EQ(accepts_by_definition(formula, word), expected(word))
          << text << " on " << alphabet.format_word(word);
    }
  }
}

TEST(FormulaEvaluate, EveryPosition) {
  Formula f = parse_formula("a S b", Alphabet::parse("abc"));
  const auto values = evaluate_all(f.graph, f.alphabet.parse_word("abaacb"));
  //                                                              position 0  1  2  3  4  5  EOS
  EXPECT_EQ(values[static_cast<std::size_t>(f.root)], (std::vector<char>{0, 0, 1, 1, 1, 0, 1}));
  f = parse_formula("Y<=2 b", Alphabet::parse("abc"));
  EXPECT_EQ(evaluate_all(f.graph, f.alphabet.parse_word("abaacb"))[static_cast<std::size_t>(f.root)],
            (std::vector<char>{0, 0, 1, 1, 0, 0, 1}));
}

// Formulas and regexes of the same language, judged by two definitions that know nothing of each other.
TEST(FormulaEvaluate, AgreesWithRegexes) {
  const std::pair<const char*, const char*> kTable[] = {
      {"a*", "!P b"},
      {"a.*", "Y O (a & first)"},
      {".*a", "Y a"},
      {".*a..", "Y Y Y a"},
      {"a*b*", "!P (a & P b)"},
      {".*ab.*", "P (b & Y a)"},
      {"(ab)*", "Z b & !P (a & Y a | b & Z b)"},
      {"a(b|ab)*", "P (a & first) & !P (a & Y a & Y !first) & (Y b | Y (a & first))"},
      {".*a.*b.*a.*", "P (a & P (b & P a))"},
      {".*ba*", "a S b"},
  };
  const Alphabet alphabet = Alphabet::parse("ab");
  for (const auto& [pattern, text] : kTable) {
    const RegexPtr regex = parse_regex(pattern, alphabet).root;
    const Formula formula = parse_formula(text, alphabet);
    for (const Word& word : all_words(2, 8))
      ASSERT_EQ(accepts(formula, word), matches(regex, word))
          << pattern << " on " << alphabet.format_word(word);
  }
}

TEST(FormulaEvaluate, DeepGraphs) {
  Formula f{FormulaGraph(), 0, Alphabet::parse("ab")};
  f.root = f.graph.letter(0);
  for (int k = 0; k < 6000; ++k) f.root = f.graph.before(f.root);
  EXPECT_FALSE(accepts(f, Word(100, 0)));
  EXPECT_THROW(accepts_by_definition(f, {}), std::invalid_argument);
}

// k does not enter the running time: 2 * 10^4 positions times k = 10^6 would not finish.
TEST(FormulaEvaluate, LargeLookbackIsLinear) {
  const Formula f = parse_formula("Y<=1000000 Y<=999999 a", Alphabet::parse("ab"));
  Word word(20000, 1);
  word[0] = 0;
  EXPECT_TRUE(accepts(f, word));
}

TEST(Evaluate, PositionsLeaveRemaindersOfTheirNumber) {
  for (int period = 2; period <= 5; ++period)
    for (int residue = 0; residue < period; ++residue) {
      const Formula formula = parse_formula(fmt::format("pos={}/{}", residue, period), Alphabet::parse("ab"));
      for (std::size_t length = 0; length <= 12; ++length) {
        const bool expected = static_cast<int>(length) % period == residue;
        EXPECT_EQ(accepts(formula, Word(length, 0)), expected);
        EXPECT_EQ(accepts_by_definition(formula, Word(length, 0)), expected);
      }
    }
}

}  // namespace
}  // namespace yore::logic
