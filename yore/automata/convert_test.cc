// Small worlds: every regex and every formula up to a size, on every word up to a length, against membership
// by definition; and back from the automaton to a regex.
#include "yore/automata/convert.h"

#include <gtest/gtest.h>

#include "yore/automata/formats.h"
#include "yore/automata/test_support.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using logic::Formula;
using logic::FormulaGraph;
using logic::NodeId;
using logic::Regex;
using logic::RegexPtr;
using testing::first_letters;

const Alphabet kAb = first_letters(2);

RegexPtr make(Regex::Kind kind, std::vector<Symbol> letters, std::vector<RegexPtr> children, int min = 0,
              int max = -1) {
  return std::make_shared<Regex>(Regex{kind, std::move(letters), std::move(children), min, max});
}

// All trees with exactly n nodes for n = 1..size, from the leaves, the repetitions and (if asked) complement
// and intersection.
std::vector<RegexPtr> all_regexes(int size, const std::vector<RegexPtr>& leaves,
                                  const std::vector<std::pair<int, int>>& repeats) {
  using Kind = Regex::Kind;
  std::vector<std::vector<RegexPtr>> of_size{{}, leaves};
  for (int n = 2; n <= size; ++n) {
    std::vector<RegexPtr> here;
    for (const RegexPtr& child : of_size[n - 1]) {
      for (const auto& [min, max] : repeats) here.push_back(make(Kind::Repeat, {}, {child}, min, max));
      here.push_back(make(Kind::Complement, {}, {child}));
    }
    for (int left = 1; left + 1 < n; ++left)
      for (const RegexPtr& a : of_size[left])
        for (const RegexPtr& b : of_size[n - 1 - left])
          for (const Kind kind : {Kind::Concat, Kind::Union, Kind::Intersect})
            here.push_back(make(kind, {}, {a, b}));
    of_size.push_back(std::move(here));
  }
  std::vector<RegexPtr> all;
  for (const auto& here : of_size) all.insert(all.end(), here.begin(), here.end());
  return all;
}

// Minimal automata by their text, so that each language is looked at once where that is enough.
using Languages = std::map<std::string, Dfa>;

void expect_automaton_is_the_regex(const RegexPtr& regex, int max_length, Languages& languages) {
  const Dfa dfa = dfa_from_regex({regex, kAb, false});
  ASSERT_EQ(minimise(dfa), dfa);
  for_all_words(2, max_length, [&](const Word& w) {
    ASSERT_EQ(dfa.accepts(w), logic::matches(regex, w))
        << format_regex(regex, kAb) << " on '" << kAb.format_word(w) << "'";
  });
  languages.emplace(json_from_dfa(dfa), dfa);
}

void expect_round_trips(const Dfa& dfa) {
  const RegexPtr regex = regex_from_dfa(dfa);
  const std::string text = format_regex(regex, dfa.alphabet);
  ASSERT_EQ(dfa_from_regex({regex, dfa.alphabet, false}), dfa) << text;
  ASSERT_EQ(dfa_from_regex(logic::parse_regex(text, dfa.alphabet)), dfa) << text;
  ASSERT_EQ(dfa_from_json(json_from_dfa(dfa), "test"), dfa);
  ASSERT_EQ(dfa_from_att(att_from_dfa(dfa), "test"), dfa);
}

TEST(FromRegex, AllSmallTreesOnAllShortWords) {
  const RegexPtr none = make(Regex::Kind::Letters, {}, {}), epsilon = make(Regex::Kind::Epsilon, {}, {});
  const RegexPtr a = make(Regex::Kind::Letters, {0}, {}), b = make(Regex::Kind::Letters, {1}, {});
  const RegexPtr any = make(Regex::Kind::Letters, {0, 1}, {});
  Languages languages;
  for (const RegexPtr& regex : all_regexes(4, {none, epsilon, a, b, any},
                                           {{0, -1}, {1, -1}, {0, 1}, {2, 2}, {0, 2}, {1, 3}, {2, -1}}))
    expect_automaton_is_the_regex(regex, 6, languages);
  for (const RegexPtr& regex : all_regexes(6, {a, b}, {{0, -1}}))
    expect_automaton_is_the_regex(regex, 6, languages);
  EXPECT_GT(languages.size(), 200u);
  for (const auto& [text, dfa] : languages) expect_round_trips(dfa);
}

