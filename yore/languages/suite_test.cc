#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "yore/automata/convert.h"
#include "yore/base/error.h"
#include "yore/expressivity/verdict.h"
#include "yore/languages/language.h"

namespace yore::languages {
namespace {

using Text = std::string;
using Predicate = std::function<bool(const Text&)>;

int count(const Text& w, char c) {
  return static_cast<int>(std::count(w.begin(), w.end(), c));
}
bool has(const Text& w, const char* part) {
  return w.find(part) != Text::npos;
}
bool has_subsequence(const Text& w, const Text& sub) {
  std::size_t matched = 0;
  for (const char c : w) matched += matched < sub.size() && c == sub[matched];
  return matched == sub.size();
}
bool only(const Text& w, const char* letters) {
  return w.find_first_not_of(letters) == Text::npos;
}
// w = unit repeated.
bool repeats(const Text& w, const Text& unit) {
  for (std::size_t i = 0; i < w.size(); ++i)
    if (w[i] != unit[i % unit.size()]) return false;
  return w.size() % unit.size() == 0;
}
bool nested(const Text& w, int deepest) {
  int depth = 0;
  for (const char c : w) {
    depth += c == 'a' ? 1 : -1;
    if (depth < 0 || depth > deepest) return false;
  }
  return depth == 0;
}
// Blocks of equal letters.
std::vector<Text> blocks(const Text& w) {
  std::vector<Text> result;
  for (const char c : w) {
    if (result.empty() || result.back()[0] != c) result.emplace_back();
    result.back() += c;
  }
  return result;
}
bool tomita_3(const Text& w) {
  const auto b = blocks(w);
  for (std::size_t i = 0; i + 1 < b.size(); ++i)
    if (b[i][0] == '1' && b[i].size() % 2 == 1 && b[i + 1].size() % 2 == 1) return false;
  return true;
}
bool walks_right(const Text& w) {
  int place = 0;
  for (std::size_t i = 0; i < w.size(); ++i) {
    if (w[i] >= '0' && w[i] <= '4') return i + 1 == w.size() && place == w[i] - '0';
    if (w[i] == '>') place = place == 4 ? 0 : place + 1;
    if (w[i] == '<') place = place == 0 ? 4 : place - 1;
  }
  return false;
}
bool sums_to_zero(const Text& w, int modulus) {
  int sum = 0;
  for (const char c : w) sum += c - '0';
  return sum % modulus == 0;
}
// Some split of w into a word of `before`, the letter, a word of `after`.
bool splits(const Text& w, const char* before, char letter, const Predicate& after) {
  for (std::size_t i = 0; i < w.size(); ++i)
    if (w[i] == letter && only(w.substr(0, i), before) && after(w.substr(i + 1))) return true;
  return false;
}
Predicate made_of(const char* letters) {
  return [letters](const Text& w) { return only(w, letters); };
}

// Each language a second time, straight from its definition and without automata.
const std::map<Text, Predicate>& definitions() {
  static const std::map<Text, Predicate> all = {
      {"first-a", [](const Text& w) { return w.starts_with("a"); }},
      {"first-bb", [](const Text& w) { return w.starts_with("bb"); }},
      {"last-a", [](const Text& w) { return w.ends_with("a"); }},
      {"last-ab", [](const Text& w) { return w.ends_with("ab"); }},
      {"third-last-a", [](const Text& w) { return w.size() >= 3 && w[w.size() - 3] == 'a'; }},
      {"recent-a-2",
       [](const Text& w) { return has(w.substr(w.size() - std::min<std::size_t>(2, w.size())), "a"); }},
      {"at-most-3", [](const Text& w) { return w.size() <= 3; }},
      {"contains-a", [](const Text& w) { return has(w, "a"); }},
      {"subsequence-ab", [](const Text& w) { return has_subsequence(w, "ab"); }},
      {"subsequence-aba", [](const Text& w) { return has_subsequence(w, "aba"); }},
      {"factor-ab-2", [](const Text& w) { return has(w, "ab"); }},
      {"factor-ab-3", [](const Text& w) { return has(w, "ab"); }},
      {"factor-aa", [](const Text& w) { return has(w, "aa"); }},
      {"a-star", [](const Text& w) { return only(w, "a"); }},
      {"a-then-b", [](const Text& w) { return !has(w, "ba"); }},
      {"ab-star", [](const Text& w) { return repeats(w, "ab"); }},
      {"a-then-b-or-ab",
       [](const Text& w) {
         // After the first letter every a is followed by a b.
         for (std::size_t i = 1; i < w.size(); ++i)
           if (w[i] == 'a' && (i + 1 == w.size() || w[i + 1] != 'b')) return false;
         return w.starts_with("a");
       }},
      {"ab-or-ba-star",
       [](const Text& w) {
         for (std::size_t i = 0; i + 1 < w.size(); i += 2)
           if (w[i] == w[i + 1]) return false;
         return w.size() % 2 == 0;
       }},
      {"repeat-01", [](const Text& w) { return repeats(w, "01"); }},
      {"even-pairs",
       [](const Text& w) {
         int differ = 0;
         for (std::size_t i = 0; i + 1 < w.size(); ++i) differ += w[i] != w[i + 1];
         return differ % 2 == 0;
       }},
      {"aa-star", [](const Text& w) { return only(w, "a") && w.size() % 2 == 0; }},
      {"parity", [](const Text& w) { return count(w, 'b') % 2 == 0; }},
      {"cycle-navigation", walks_right},
      {"modular-sum-3", [](const Text& w) { return sums_to_zero(w, 3); }},
      {"modular-sum-5", [](const Text& w) { return sums_to_zero(w, 5); }},
      {"dyck-1", [](const Text& w) { return nested(w, 1); }},
      {"dyck-2", [](const Text& w) { return nested(w, 2); }},
      {"dyck-3", [](const Text& w) { return nested(w, 3); }},
      {"dyck-4", [](const Text& w) { return nested(w, 4); }},
      {"tomita-1", [](const Text& w) { return only(w, "1"); }},
      {"tomita-2", [](const Text& w) { return repeats(w, "10"); }},
      {"tomita-3", tomita_3},
      {"tomita-4", [](const Text& w) { return !has(w, "000"); }},
      {"tomita-5", [](const Text& w) { return count(w, '0') % 2 == 0 && count(w, '1') % 2 == 0; }},
      {"tomita-6", [](const Text& w) { return (count(w, '0') - count(w, '1')) % 3 == 0; }},
      {"tomita-7",
       [](const Text& w) {
         const auto b = blocks(w);
         return b.size() + (!w.empty() && w[0] == '1') <= 4;
       }},
      {"lt-1", [](const Text& w) { return has(w, "a"); }},
      {"lt-2", [](const Text& w) { return has(w, "ab"); }},
      {"pt-2", [](const Text& w) { return has_subsequence(w, "ab"); }},
      {"ldp-1", [](const Text& w) { return splits(w, "cd", 'a', made_of("abd")); }},
      {"ldp-2",
       [](const Text& w) {
         return splits(w, "bde", 'a', [](const Text& v) { return splits(v, "ace", 'b', made_of("abcd")); });
       }},
      {"rdp-1", [](const Text& w) { return splits(w, "acd", 'a', made_of("bd")); }},
      {"rdp-1-narrow", [](const Text& w) { return splits(w, "ac", 'a', made_of("b")); }},
  };
  return all;
}

class Suite : public testing::TestWithParam<NamedLanguage> {};

TEST_P(Suite, MatchesItsDefinitionOnAllShortWords) {
  const NamedLanguage& language = GetParam();
  const Dfa dfa = language.dfa();
  ASSERT_TRUE(definitions().contains(language.name));
  const Predicate& member = definitions().at(language.name);
  // To length 8 at least over two letters, as far as half a million words go over more.
  int longest = 0;
  for (double words = 1; words * dfa.alphabet.size() < 5e5 && longest < 12; ++longest)
    words *= dfa.alphabet.size();
  int accepted = 0;
  automata::for_all_words(dfa.alphabet.size(), longest, [&](const logic::Word& word) {
    const Text text = dfa.alphabet.format_word(word);
    const bool in = member(text);
    accepted += in;
    ASSERT_EQ(dfa.accepts(word), in) << "\"" << text << "\"";
  });
  EXPECT_GT(accepted, 0);
}

TEST_P(Suite, IsOverItsAlphabetAndMinimal) {
  const NamedLanguage& language = GetParam();
  EXPECT_EQ(language.dfa().alphabet.text(), language.alphabet);
  EXPECT_EQ(automata::minimise(language.dfa()), language.dfa());
}

TEST_P(Suite, HasItsClass) {
  using expressivity::Answer;
  using expressivity::Class;
  const auto verdict = expressivity::classify(GetParam().dfa());
  const auto in = [&](Class c) { return verdict.of(c).member == Answer::Yes; };
  for (const Class c : expressivity::kClasses) EXPECT_NE(verdict.of(c).member, Answer::Unknown);
  const char* found = in(Class::Global) && in(Class::Local) ? "global and local"
                      : in(Class::Global)                   ? "global"
                      : in(Class::Local)                    ? "local"
                      : in(Class::Hybrid)                   ? "hybrid"
                      : in(Class::StarFree)                 ? "star-free"
                                                            : "regular";
  EXPECT_EQ(found, GetParam().expected_class);
}

TEST_P(Suite, SaysWhatItIsAndWhereItIsFrom) {
  const NamedLanguage& language = GetParam();
  EXPECT_TRUE(language.definition.ends_with(".")) << language.definition;
  EXPECT_GT(language.source.size(), 5u);
  EXPECT_EQ(&find_named(language.name),
            &*std::find_if(suite().begin(), suite().end(),
                           [&](const NamedLanguage& l) { return l.name == language.name; }));
  // Its specification leads back to it.
  EXPECT_EQ(read_language(language.spec, language.alphabet).dfa, language.dfa());
}

INSTANTIATE_TEST_SUITE_P(All, Suite, testing::ValuesIn(suite()), [](const auto& param) {
  Text name = param.param.name;
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

TEST(SuiteList, NamesAreDistinctAndTheIssuesAreThere) {
  std::set<Text> names;
  for (const NamedLanguage& language : suite())
    EXPECT_TRUE(names.insert(language.name).second) << language.name;
  EXPECT_GE(names.size(), 24u);
  EXPECT_EQ(names.size(), definitions().size());
}

TEST(SuiteList, UnknownNamesGetTheNearOnes) {
  try {
    find_named("dyck2");
    FAIL();
  } catch (const base::InputError& error) {
    EXPECT_NE(error.message().find("did you mean dyck-"), Text::npos) << error.message();
  }
  EXPECT_THROW(find_named("zebra"), base::InputError);
}

}  // namespace
}  // namespace yore::languages
