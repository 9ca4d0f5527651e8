// The torch functions: that they are the kernel and the composition agrees with it, through autograd, for
// every layout of tensors; and what they refuse. The kernel itself is judged in kernel_test.cc.
#include "yore/mixers/attention/attention.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <limits>
#include <stdexcept>

#include "yore/base/random.h"
#include "yore/base/test_refusal.h"
#include "yore/kernels/targets.h"

namespace yore::mixers {
namespace {

/// Uniform numbers in [-1, 1) of a shape, a leaf of the graph.
at::Tensor random_tensor(at::IntArrayRef shape, std::uint64_t seed, at::ScalarType type = at::kDouble) {
  at::Tensor x = at::empty(shape, at::kDouble);
  base::Random random(seed);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data_ptr<double>()[i] = 2 * random.uniform() - 1;
  return x.to(type).set_requires_grad(true);
}

AttentionParams params_of(std::vector<int> lookback, bool strict, double scale = 0.5) {
  AttentionParams p;
  p.lookback = std::move(lookback);
  p.strict = strict;
  p.scale = scale;
  return p;
}

/// Two computations of one sum of numbers of size about 1 in `type`, each over at most `terms` products.
double allowed(at::ScalarType type, double terms) {
  return (type == at::kFloat ? std::numeric_limits<float>::epsilon()
                             : std::numeric_limits<double>::epsilon()) *
         16 * terms;
}

void expect_close(const at::Tensor& a, const at::Tensor& b, double tolerance, const char* what) {
  ASSERT_EQ(a.sizes(), b.sizes()) << what;
  const double error = a.numel() == 0 ? 0 : (a - b).abs().max().item<double>();
  EXPECT_LE(error, tolerance) << what << ", allowed " << tolerance;
}

struct Inputs {
  at::Tensor q, k, v, sinks;
  std::vector<at::Tensor> list() const {
    return sinks.defined() ? std::vector<at::Tensor>{q, k, v, sinks} : std::vector<at::Tensor>{q, k, v};
  }
};

/// Values and gradients of `run` against the composition's.
template <class Run>
void expect_composition(const Inputs& x, const AttentionParams& params, const Run& run) {
  const at::Tensor expected = attention_composition(x.q, x.k, x.v, params, x.sinks), got = run();
  const auto terms = static_cast<double>(x.k.size(1) + x.q.size(3));
  expect_close(got, expected, allowed(x.q.scalar_type(), terms), "out");
  const at::Tensor cotangent = random_tensor(expected.sizes(), 77, x.q.scalar_type()).detach();
  const auto wanted = torch::autograd::grad({expected}, x.list(), {cotangent}),
             grads = torch::autograd::grad({got}, x.list(), {cotangent});
  // A key's gradient sums over queries, the sink's over batch and queries.
  for (std::size_t i = 0; i < wanted.size(); ++i)
    expect_close(grads[i], wanted[i],
                 allowed(x.q.scalar_type(),
                         terms * static_cast<double>(i == 3 ? x.q.size(0) * x.q.size(1) : x.q.size(1))),
                 "gradient");
}

TEST(Attention, EqualsTheComposition) {
  for (at::ScalarType type : {at::kFloat, at::kDouble})
    for (bool strict : {false, true})
      for (int length : {1, 2, 9, 80}) {
        SCOPED_TRACE(testing::Message()
                     << c10::toString(type) << " strict " << strict << " length " << length);
        AttentionParams p = params_of({-1, 1, 5, 40, 0, 100}, strict);
        Inputs x{random_tensor({2, length, 6, 8}, 1, type),
                 random_tensor({2, length, 6, 8}, 2, type),
                 random_tensor({2, length, 6, 4}, 3, type),
                 {}};
        expect_composition(x, p, [&] { return attention(x.q, x.k, x.v, p); });
        p.alibi_slopes = {0.1, 0.2, 0.3, 0.05, 0, 0.4};
        expect_composition(x, p, [&] { return attention(x.q, x.k, x.v, p); });
        for (const double cap : {0.2, 3.0}) {
          p.soft_cap = cap;
          expect_composition(x, p, [&] { return attention(x.q, x.k, x.v, p); });
        }
      }
}

TEST(Attention, GroupedSinksAndUnequalLengths) {
  for (bool strict : {false, true})
    for (auto [queries, keys] : {std::pair{3, 50}, {70, 130}, {40, 10}, {1, 1}}) {
      SCOPED_TRACE(testing::Message() << queries << " queries, " << keys << " keys");
      AttentionParams p = params_of({-1, 2, 30, 70}, strict);
      p.sinks = 3;
      Inputs x{random_tensor({2, queries, 4, 8}, 1), random_tensor({2, keys, 2, 8}, 2),
               random_tensor({2, keys, 2, 8}, 3), random_tensor({4}, 4)};
      expect_composition(x, p, [&] { return attention(x.q, x.k, x.v, p, x.sinks); });
    }
}

TEST(Attention, AnyStrides) {
  const AttentionParams p = params_of({-1, 2, 30}, false);
  const auto turned = [](std::uint64_t seed) { return random_tensor({2, 3, 8, 40}, seed); };  // [B, H, D, T]
  const at::Tensor q = turned(1), k = turned(2), v = turned(3);
  const auto view = [](const at::Tensor& x) { return x.permute({0, 3, 1, 2}); };  // the last stride is not 1
  Inputs x{view(q), view(k), view(v), {}};
  expect_composition(x, p, [&] { return attention(x.q, x.k, x.v, p); });
  const auto heads_first = [](const at::Tensor& t) {
    return t.contiguous().permute({0, 2, 1, 3}).contiguous().permute({0, 2, 1, 3});
  };
  expect_close(attention(heads_first(x.q), heads_first(x.k), heads_first(x.v), p),
               attention(x.q, x.k, x.v, p), 0, "heads before time");
}

TEST(Attention, PackedEqualsEachSequenceAlone) {
  const std::vector<std::int64_t> q_starts = {0, 5, 6, 90, 90, 92}, k_starts = {0, 5, 20, 90, 93, 95};
  const AttentionParams p = params_of({-1, 1, 40, 6}, true);
  const at::Tensor q = random_tensor({92, 4, 8}, 1), k = random_tensor({95, 2, 8}, 2),
                   v = random_tensor({95, 2, 8}, 3);
  const at::Tensor packed = attention_packed(q, k, v, q_starts, k_starts, p);
  for (std::size_t b = 1; b < q_starts.size(); ++b) {
    const auto rows = [&](const at::Tensor& x, const std::vector<std::int64_t>& s) {
      return x.narrow(0, s[b - 1], s[b] - s[b - 1]).unsqueeze(0);
    };
    const at::Tensor alone = attention(rows(q, q_starts), rows(k, k_starts), rows(v, k_starts), p);
    EXPECT_TRUE(at::equal(rows(packed, q_starts), alone)) << "sequence " << b - 1;
  }
  EXPECT_EQ(torch::autograd::grad({packed.sum()}, {q, k, v}).size(), 3u);
}

TEST(Attention, FusedLayoutsAreTheSameFunction) {
  const std::vector<std::int64_t> starts = {0, 5, 6, 20, 100};
  const AttentionParams p = params_of({-1, 1, 40, 6}, true);
  const at::Tensor qkv = random_tensor({100, 3, 4, 8}, 1, at::kFloat);
  const at::Tensor q = qkv.select(1, 0), k = qkv.select(1, 1), v = qkv.select(1, 2);
  const at::Tensor fused = attention_packed(qkv, starts, p),
                   apart = attention_packed(q, k, v, starts, starts, p);
  EXPECT_TRUE(at::equal(fused, apart));
  const at::Tensor cotangent = random_tensor(fused.sizes(), 5, at::kFloat).detach();
  EXPECT_TRUE(at::equal(torch::autograd::grad({fused}, {qkv}, {cotangent})[0],
                        torch::autograd::grad({apart}, {qkv}, {cotangent})[0]));

  const at::Tensor kv = random_tensor({100, 2, 4, 8}, 2), last_q = random_tensor({4, 4, 8}, 3);
  const at::Tensor last = attention_last(last_q, kv, starts, p);
  const at::Tensor same =
      attention_packed(last_q, kv.select(1, 0), kv.select(1, 1), {0, 1, 2, 3, 4}, starts, p);
  EXPECT_TRUE(at::equal(last, same));
  const auto a = torch::autograd::grad({last.square().sum()}, {last_q, kv}),
             b = torch::autograd::grad({same.square().sum()}, {last_q, kv});
  EXPECT_TRUE(at::equal(a[0], b[0]) && at::equal(a[1], b[1]));
}

TEST(Attention, NarrowKeysAndValues) {
  const AttentionParams p = params_of({-1, 20, 2}, false);
  const at::Tensor q = random_tensor({2, 90, 3, 16}, 1, at::kFloat);
  for (at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    const at::Tensor k = random_tensor({2, 90, 3, 16}, 2, type), v = random_tensor({2, 90, 3, 16}, 3, type);
    const at::Tensor out = attention(q, k, v, p), wide = attention(q, k.to(at::kFloat), v.to(at::kFloat), p);
    EXPECT_EQ(out.scalar_type(), at::kFloat);
    EXPECT_TRUE(at::equal(out, wide));
    EXPECT_EQ(torch::autograd::grad({out.sum()}, {k})[0].scalar_type(), type);
  }
}

TEST(Attention, SecondDerivativesAreRefused) {
  const AttentionParams p = params_of({-1, 2}, false);
  const at::Tensor q = random_tensor({1, 6, 2, 4}, 1), k = random_tensor({1, 6, 2, 4}, 2),
                   v = random_tensor({1, 6, 2, 4}, 3);
  const at::Tensor out = attention(q, k, v, p);
  const at::Tensor first = torch::autograd::grad({out.square().sum()}, {q}, {}, {}, true)[0];
  EXPECT_TRUE(at::equal(first, torch::autograd::grad({attention(q, k, v, p).square().sum()}, {q})[0]));
  EXPECT_THROW(torch::autograd::grad({first.sum() + q.sum()}, {q}), std::exception);
}

TEST(Attention, SaysWhatRuns) {
  EXPECT_EQ(backend_of(at::zeros({1})), "kernel (" + kernels::chosen_target() + ")");
  EXPECT_EQ(backend_of(at::zeros({1}, at::TensorOptions().device(at::kMeta))), "composition");
}

TEST(Attention, RefusesWhatDoesNotFit) {
  const at::Tensor x = at::zeros({2, 5, 4, 8}, at::kFloat), three = at::zeros({2, 5, 3, 8}, at::kFloat);
  const AttentionParams p = params_of({-1, 1, 2, 3}, false);
  const auto refused = [](const auto& call) { return base::refusal<std::invalid_argument>(call); };
  const auto expect = [](const std::string& message, const char* part) {
    EXPECT_NE(message.find(part), std::string::npos) << message;
    EXPECT_EQ(message.rfind("attention: ", 0), 0u) << message;
  };
  expect(refused([&] { attention(x[0], x, x, p); }), "q must be [B, T, H, D], got [5, 4, 8]");
  expect(refused([&] { attention(x, three, three, p); }), "the heads of k must divide those of q: 3 and 4");
  expect(refused([&] { attention(x, x.narrow(3, 0, 4), x, p); }),
         "one head dimension: [2, 5, 4, 8] and [2, 5, 4, 4]");
  expect(refused([&] { attention(x, x.narrow(0, 0, 1), x.narrow(0, 0, 1), p); }), "one batch");
  expect(refused([&] { attention(x, x, x.narrow(1, 0, 4), p); }), "differ before their last dimension");
  expect(refused([&] { attention(x, x.to(at::kDouble), x.to(at::kDouble), p); }), "got Double and Double");
  expect(refused([&] { attention(x.to(at::kHalf), x, x, p); }), "q must be Float or Double, got Half");
  expect(refused([&] { attention(x, x, x, params_of({-1, 1}, false)); }), "one lookback a head, 4, got 2");
  expect(refused([&] { attention(x, x, x, params_of({-1, 1, -2, 3}, false)); }), "lookback of head 2 is -2");
  expect(refused([&] { attention(x, x, x, p, at::zeros({3}, at::kFloat)); }),
         "sink_logits must be [4], got [3]");
  expect(refused([&] {
           attention(at::zeros({1, 1, 1, 257}), at::zeros({1, 1, 1, 257}), at::zeros({1, 1, 1, 8}),
                     params_of({-1}, false));
         }),
         "head dimension of q must be 1 to 256");
  expect(refused([&] { attention(x.to(at::kMeta), x, x, p); }), "k is on cpu, q on meta");
  expect(refused([&] { attention(at::Tensor(), x, x, p); }), "q is not defined");
  const at::Tensor rows = at::zeros({6, 4, 8}, at::kFloat);
  expect(refused([&] {
           attention_packed(rows, rows, rows, {0, 4, 2, 6}, {0, 2, 4, 6}, p);
         }),
         "query_starts must not fall, got 2 after 4 at place 2");
  expect(refused([&] {
           attention_packed(rows, rows, rows, {0, 6}, {0, 5}, p);
         }),
         "key_starts must end at the number of rows, 6, got 5");
  expect(refused([&] {
           attention_packed(rows, rows, rows, {0, 6}, {0, 3, 6}, p);
         }),
         "one length, got 2 and 3");
  AttentionParams bad = p;
  bad.sinks = -1;
  expect(refused([&] { attention(x, x, x, bad); }), "sinks is -1");
  bad = p;
  bad.scale = std::numeric_limits<double>::quiet_NaN();
  expect(refused([&] { attention(x, x, x, bad); }), "scale is nan");
  bad = p;
  bad.soft_cap = -2;
  expect(refused([&] { attention(x, x, x, bad); }), "soft_cap is -2");
}

}  // namespace
}  // namespace yore::mixers
