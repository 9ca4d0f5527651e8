// Minimisation against two other algorithms: Brzozowski's double reversal and Moore's rounds of refinement.
#include <gtest/gtest.h>

#include <chrono>
#include <iostream>
#include <map>

#include "yore/automata/test_support.h"

namespace yore::automata {
namespace {

using testing::blown_up;
using testing::first_letters;
using testing::random_dfa;

// Brzozowski 1962: reversing and determinising twice gives the minimal automaton. The sink is what
// determinise() makes of the empty set, so the result is complete; numbering is left to the comparison below.
Dfa by_double_reversal(const Dfa& dfa) {
  return determinise(testing::reversed(determinise(testing::reversed(dfa))));
}

// Moore 1956: split classes by the classes of their targets until nothing changes. O(n^2 |A|).
int classes_by_rounds(const Dfa& dfa) {
  std::vector<char> reachable(dfa.states, 0);
  std::vector<State> queue{dfa.start};
  reachable[dfa.start] = 1;
  for (std::size_t head = 0; head < queue.size(); ++head)
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
      if (const State r = dfa.step(queue[head], a); !reachable[r]) {
        reachable[r] = 1;
        queue.push_back(r);
      }
  std::vector<int> of(dfa.states);
  for (State q = 0; q < dfa.states; ++q) of[q] = dfa.accepting[q] != 0;
  for (std::size_t before = 0;;) {
    std::map<std::vector<int>, int> number;
    std::vector<int> refined(dfa.states);
    for (State q : queue) {
      std::vector<int> signature{of[q]};
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a) signature.push_back(of[dfa.step(q, a)]);
      refined[q] = number.try_emplace(std::move(signature), static_cast<int>(number.size())).first->second;
    }
    of = refined;
    if (number.size() == before) return static_cast<int>(before);
    before = number.size();
  }
}

// The numbering promised by minimise(): breadth-first from the start in symbol order.
void expect_canonical(const Dfa& dfa) {
  check(dfa);
  ASSERT_EQ(dfa.start, 0);
  State seen = 1;
  for (State r : dfa.next) {
    ASSERT_LE(r, seen);
    seen = std::max(seen, r + 1);
  }
  ASSERT_EQ(seen, dfa.states);
}

TEST(Minimise, EqualsDoubleReversalOnSmallAutomata) {
  base::Random random({2, 1});
  int smaller = 0;
  for (int round = 0; round < 3000; ++round) {
    const Dfa dfa =
        random_dfa(random, 1 + static_cast<int>(random.below(9)), 1 + static_cast<int>(random.below(3)), 3);
    const Dfa least = minimise(dfa);
    expect_canonical(least);
    const Dfa other = by_double_reversal(dfa);
    ASSERT_EQ(least.states, other.states);
    ASSERT_EQ(testing::first_difference(least, dfa, 5), std::nullopt);
    ASSERT_EQ(minimise(other), least);
    ASSERT_EQ(minimise(least), least);
    smaller += least.states < dfa.states;
  }
  EXPECT_GT(smaller, 500);
}

TEST(Minimise, CopiesAndNamesDoNotMatter) {
  base::Random random({2, 2});
  for (int round = 0; round < 300; ++round) {
    const Dfa dfa = random_dfa(random, 1 + static_cast<int>(random.below(20)), 2, 4);
    ASSERT_EQ(minimise(blown_up(dfa, 1 + static_cast<int>(random.below(5)), random)), minimise(dfa));
  }
}

TEST(Minimise, HasAsManyStatesAsMooreFindsClasses) {
  base::Random random({2, 3});
  for (int round = 0; round < 30; ++round) {
    const Dfa dfa = blown_up(random_dfa(random, 100, 2, 20), 3, random);
    const Dfa least = minimise(dfa);
    expect_canonical(least);
    ASSERT_EQ(least.states, classes_by_rounds(dfa));
    ASSERT_EQ(difference(least, dfa), std::nullopt);
  }
}

TEST(Minimise, DifferentLanguagesHaveDifferentMinimalForms) {
  // All automata with up to 2 states over one letter, and random ones: equal forms exactly if no short word
  // differs.
  base::Random random({2, 4});
  std::vector<Dfa> pool;
  for (int i = 0; i < 300; ++i) pool.push_back(random_dfa(random, 3, 2));
  int equal = 0;
  for (const Dfa& a : pool)
    for (const Dfa& b : pool) {
      const bool same = !testing::first_difference(a, b, 4);  // 3 + 3 - 2
      ASSERT_EQ(minimise(a) == minimise(b), same);
      equal += same;
    }
  EXPECT_GT(equal, 1000);
}

double milliseconds(const std::function<void()>& work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
}

TEST(Minimise, LargeAutomataTakeMilliseconds) {
  base::Random random({2, 5});
  const Dfa small = random_dfa(random, 2'000, 4), large = blown_up(random_dfa(random, 25'000, 4), 4, random);
  // A path: the classic case on which rounds of refinement take n of them.
  const State n = 100'000;
  Dfa path{first_letters(2), n, 0, std::vector<char>(n, 0), {}};
  path.accepting[n - 1] = 1;
  for (State q = 0; q < n; ++q) {
    path.next.push_back(std::min(q + 1, n - 1));
    path.next.push_back(0);
  }
  Dfa least;
  const double small_ms = milliseconds([&] { least = minimise(small); });
  const double components_ms = milliseconds([&] { (void)components(least); });
  const double large_ms = milliseconds([&] { least = minimise(large); });
  EXPECT_LE(least.states, 25'000);
  const double path_ms = milliseconds([&] { least = minimise(path); });
  EXPECT_EQ(least.states, n);
  const double equal_ms = milliseconds([&] { EXPECT_EQ(difference(path, least), std::nullopt); });
  std::cout << "2,000 states x 4 letters: minimise " << small_ms << " ms, components " << components_ms
            << " ms; 100,000 x 4: minimise " << large_ms << " ms; path of 100,000 x 2: minimise " << path_ms
            << " ms, difference " << equal_ms << " ms\n";
  // Generous: a sanitizer build on a busy machine must pass, a quadratic algorithm must not (it would take
  // minutes).
  EXPECT_LT(small_ms, 2'000);
  EXPECT_LT(large_ms, 20'000);
  EXPECT_LT(path_ms, 20'000);
  EXPECT_LT(equal_ms, 20'000);
}

}  // namespace
}  // namespace yore::automata
