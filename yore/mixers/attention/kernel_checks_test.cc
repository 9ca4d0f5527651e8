// The checked entries of kernel.h: what they refuse, and that a call with every parameter left as it is
// computes the definition, as C's and Python's do (c_api_test.cc, python/test_attention.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <stdexcept>

#include "yore/base/test_refusal.h"
#include "yore/mixers/attention/kernel_test_support.h"

namespace yore::mixers::kernel {
namespace {

using base::refusal;

/// 5 queries over 7 keys, 4 heads over 2 key heads, and parameters left at their defaults.
struct Call {
  testing::Case shape{"default", {-1, -1, -1, -1}, false, 2, 8, 4, {{5, 7}}};
  testing::Arrays<double> arrays{shape, 3};
  Problem<double> problem = arrays.problem(shape);
  AttentionParams params;
  std::vector<double> out = std::vector<double>(5 * 4 * 4, 7.0), lse = std::vector<double>(5 * 4, 7.0);
  View<double> where = testing::Arrays<double>::view(out.data(), 4, 4, 5);

  void forward() { kernel::forward<double>(problem, params, where, lse.data()); }
  void backward(const double* given_lse) {
    kernel::backward<double>(problem, params, {out.data(), where.batch, where.time, where.head}, given_lse,
                             {out.data(), where.batch, where.time, where.head}, gradients);
  }
  std::vector<double> gq = std::vector<double>(arrays.q.size()), gk = std::vector<double>(arrays.k.size()),
                      gv = std::vector<double>(arrays.v.size());
  Gradients<double> gradients{testing::Arrays<double>::view(gq.data(), 4, 8, 5),
                              testing::Arrays<double>::view(gk.data(), 2, 8, 7),
                              testing::Arrays<double>::view(gv.data(), 2, 4, 7)};
};

TEST(KernelChecks, DefaultParametersAreTheDefinition) {
  Call call;
  call.forward();
  call.backward(call.lse.data());
  for (int h = 0; h < 4; ++h) {
    const auto head_rows = [&](const std::vector<double>& x, int rows, int heads, int from, int dim) {
      std::vector<double> one;
      for (int t = 0; t < rows; ++t)
        for (int d = 0; d < dim; ++d) one.push_back(x[testing::number_at(t, heads, from, dim, d)]);
      return one;
    };
    ref::Head head;  // the definition's own defaults
    head.queries = 5;
    head.keys = 7;
    head.dim = 8;
    head.value_dim = 4;
    const auto expected =
        ref::attention<double>(head_rows(call.arrays.q, 5, 4, h, 8), head_rows(call.arrays.k, 7, 2, h / 2, 8),
                               head_rows(call.arrays.v, 7, 2, h / 2, 4), head);
    for (int t = 0; t < 5; ++t)
      for (int d = 0; d < 4; ++d)
        EXPECT_NEAR(call.out[testing::number_at(t, 4, h, 4, d)],
                    expected[static_cast<std::size_t>(t * 4 + d)],
                    64 * std::numeric_limits<double>::epsilon() * 7);
  }
  EXPECT_TRUE(std::any_of(call.gq.begin(), call.gq.end(), [](double x) { return x != 0; }));
}

/// What forward says after `change`; nothing may have been written.
template <class Change>
std::string after(const Change& change) {
  Call call;
  change(call);
  const std::string message = refusal<std::invalid_argument>([&] { call.forward(); });
  EXPECT_TRUE(std::all_of(call.out.begin(), call.out.end(), [](double x) { return x == 7; }));
  return message;
}

TEST(KernelChecks, ForwardRefusesWhatDoesNotFit) {
  const std::string f = "kernel::forward: ";
  EXPECT_EQ(after([](Call& c) { c.problem.kv_heads = 3; }),
            f + "kv_heads is 3, expected a divisor of heads, 4");
  EXPECT_EQ(after([](Call& c) { c.problem.kv_heads = 0; }),
            f + "kv_heads is 0, expected a divisor of heads, 4");
  EXPECT_EQ(after([](Call& c) { c.problem.heads = 0; }), f + "heads is 0, expected at least 1");
  EXPECT_EQ(after([](Call& c) { c.problem.dim = 257; }), f + "dim: expected 1 to 256, got 257");
  EXPECT_EQ(after([](Call& c) { c.problem.value_dim = 0; }), f + "value_dim: expected 1 to 256, got 0");
  EXPECT_EQ(after([](Call& c) { c.problem.threads = -1; }), f + "threads: expected 0 to 4096, got -1");
  EXPECT_EQ(after([](Call& c) { c.problem.storage = Storage::BFloat16; }),
            f + "storage: expected Float64 beside double, got another");
  EXPECT_EQ(after([](Call& c) { c.problem.q.data = nullptr; }), f + "q: expected an address, got null");
  EXPECT_EQ(after([](Call& c) { c.problem.v.data = nullptr; }), f + "v: expected an address, got null");
  EXPECT_EQ(after([](Call& c) { c.where.data = nullptr; }), f + "out: expected an address, got null");
  EXPECT_EQ(after([](Call& c) { c.where.head = 3; }),
            f + "out: expected strides under which no elements overlap, got 80, 16, 3");
  EXPECT_EQ(after([](Call& c) { c.where = {c.out.data()}; }),
            f + "out: expected strides under which no elements overlap, got 0, 0, 0");
  EXPECT_EQ(after([](Call& c) {
              c.where.time = std::numeric_limits<std::int64_t>::max();
            }).find(f + "out: expected strides under which"),
            0u);
  EXPECT_EQ(after([](Call& c) { c.problem.sequences.batch = -1; }).find(f + "sequences.batch: expected 0 to"),
            0u);
  EXPECT_EQ(after([](Call& c) { c.problem.sequences.keys = -1; }).find(f + "sequences.keys: expected 0 to"),
            0u);
  EXPECT_EQ(after([](Call& c) {
              c.params.lookback = {1, 2, 3};
            }),
            f + "expected one lookback a head, 4, got 3");
  EXPECT_EQ(after([](Call& c) {
              c.params.lookback = {1, 2, -2, 3};
            }),
            f + "lookback of head 2 is -2, expected -1 (global) or at least 0");
  EXPECT_EQ(after([](Call& c) { c.params.alibi_slopes = {1}; }),
            f + "expected one ALiBi slope a head, 4, got 1");
  EXPECT_EQ(after([](Call& c) { c.params.sinks = -1; }), f + "sinks is -1, expected at least 0");
  EXPECT_EQ(after([](Call& c) { c.params.scale = std::numeric_limits<double>::quiet_NaN(); }),
            f + "scale is nan, expected a number from -1e30 to 1e30");
  static const std::int64_t falling[] = {0, 5, 4}, late[] = {1, 5, 5}, good[] = {0, 5, 5};
  const auto packed = [](Call& c, const std::int64_t* queries, const std::int64_t* keys) {
    c.problem.sequences = {2, 0, 0, queries, keys};
  };
  EXPECT_EQ(after([&](Call& c) { packed(c, falling, good); }),
            f + "query_starts[2]: expected at least the one before, 5, got 4");
  EXPECT_EQ(after([&](Call& c) { packed(c, good, late); }), f + "key_starts[0]: expected 0, got 1");
  EXPECT_EQ(after([&](Call& c) { packed(c, nullptr, good); }),
            f + "query_starts and key_starts: expected both or neither, got key_starts alone");
}

TEST(KernelChecks, BackwardRefusesWhatDoesNotFit) {
  const std::string f = "kernel::backward: ";
  const auto refused = [](const auto& change, bool with_lse = true) {
    Call call;
    change(call);
    return refusal<std::invalid_argument>([&] { call.backward(with_lse ? call.lse.data() : nullptr); });
  };
  EXPECT_EQ(refused([](Call& c) { c.problem.kv_heads = 3; }),
            f + "kv_heads is 3, expected a divisor of heads, 4");
  EXPECT_EQ(refused([](Call&) {}, false), f + "lse: expected what forward wrote, got null");
  EXPECT_EQ(refused([](Call& c) { c.gradients.k.data = nullptr; }),
            f + "gradients.k: expected an address, got null");
  EXPECT_EQ(refused([](Call& c) { c.gradients.v.time = 0; }),
            f + "gradients.v: expected strides under which no elements overlap, got 56, 0, 4");
  EXPECT_EQ(refused([](Call& c) { c.gradients.sink_logits = c.gq.data(); }),
            f + "gradients.sink_logits: expected null where the problem's sink_logits is, got an address");
}

/// A step of size 0 is no overlap where there is one of it, and arrays of nothing need no address.
TEST(KernelChecks, NothingIsAlsoACall) {
  Problem<float> problem;
  problem.heads = problem.kv_heads = problem.dim = problem.value_dim = 1;
  forward<float>(problem, {}, {}, nullptr);
  problem.sequences = {1, 1, 1};
  const float one = 1;
  float out = 7;
  problem.q = {&one};
  problem.k = problem.v = {&one};
  forward<float>(problem, {}, {&out}, nullptr);
  EXPECT_EQ(out, 1);
}

}  // namespace
}  // namespace yore::mixers::kernel
