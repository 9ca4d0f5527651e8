#include "yore/automata/black_box.h"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

#include "yore/automata/black_box_test.h"
#include "yore/automata/test_support.h"

namespace yore::automata {
namespace {

using testing::first_letters;
using testing::WatchedBox;

bool odd_length(const Word& word) {
  return word.size() % 2 == 1;
}

TEST(BlackBox, RemembersAndAsksOnlyWhatIsNew) {
  WatchedBox watched(first_letters(2), odd_length);
  const std::vector<Word> words = {{0}, {}, {0}, {1, 1}};
  EXPECT_EQ(watched.box.ask(words), (std::vector<char>{1, 0, 1, 0}));
  EXPECT_EQ(watched.box.asked(), 3);
  EXPECT_EQ(watched.calls, 1);
  EXPECT_EQ(watched.box.ask(words), (std::vector<char>{1, 0, 1, 0}));
  EXPECT_EQ(watched.calls, 1);
  EXPECT_EQ(watched.box.recall({1, 1}), false);
  EXPECT_EQ(watched.box.recall({0}), true);
  EXPECT_EQ(watched.box.recall({1}), std::nullopt);
  EXPECT_TRUE(watched.box.ask(Word{1}));
  EXPECT_EQ(watched.box.calls(), 2);
  EXPECT_EQ(watched.box.calls(), watched.calls);
  std::vector<Word> order;
  for (const BlackBox::Answer* answer : watched.box.answers()) {
    order.push_back(answer->first);
    EXPECT_EQ(answer->second, odd_length(answer->first));
  }
  EXPECT_EQ(order, (std::vector<Word>{{0}, {}, {1, 1}, {1}}));
}

TEST(BlackBox, ALimitCountsNewWordsOnceAndAsksAllOrNone) {
  WatchedBox watched(first_letters(2), odd_length);
  watched.box.ask(Word{0});
  const std::vector<Word> words = {{0}, {1}, {1}, {1, 0}};
  EXPECT_EQ(watched.box.ask_at_most(1, words), std::nullopt);
  EXPECT_EQ(watched.box.asked(), 1);
  EXPECT_TRUE(watched.box.ask_at_most(2, words).has_value());
  EXPECT_TRUE(watched.box.ask_at_most(0, words).has_value());
  EXPECT_EQ(watched.box.asked(), 3);
}

TEST(BlackBox, RefusesWhatIsNoWordAndNoAnswer) {
  EXPECT_THROW(BlackBox(first_letters(1), nullptr), std::invalid_argument);
  WatchedBox watched(first_letters(2), odd_length);
  EXPECT_THROW(watched.box.ask(Word{2}), std::invalid_argument);
  EXPECT_THROW(watched.box.ask(Word{0, -1}), std::invalid_argument);
  BlackBox mute(first_letters(2), [](std::span<const Word>) { return std::vector<char>(); });
  EXPECT_THROW(mute.ask(Word{0}), std::invalid_argument);
  EXPECT_EQ(mute.asked(), 0);
  EXPECT_TRUE(mute.ask(std::span<const Word>()).empty());
}

TEST(BlackBox, WhatAnOracleThrowsLeavesTheMemoryAsItWas) {
  bool broken = true;
  BlackBox box(first_letters(1), [&](std::span<const Word> words) {
    if (broken) throw std::runtime_error("out of order");
    return std::vector<char>(words.size(), 1);
  });
  EXPECT_THROW(box.ask(Word{0}), std::runtime_error);
  EXPECT_EQ(box.recall({0}), std::nullopt);
  broken = false;
  EXPECT_TRUE(box.ask(Word{0}));
}

TEST(BlackBox, HashesOfShortWordsAreDifferent) {
  std::set<std::size_t> hashes;
  int words = 0;
  for_all_words(3, 9, [&](const Word& word) {
    hashes.insert(WordHash()(word));
    ++words;
  });
  EXPECT_EQ(hashes.size(), static_cast<std::size_t>(words));
}

}  // namespace
}  // namespace yore::automata