TEST(FromRegex, WideNodesAreOneNodeEach) {
  const RegexPtr a = make(Regex::Kind::Letters, {0}, {}), b = make(Regex::Kind::Letters, {1}, {});
  const RegexPtr some = make(Regex::Kind::Repeat, {}, {a}, 0, 2);
  Languages languages;
  for (const auto kind : {Regex::Kind::Concat, Regex::Kind::Union, Regex::Kind::Intersect})
    for (int n = 2; n <= 7; ++n) {
      std::vector<RegexPtr> children;
      for (int i = 0; i < n; ++i) children.push_back(i % 3 == 0 ? a : i % 3 == 1 ? b : some);
      expect_automaton_is_the_regex(make(kind, {}, children), 8, languages);
    }
}

TEST(FromRegex, LargeCountsStaySmall) {
  EXPECT_EQ(dfa_from_regex(logic::parse_regex("a{1000}")).states, 1002);
  EXPECT_EQ(dfa_from_regex(logic::parse_regex("a{0,1000}")).states, 1002);
  EXPECT_EQ(dfa_from_regex(logic::parse_regex("a{500,}", kAb)).states, 502);
  // Counts of a's 0..299 and "the last letter is at least the 300th a": after a further b the state is that
  // of count 299.
  EXPECT_EQ(dfa_from_regex(logic::parse_regex("(.*a){300}", kAb)).states, 301);
  EXPECT_EQ(dfa_from_regex(logic::parse_regex("((a|b){3}){100,200}", kAb)).states, 602);
}

// A part of few states is large where the alphabet is.
TEST(FromRegex, PartsMeetTheBudget) {
  std::string pattern = "a";
  for (int i = 0; i < 100; ++i) pattern += "&a";
  EXPECT_EQ(dfa_from_regex(logic::parse_regex(pattern, first_letters(10)), 5).states, 3);
  EXPECT_THROW(dfa_from_regex(logic::parse_regex(pattern, first_letters(20)), 5), base::BudgetError);
}

TEST(FromRegex, BlowUpMeetsTheBudget) {
  EXPECT_EQ(dfa_from_regex(logic::parse_regex(".*a.{9}", kAb), 1024).states, 1024);
  for (const char* pattern : {".*a.{30}", "(.*a.{12}){3}", "(a{37})*&(a{41})*"}) {
    try {
      dfa_from_regex(logic::parse_regex(pattern, kAb), 1000);
      ADD_FAILURE() << pattern << ": no BudgetError";
    } catch (const base::BudgetError& error) {
      EXPECT_EQ(error.budget(), "max-states");
    }
  }
}

TEST(ToRegex, RandomAutomataRoundTrip) {
  base::Random random({4, 1});
  for (int round = 0; round < 1500; ++round) {
    const int states = 1 + static_cast<int>(random.below(7)), letters = 1 + static_cast<int>(random.below(3));
    expect_round_trips(minimise(testing::random_dfa(random, states, letters, 3)));
  }
}

TEST(ToRegex, FamiliarLanguagesComeBackFamiliar) {
  const auto back = [](const char* pattern) {
    return format_regex(regex_from_dfa(dfa_from_regex(logic::parse_regex(pattern, kAb))), kAb);
  };
  for (const char* pattern :
       {"(ab)*", "a*", "a*b*", "a.*", ".*a", ".*", "[]", "()", "a+", "(aa)*", "(ab|ba)*", "(a(ab)*b)*", "ab",
        "a?", "a{1000}", "a{3,7}", "b{0,5}", "(b|ab*a)*"})
    EXPECT_EQ(back(pattern), pattern);
}

TEST(ToRegex, LongChainsNestDeeply) {
  // Every prefix of a random word: one optional inside the other. Then only its two longest prefixes: one
  // long common factor.
  base::Random random({4, 4});
  const State n = 300;
  Dfa prefixes{kAb, n + 1, 0, std::vector<char>(n + 1, 1), {}};
  prefixes.accepting[n] = 0;
  for (State q = 0; q < n; ++q) {
    const auto letter = static_cast<Symbol>(random.below(2));
    for (Symbol a = 0; a < 2; ++a) prefixes.next.push_back(a == letter ? q + 1 : n);
  }
  prefixes.next.insert(prefixes.next.end(), 2, n);
  ASSERT_EQ(dfa_from_regex({regex_from_dfa(prefixes), kAb, false}), minimise(prefixes));
  Dfa longest = prefixes;
  std::fill(longest.accepting.begin(), longest.accepting.end() - 3, 0);
  ASSERT_EQ(dfa_from_regex({regex_from_dfa(longest), kAb, false}), minimise(longest));
}

