#include "yore/tasks/common/shuffle.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "yore/tasks/common/statistics_test.h"

namespace yore::tasks {
namespace {

std::vector<std::uint64_t> order(std::uint64_t n, std::uint64_t key) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = 0; i < n; ++i) all.push_back(shuffled(i, n, {key}));
  return all;
}

TEST(Shuffle, EveryNumberComesOnce) {
  for (std::uint64_t n = 1; n <= 300; ++n) {
    std::vector<int> seen(n, 0);
    for (const std::uint64_t x : order(n, n)) ++seen.at(x);
    for (const int times : seen) ASSERT_EQ(times, 1) << n;
  }
  for (const std::uint64_t n : {std::uint64_t{1} << 40, std::uint64_t{1} << 62, (std::uint64_t{1} << 62) - 5})
    EXPECT_LT(shuffled(n - 1, n, {1}), n);
}

// All 24 orders of 4, and where a number of 64 comes.
TEST(Shuffle, OrdersAreUniform) {
  std::map<std::vector<std::uint64_t>, std::int64_t> orders;
  std::vector<std::int64_t> places(64);
  for (std::uint64_t key = 0; key < 24'000; ++key) {
    ++orders[order(4, key)];
    ++places[shuffled(17, 64, {key})];
  }
  ASSERT_EQ(orders.size(), 24u);
  std::vector<std::int64_t> counts;
  for (const auto& [some, n] : orders) counts.push_back(n);
  EXPECT_LT(testing::uniformity_ratio(counts), 1);
  EXPECT_LT(testing::uniformity_ratio(places), 1);
}

}  // namespace
}  // namespace yore::tasks
