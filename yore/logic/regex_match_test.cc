#include <gtest/gtest.h>

#include <regex>

#include "yore/logic/regex.h"
#include "yore/logic/small_worlds_test.h"

namespace yore::logic {
namespace {

// The common part of the syntax against the standard library's engine.
TEST(RegexMatch, AgreesWithTheStandardLibrary) {
  const Alphabet alphabet = Alphabet::parse("abc");
  const std::vector<Word> words = all_words(3, 6);
  for (const char* pattern : {"a*", "(ab)*", "a|b|c", "a(b|ab)*", ".*a.*b.*", "(a|b)*c", "a+b?c*", "(ab|ba)*",
                              "[ab]*c[^c]", "a{2}b{1,2}c{0,}", "(a{2,3}){2}", "(aa|aaa)*b", "(a?){3}b",
                              ".{2,4}", "(a(b(c)?)*)+", "b*(ab*ab*)*", "(a|b|c){0}", "[^abc]|a"}) {
    const std::regex standard(pattern);
    const RegexPtr ours = parse_regex(pattern, alphabet).root;
    for (const Word& word : words)
      ASSERT_EQ(matches(ours, word), std::regex_match(alphabet.format_word(word), standard))
          << pattern << " on " << alphabet.format_word(word);
  }
}

TEST(RegexMatch, IntersectionAndComplementByPredicates) {
  const Alphabet alphabet = Alphabet::parse("ab");
  const auto count = [](const Word& w, Symbol s) { return std::count(w.begin(), w.end(), s); };
  using Predicate = std::function<bool(const Word&)>;
  const std::pair<const char*, Predicate> kTable[] = {
      {"!(.*a.*)", [&](const Word& w) { return count(w, 0) == 0; }},
      {"!()", [](const Word& w) { return !w.empty(); }},
      {"![]", [](const Word&) { return true; }},
      {"!(.*)", [](const Word&) { return false; }},
      {"[]*", [](const Word& w) { return w.empty(); }},
      {"[]a|b[]", [](const Word&) { return false; }},
      {"(..)*&!(.*bb.*)",
       [](const Word& w) {
         for (std::size_t i = 0; i + 1 < w.size(); ++i)
           if (w[i] == 1 && w[i + 1] == 1) return false;
         return w.size() % 2 == 0;
       }},
      {"!aa|b",
       [](const Word& w) {
         return w == Word{1} || (!w.empty() && w.back() == 0 && w != Word{0, 0});
       }},
      {"(!(a*))(b&!a)", [&](const Word& w) { return count(w, 1) >= 2 && w.back() == 1; }},
  };
  for (const auto& [pattern, expected] : kTable) {
    const RegexPtr regex = parse_regex(pattern, alphabet).root;
    for (const Word& word : all_words(2, 7))
      ASSERT_EQ(matches(regex, word), expected(word)) << pattern << " on " << alphabet.format_word(word);
  }
}

TEST(RegexMatch, NestedCountsAreCheap) {
  const RegexPtr regex = parse_regex("((a{1000}){1000}|a{30,1000}){1,1000}").root;
  EXPECT_TRUE(matches(regex, Word(30, 0)));
  EXPECT_TRUE(matches(regex, Word(61, 0)));
  EXPECT_FALSE(matches(regex, Word(29, 0)));
}

TEST(RegexMatch, SharedSubtreesAreVisitedOnce) {
  RegexPtr regex = parse_regex("a|()").root;
  for (int k = 0; k < 60; ++k)
    regex =
        std::make_shared<Regex>(Regex{.kind = Regex::Kind::Union, .letters = {}, .children = {regex, regex}});
  EXPECT_TRUE(matches(regex, {0}));
  EXPECT_FALSE(matches(regex, {0, 0}));
}

}  // namespace
}  // namespace yore::logic
