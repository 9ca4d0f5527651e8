// The gated delta rule in values worked out by hand, at the ends of its gate, and as DeltaNet.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "yore/mixers/common/scan_test_support.h"

namespace yore::mixers::scan {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// S = 2, decay and strength 1/2, key and value 1: the state decays to 1, which is what the value wants. Taken
// the other way round it would be 0.5 * (2 + 0.5 * (1 - 2)) = 0.75 or, with the error of the whole state,
// 0.5.
TEST(GatedDeltaNet, DecaysBeforeItLooksForTheError) {
  Sequence<double> s{
      {1, 1, 1, 1, Decay::Head, Rule::Delta, 1}, 1, {1}, {1}, {1}, {-std::log(2.0)}, {0.5}, {2}};
  EXPECT_NEAR(run(s).out[0], 1, 1e-15);
  EXPECT_NEAR(run(s).steps[0], 1, 1e-15);
}

template <class T>
void expect_delta_net() {
  for (const std::int64_t tokens : {1, 15, 16, 100}) {
    Sequence<T> gated = random_sequence<T>({4, 2, 5, 19, Decay::Head, Rule::Delta, 0.4}, tokens, 1);
    std::fill(gated.log_decay.begin(), gated.log_decay.end(), T(0));
    Sequence<T> plain = gated;
    plain.setting.decay = Decay::None;
    plain.log_decay.clear();
    const SequenceResult<T> a = run(gated), b = run(plain);
    EXPECT_EQ(a.out, b.out);
    EXPECT_EQ(a.state, b.state);
    EXPECT_EQ(a.steps, b.steps);
    EXPECT_EQ(a.state_of_steps, b.state_of_steps);
    EXPECT_EQ(a.q, b.q);
    EXPECT_EQ(a.k, b.k);
    EXPECT_EQ(a.v, b.v);
    EXPECT_EQ(a.beta, b.beta);
    EXPECT_EQ(a.initial, b.initial);
  }
}

TEST(GatedDeltaNet, WithoutDecayIsDeltaNetToTheBit) {
  expect_delta_net<double>();
  expect_delta_net<float>();
}

/// Tokens `from` .. of s, from a state of zeros.
template <class T>
Sequence<T> restarted(const Sequence<T>& s, std::int64_t from) {
  Sequence<T> rest = s;
  const auto cut = [&](std::vector<T>& x) {
    x.erase(x.begin(), x.begin() + static_cast<std::ptrdiff_t>(x.size()) / s.tokens * from);
  };
  rest.tokens -= from;
  for (std::vector<T>* x : {&rest.q, &rest.k, &rest.v, &rest.log_decay, &rest.beta}) cut(*x);
  rest.initial.assign(s.initial.size(), T(0));
  return rest;
}

/// The end of `whole` is `part`; both have been through the same numbers, in another grouping.
template <class T>
void expect_end(const std::vector<T>& whole, const std::vector<T>& part, double tolerance, const char* what) {
  ASSERT_GE(whole.size(), part.size());
  for (std::size_t i = 0; i < part.size(); ++i)
    ASSERT_NEAR(whole[whole.size() - part.size() + i], part[i], tolerance) << what << ", " << i;
}

template <class T>
void expect_restart(double gate, double tolerance) {
  constexpr std::int64_t kTokens = 50;
  const Setting setting{2, 1, 6, 7, Decay::Head, Rule::Delta, 0.4};
  for (const std::int64_t at : {0, 1, 15, 16, 17, 33, 49}) {
    SCOPED_TRACE(testing::Message() << "log gate " << gate << " at token " << at);
    Sequence<T> s = random_sequence<T>(setting, kTokens, 2);
    for (int h = 0; h < setting.heads; ++h)
      s.log_decay[static_cast<std::size_t>(at * setting.heads + h)] = static_cast<T>(gate);
    const SequenceResult<T> whole = run(s), rest = run(restarted(s, at));
    expect_end(whole.out, rest.out, tolerance, "out");
    expect_end(whole.state, rest.state, tolerance, "state");
    expect_end(whole.steps, rest.steps, tolerance, "steps");
    expect_end(whole.out, whole.steps, tolerance, "chunks and steps");
    expect_end(whole.state_of_steps, rest.state_of_steps, tolerance, "state of steps");
    // Cotangents go by the place, so those of the outputs differ; what reaches back over the gate is nothing.
    for (const std::vector<T>* x :
         {&whole.q, &whole.k, &whole.v, &whole.log_decay, &whole.beta, &whole.initial})
      for (const T y : *x) ASSERT_TRUE(std::isfinite(y));
    if (at == 0) {
      for (const T y : whole.initial) ASSERT_EQ(y, 0);
    }
    // A difference of two sums: 0 but for rounding.
    for (int h = 0; h < setting.heads; ++h)
      ASSERT_NEAR(whole.log_decay[static_cast<std::size_t>(at * setting.heads + h)], 0, tolerance);
  }
}

TEST(GatedDeltaNet, AGateThatForgetsAllIsARestart) {
  for (const double gate : {-kInfinity, -1e30, -1000.0}) {
    expect_restart<double>(gate, 1e-14);
    expect_restart<float>(gate, 1e-5);
  }
  expect_restart<float>(-200, 1e-5);  // e^-200 is no float
}

// In double e^-200 is a number: a restart to its rounding.
TEST(GatedDeltaNet, AGateThatForgetsNearlyAllHasFiniteGradients) {
  Sequence<double> s = random_sequence<double>({2, 1, 6, 7, Decay::Head, Rule::Delta, 0.4}, 50, 2);
  s.log_decay[40] = s.log_decay[41] = -200;
  const SequenceResult<double> whole = run(s);
  expect_end(whole.out, run(restarted(s, 20)).out, 1e-14, "out");
  for (const std::vector<double>* x : {&whole.q, &whole.k, &whole.v, &whole.log_decay, &whole.beta})
    for (const double y : *x) ASSERT_TRUE(std::isfinite(y));
}

TEST(GatedDeltaNet, RefusesAGateThatGrows) {
  Sequence<double> s = random_sequence<double>({2, 1, 6, 7, Decay::Head, Rule::Delta, 0.4}, 50, 2);
  s.log_decay[2 * 20 + 1] = 1e-3;
  try {
    run(s);
    FAIL() << "taken";
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find("expected at most 0, got 0.001000 at token 20, head 1"),
              std::string::npos)
        << e.what();
  }
}

}  // namespace
}  // namespace yore::mixers::scan
