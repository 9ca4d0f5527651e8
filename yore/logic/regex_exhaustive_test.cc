// All regexes up to a size over {a, b}, all words up to length 6: membership against sets of words, and what
// is printed against what is read back; then all short strings of signs through the parser.
#include <gtest/gtest.h>

#include <bitset>

#include "yore/base/error.h"
#include "yore/logic/regex.h"
#include "yore/logic/small_worlds_test.h"

namespace yore::logic {
namespace {

constexpr std::size_t kLength = 6;
constexpr std::size_t kWords = 127;  // words over two letters up to that length

RegexPtr node(Regex::Kind kind, std::vector<RegexPtr> children, int min = 0, int max = -1) {
  return std::make_shared<Regex>(Regex{kind, {}, std::move(children), min, max});
}
RegexPtr letters(std::vector<Symbol> symbols) {
  return std::make_shared<Regex>(Regex{Regex::Kind::Letters, std::move(symbols), {}});
}

// All trees with exactly 1, 2 .. `max_size` nodes.
std::vector<std::vector<RegexPtr>> regex_trees(std::size_t max_size) {
  using Kind = Regex::Kind;
  std::vector<std::vector<RegexPtr>> of(max_size + 1);
  of[1] = {letters({0}), letters({1}), letters({0, 1}), letters({}), node(Kind::Epsilon, {})};
  for (std::size_t size = 2; size <= max_size; ++size) {
    for (const RegexPtr& child : of[size - 1]) {
      of[size].push_back(node(Kind::Complement, {child}));
      for (const auto& [min, max] : {std::pair{0, -1}, {1, -1}, {0, 1}, {2, 2}, {1, 3}})
        of[size].push_back(node(Kind::Repeat, {child}, min, max));
    }
    for (std::size_t left = 1; left + 1 < size; ++left)
      for (const RegexPtr& a : of[left])
        for (const RegexPtr& b : of[size - 1 - left])
          for (const Kind kind : {Kind::Concat, Kind::Union, Kind::Intersect})
            of[size].push_back(node(kind, {a, b}));
  }
  return of;
}

// Languages cut at length 6, as sets of words: a second definition, by operations on sets.
class Languages {
 public:
  using Set = std::bitset<kWords>;
  const std::vector<Word> words = all_words(2, kLength);

  Set of(const RegexPtr& regex) const {
    switch (regex->kind) {
      case Regex::Kind::Epsilon:
        return empty_word();
      case Regex::Kind::Letters: {
        Set set;
        for (const Symbol s : regex->letters) set.set(1 + static_cast<std::size_t>(s));
        return set;
      }
      case Regex::Kind::Concat: {
        Set set = empty_word();
        for (const RegexPtr& child : regex->children) set = concat(set, of(child));
        return set;
      }
      case Regex::Kind::Union: {
        Set set;
        for (const RegexPtr& child : regex->children) set |= of(child);
        return set;
      }
      case Regex::Kind::Intersect: {
        Set set = ~Set();
        for (const RegexPtr& child : regex->children) set &= of(child);
        return set;
      }
      case Regex::Kind::Complement:
        return ~of(regex->children[0]);
      case Regex::Kind::Repeat: {
        // Beyond min + kLength repetitions only the empty word is added.
        const Set once = of(regex->children[0]);
        Set exactly = empty_word(), set;
        const int last = regex->max < 0 ? regex->min + static_cast<int>(kLength) : regex->max;
        for (int k = 0; k <= last; ++k) {
          if (k >= regex->min) set |= exactly;
          exactly = concat(exactly, once);
        }
        return set;
      }
    }
    return {};
  }

 private:
  static Set empty_word() { return Set(1); }

  // The place of a word in `words`: all shorter ones, then binary counting.
  static std::size_t place(const Word& word) {
    std::size_t value = 0;
    for (const Symbol s : word) value = 2 * value + static_cast<std::size_t>(s);
    return (std::size_t{1} << word.size()) - 1 + value;
  }
  Set concat(const Set& a, const Set& b) const {
    Set set;
    for (std::size_t i = 0; i < kWords; ++i)
      for (std::size_t j = 0; a[i] && j < kWords && words[i].size() + words[j].size() <= kLength; ++j) {
        if (!b[j]) continue;
        Word word = words[i];
        word.insert(word.end(), words[j].begin(), words[j].end());
        set.set(place(word));
      }
    return set;
  }
};

TEST(RegexExhaustive, MembershipAndRoundTrip) {
  const Alphabet alphabet = Alphabet::parse("ab");
  const Languages languages;
  ASSERT_EQ(languages.words.size(), kWords);
  const auto all = regex_trees(4);
  EXPECT_EQ(all[4].size(), 2430U);
  for (const std::vector<RegexPtr>& of_size : all)
    for (const RegexPtr& regex : of_size) {
      const std::string text = format_regex(regex, alphabet);
      const RegexPtr again = parse_regex(text, alphabet).root;
      const Languages::Set language = languages.of(regex);
      ASSERT_EQ(languages.of(again), language) << text;
      ASSERT_EQ(format_regex(again, alphabet), text);
      for (std::size_t k = 0; k < kWords; ++k)
        ASSERT_EQ(matches(again, languages.words[k]), language[k])
            << text << " on " << alphabet.format_word(languages.words[k]);
    }
}

TEST(RegexExhaustive, RoundTripOfLargerTrees) {
  const Alphabet alphabet = Alphabet::parse("ab");
  const Languages languages;
  const auto all = regex_trees(5);
  EXPECT_EQ(all[5].size(), 24930U);
  for (std::size_t k = 0; k < all[5].size(); k += kStride) {
    const RegexPtr& regex = all[5][k];
    const std::string text = format_regex(regex, alphabet);
    const RegexPtr again = parse_regex(text, alphabet).root;
    ASSERT_EQ(format_regex(again, alphabet), text);
    ASSERT_EQ(languages.of(again), languages.of(regex)) << text;
  }
}

// Whatever string of signs comes in: an InputError that points into it, or a pattern that survives printing.
TEST(RegexExhaustive, AllShortStrings) {
  const std::string signs = "ab|&!*?{}(),[]^-.2'\\";
  int accepted = 0, refused = 0;
  for (const Word& word : all_words(static_cast<int>(signs.size()), 4)) {
    std::string text;
    for (const Symbol s : word) text += signs[static_cast<std::size_t>(s)];
    try {
      const ParsedRegex parsed = parse_regex(text);
      const std::string printed = format_regex(parsed.root, parsed.alphabet);
      ASSERT_EQ(format_regex(parse_regex(printed, parsed.alphabet).root, parsed.alphabet), printed) << text;
      ++accepted;
    } catch (const base::InputError& error) {
      ASSERT_TRUE(error.position().has_value() && *error.position() <= text.size()) << text;
      ++refused;
    }
  }
  EXPECT_GT(accepted, 10000);
  EXPECT_GT(refused, 10000);
}

}  // namespace
}  // namespace yore::logic
