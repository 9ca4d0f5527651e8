#include "yore/algebra/semigroup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/base/test_signals.h"

namespace yore::algebra {
namespace {

Dfa random_dfa(base::Random& random, int states, int letters) {
  Dfa dfa;
  std::vector<std::string> names;
  for (int a = 0; a < letters; ++a) names.push_back(std::string(1, static_cast<char>('a' + a)));
  dfa.alphabet = logic::Alphabet(names);
  dfa.states = states;
  dfa.start = 0;
  for (State q = 0; q < states; ++q) {
    dfa.accepting.push_back(random.below(2) != 0);
    for (int a = 0; a < letters; ++a) dfa.next.push_back(static_cast<State>(random.below(states)));
  }
  return dfa;
}

std::vector<State> map_of(const Dfa& dfa, const Word& word) {
  std::vector<State> image;
  for (State q = 0; q < dfa.states; ++q) image.push_back(dfa.run(q, word));
  return image;
}

std::vector<State> map_of(const Semigroup& s, Element e) {
  return {s.map(e), s.map(e) + s.states()};
}

// The right (left) ideal x S^1 (S^1 x), from products alone.
std::set<Element> ideal(const Semigroup& s, Element x, bool right) {
  std::set<Element> result{x};
  for (Element y = 0; y < s.size(); ++y) result.insert(right ? s.product(x, y) : s.product(y, x));
  return result;
}

TEST(Semigroup, HoldsEveryMapOnceWithAShortestWord) {
  base::Random random(1);
  for (int trial = 0; trial < 100; ++trial) {
    const Dfa dfa = random_dfa(random, 2 + trial % 3, 1 + trial % 3);
    const Semigroup s(dfa, 1'000);
    // All words of length <= 7: every map they give is an element, first met at the length of its word.
    std::map<std::vector<State>, std::size_t> first_length;
    automata::for_all_words(dfa.alphabet.size(), 7, [&](const Word& word) {
      if (!word.empty()) first_length.emplace(map_of(dfa, word), word.size());
    });
    std::set<std::vector<State>> elements;
    for (Element e = 0; e < s.size(); ++e) {
      const Word word = s.word(e);
      EXPECT_EQ(map_of(dfa, word), map_of(s, e));
      EXPECT_TRUE(elements.insert(map_of(s, e)).second);
      if (word.size() <= 7) {
        EXPECT_EQ(first_length.at(map_of(s, e)), word.size());
      }
    }
    for (const auto& [map, length] : first_length) EXPECT_TRUE(elements.count(map) != 0);
  }
}

TEST(Semigroup, ProductsAndCayleyGraphsComposeMaps) {
  base::Random random(2);
  for (int trial = 0; trial < 60; ++trial) {
    const Dfa dfa = random_dfa(random, 3, 2);
    const Semigroup s(dfa, 1'000);
    for (Element e = 0; e < s.size(); ++e) {
      for (Element f = 0; f < s.size(); ++f) {
        Word word = s.word(e);
        const Word second = s.word(f);
        word.insert(word.end(), second.begin(), second.end());
        EXPECT_EQ(map_of(s, s.product(e, f)), map_of(dfa, word));
      }
      for (Symbol a = 0; a < 2; ++a) {
        EXPECT_EQ(s.right(e, a), s.product(e, s.generator(a)));
        EXPECT_EQ(s.left(a, e), s.product(s.generator(a), e));
      }
      EXPECT_EQ(s.idempotent(e), s.product(e, e) == e);
    }
  }
}

TEST(Semigroup, GreenClassesAreEqualIdeals) {
  base::Random random(3);
  for (int trial = 0; trial < 60; ++trial) {
    const Semigroup s(random_dfa(random, 2 + trial % 2, 2), 1'000);
    const auto r = s.r_classes(), l = s.l_classes();
    for (Element x = 0; x < s.size(); ++x) {
      for (Element y = 0; y < s.size(); ++y) {
        EXPECT_EQ(r[x] == r[y], ideal(s, x, true) == ideal(s, y, true));
        EXPECT_EQ(l[x] == l[y], ideal(s, x, false) == ideal(s, y, false));
      }
    }
  }
}

// The identities as their definitions read.
bool r_trivial_by_definition(const Semigroup& s) {
  for (Element x = 0; x < s.size(); ++x) {
    for (Element y = 0; y < x; ++y) {
      if (ideal(s, x, true) == ideal(s, y, true)) return false;
    }
  }
  return true;
}

bool definite_by_definition(const Semigroup& s) {
  for (const Element e : s.idempotents()) {
    for (Element x = 0; x < s.size(); ++x) {
      if (s.product(x, e) != e) return false;
    }
  }
  return true;
}

bool locally_r_trivial_by_definition(const Semigroup& s) {
  for (const Element e : s.idempotents()) {
    std::set<Element> local;
    for (Element x = 0; x < s.size(); ++x) local.insert(s.product(s.product(e, x), e));
    for (const Element x : local) {
      for (const Element y : local) {
        if (x == y) continue;
        bool x_to_y = false, y_to_x = false;
        for (const Element z : local) {
          x_to_y = x_to_y || s.product(x, z) == y;
          y_to_x = y_to_x || s.product(y, z) == x;
        }
        if (x_to_y && y_to_x) return false;
      }
    }
  }
  return true;
}

bool aperiodic_by_definition(const Semigroup& s) {
  for (Element x = 0; x < s.size(); ++x) {
    Element power = x;  // x^1, x^2, ...: after size() steps the powers run in their cycle
    for (int i = 0; i < s.size(); ++i) power = s.product(power, x);
    if (s.product(power, x) != power) return false;
  }
  return true;
}

TEST(Identities, AgreeWithTheirDefinitions) {
  base::Random random(4);
  int yes[4] = {0, 0, 0, 0};
  for (int trial = 0; trial < 1'500; ++trial) {
    Dfa dfa = random_dfa(random, 2 + trial % 3, 1 + trial % 2);
    if (trial % 3 != 0) {  // moves that rarely lead back make the small classes common
      for (State q = 0; q < dfa.states; ++q) {
        for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
          State& to = dfa.next[q * dfa.alphabet.size() + a];
          if (to < q && random.below(4) != 0) to = q;
        }
      }
    }
    dfa = automata::minimise(dfa);
    const Semigroup s(dfa, 1'000);
    const bool expected[4] = {r_trivial_by_definition(s), definite_by_definition(s),
                              locally_r_trivial_by_definition(s), aperiodic_by_definition(s)};
    EXPECT_EQ(is_r_trivial(s), expected[0]);
    EXPECT_EQ(is_definite(s), expected[1]);
    EXPECT_EQ(is_locally_r_trivial(s), expected[2]);
    EXPECT_EQ(is_aperiodic(s), expected[3]);
    for (int i = 0; i < 4; ++i) yes[i] += expected[i];
  }
  for (const int count : yes) {
    EXPECT_GT(count, 100);
    EXPECT_LT(count, 1'450);
  }
}

TEST(Semigroup, StopsAtItsBudget) {
  base::Random random(5);
  const Dfa dfa = random_dfa(random, 8, 3);
  try {
    const Semigroup semigroup(dfa, 100);
    FAIL() << "three random maps of eight states generate more than 100";
  } catch (const base::BudgetError& error) {
    EXPECT_EQ(error.budget(), "max-monoid");
    EXPECT_EQ(error.limit(), 100u);
  }
  EXPECT_EQ(affordable_elements(20'000, 10), 20'000u);
  EXPECT_EQ(affordable_elements(20'000, 256), 20'000u);
  EXPECT_EQ(affordable_elements(20'000, 2'000), 2'560u);
  EXPECT_EQ(affordable_elements(1, 100'000), 1u);
}

// Round, two exchanged, two made one: these three generate all 10^10 maps of ten states.
TEST(Semigroup, StopsAtASignal) {
  Dfa dfa{logic::Alphabet::parse("abc"), 10, 0, {1, 0, 0, 0, 0, 0, 0, 0, 0, 0}, {}};
  for (State q = 0; q < 10; ++q)
    for (const State to : {(q + 1) % 10, q == 0 ? 1 : q == 1 ? 0 : q, q == 1 ? 0 : q}) dfa.next.push_back(to);
  EXPECT_TRUE(base::stops_at_a_signal([&] { Semigroup(dfa, base::kNoLimit); }));
}

}  // namespace
}  // namespace yore::algebra
