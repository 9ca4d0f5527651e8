// The identities of attention's gradients, the Jacobian's bound, and the diagnostics, against autograd,
// finite differences and definitions spelled out, in double.
#include "yore/anatomy/gradients.h"

#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "yore/anatomy/stream.h"
#include "yore/anatomy/test_heads.h"
#include "yore/anatomy/text_loss.h"
#include "yore/mixers/attention/attention.h"
#include "yore/model/test_models.h"

namespace yore::anatomy {
namespace {

using Tokens = std::vector<std::int64_t>;

bool near(const at::Tensor& a, const at::Tensor& b, double tolerance = 1e-10) {
  return at::allclose(a, b, tolerance, tolerance);
}

/// dV = A^T G, dk_s = sum_t a_ts <g_t, v_s - y_t> q_t / sqrt(d), and dq_t likewise; dq_0 = 0. The gradients
/// are the kernel's, the weights those of the definition.
TEST(Identities, OfAttentionsGradients) {
  for (TestHeads heads : test_heads(70)) {
    if (heads.params.soft_cap > 0) continue;  // its derivative is another
    heads.q.set_requires_grad(true);
    heads.k.set_requires_grad(true);
    heads.v.set_requires_grad(true);
    const at::Tensor y = mixers::attention_packed(heads.q, heads.k, heads.v, {0, 70}, {0, 70}, heads.params,
                                                  heads.sink_logits);
    const at::Tensor g = at::cos(at::arange(y.numel(), at::kDouble) * 0.37).view(y.sizes());
    const auto got = torch::autograd::grad({y}, {heads.q, heads.k, heads.v}, {g});
    const double scale = heads.params.scale.value_or(1 / std::sqrt(5.0));
    const std::int64_t repeat = heads.q.size(1) / heads.k.size(1);
    const at::NoGradGuard no_gradients;
    at::Tensor dq = at::zeros_like(heads.q), dk = at::zeros_like(heads.k), dv = at::zeros_like(heads.v);
    for (std::int64_t h = 0; h < heads.q.size(1); ++h) {
      const auto rows = heads.attention(h);
      at::Tensor a = at::zeros({70, 70}, at::kDouble);
      for (std::size_t t = 0; t < 70; ++t) std::copy_n(rows[t].begin(), 70, a.data_ptr<double>() + 70 * t);
      const at::Tensor q = heads.q.select(1, h), k = heads.k.select(1, h / repeat),
                       v = heads.v.select(1, h / repeat), gh = g.select(1, h), yh = y.select(1, h);
      dv.select(1, h / repeat).add_(at::mm(a.t(), gh));
      // [t, s]: a_ts <g_t, v_s - y_t>
      const at::Tensor b = a * (at::mm(gh, v.t()) - (gh * yh).sum(1, true));
      dk.select(1, h / repeat).add_(at::mm(b.t(), q) * scale);
      dq.select(1, h).add_(at::mm(b, k) * scale);
    }
    EXPECT_TRUE(near(got[0], dq));
    EXPECT_TRUE(near(got[1], dk));
    EXPECT_TRUE(near(got[2], dv));
    // One key's softmax is constant: with a sink logit beside it, it is not.
    if (!heads.sink_logits.defined()) {
      EXPECT_LT(got[0][0].abs().max().item<double>(), 1e-14);
    }
  }
}

// The same by central differences, for one setting: neither autograd nor the kernel's backward takes part.
TEST(Identities, KeysByFiniteDifferences) {
  TestHeads heads(9, 1, 1, 5);
  const at::Tensor g = at::cos(at::arange(45, at::kDouble)).view({9, 1, 5});
  const auto loss = [&] {
    return (mixers::attention_packed(heads.q, heads.k, heads.v, {0, 9}, {0, 9}, heads.params) * g)
        .sum()
        .item<double>();
  };
  const auto rows = heads.attention(0);
  const at::Tensor y = mixers::attention_packed(heads.q, heads.k, heads.v, {0, 9}, {0, 9}, heads.params);
  for (std::int64_t s = 0; s < 9; ++s) {
    at::Tensor expected = at::zeros({5}, at::kDouble);
    for (std::int64_t t = s; t < 9; ++t)
      expected += rows[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)] *
                  (g[t][0] * (heads.v[s][0] - y[t][0])).sum() * heads.q[t][0] / std::sqrt(5.0);
    for (std::int64_t d = 0; d < 5; ++d) {
      double& x = heads.k.data_ptr<double>()[s * 5 + d];
      const double before = x, step = 1e-5;
      x = before + step;
      const double more = loss();
      x = before - step;
      const double less = loss();
      x = before;
      EXPECT_NEAR((more - less) / (2 * step), expected[d].item<double>(), 1e-8);
    }
  }
}

// The largest singular value of the Jacobian, from the matrix itself, is below the bound and near it.
TEST(JacobianBound, HoldsForTheMatrix) {
  for (const arch::NormKind kind : {arch::NormKind::Rms, arch::NormKind::Layer})
    for (const double size : {0.001, 1.0, 50.0}) {
      const at::Tensor x =
          (at::sin(at::arange(12, at::kDouble) * 1.7) * size).unsqueeze(0).set_requires_grad(true);
      const at::Tensor gamma = at::cos(at::arange(12, at::kDouble)) + 0.2;
      const arch::Norm norm{kind, 1e-5};
      const at::Tensor centred = kind == arch::NormKind::Layer ? x - x.mean(-1, true) : x;
      const at::Tensor y = centred * at::rsqrt(centred.square().mean(-1, true) + norm.epsilon) * gamma;
      std::vector<at::Tensor> rows;
      for (std::int64_t i = 0; i < 12; ++i)
        rows.push_back(torch::autograd::grad({y[0][i]}, {x}, {}, true)[0][0]);
      const at::Tensor jacobian = at::stack(rows);
      // The root of the largest eigenvalue of J^T J, by powers.
      at::Tensor v = at::ones({12}, at::kDouble);
      for (int i = 0; i < 2000; ++i) v = at::mv(jacobian.t(), at::mv(jacobian, v)), v = v / v.norm();
      const double largest = at::mv(jacobian, v).norm().item<double>();
      const JacobianBound bound = jacobian_bound(x, gamma, norm);
      EXPECT_LE(largest, bound.first * (1 + 1e-6));
      EXPECT_GE(largest, 0.5 * bound.first);
    }
}

model::Model decoder(const char* place, const char* norm) {
  arch::ModelOptions c = arch::small_options();
  c.norm_place = place;
  c.norm = norm;
  return model::decoder(c, 7, 3, at::kDouble);
}

/// A gradient by what it is asked of, through the plain graph.
TEST(Gradients, AreWhatAutogradSays) {
  const Tokens tokens = {1, 4, 2, 2, 6, 0, 5, 3, 1, 1};
  for (const char* place : {"pre", "post", "both"}) {
    const model::Model model = decoder(place, "rms");
    std::vector<at::Tensor> in, out, stream, given;
    model::Context context;
    context.probe = [&](model::Point point, int, const at::Tensor& rows) {
      const bool first = point == model::Point::Embedded;
      const at::Tensor x = first ? rows.detach().set_requires_grad(true) : rows.view(rows.sizes());
      if (first || point == model::Point::AfterMixer || point == model::Point::AfterBlock)
        stream.push_back(x);
      if (point == model::Point::MixerIn || point == model::Point::FeedForwardIn) in.push_back(x);
      if (point == model::Point::MixerOut || point == model::Point::FeedForward) out.push_back(x);
      return x;
    };
    const at::Tensor logits = model.read(model.hidden(one_text(tokens), context));
    const at::Tensor loss = at::cross_entropy_loss(
        logits.narrow(0, 0, 9), at::tensor(Tokens(tokens.begin() + 1, tokens.end()), at::kLong));
    const auto by = [&](const at::Tensor& x) { return torch::autograd::grad({loss}, {x}, {}, true)[0]; };
    const Gradients got = gradients(model, tokens);
    EXPECT_NEAR(got.loss, loss.item<double>(), 1e-12);
    ASSERT_EQ(got.blocks.size(), 2u);
    for (std::size_t b = 0; b < 2; ++b) {
      const auto expect = [&](const Branch& branch, std::size_t i) {
        const at::Tensor g1 = by(out[i]), g2 = by(in[i]), whole = by(stream[i]);
        const auto ratio = [](const at::Tensor& a, const at::Tensor& c) {
          return a.norm(2, 1) / c.norm(2, 1);
        };
        const at::Tensor bloat = ratio(g2, g1), change = ratio(whole, g1), compress = ratio(whole - g1, g2);
        EXPECT_NEAR(branch.first.bloat, bloat[0].item<double>(), 1e-9);
        EXPECT_NEAR(branch.first.change, change[0].item<double>(), 1e-9);
        EXPECT_NEAR(branch.first.compress, compress[0].item<double>(), 1e-7);
        // No loss is read at the last token, but earlier blocks' rows of it are none of anybody's either.
        EXPECT_NEAR(branch.others.bloat, bloat.narrow(0, 1, 8).mean().item<double>(), 1e-9);
        EXPECT_NEAR(branch.others.change, change.narrow(0, 1, 8).mean().item<double>(), 1e-9);
        if (std::string(place) == "post") {
          EXPECT_NEAR(branch.first.compress, 1, 1e-9);
        }
      };
      expect(got.blocks[b].mixer, 2 * b);
      expect(*got.blocks[b].feed_forward, 2 * b + 1);
      const at::Tensor g = by(in[2 * b]).norm(2, 1);
      EXPECT_NEAR(*got.blocks[b].ratio, (g[0] / g.narrow(0, 1, 9).mean()).item<double>(), 1e-9);
    }
  }
}

// The null model, by the matrix of equal weights.
TEST(Gradients, UniformValueGradientIsTheMatrixs) {
  for (TestHeads heads : test_heads(40)) {
    heads.q.zero_();
    heads.sink_logits.reset();
    heads.params.alibi_slopes.clear();
    const at::Tensor g = at::cos(at::arange(heads.q.numel(), at::kDouble)).view(heads.q.sizes());
    at::Tensor expected = at::zeros_like(heads.v);
    for (std::int64_t h = 0; h < heads.q.size(1); ++h) {
      const auto rows = heads.attention(h);
      for (std::int64_t t = 0; t < 40; ++t)
        for (std::int64_t s = 0; s < 40; ++s)
          expected[s][h / (heads.q.size(1) / heads.k.size(1))] +=
              rows[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)] * g[t][h];
    }
    EXPECT_TRUE(near(uniform_value_gradient(heads.params, heads.k.size(1), g), expected));
  }
}

