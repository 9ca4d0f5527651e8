#include "yore/tasks/group_words/group.h"

#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "yore/base/test_refusal.h"

namespace yore::tasks {
namespace {

Group group(const std::string& text) {
  return parse_group(text, "x");
}

// How many elements there are of each order.
std::map<int, int> orders(const Group& g) {
  std::map<int, int> counts;
  for (std::int32_t a = 0; a < g.order(); ++a) {
    int n = 1;
    for (std::int32_t power = a; power != 0; power = g.product(power, a)) ++n;
    ++counts[n];
  }
  return counts;
}

TEST(Group, HoldsToTheAxioms) {
  for (const char* text : {"s3", "s4", "a4", "a5", "z2", "z7", "z12", "parity", "a4xz5", "z2xz2xs3"}) {
    const Group g = group(text);
    const int n = g.order();
    EXPECT_EQ(std::set<std::string>(g.names.begin(), g.names.end()).size(), g.names.size()) << text;
    for (std::int32_t a = 0; a < n; ++a) {
      EXPECT_EQ(g.product(0, a), a);
      EXPECT_EQ(g.product(a, 0), a);
      std::set<std::int32_t> row, column;
      for (std::int32_t b = 0; b < n; ++b) {
        row.insert(g.product(a, b));
        column.insert(g.product(b, a));
        for (std::int32_t c = 0; c < n; c += 1 + n / 16)
          ASSERT_EQ(g.product(g.product(a, b), c), g.product(a, g.product(b, c))) << text;
      }
      EXPECT_EQ(static_cast<int>(row.size()), n);
      EXPECT_EQ(static_cast<int>(column.size()), n);
    }
  }
}

// Class equations from any textbook.
TEST(Group, HasTheElementsOfItsName) {
  EXPECT_EQ(orders(group("s5")), (std::map<int, int>{{1, 1}, {2, 25}, {3, 20}, {4, 30}, {5, 24}, {6, 20}}));
  EXPECT_EQ(orders(group("a5")), (std::map<int, int>{{1, 1}, {2, 15}, {3, 20}, {5, 24}}));
  EXPECT_EQ(orders(group("a6")), (std::map<int, int>{{1, 1}, {2, 45}, {3, 80}, {4, 90}, {5, 144}}));
  EXPECT_EQ(orders(group("s3")), (std::map<int, int>{{1, 1}, {2, 3}, {3, 2}}));
  EXPECT_EQ(orders(group("parity")), (std::map<int, int>{{1, 1}, {2, 1}}));
  EXPECT_EQ(orders(group("z60")), orders(group("z4xz3xz5")));
  EXPECT_EQ(orders(group("z60"))[60], 16);
  EXPECT_EQ(group("s6").order(), 720);
  EXPECT_EQ(group("a4xz5").order(), 60);
}

TEST(Group, FirstAThenB) {
  const Group g = group("s3");
  const auto number = [&](const std::string& name) {
    return static_cast<std::int32_t>(std::find(g.names.begin(), g.names.end(), name) - g.names.begin());
  };
  // 1 -> 2 (exchange) -> 3 (turn).
  EXPECT_EQ(g.names[static_cast<std::size_t>(g.product(number("213"), number("231")))], "321");
  EXPECT_EQ(g.names[static_cast<std::size_t>(g.product(number("231"), number("213")))], "132");
  const Group pairs = group("s3xz4");
  EXPECT_EQ(pairs.names[0], "(123,0)");
  EXPECT_EQ(pairs.names[5], "(132,1)");
}

TEST(Group, GeneratorsReachEveryElement) {
  for (const char* text : {"s3", "s4", "s5", "s6", "a4", "a5", "a6", "z2", "z60", "a4xz5", "s3xs3xz2"}) {
    const Group g = group(text);
    EXPECT_GE(g.generators.size(), 2u);
    EXPECT_EQ(std::set<std::int32_t>(g.generators.begin(), g.generators.end()).size(), g.generators.size());
    std::vector<std::int32_t> reached = {0};
    std::set<std::int32_t> seen = {0};
    for (std::size_t i = 0; i < reached.size(); ++i)
      for (const std::int32_t b : g.generators)
        if (const std::int32_t c = g.product(reached[i], b); seen.insert(c).second) reached.push_back(c);
    EXPECT_EQ(static_cast<int>(seen.size()), g.order()) << text;
  }
}

TEST(Group, OthersAreRefused) {
  for (const char* text : {"", "s", "s2", "s7", "a3", "a7", "z1", "z1025", "s5 ", "S5", "d4", "5", "s-5", "x",
                           "s3x", "xs3", "s3xx2", "parity2"})
    EXPECT_TRUE(base::refused([&] { group(text); }, "is no group; expected s3 to s6")) << text;
  EXPECT_TRUE(base::refused([] { group("s6xz2"); }, "s6xz2 has more than 1024 elements"));
}

}  // namespace
}  // namespace yore::tasks
