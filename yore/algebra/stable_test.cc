#include "yore/algebra/stable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "yore/base/random.h"

namespace yore::algebra {
namespace {

using Image = std::vector<State>;

Image product_of(const Image& x, const Image& y) {
  Image both;
  for (const State q : x) both.push_back(y[static_cast<std::size_t>(q)]);
  return both;
}

Dfa random_automaton(base::Random& random, int states, int letters) {
  Dfa dfa;
  dfa.alphabet = letters == 1 ? logic::Alphabet({"a"}) : logic::Alphabet({"a", "b"});
  dfa.states = states;
  dfa.accepting.assign(static_cast<std::size_t>(states), 0);
  for (int i = 0; i < states * letters; ++i) dfa.next.push_back(static_cast<State>(random.below(states)));
  return dfa;
}

// Maps of the words whose length is a multiple of the period, by closing under blocks of so many letters.
std::set<Image> subsemigroup(const Dfa& dfa, int period) {
  std::set<Image> blocks;
  automata::for_all_words(dfa.alphabet.size(), period, [&](const Word& word) {
    if (static_cast<int>(word.size()) != period) return;
    Image image;
    for (State q = 0; q < dfa.states; ++q) image.push_back(dfa.run(q, word));
    blocks.insert(image);
  });
  std::set<Image> all = blocks;
  std::vector<Image> queue(blocks.begin(), blocks.end());
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (const Image& block : blocks) {
      const Image next = product_of(queue[i], block);
      if (all.insert(next).second) queue.push_back(next);
    }
  return all;
}

bool r_trivial_by_definition(const std::set<Image>& t) {
  for (const Image& x : t)
    for (const Image& y : t) {
      if (x == y) continue;
      bool to = false, back = false;
      for (const Image& z : t) to = to || product_of(x, z) == y, back = back || product_of(y, z) == x;
      if (to && back) return false;
    }
  return true;
}

TEST(Stable, IdentitiesHoldByDefinition) {
  base::Random random(61);
  int yes[4] = {0, 0, 0, 0}, no[4] = {0, 0, 0, 0};
  for (int trial = 0; trial < 250; ++trial) {
    const Dfa dfa = random_automaton(random, 2 + trial % 3, 1 + trial % 2);
    const Semigroup s(dfa, 1'000);
    for (const int period : {1, 2, 3}) {
      const std::set<Image> t = subsemigroup(dfa, period);
      bool definite = true, locally = true, aperiodic = true;
      for (const Image& e : t) {
        Image power = e;
        for (int i = 0; i < 24; ++i) power = product_of(power, e);
        aperiodic = aperiodic && product_of(power, e) == power;
        if (product_of(e, e) != e) continue;
        std::set<Image> local;
        for (const Image& x : t) {
          definite = definite && product_of(x, e) == e;
          local.insert(product_of(product_of(e, x), e));
        }
        locally = locally && r_trivial_by_definition(local);
      }
      const bool expected[] = {r_trivial_by_definition(t), definite, locally, aperiodic};
      const bool found[] = {is_r_trivial(s, period), is_definite(s, period), is_locally_r_trivial(s, period),
                            is_aperiodic(s, period)};
      for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(found[i], expected[i]) << "identity " << i << " period " << period << " trial " << trial;
        ++(expected[i] ? yes : no)[i];
      }
      if (period == 1) {
        EXPECT_EQ(is_r_trivial(s), expected[0]);
        EXPECT_EQ(is_definite(s), expected[1]);
        EXPECT_EQ(is_locally_r_trivial(s), expected[2]);
        EXPECT_EQ(is_aperiodic(s), expected[3]);
      }
    }
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_GT(yes[i], 20) << i;
    EXPECT_GT(no[i], 20) << i;
  }
}

// The sets of maps of all words of n letters, n = 1, 2 .., come round after that many steps.
TEST(Stable, LengthPeriodIsThatOfTheSetsOfMaps) {
  base::Random random(62);
  std::set<int> met;
  for (int trial = 0; trial < 300; ++trial) {
    const Dfa dfa = random_automaton(random, 2 + trial % 4, 1 + trial % 2);
    std::vector<std::set<Image>> sets(1);
    Image same;
    for (State q = 0; q < dfa.states; ++q) same.push_back(q);
    sets[0].insert(same);
    for (;;) {
      std::set<Image> next;
      for (Image image : sets.back())
        for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
          Image after = image;
          for (State& q : after) q = dfa.step(q, a);
          next.insert(after);
        }
      const auto again = std::find(sets.begin() + 1, sets.end(), next);
      if (again != sets.end()) {
        const int period = static_cast<int>(sets.end() - again);
        met.insert(period);
        EXPECT_EQ(length_period(Semigroup(dfa, 5'000), 1'000), period) << trial;
        break;
      }
      sets.push_back(std::move(next));
    }
  }
  EXPECT_GT(met.size(), 2u);
}

}  // namespace
}  // namespace yore::algebra
