#include "yore/algebra/groups.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "yore/base/random.h"

namespace yore::algebra {
namespace {

using StateMapping = std::vector<State>;

Dfa with_letters(const std::vector<StateMapping>& letters) {
  Dfa dfa;
  std::vector<std::string> names;
  for (std::size_t a = 0; a < letters.size(); ++a)
    names.push_back(std::string(1, static_cast<char>('a' + a)));
  dfa.alphabet = logic::Alphabet(names);
  dfa.states = static_cast<State>(letters[0].size());
  dfa.accepting.assign(letters[0].size(), 0);
  for (State q = 0; q < dfa.states; ++q)
    for (const StateMapping& image : letters) dfa.next.push_back(image[static_cast<std::size_t>(q)]);
  return dfa;
}

std::vector<std::string> names_of_groups(const std::vector<StateMapping>& letters, int period = 1) {
  const Dfa dfa = with_letters(letters);
  std::vector<std::string> names;
  for (const Group& group : maximal_subgroups(Semigroup(dfa, 10'000), period)) names.push_back(group.name);
  return names;
}

using Names = std::vector<std::string>;

TEST(Groups, HaveTheNamesPeopleGiveThem) {
  EXPECT_EQ(names_of_groups({{0, 0}}), Names{});
  EXPECT_EQ(names_of_groups({{1, 0}}), Names{"Z2"});
  EXPECT_EQ(names_of_groups({{1, 2, 3, 4, 5, 0}}), Names{"Z6"});
  EXPECT_EQ(names_of_groups({{1, 0, 2, 3}, {0, 1, 3, 2}}), Names{"Z2 x Z2"});
  EXPECT_EQ(names_of_groups({{1, 0, 2, 3, 4, 5}, {0, 1, 3, 4, 5, 2}}), Names{"Z2 x Z4"});
  EXPECT_EQ(names_of_groups({{1, 0, 2}, {1, 2, 0}}), Names{"S3"});
  EXPECT_EQ(names_of_groups({{1, 2, 3, 0}, {0, 3, 2, 1}}), Names{"D4"});
  EXPECT_EQ(names_of_groups({{1, 2, 0, 3}, {1, 0, 3, 2}}), Names{"A4"});
  EXPECT_EQ(names_of_groups({{1, 0, 2, 3}, {1, 2, 3, 0}}), Names{"S4"});
  // The quaternions by their action on themselves: 1 i -1 -i j k -j -k.
  EXPECT_EQ(names_of_groups({{1, 2, 3, 0, 7, 4, 5, 6}, {4, 5, 6, 7, 2, 3, 0, 1}}), Names{"Q8"});
}

TEST(Groups, AreSolvableUpToS4AndNotFromA5On) {
  const auto only = [](const std::vector<StateMapping>& letters) {
    const auto groups = maximal_subgroups(Semigroup(with_letters(letters), 10'000));
    EXPECT_EQ(groups.size(), 1u);
    return groups.at(0);
  };
  const Group s4 = only({{1, 0, 2, 3}, {1, 2, 3, 0}});
  EXPECT_TRUE(s4.solvable);
  EXPECT_FALSE(s4.abelian);
  EXPECT_EQ(s4.order, 24);
  const Group s5 = only({{1, 0, 2, 3, 4}, {1, 2, 3, 4, 0}});
  EXPECT_EQ(s5.name, "S5");
  EXPECT_FALSE(s5.solvable);
  const Group a5 = only({{1, 2, 0, 3, 4}, {1, 2, 3, 4, 0}});
  EXPECT_EQ(a5.name, "A5");
  EXPECT_FALSE(a5.solvable);
}

// By definition: the elements x of the subsemigroup with e x = x = x e and an inverse there, for each of its
// idempotents e; orders by multiplying.
std::set<std::pair<int, std::map<int, int>>> by_definition(const Dfa& dfa, int period) {
  std::set<StateMapping> members;
  // A map of two letters is known once all words of up to (period x number of maps) letters were seen: walk
  // pairs.
  std::set<std::pair<StateMapping, int>> met;
  std::vector<std::pair<StateMapping, int>> queue;
  StateMapping same;
  for (State q = 0; q < dfa.states; ++q) same.push_back(q);
  queue.emplace_back(same, 0);
  for (std::size_t i = 0; i < queue.size(); ++i)
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      auto [map, length] = queue[i];
      for (State& q : map) q = dfa.step(q, a);
      length = (length + 1) % period;
      if (!met.emplace(map, length).second) continue;
      queue.emplace_back(map, length);
      if (length == 0) members.insert(map);
    }
  const auto times = [](const StateMapping& x, const StateMapping& y) {
    StateMapping both;
    for (const State q : x) both.push_back(y[static_cast<std::size_t>(q)]);
    return both;
  };
  std::set<std::pair<int, std::map<int, int>>> groups;
  for (const StateMapping& e : members) {
    if (times(e, e) != e) continue;
    std::vector<StateMapping> units;
    for (const StateMapping& x : members) {
      if (times(e, x) != x || times(x, e) != x) continue;
      bool inverse = false;
      for (const StateMapping& y : members) inverse = inverse || (times(x, y) == e && times(y, x) == e);
      if (inverse) units.push_back(x);
    }
    if (units.size() < 2) continue;
    std::map<int, int> count_of_order;
    for (const StateMapping& x : units) {
      int order = 1;
      for (StateMapping power = x; power != e; power = times(power, x)) ++order;
      ++count_of_order[order];
    }
    groups.emplace(static_cast<int>(units.size()), count_of_order);
  }
  return groups;
}

TEST(Groups, AreTheUnitsOfTheIdempotentsByDefinition) {
  base::Random random(16);
  for (int trial = 0; trial < 300; ++trial) {
    const int states = 2 + trial % 3;
    std::vector<StateMapping> letters(2);
    for (StateMapping& image : letters) {
      for (int q = 0; q < states; ++q) image.push_back(static_cast<State>(random.below(states)));
    }
    if (trial % 4 == 0) {  // a letter that permutes
      for (int q = 0; q < states; ++q) letters[0][static_cast<std::size_t>(q)] = (q + 1) % states;
    }
    const Dfa dfa = with_letters(letters);
    const Semigroup s(dfa, 1'000);
    for (const int period : {1, 2, 3}) {
      std::set<int> expected, found;
      bool expected_two = true, found_two = true;
      for (const auto& [order, unused] : by_definition(dfa, period)) {
        expected.insert(order);
        expected_two = expected_two && (order & (order - 1)) == 0;
      }
      for (const Group& group : maximal_subgroups(s, period)) {
        found.insert(group.order);
        found_two = found_two && group.two_group();
      }
      EXPECT_EQ(found, expected) << trial << " period " << period;
      EXPECT_EQ(found_two, expected_two);
    }
  }
}

}  // namespace
}  // namespace yore::algebra
