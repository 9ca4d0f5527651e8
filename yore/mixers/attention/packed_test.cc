// Packed attention in float, where the kernel runs, against the definition in double.
#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <complex>
#include <limits>

#include "yore/base/random.h"
#include "yore/mixers/attention/attention.h"
#include "yore/mixers/attention/ref.h"

namespace yore::mixers {
namespace {

constexpr double kEpsilon = std::numeric_limits<float>::epsilon();
const std::vector<int> kLookbacks = {-1, 1, 2, 3, 9, 40, 1};
const auto kHeads = static_cast<std::int64_t>(kLookbacks.size());

/// Words of 1 .. 14 rows, out of order.
std::vector<std::int64_t> starts() {
  std::vector<std::int64_t> s = {0};
  for (std::int64_t n : {5, 1, 14, 2, 9, 1, 3}) s.push_back(s.back() + n);
  return s;
}

at::Tensor random_floats(at::IntArrayRef shape, std::uint64_t seed) {
  at::Tensor x = at::empty(shape, at::kFloat);
  base::Random random(seed);
  for (std::int64_t i = 0; i < x.numel(); ++i)
    x.data_ptr<float>()[i] = static_cast<float>(2 * random.uniform() - 1);
  return x;
}

struct Case {
  std::int64_t dim;
  bool strict, alibi;
  AttentionParams params() const {
    AttentionParams p{kLookbacks, strict, 0.6, {}};
    if (alibi)
      for (std::int64_t h = 0; h < kHeads; ++h) p.alibi_slopes.push_back(0.125 * static_cast<double>(h));
    return p;
  }
  /// What one output may be off: a score by (D + 3) eps (D + slope T), its weight by that and exp's 2 ulp,
  /// the mean of T values of size 1 by T eps.
  double allowed(std::int64_t length) const {
    const double n = static_cast<double>(length), d = static_cast<double>(dim);
    return 2 * kEpsilon * ((d + 3) * (d + (alibi ? n : 0.0)) + 2 + n);
  }
};

std::vector<Case> cases() {
  std::vector<Case> list;
  for (std::int64_t dim : {1, 3, 4, 8, 16, 32})
    for (bool strict : {true, false})
      for (bool alibi : {false, true}) list.push_back({dim, strict, alibi});
  return list;
}

template <class Number>
std::vector<Number> part(const at::Tensor& rows, std::int64_t from, std::int64_t to, std::int64_t h) {
  const at::Tensor x = rows.detach().narrow(0, from, to - from).select(1, h).to(at::kDouble).contiguous();
  return {x.data_ptr<double>(), x.data_ptr<double>() + x.numel()};
}

TEST(Packed, EqualsTheDefinition) {
  double worst = 0;
  for (const Case& c : cases()) {
    const AttentionParams p = c.params();
    const std::vector<std::int64_t> s = starts();
    const at::Tensor qkv = random_floats({s.back(), 3, kHeads, c.dim}, 1);
    const at::Tensor out = attention_packed(qkv, s, p);
    std::vector<at::Tensor> asked;
    for (std::size_t b = 1; b < s.size(); ++b) asked.push_back(qkv.select(0, s[b] - 1).select(0, 0));
    const at::Tensor last = attention_last(at::stack(asked), qkv.narrow(1, 1, 2), s, p);
    for (std::size_t b = 0; b + 1 < s.size(); ++b)
      for (std::int64_t h = 0; h < kHeads; ++h) {
        const auto n = s[b + 1] - s[b];
        const auto in = [&](std::int64_t which) {
          return part<double>(qkv.select(1, which), s[b], s[b + 1], h);
        };
        const std::vector<double> expected =
            ref::attention(in(0), in(1), in(2), static_cast<int>(n), static_cast<int>(c.dim),
                           kLookbacks[static_cast<std::size_t>(h)], c.strict, p.scale,
                           c.alibi ? p.alibi_slopes[static_cast<std::size_t>(h)] : 0.0);
        const std::vector<double> got = part<double>(out, s[b], s[b + 1], h);
        for (std::size_t i = 0; i < got.size(); ++i) {
          ASSERT_NEAR(got[i], expected[i], c.allowed(n))
              << "dim " << c.dim << " word " << b << " head " << h << " at " << i;
          worst = std::max(worst, std::abs(got[i] - expected[i]) / c.allowed(n));
        }
        for (std::int64_t d = 0; d < c.dim; ++d)
          EXPECT_EQ(last[static_cast<std::int64_t>(b)][h][d].item<float>(),
                    out[s[b + 1] - 1][h][d].item<float>());
      }
  }
  RecordProperty("worst_over_allowed", std::to_string(worst));
  EXPECT_LT(worst, 1);
}

TEST(Packed, GradientsEqualComplexStepsOfTheDefinition) {
  const double step = 1e-30;
  for (const Case& c : cases()) {
    if (c.dim > 8) continue;
    const AttentionParams p = c.params();
    const std::vector<std::int64_t> s = starts();
    const at::Tensor qkv = random_floats({s.back(), 3, kHeads, c.dim}, 1).set_requires_grad(true);
    const at::Tensor weight = random_floats({s.back(), kHeads, c.dim}, 2);
    const at::Tensor gradient =
        torch::autograd::grad({(attention_packed(qkv, s, p) * weight).sum()}, {qkv})[0];
    for (std::size_t b = 0; b + 1 < s.size(); ++b)
      for (std::int64_t h = 0; h < kHeads; ++h) {
        const auto n = s[b + 1] - s[b];
        std::vector<std::vector<std::complex<double>>> x;
        for (std::int64_t which = 0; which < 3; ++which)
          x.push_back(part<std::complex<double>>(qkv.select(1, which), s[b], s[b + 1], h));
        const std::vector<double> w = part<double>(weight, s[b], s[b + 1], h);
        // A gradient sums up to T terms of size D, each as exact as an output.
        const double allowed = 4 * static_cast<double>(n * c.dim) * c.allowed(n);
        for (std::int64_t which = 0; which < 3; ++which) {
          auto& input = x[static_cast<std::size_t>(which)];
          const std::vector<double> got = part<double>(gradient.select(1, which), s[b], s[b + 1], h);
          for (std::size_t i = 0; i < input.size(); ++i) {
            input[i] += std::complex<double>(0, step);
            const auto out = ref::attention(x[0], x[1], x[2], static_cast<int>(n), static_cast<int>(c.dim),
                                            kLookbacks[static_cast<std::size_t>(h)], c.strict, p.scale,
                                            c.alibi ? p.alibi_slopes[static_cast<std::size_t>(h)] : 0.0);
            input[i] = input[i].real();
            double derivative = 0;
            for (std::size_t j = 0; j < out.size(); ++j) derivative += w[j] * out[j].imag() / step;
            ASSERT_NEAR(got[i], derivative, allowed)
                << "dim " << c.dim << " strict " << c.strict << " word " << b << " head " << h << " input "
                << which << " at " << i;
          }
        }
      }
  }
}

TEST(Packed, LastRowGradientsAreThoseOfTheFullForm) {
  for (const Case& c : cases()) {
    const AttentionParams p = c.params();
    const std::vector<std::int64_t> s = starts();
    std::vector<std::int64_t> rows;
    for (std::size_t b = 1; b < s.size(); ++b) rows.push_back(s[b] - 1);
    const at::Tensor last = at::tensor(rows, at::kLong);
    const at::Tensor qkv = random_floats({s.back(), 3, kHeads, c.dim}, 1).set_requires_grad(true);
    const at::Tensor weight = random_floats({last.size(0), kHeads, c.dim}, 2);
    const at::Tensor full = attention_packed(qkv, s, p).index_select(0, last);
    const at::Tensor alone =
        attention_last(qkv.select(1, 0).index_select(0, last), qkv.narrow(1, 1, 2), s, p);
    EXPECT_TRUE(at::equal(full, alone));
    EXPECT_TRUE(at::equal(torch::autograd::grad({(full * weight).sum()}, {qkv})[0],
                          torch::autograd::grad({(alone * weight).sum()}, {qkv})[0]));
  }
}

TEST(Packed, DoubleRunsTheComposition) {
  // The same words in double: padding in between, the composition's own errors.
  for (const Case& c : cases()) {
    const std::vector<std::int64_t> s = starts();
    const at::Tensor qkv = random_floats({s.back(), 3, kHeads, c.dim}, 1);
    const at::Tensor kernel = attention_packed(qkv, s, c.params()).to(at::kDouble);
    const at::Tensor composition = attention_packed(qkv.to(at::kDouble), s, c.params());
    EXPECT_LE((kernel - composition).abs().max().item<double>(), c.allowed(14));
    const at::Tensor q = random_floats({static_cast<std::int64_t>(s.size()) - 1, kHeads, c.dim}, 3);
    EXPECT_LE((attention_last(q, qkv.narrow(1, 1, 2), s, c.params()).to(at::kDouble) -
               attention_last(q.to(at::kDouble), qkv.narrow(1, 1, 2).to(at::kDouble), s, c.params()))
                  .abs()
                  .max()
                  .item<double>(),
              c.allowed(14));
  }
}

TEST(Packed, EmptyRowsAreZeroWithZeroGradients) {
  const std::vector<std::int64_t> s = {0, 3, 4};
  const at::Tensor qkv = (random_floats({4, 3, kHeads, 8}, 1) * 100).set_requires_grad(true);
  const at::Tensor out = attention_packed(qkv, s, Case{8, true, false}.params());
  for (std::int64_t row : {0, 3}) {
    EXPECT_TRUE(at::equal(out[row], at::zeros_like(out[row])));
    const at::Tensor g = torch::autograd::grad({out[row].sum()}, {qkv}, {}, true)[0];
    EXPECT_TRUE(at::equal(g, at::zeros_like(g)));
  }
  EXPECT_TRUE(at::isfinite(torch::autograd::grad({out.sum()}, {qkv})[0]).all().item<bool>());
}

TEST(Packed, NotANumberIsPassedOnAndStaysInItsWord) {
  const std::vector<std::int64_t> s = {0, 4, 8};
  at::Tensor qkv = random_floats({8, 3, kHeads, 8}, 1);
  qkv[1][1].fill_(std::numeric_limits<float>::quiet_NaN());  // a key
  const at::Tensor out = attention_packed(qkv, s, Case{8, false, false}.params());
  EXPECT_TRUE(out[1][0].isnan().all().item<bool>());
  EXPECT_FALSE(out[0].isnan().any().item<bool>());
  EXPECT_FALSE(out.narrow(0, 4, 4).isnan().any().item<bool>());
}

TEST(Packed, LargeScoresSaturate) {
  // One key far above the others: weight 1 on it, 0 elsewhere, at every size a float holds.
  for (float size : {1e2f, 1e6f, 1e15f}) {
    at::Tensor qkv = at::zeros({3, 3, 1, 4}, at::kFloat);
    qkv.select(1, 0).fill_(1);
    qkv[0][1].fill_(size);
    qkv[1][1].fill_(-size);
    qkv[0][2].fill_(7);
    qkv[1][2].fill_(100);
    const at::Tensor out = attention_packed(qkv, {0, 3}, {{-1}, true, 1.0, {}});
    EXPECT_EQ(out[2][0][0].item<float>(), 7) << size;
  }
}

TEST(Packed, RefusesWhatDoesNotFit) {
  const at::Tensor qkv = random_floats({4, 3, 1, 4}, 1), q = random_floats({2, 1, 4}, 2);
  const AttentionParams p{{-1}, true, 1.0, {}};
  for (const std::vector<std::int64_t>& s :
       std::vector<std::vector<std::int64_t>>{{}, {0}, {0, 3}, {1, 4}, {0, 2, 2, 4}, {0, 5, 4}})
    EXPECT_THROW(attention_packed(qkv, s, p), std::invalid_argument);
  EXPECT_THROW(attention_packed(qkv.narrow(1, 0, 2), {0, 4}, p), std::invalid_argument);
  EXPECT_THROW(attention_packed(qkv, {0, 4}, {{-1, 1}, true, 1.0, {}}), std::invalid_argument);
  EXPECT_THROW(attention_last(q, qkv, {0, 2, 4}, p), std::invalid_argument);
  EXPECT_THROW(attention_last(q, qkv.narrow(1, 1, 2), {0, 4}, p), std::invalid_argument);
  EXPECT_NO_THROW(attention_last(q, qkv.narrow(1, 1, 2), {0, 2, 4}, p));
}

}  // namespace
}  // namespace yore::mixers