TEST(ToRegex, LengthIsBudgeted) {
  base::Random random({4, 2});
  const Dfa dfa = minimise(testing::random_dfa(random, 300, 2));
  ASSERT_GT(dfa.states, 100);
  try {
    regex_from_dfa(dfa);
    FAIL() << "no BudgetError";
  } catch (const base::BudgetError& error) {
    EXPECT_EQ(error.budget(), "max-regex");
  }
  EXPECT_THROW(regex_from_dfa(dfa_from_regex(logic::parse_regex("abababab")), 7), base::BudgetError);
}

// A formula as a tree, from which it can be built in any graph.
struct Tree {
  enum Op {
    kTrue,
    kFalse,
    kA,
    kB,
    kNot,
    kBefore,
    kYesterday,
    kYesterday2,
    kYesterday3,
    kAnd,
    kOr,
    kSince
  } op;
  const Tree* left = nullptr;
  const Tree* right = nullptr;

  NodeId build(FormulaGraph& graph) const {
    const auto l = [&] { return left->build(graph); };
    const auto r = [&] { return right->build(graph); };
    switch (op) {
      case kTrue:
        return graph.constant(true);
      case kFalse:
        return graph.constant(false);
      case kA:
        return graph.letter(0);
      case kB:
        return graph.letter(1);
      case kNot:
        return graph.negation(l());
      case kBefore:
        return graph.before(l());
      case kYesterday:
        return graph.yesterday(l());
      case kYesterday2:
        return graph.yesterday(l(), 2);
      case kYesterday3:
        return graph.yesterday(l(), 3);
      case kAnd:
        return graph.conjunction({l(), r()});
      case kOr:
        return graph.disjunction({l(), r()});
      case kSince:
        return graph.since(l(), r());
    }
    throw std::logic_error("no such operator");
  }
};

Formula formula_of(const Tree& tree, bool simplify) {
  Formula formula{FormulaGraph(simplify), 0, kAb};
  formula.root = tree.build(formula.graph);
  return formula;
}

TEST(FromFormula, AllSmallTreesOnAllShortWords) {
  constexpr int kSize = 5;
  std::vector<std::vector<Tree>> of_size(kSize + 1);
  of_size[1] = {{Tree::kTrue}, {Tree::kFalse}, {Tree::kA}, {Tree::kB}};
  for (int n = 2; n <= kSize; ++n) {
    for (const Tree& child : of_size[n - 1])
      for (int op = Tree::kNot; op <= Tree::kYesterday3; ++op)
        of_size[n].push_back({static_cast<Tree::Op>(op), &child});
    for (int left = 1; left + 1 < n; ++left)
      for (const Tree& a : of_size[left])
        for (const Tree& b : of_size[n - 1 - left])
          for (int op = Tree::kAnd; op <= Tree::kSince; ++op)
            of_size[n].push_back({static_cast<Tree::Op>(op), &a, &b});
  }
  Languages languages;
  for (const auto& trees : of_size)
    for (const Tree& tree : trees) {
      const Formula plain = formula_of(tree, false), simplified = formula_of(tree, true);
      const Dfa dfa = dfa_from_formula(plain);
      ASSERT_EQ(dfa_from_formula(simplified), dfa) << format_formula(plain);
      for_all_words(2, 6, [&](const Word& w) {
        ASSERT_EQ(dfa.accepts(w), accepts_by_definition(plain, w))
            << format_formula(plain) << " on '" << kAb.format_word(w) << "'";
      });
      languages.emplace(json_from_dfa(dfa), dfa);
    }
  EXPECT_GT(languages.size(), 100u);
  for (const auto& [text, dfa] : languages) expect_round_trips(dfa);
}

TEST(FromFormula, LargerRandomFormulasAgreeWithEvaluation) {
  base::Random random({4, 3});
  std::size_t most = 0;
  for (int round = 0; round < 400; ++round) {
    Formula formula{FormulaGraph(round % 2 == 0), 0, first_letters(3)};
    FormulaGraph& graph = formula.graph;
    std::vector<NodeId> pool{graph.letter(0), graph.letter(1), graph.letter(2), graph.constant(true)};
    const auto pick = [&] { return pool[random.below(pool.size())]; };
    for (int i = 0; i < 24; ++i) {
      switch (random.below(6)) {
        case 0:
          pool.push_back(graph.negation(pick()));
          break;
        case 1:
          pool.push_back(graph.conjunction({pick(), pick()}));
          break;
        case 2:
          pool.push_back(graph.disjunction({pick(), pick()}));
          break;
        case 3:
          pool.push_back(graph.before(pick()));
          break;
        case 4:
          pool.push_back(graph.yesterday(pick(), 1 + static_cast<int>(random.below(5))));
          break;
        default:
          pool.push_back(graph.since(pick(), pick()));
      }
    }
    formula.root = pool.back();
    const Dfa dfa = dfa_from_formula(formula);
    most = std::max(most, static_cast<std::size_t>(dfa.states));
    for (int i = 0; i < 60; ++i) {
      Word word(random.below(25));
      for (Symbol& a : word) a = static_cast<Symbol>(random.below(3));
      ASSERT_EQ(dfa.accepts(word), accepts(formula, word)) << format_formula(formula);
    }
  }
  EXPECT_GT(most, 20u);
}