// With queries that are all zero, a model's own attention is the null.
TEST(Gradients, ANullModelHasTheNullsRatio) {
  const model::Model model = decoder("pre", "rms");
  for (const model::Parameter& p : model.parameters().all())
    if (p.name.ends_with("attention.qkv.weight") || p.name.ends_with("attention.qkv.bias"))
      model.parameters().flat().narrow(0, p.offset, p.size * 2 / 3).zero_();  // queries and keys
  Tokens tokens;
  for (std::int64_t t = 0; t < 50; ++t) tokens.push_back(t * t % 7);
  for (const BlockGradients& block : gradients(model, tokens).blocks) {
    EXPECT_NEAR(*block.ratio, *block.uniform_ratio, 1e-9);
    EXPECT_GT(*block.ratio, 1);
  }
}

TEST(TextLoss, GoesInPiecesAndHasAGradient) {
  const model::Model model = decoder("pre", "layer");
  Tokens tokens;
  for (std::int64_t t = 0; t < 30; ++t) tokens.push_back(t * t % 7);
  const at::Tensor hidden = model.hidden(one_text(tokens)).detach().set_requires_grad(true);
  const at::Tensor loss = at::cross_entropy_loss(
      model.read(hidden).narrow(0, 0, 29), at::tensor(Tokens(tokens.begin() + 1, tokens.end()), at::kLong));
  const TextLoss got = text_loss(model, hidden, tokens, true);
  EXPECT_NEAR(got.mean, loss.item<double>(), 1e-12);
  EXPECT_TRUE(near(got.gradient, torch::autograd::grad({loss}, {hidden})[0]));
  EXPECT_NEAR(mean_loss(model, {tokens, tokens}), got.mean, 1e-12);
}

}  // namespace
}  // namespace yore::anatomy
