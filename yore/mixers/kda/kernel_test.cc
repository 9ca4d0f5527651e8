// Kimi delta attention in values worked out by hand, and as the gated delta rule.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "yore/mixers/common/scan_test_support.h"

namespace yore::mixers::scan {
namespace {

// Two channels that held 2 and 8 decay by 1/2 and 1/4 to 1 and 2; the key (0.6, 0.8) then gives 2.2, and of
// what is missing from 4.2 half is written.
TEST(Kda, EveryChannelDecaysByItselfBeforeTheErrorIsTaken) {
  const Sequence<double> s{{1, 1, 2, 1, Decay::Key, Rule::Delta, 1}, 1,     {1, 0}, {0.6, 0.8}, {4.2},
                           {std::log(0.5), std::log(0.25)},          {0.5}, {2, 8}};
  const SequenceResult<double> r = run(s);
  EXPECT_NEAR(r.out[0], 1.6, 1e-14);
  EXPECT_NEAR(r.state[0], 1.6, 1e-14);
  EXPECT_NEAR(r.state[1], 2.8, 1e-14);
  EXPECT_NEAR(r.steps[0], 1.6, 1e-14);
}

template <class T>
void expect_same(const std::vector<T>& a, const std::vector<T>& b, double tolerance, const char* what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], tolerance) << what << ", " << i;
}

template <class T>
void expect_gated_delta_net(double tolerance) {
  const int keys = 5, heads = 4;
  for (const std::int64_t tokens : {1, 15, 16, 100}) {
    const Sequence<T> by_head =
        random_sequence<T>({heads, 2, keys, 19, Decay::Head, Rule::Delta, 0.4}, tokens, 1);
    Sequence<T> by_key = by_head;
    by_key.setting.decay = Decay::Key;
    by_key.log_decay.clear();
    for (const T x : by_head.log_decay) by_key.log_decay.insert(by_key.log_decay.end(), keys, x);
    const SequenceResult<T> a = run(by_key), b = run(by_head);
    expect_same(a.out, b.out, tolerance, "out");
    expect_same(a.state, b.state, tolerance, "state");
    expect_same(a.steps, b.steps, tolerance, "steps");
    expect_same(a.q, b.q, tolerance, "gradient of q");
    expect_same(a.k, b.k, tolerance, "gradient of k");
    expect_same(a.v, b.v, tolerance, "gradient of v");
    expect_same(a.beta, b.beta, tolerance, "gradient of beta");
    expect_same(a.initial, b.initial, tolerance, "gradient of the initial state");
    std::vector<T> sums;
    for (std::size_t i = 0; i < b.log_decay.size(); ++i) {
      sums.push_back(0);
      for (int c = 0; c < keys; ++c) sums.back() += a.log_decay[i * keys + static_cast<std::size_t>(c)];
    }
    expect_same(sums, b.log_decay, tolerance, "gradient of log_decay");
  }
}

TEST(Kda, WithOneDecayForAllChannelsIsTheGatedDeltaRule) {
  expect_gated_delta_net<double>(1e-13);
  expect_gated_delta_net<float>(2e-5);
}

// One channel forgets all and the others nothing: what the state held of it, and its gradient, are gone.
TEST(Kda, AChannelThatForgetsAllLosesItselfAlone) {
  const int keys = 5;
  Sequence<double> s = random_sequence<double>({1, 1, keys, 3, Decay::Key, Rule::Delta, 0.4}, 40, 3);
  std::fill(s.log_decay.begin(), s.log_decay.end(), 0.0);
  s.log_decay[0 * keys + 2] = -std::numeric_limits<double>::infinity();
  Sequence<double> without = s;
  without.log_decay[2] = 0;
  for (std::size_t c = 0; c < 3; ++c) without.initial[2 * 3 + c] = 0;
  const SequenceResult<double> a = run(s), b = run(without);
  expect_same(a.out, b.out, 1e-14, "out");
  expect_same(a.state, b.state, 1e-14, "state");
  expect_same(a.k, b.k, 1e-13, "gradient of k");
  for (std::size_t c = 0; c < 3; ++c) EXPECT_EQ(a.initial[2 * 3 + c], 0);
  EXPECT_EQ(a.log_decay[2], 0);
}

}  // namespace
}  // namespace yore::mixers::scan
