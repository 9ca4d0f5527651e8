#include "yore/automata/word_search.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <stdexcept>

#include "yore/automata/black_box_test.h"
#include "yore/automata/test_support.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using testing::first_letters;
using testing::random_dfa;
using testing::WatchedBox;

// One kind of word and no other.
SearchOptions only(std::int64_t SearchOptions::*kind, std::int64_t words) {
  SearchOptions options;
  options.exhaustive_words = options.cover_words = options.loop_words = options.random_words = 0;
  options.*kind = words;
  return options;
}

// All words accepted, but one.
Dfa all_but(const Word& word, int letters) {
  const auto n = static_cast<State>(word.size());
  Dfa dfa{first_letters(letters), n + 2, 0, std::vector<char>(n + 2, 1), {}};
  dfa.accepting[n] = 0;
  for (State q = 0; q < n + 2; ++q)
    for (Symbol a = 0; a < letters; ++a) dfa.next.push_back(q < n && word[q] == a ? q + 1 : n + 1);
  return minimise(dfa);
}

Dfa everything(int letters) {
  return {first_letters(letters), 1, 0, {1}, std::vector<State>(static_cast<std::size_t>(letters), 0)};
}

TEST(WordSearch, ExhaustivelyTheFirstDifferenceIsFound) {
  base::Random random({9, 3});
  int found_late = 0;
  for (int round = 0; round < 100; ++round) {
    const Dfa truth = minimise(random_dfa(random, 6, 2, 4));
    Dfa hypothesis = truth;
    hypothesis.next[random.below(hypothesis.next.size())] =
        static_cast<State>(random.below(static_cast<std::uint64_t>(truth.states)));
    for (const std::size_t batch : {1, 100, 100'000}) {
      WatchedBox watched(truth);
      SearchOptions options = only(&SearchOptions::exhaustive_words, (1 << 9) - 1);
      options.batch = batch;
      WordSearch search(watched.box, options);
      const auto found = search(hypothesis), first = testing::first_difference(truth, hypothesis, 8);
      EXPECT_EQ(found, first);
      EXPECT_EQ(search.last().words, static_cast<std::int64_t>(watched.asked.size()));
      EXPECT_EQ(search.last().exhaustive_length, first ? -1 : 8);
      EXPECT_EQ(search.last().extra_states, -1);
      found_late += first && first->size() > 3;
    }
  }
  EXPECT_GT(found_late, 10);
}

TEST(WordSearch, TheExhaustiveLengthIsTheLastThatWasComplete) {
  for (const int letters : {1, 2}) {
    const Dfa dfa = everything(letters);
    for (const auto& [words, length] :
         {std::pair{0, -1}, {1, 0}, {2, letters == 1 ? 1 : 0}, {7, letters == 1 ? 5 : 2}}) {
      WatchedBox watched(dfa);
      SearchOptions options = only(&SearchOptions::exhaustive_words, words);
      options.max_length = 5;
      WordSearch search(watched.box, options);
      EXPECT_EQ(search(dfa), std::nullopt);
      EXPECT_EQ(search.last().exhaustive_length, length);
      EXPECT_EQ(search.last().words, std::min(words, letters == 1 ? 6 : 7));
    }
  }
}

// The W-method's theorem on random neighbours: with e extra states no different language of up to states + e
// states passes.
TEST(WordSearch, TheCoverFindsEveryLanguageWithSoManyMoreStates) {
  base::Random random({9, 4});
  int different = 0, missed = 0, larger = 0;
  for (int round = 0; round < 600; ++round) {
    const int extra = round % 3;
    const Dfa hypothesis = minimise(random_dfa(random, 1 + round % 5, 2, 3));
    // The hypothesis with states of its own copied and a few changes: differences hide behind long words.
    Dfa other = testing::blown_up(hypothesis, 2, random);
    const auto at = random.below(other.next.size());
    other.next[at] = static_cast<State>(random.below(static_cast<std::uint64_t>(other.states)));
    if (round % 2 == 0) {
      char& flipped = other.accepting[random.below(other.accepting.size())];
      flipped = flipped == 0 ? 1 : 0;
    }
    other = minimise(other);
    WatchedBox watched(other);
    SearchOptions options = only(&SearchOptions::cover_words, 100'000);
    options.extra_states = extra;
    WordSearch search(watched.box, options);
    const auto found = search(hypothesis);
    ASSERT_TRUE(!found || hypothesis.accepts(*found) != other.accepts(*found));
    if (other == hypothesis) {
      EXPECT_EQ(found, std::nullopt);
      EXPECT_EQ(search.last().extra_states, extra);
      continue;
    }
    ++different;
    if (other.states <= hypothesis.states + extra) {
      EXPECT_TRUE(found.has_value());
      larger += other.states > hypothesis.states;
    }
    missed += !found;
  }
  EXPECT_GT(different, 300);
  EXPECT_GT(larger, 50);
  RecordProperty("missed", missed);
}

TEST(WordSearch, ACoverCutShortMakesNoClaim) {
  base::Random random({9, 5});
  const Dfa dfa = minimise(random_dfa(random, 10, 2));
  const auto claimed = [&](std::int64_t words, int max_length, std::int64_t& compared) {
    WatchedBox watched(dfa);
    SearchOptions options = only(&SearchOptions::cover_words, words);
    options.max_length = max_length;
    WordSearch search(watched.box, options);
    EXPECT_EQ(search(dfa), std::nullopt);
    EXPECT_LE(watched.longest, static_cast<std::size_t>(max_length));
    compared = search.last().words;
    EXPECT_EQ(compared, static_cast<std::int64_t>(watched.asked.size()));
    return search.last().extra_states;
  };
  std::int64_t all = 0, some = 0;
  EXPECT_EQ(claimed(100'000, 100, all), 1);
  EXPECT_EQ(claimed(all - 1, 100, some), 0);
  EXPECT_EQ(some, all - 1);
  EXPECT_EQ(claimed(5, 100, some), -1);
  EXPECT_EQ(some, 5);
  EXPECT_EQ(claimed(100'000, 2, some), -1);
  EXPECT_EQ(claimed(0, 100, some), -1);
  EXPECT_EQ(some, 0);
}

TEST(WordSearch, LoopsFindWhatIsCountedTo) {
  WatchedBox watched(all_but(Word(64, 0), 2));
  WordSearch search(watched.box, only(&SearchOptions::loop_words, 100));
  EXPECT_EQ(search(everything(2)), Word(64, 0));
  // A cycle is followed from every state: b leads to the state from where 32 times aa is one too many.
  Dfa parity{first_letters(2), 2, 0, {1, 0}, {1, 0, 0, 1}};
  WatchedBox hidden(parity.alphabet,
                    [&](const Word& word) { return parity.accepts(word) != (word == Word(67, 0)); });
  SearchOptions options = only(&SearchOptions::loop_words, 1'000);
  WordSearch other(hidden.box, options);
  EXPECT_EQ(other(parity), std::nullopt);
  for (const Word& word : hidden.asked) EXPECT_LE(word.size(), 100u);
  EXPECT_TRUE(hidden.asked.contains(Word(65, 0))) << "a, then aa 32 times";
}

TEST(WordSearch, RandomWordsAreNewEachCallAndTheSameEachTime) {
  base::Random random({9, 6});
  const Dfa dfa = minimise(random_dfa(random, 8, 2));
  const auto asked = [&](std::uint64_t seed, int calls) {
    WatchedBox watched(dfa);
    SearchOptions options = only(&SearchOptions::random_words, 300);
    options.seed = seed;
    options.max_length = 60;
    WordSearch search(watched.box, options);
    for (int call = 0; call < calls; ++call) EXPECT_EQ(search(dfa), std::nullopt);
    EXPECT_GE(search.compared(), static_cast<std::int64_t>(watched.asked.size()));
    EXPECT_LE(search.compared(), 300 * calls);
    EXPECT_LE(watched.longest, 60u);
    return watched.asked;
  };
  const auto one = asked(1, 1), two = asked(1, 2);
  EXPECT_GT(one.size(), 250u);
  EXPECT_EQ(one, asked(1, 1));
  EXPECT_NE(one, asked(2, 1));
  EXPECT_TRUE(std::includes(two.begin(), two.end(), one.begin(), one.end()));
  EXPECT_GT(two.size(), 500u);
}

// A sparse language, of which uniform words see nothing, accepted or rejected: it is drawn from all the same.
TEST(WordSearch, RandomWordsComeFromBothSidesAndFromNearBy) {
  const Dfa alternating{first_letters(2), 3, 0, {1, 0, 0}, {1, 2, 2, 0, 2, 2}};  // (ab)*
  std::set<Word> language, neighbours;
  for (int n = 0; n <= 50; ++n) {
    Word word;
    for (int i = 0; i < 2 * n; ++i) word.push_back(i % 2);
    neighbours.merge(testing::neighbours(word, 2, 0, 100));
    language.insert(std::move(word));
  }
  for (const Dfa& dfa : {alternating, complement(alternating)}) {
    WatchedBox watched(dfa);
    SearchOptions options = only(&SearchOptions::random_words, 1'000);
    options.max_edits = 1;
    WordSearch search(watched.box, options);
    EXPECT_EQ(search(dfa), std::nullopt);
    int drawn = 0, near = 0;
    for (const Word& word : watched.asked) {
      drawn += language.contains(word);
      near += word.size() > 20 && neighbours.contains(word);
    }
    EXPECT_GT(drawn, 45);
    EXPECT_GT(watched.asked.size(), 600u);
    if (dfa == alternating) {
      EXPECT_GT(near, 100);
    }
  }
}

TEST(WordSearch, TheShortestOfABatchIsReturned) {
  base::Random random({9, 7});
  const Dfa dfa = minimise(random_dfa(random, 5, 2));
  WatchedBox watched(complement(dfa));
  SearchOptions options = only(&SearchOptions::random_words, 100);
  options.batch = 7;
  WordSearch search(watched.box, options);
  const auto found = search(dfa);
  EXPECT_EQ(watched.asked.size(), 7u);
  ASSERT_TRUE(found.has_value());
  for (const Word& word : watched.asked) EXPECT_LE(found->size(), word.size());
}

TEST(WordSearch, NoWordIsTooLongWhereStatesAreFartherThanThat) {
  const Dfa dfa = all_but(Word(30, 1), 2);
  WatchedBox watched(dfa);
  SearchOptions options;
  options.max_length = 10;
  WordSearch search(watched.box, options);
  EXPECT_EQ(search(everything(2)), std::nullopt);
  EXPECT_EQ(search(dfa), std::nullopt);
  EXPECT_EQ(watched.longest, 10u);
  EXPECT_EQ(search.last().exhaustive_length, 10);
  EXPECT_EQ(search.last().extra_states, -1);
  // Nor are more middle words tried than fit.
  options.extra_states = std::numeric_limits<int>::max();
  options.cover_words = 10'000;
  WordSearch deep(watched.box, options);
  EXPECT_EQ(deep(everything(2)), std::nullopt);
  EXPECT_EQ(deep.last().extra_states, 9);
}

TEST(WordSearch, SmallAlphabetsAndEmptyLanguagesAreHarmless) {
  for (const int letters : {0, 1, 2})
    for (const bool answer : {false, true}) {
      Dfa dfa = everything(letters);
      dfa.accepting[0] = answer ? 1 : 0;
      WatchedBox watched(dfa);
      SearchOptions options;
      options.max_length = 10;
      WordSearch search(watched.box, options);
      EXPECT_EQ(search(dfa), std::nullopt);
      EXPECT_EQ(search.last().extra_states, 1);
      EXPECT_EQ(search(complement(dfa)), Word{});
      EXPECT_TRUE(letters != 0 || watched.asked.size() == 1);
      EXPECT_TRUE(letters != 1 || watched.asked.size() == 11);
    }
}

TEST(WordSearch, RefusesWhatItCannotCompare) {
  WatchedBox watched(everything(2));
  WordSearch search(watched.box);
  EXPECT_THROW(search(everything(1)), std::invalid_argument);
  const auto refused = [&](auto change) {
    SearchOptions options;
    change(options);
    EXPECT_THROW(WordSearch(watched.box, options), std::invalid_argument);
  };
  refused([](SearchOptions& o) { o.max_length = -1; });
  refused([](SearchOptions& o) { o.exhaustive_words = -1; });
  refused([](SearchOptions& o) { o.extra_states = -1; });
  refused([](SearchOptions& o) { o.cover_words = -1; });
  refused([](SearchOptions& o) { o.loop_words = -1; });
  refused([](SearchOptions& o) { o.random_words = -1; });
  refused([](SearchOptions& o) { o.max_edits = 0; });
  refused([](SearchOptions& o) { o.batch = 0; });
}

}  // namespace
}  // namespace yore::automata
