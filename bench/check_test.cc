// The benchmark's own check: the kernel passes, and what is slightly wrong does not.
#include "bench/check.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "yore/mixers/attention/bfloat16.h"

namespace yore::bench {
namespace {

Shape small(int lookback, bool strict) {
  Shape s;
  s.batch = 2;
  s.time = 90;
  s.heads = 2;
  s.dim = 16;
  s.lookback = lookback;
  s.strict = strict;
  return s;
}

TEST(Check, PassesTheKernelAndNothingBesideIt) {
  for (int lookback : {-1, 1, 20})
    for (bool strict : {false, true}) {
      SCOPED_TRACE(testing::Message() << "lookback " << lookback << (strict ? ", strict" : ""));
      Problem p(small(lookback, strict));
      p.forward(1);
      p.backward(1);
      const auto gradients = [&] { check_gradients(p, p.dq.data(), p.dk.data(), p.dv.data(), "kernel"); };
      check_output(p, p.out.data(), "kernel");
      gradients();
      // Rows that are sampled, in the last head of the last sequence; a thousandth of a typical entry.
      const std::size_t row = p.out.size() - static_cast<std::size_t>(p.shape.dim);
      for (std::vector<float>* x : {&p.dq, &p.dk, &p.dv}) {
        const float kept = (*x)[row];
        (*x)[row] += 0.02F;
        EXPECT_THROW(gradients(), Mismatch);
        (*x)[row] = kept;
      }
      gradients();
      p.out[row + 3] += 0.001F;
      EXPECT_THROW(check_output(p, p.out.data(), "kernel"), Mismatch);
    }
}

TEST(Check, RoundedInputsStayTheSameNumbers) {
  Problem p(small(20, false));
  const std::vector<float> q = p.q;
  p.round_inputs();
  ASSERT_EQ(p.q16.size(), q.size());
  for (std::size_t i = 0; i < q.size(); ++i) {
    EXPECT_NEAR(p.q[i], q[i], std::abs(q[i]) / 256);
    const std::uint32_t bits = std::uint32_t{p.q16[i]} << 16;
    float widened = 0;
    std::memcpy(&widened, &bits, sizeof widened);
    EXPECT_EQ(p.q[i], widened);
  }
  p.forward(1);
  check_output(p, p.out.data(), "kernel");
  if (!mixers::kernel::has_bfloat16_products()) return;
  p.forward_bfloat16(1);
  p.widen_output();
  check_output(p, p.out.data(), "bfloat16", 2.0 / 256);
  EXPECT_THROW(check_output(p, p.out.data(), "bfloat16"), Mismatch) << "weights are not rounded";
}

TEST(Check, ASeenKeyTooManyIsAMismatch) {
  Problem wide(small(21, false)), narrow(small(20, false));
  wide.forward(1);
  EXPECT_THROW(check_output(narrow, wide.out.data(), "wide"), Mismatch);
}

TEST(Shape, CountsVisiblePairs) {
  EXPECT_EQ(small(-1, false).pairs(), 2 * 2 * 90 * 91 / 2);
  EXPECT_EQ(small(-1, true).pairs(), 2 * 2 * 90 * 89 / 2);
  EXPECT_EQ(small(1, true).pairs(), 2 * 2 * 89);
  EXPECT_EQ(small(2, false).pairs(), 2 * 2 * (1 + 2 + 3 * 88));
}

}  // namespace
}  // namespace yore::bench