TEST(FromFormula, LongLookbacksAreCounted) {
  // k + 1 cases a node, not 2^k.
  EXPECT_EQ(dfa_from_formula(logic::parse_formula("Y<=1000 a", kAb)).states, 1001);
  // The two counters run down together; one of them is always full: 20 + 20 states and the start.
  EXPECT_EQ(dfa_from_formula(logic::parse_formula("Y<=20 a & Y<=20 b", kAb)).states, 41);
}

TEST(FromFormula, MoreLettersThanAWordOfBits) {
  // Columns are evaluated 64 at a time: letters on both sides of the seams, and EOS in a block of its own
  // (128 letters).
  for (const int letters : {63, 64, 65, 127, 128, 130}) {
    std::vector<std::string> names;
    for (int i = 0; i < letters; ++i) names.push_back("x" + std::to_string(i));
    Formula formula{FormulaGraph(), 0, Alphabet(names)};
    FormulaGraph& graph = formula.graph;
    std::vector<NodeId> seams;
    for (int a : {0, 62, letters - 2, letters - 1}) seams.push_back(graph.letter(a));
    formula.root = graph.conjunction(
        {graph.yesterday(graph.disjunction(seams)), graph.negation(graph.before(graph.letter(5)))});
    const Dfa dfa = dfa_from_formula(formula);
    ASSERT_EQ(dfa.states, 3);
    for (Symbol a = 0; a < letters; ++a)
      for (Symbol b : {0, 5, 62, letters - 1}) {
        ASSERT_EQ(dfa.accepts({a, b}), accepts(formula, {a, b}));
        ASSERT_EQ(dfa.accepts({b, a}), accepts(formula, {b, a}));
      }
  }
}

TEST(FromFormula, BlowUpMeetsTheBudget) {
  // Each conjunct counts on its own: the states are the reachable vectors of counters.
  const Formula formula = logic::parse_formula("Y<=9 a & Y<=9 b & Y<=9 c & Y<=9 d", first_letters(5));
  try {
    dfa_from_formula(formula, 1000);
    FAIL() << "no BudgetError";
  } catch (const base::BudgetError& error) {
    EXPECT_EQ(error.budget(), "max-states");
  }
  EXPECT_NO_THROW(dfa_from_formula(formula, 10'000));
}

TEST(FromFormula, StrictOperatorsStartWithNothingBehind) {
  const auto dfa = [](const char* text) { return dfa_from_formula(logic::parse_formula(text, kAb)); };
  const auto regex = [](const char* text) { return dfa_from_regex(logic::parse_regex(text, kAb)); };
  EXPECT_EQ(dfa("first"), regex("()"));
  EXPECT_EQ(dfa("P true"), regex(".+"));
  EXPECT_EQ(dfa("Y Y true"), regex("..+"));
  EXPECT_EQ(dfa("P (a & first)"), regex("a.*"));
  EXPECT_EQ(dfa("a"), regex("[]"));
  EXPECT_EQ(dfa("Z a"), regex("(.*a)?"));
  EXPECT_EQ(dfa("Y a"), regex(".*a"));
  EXPECT_EQ(dfa("P (b & Y a)"), regex(".*ab.*"));
  EXPECT_EQ(dfa("a S b"), regex(".*ba*"));
  EXPECT_EQ(dfa("!P (a & Y a) & !P (b & Z b) & !Y a"), regex("(ab)*"));
}

// Every state of a formula with 50,000 operators costs 50,000 steps: the budget of states is one of time,
// too.
TEST(FromFormula, LongChainsEndSoon) {
  Formula chain;
  chain.alphabet = Alphabet::parse("a");
  NodeId node = chain.graph.letter(0);
  for (int i = 0; i < 50'000; ++i) node = chain.graph.yesterday(node);
  chain.root = node;
  try {
    (void)dfa_from_formula(chain);
    FAIL();
  } catch (const base::BudgetError& e) {
    EXPECT_EQ(e.budget(), "max-states");
    EXPECT_NE(std::string(e.what()).find("50000 operators"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace yore::automata
