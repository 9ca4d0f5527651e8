#include "yore/mixers/attention/attention.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <complex>
#include <limits>

#include "yore/base/random.h"
#include "yore/mixers/attention/ref.h"

namespace yore::mixers {
namespace {

constexpr double kEpsilon = std::numeric_limits<double>::epsilon();

/// Uniform numbers in [-1, 1) of a shape.
at::Tensor random_tensor(at::IntArrayRef shape, std::uint64_t seed) {
  at::Tensor x = at::empty(shape, at::kDouble);
  base::Random random(seed);
  for (std::int64_t i = 0; i < x.numel(); ++i) x.data_ptr<double>()[i] = 2 * random.uniform() - 1;
  return x;
}

/// Every lookback that matters up to length 14: one, around the change of method at 8 keys, wider than the
/// word, global.
std::vector<int> all_lookbacks() {
  return {-1, 1, 2, 3, 7, 8, 9, 13, 40};
}

struct Case {
  int length;
  bool strict;
  bool alibi;
};

std::vector<Case> cases() {
  std::vector<Case> list;
  for (int length : {1, 2, 3, 5, 9, 14})
    for (bool strict : {true, false})
      for (bool alibi : {false, true}) list.push_back({length, strict, alibi});
  return list;
}

AttentionParams params_of(const Case& c, const std::vector<int>& lookback) {
  AttentionParams p{lookback, c.strict, 0.7, {}};
  if (c.alibi)
    for (std::size_t h = 0; h < lookback.size(); ++h)
      p.alibi_slopes.push_back(0.25 * static_cast<double>(h + 1));
  return p;
}

/// Head h of sequence b as numbers.
template <class Number>
std::vector<Number> head(const at::Tensor& x, std::int64_t b, std::int64_t h) {
  const at::Tensor rows = x.detach().select(0, b).select(1, h).contiguous();
  return {rows.data_ptr<double>(), rows.data_ptr<double>() + rows.numel()};
}

template <class Number>
std::vector<Number> reference(const std::vector<Number>& q, const std::vector<Number>& k,
                              const std::vector<Number>& v, const Case& c, const AttentionParams& p,
                              std::size_t h, int dim) {
  return ref::attention(q, k, v, c.length, dim, p.lookback[h], c.strict, p.scale,
                        c.alibi ? p.alibi_slopes[h] : 0.0);
}

TEST(Attention, EqualsItsDefinition) {
  const int dim = 4;
  double worst = 0;
  for (const Case& c : cases()) {
    const AttentionParams p = params_of(c, all_lookbacks());
    const auto heads = static_cast<std::int64_t>(p.lookback.size());
    const at::Tensor q = random_tensor({2, c.length, heads, dim}, 1),
                     k = random_tensor({2, c.length, heads, dim}, 2),
                     v = random_tensor({2, c.length, heads, dim}, 3);
    const at::Tensor out = attention(q, k, v, p);
    ASSERT_EQ(out.sizes(), q.sizes());
    // A score is off by at most (D + 2) eps |score| (|score| <= D + slope * T), which enters the weights as a
    // relative error; the weighted mean of values of size 1 adds T eps. Twice that for the two sides.
    const double bound = 2 * kEpsilon * ((dim + 2) * (dim + 3.0 * c.length) + c.length);
    for (std::int64_t b = 0; b < 2; ++b)
      for (std::int64_t h = 0; h < heads; ++h) {
        const std::vector<double> expected =
            reference(head<double>(q, b, h), head<double>(k, b, h), head<double>(v, b, h), c, p,
                      static_cast<std::size_t>(h), dim);
        const std::vector<double> got = head<double>(out, b, h);
        for (std::size_t i = 0; i < got.size(); ++i) {
          ASSERT_NEAR(got[i], expected[i], bound) << "length " << c.length << " strict " << c.strict
                                                  << " lookback " << p.lookback[static_cast<std::size_t>(h)];
          worst = std::max(worst, std::abs(got[i] - expected[i]) / bound);
        }
      }
  }
  RecordProperty("worst_over_allowed", std::to_string(worst));
}

TEST(Attention, GradientsEqualComplexStepsOfTheDefinition) {
  const int dim = 2;
  const double h_step = 1e-30;
  for (const Case& c : cases()) {
    if (c.length > 9) continue;  // the differences cost T^3
    const AttentionParams p = params_of(c, all_lookbacks());
    const auto heads = static_cast<std::int64_t>(p.lookback.size());
    std::vector<at::Tensor> in;
    for (std::uint64_t s : {4u, 5u, 6u})
      in.push_back(random_tensor({1, c.length, heads, dim}, s).set_requires_grad(true));
    const at::Tensor weight = random_tensor({1, c.length, heads, dim}, 7);
    const at::Tensor loss = (attention(in[0], in[1], in[2], p) * weight).sum();
    // Where every row is empty the output is a constant.
    const std::vector<at::Tensor> gradients =
        loss.requires_grad() ? torch::autograd::grad({loss}, in, {}, c10::nullopt, false, true)
                             : std::vector<at::Tensor>(3);
    const double bound = 64 * kEpsilon * c.length * (dim + 2) * (dim + 3.0 * c.length);
    for (std::int64_t h = 0; h < heads; ++h) {
      std::vector<std::vector<std::complex<double>>> x;
      for (const at::Tensor& t : in) x.push_back(head<std::complex<double>>(t, 0, h));
      const std::vector<double> w = head<double>(weight, 0, h);
      for (std::size_t which = 0; which < 3; ++which) {
        const std::vector<double> got = gradients[which].defined()
                                            ? head<double>(gradients[which], 0, h)
                                            : std::vector<double>(x[which].size(), 0.0);
        for (std::size_t i = 0; i < x[which].size(); ++i) {
          const std::complex<double> kept = x[which][i];
          x[which][i] += std::complex<double>(0, h_step);
          const auto out = reference(x[0], x[1], x[2], c, p, static_cast<std::size_t>(h), dim);
          x[which][i] = kept;
          double derivative = 0;
          for (std::size_t j = 0; j < out.size(); ++j) derivative += w[j] * out[j].imag() / h_step;
          ASSERT_NEAR(got[i], derivative, bound)
              << "length " << c.length << " strict " << c.strict << " lookback "
              << p.lookback[static_cast<std::size_t>(h)] << " input " << which << " element " << i;
        }
      }
    }
  }
}

TEST(Attention, EmptyRowsAreZeroWithZeroGradients) {
  for (int lookback : all_lookbacks()) {
    const AttentionParams p{{lookback}, true, 1.0, {}};
    // Scores of 1e4: a softmax over a row of hidden entries would show.
    at::Tensor q = (random_tensor({1, 5, 1, 2}, 1) * 100).set_requires_grad(true);
    at::Tensor k = (random_tensor({1, 5, 1, 2}, 2) * 100).set_requires_grad(true);
    at::Tensor v = random_tensor({1, 5, 1, 2}, 3).set_requires_grad(true);
    const at::Tensor out = attention(q, k, v, p);
    EXPECT_TRUE(at::equal(out.select(1, 0), at::zeros_like(out.select(1, 0)))) << lookback;
    for (const at::Tensor& g :
         torch::autograd::grad({out.select(1, 0).sum()}, {q, k, v}, {}, true, false, true))
      EXPECT_TRUE(!g.defined() || at::equal(g, at::zeros_like(g))) << lookback;
    for (const at::Tensor& g : torch::autograd::grad({out.sum()}, {q, k, v}, {}, true, false, true))
      EXPECT_TRUE(!g.defined() || at::isfinite(g).all().item<bool>()) << lookback;
  }
}

TEST(Attention, TheFutureChangesNothing) {
  const AttentionParams strict{all_lookbacks(), true, 0.7, {}}, inclusive{all_lookbacks(), false, 0.7, {}};
  const std::int64_t heads = 9, length = 12;
  const at::Tensor q = random_tensor({1, length, heads, 4}, 1), k = random_tensor({1, length, heads, 4}, 2),
                   v = random_tensor({1, length, heads, 4}, 3);
  for (std::int64_t t = 0; t < length; ++t) {
    at::Tensor k2 = k.clone(), v2 = v.clone();
    k2.select(1, t).fill_(1e6);
    v2.select(1, t).fill_(-1e6);
    const std::int64_t kept = t + 1;  // strict rows 0..t do not see t
    EXPECT_TRUE(at::equal(attention(q, k, v, strict).narrow(1, 0, kept),
                          attention(q, k2, v2, strict).narrow(1, 0, kept)))
        << t;
    EXPECT_TRUE(at::equal(attention(q, k, v, inclusive).narrow(1, 0, t),
                          attention(q, k2, v2, inclusive).narrow(1, 0, t)))
        << t;
    EXPECT_FALSE(
        at::equal(attention(q, k, v, inclusive).select(1, t), attention(q, k2, v2, inclusive).select(1, t)))
        << t;
  }
}

TEST(Attention, LookbackOfTheWholeWordIsGlobal) {
  const at::Tensor q = random_tensor({3, 12, 1, 4}, 1), k = random_tensor({3, 12, 1, 4}, 2),
                   v = random_tensor({3, 12, 1, 4}, 3);
  for (bool strict : {true, false})
    for (int lookback : {11, 12, 13, 1000}) {
      const AttentionParams local{{lookback}, strict, 0.7, {}}, global{{-1}, strict, 0.7, {}};
      EXPECT_TRUE(at::equal(attention(q, k, v, local), attention(q, k, v, global)))
          << strict << " " << lookback;
    }
}

TEST(Attention, MixedHeadsAreTheHeadsApart) {
  const std::vector<int> lookback = {2, -1, 1,
                                     9, -1, 2};  // groups interleave, so heads must find their way back
  const std::int64_t heads = 6;
  const at::Tensor q = random_tensor({2, 11, heads, 4}, 1), k = random_tensor({2, 11, heads, 4}, 2),
                   v = random_tensor({2, 11, heads, 4}, 3);
  AttentionParams p{lookback, true, 0.7, {0.1, 0.2, 0.3, 0.4, 0.5, 0.6}};
  const at::Tensor together = attention(q, k, v, p);
  for (std::int64_t h = 0; h < heads; ++h) {
    const auto i = static_cast<std::size_t>(h);
    const AttentionParams one{{lookback[i]}, true, 0.7, {p.alibi_slopes[i]}};
    const at::Tensor alone = attention(q.narrow(2, h, 1), k.narrow(2, h, 1), v.narrow(2, h, 1), one);
    EXPECT_TRUE(at::equal(together.narrow(2, h, 1), alone)) << h;
  }
}

TEST(AttentionAt, IsTheRowOfAttention) {
  const int dim = 4;
  for (const Case& c : cases()) {
    const AttentionParams p = params_of(c, all_lookbacks());
    const auto heads = static_cast<std::int64_t>(p.lookback.size());
    const at::Tensor q = random_tensor({c.length, c.length, heads, dim}, 1);
    const at::Tensor k = random_tensor({c.length, c.length, heads, dim}, 2),
                     v = random_tensor({c.length, c.length, heads, dim}, 3);
    const at::Tensor position = at::arange(c.length, at::kLong);  // sequence b is asked at b
    const at::Tensor asked = at::stack([&] {
      std::vector<at::Tensor> rows;
      for (std::int64_t b = 0; b < c.length; ++b) rows.push_back(q.select(0, b).select(0, b));
      return rows;
    }());
    const at::Tensor got = attention_at(asked, position, k, v, p), all = attention(q, k, v, p);
    const double bound = 4 * kEpsilon * ((dim + 2) * (dim + 3.0 * c.length) + c.length);
    for (std::int64_t b = 0; b < c.length; ++b)
      EXPECT_LE((got.select(0, b) - all.select(0, b).select(0, b)).abs().max().item<double>(), bound)
          << c.length << " " << b;
    EXPECT_TRUE(!c.strict || at::equal(got.select(0, 0), at::zeros_like(got.select(0, 0))));
  }
}

TEST(AttentionAt, EmptyRowsHaveZeroGradients) {
  at::Tensor q = (random_tensor({2, 1, 2}, 1) * 100).set_requires_grad(true);
  at::Tensor k = (random_tensor({2, 3, 1, 2}, 2) * 100).set_requires_grad(true);
  at::Tensor v = random_tensor({2, 3, 1, 2}, 3).set_requires_grad(true);
  const at::Tensor out = attention_at(q, at::zeros({2}, at::kLong), k, v, {{-1}, true, 1.0, {}});
  EXPECT_TRUE(at::equal(out, at::zeros_like(out)));
  for (const at::Tensor& g : torch::autograd::grad({out.sum()}, {q, k, v}))
    EXPECT_TRUE(at::equal(g, at::zeros_like(g)));
}

TEST(Attention, RefusesWhatDoesNotFit) {
  const at::Tensor x = random_tensor({1, 3, 2, 4}, 1);
  EXPECT_THROW(attention(x, x, x, {{-1}, true, 1.0, {}}), std::invalid_argument);
  EXPECT_THROW(attention(x, x, x, {{-1, 0}, true, 1.0, {}}), std::invalid_argument);
  EXPECT_THROW(attention(x, x, x, {{-1, -2}, true, 1.0, {}}), std::invalid_argument);
  EXPECT_THROW(attention(x, x, x, {{-1, 1}, true, 1.0, {0.5}}), std::invalid_argument);
  EXPECT_THROW(attention(x, x, x.narrow(1, 0, 2), {{-1, 1}, true, 1.0, {}}), std::invalid_argument);
  EXPECT_THROW(attention(x.narrow(1, 0, 2), x, x, {{-1, 1}, true, 1.0, {}}), std::invalid_argument);
}

}  // namespace
}  // namespace yore::mixers
