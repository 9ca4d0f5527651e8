// The delta rule in values worked out by hand.
#include <gtest/gtest.h>

#include "yore/mixers/common/scan_test_support.h"

namespace yore::mixers::scan {
namespace {

Sequence<double> by_hand(int keys, int values, std::int64_t tokens) {
  return {{1, 1, keys, values, Decay::None, Rule::Delta, 1}, tokens, {}, {}, {}, {}, {}, {}};
}

// The same unit key with 3, then with 5: the state gives 5, and 3 is gone.
TEST(DeltaNet, AWriteOfStrengthOneReplacesWhatTheKeyHeld) {
  Sequence<double> s = by_hand(2, 1, 2);
  s.k = s.q = {0.6, 0.8, 0.6, 0.8};
  s.v = {3, 5};
  const SequenceResult<double> r = run(s);
  EXPECT_NEAR(r.out[0], 3, 1e-15);
  EXPECT_NEAR(r.out[1], 5, 1e-15);
  EXPECT_NEAR(r.state[0], 3, 1e-15);
  EXPECT_NEAR(r.state[1], 4, 1e-15);
  EXPECT_NEAR(r.steps[1], 5, 1e-15);
  EXPECT_NEAR(r.state_of_steps[1], 4, 1e-15);
}

// With strength 2 a write turns what the key held into its negative, beside twice the new value.
TEST(DeltaNet, AWriteOfStrengthTwoTurnsTheSign) {
  Sequence<double> s = by_hand(1, 1, 3);
  s.k = s.q = {1, 1, 1};
  s.v = {0, 0, 1};
  s.beta = {2, 2, 2};
  s.initial = {7};
  EXPECT_EQ(run(s).out, (std::vector<double>{-7, 7, -5}));
  EXPECT_EQ(run(s).steps, (std::vector<double>{-7, 7, -5}));
}

// Orthogonal keys do not touch each other; a zero key and a write of strength 0 change nothing.
TEST(DeltaNet, OtherKeysStay) {
  Sequence<double> s = by_hand(2, 1, 4);
  s.k = {1, 0, 0, 1, 0, 0, 1, 0};
  s.q = {1, 0, 1, 0, 1, 0, 0, 1};
  s.v = {3, 5, 9, 11};
  s.beta = {1, 1, 1, 0};
  EXPECT_EQ(run(s).out, (std::vector<double>{3, 3, 3, 5}));
  EXPECT_EQ(run(s).state, (std::vector<double>{3, 5}));
}

}  // namespace
}  // namespace yore::mixers::scan
