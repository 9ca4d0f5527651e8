// Heads made local: shares against the definition, the ranking where it is known by hand, bisection, and a
// distillation that brings the original back.
#include "yore/anatomy/localise.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "yore/anatomy/heal.h"
#include "yore/anatomy/test_heads.h"
#include "yore/anatomy/text_loss.h"
#include "yore/base/test_refusal.h"
#include "yore/model/test_models.h"

namespace yore::anatomy {
namespace {

TEST(LocalShare, IsWhatTheDefinitionSays) {
  for (const TestHeads& heads : test_heads(150))
    for (const Locality& local : {Locality{1, 0}, Locality{7, 0}, Locality{64, 3}, Locality{5, 300}}) {
      const auto got = local_share(heads.seen(), local);
      for (std::int64_t h = 0; h < heads.q.size(1); ++h) {
        const auto a = heads.attention(h);
        double sum = 0, rows = 0;
        for (std::int64_t t = 0; t < 150; ++t) {
          double keys = 0, inside = 0;
          for (std::int64_t s = 0; s <= t; ++s) {
            const double paid = a[static_cast<std::size_t>(t)][static_cast<std::size_t>(s)];
            keys += paid;
            if (t - s < local.window + (heads.params.strict ? 1 : 0) || s < local.sinks) inside += paid;
          }
          if (keys == 0) continue;
          sum += inside / keys;
          ++rows;
        }
        EXPECT_NEAR(got[static_cast<std::size_t>(h)], rows > 0 ? sum / rows : 0, 1e-11);
      }
    }
}

model::Model text_model(at::ScalarType type = at::kDouble) {
  arch::ModelOptions c = arch::small_options();
  c.norm_place = "pre";
  return model::decoder(c, 7, 3, type);
}

Texts some_texts() {
  Texts texts(2);
  for (std::int64_t t = 0; t < 40; ++t) {
    texts[0].push_back(t * t % 7);
    texts[1].push_back((3 * t + t * t * t) % 7);
  }
  return texts;
}

// A local model's loss is that of the description, and the order of the ranking that of the shares.
TEST(Localise, RankingAndLoss) {
  const model::Model model = text_model();
  const Texts texts = some_texts();
  const Locality local{3, 0};
  const auto ranked = rank_by_share(model, texts, local);
  ASSERT_EQ(ranked.size(), arch::global_heads(model.description()).size());
  ASSERT_GE(ranked.size(), 2u);
  for (std::size_t i = 1; i < ranked.size(); ++i) EXPECT_GE(ranked[i - 1].share, ranked[i].share);
  std::vector<HeadPlace> order;
  for (const RankedHead& head : ranked) order.push_back(head.place);
  EXPECT_EQ(loss_with_local(model, order, 0, local, texts), mean_loss(model, texts));
  // All keys lie in a window as long as the text.
  EXPECT_NEAR(loss_with_local(model, order, order.size(), {40, 0}, texts), mean_loss(model, texts), 1e-12);
  const double all = loss_with_local(model, order, order.size(), local, texts);
  EXPECT_NE(all, mean_loss(model, texts));
  model::Model whole(arch::with_local_heads(model.description(), order, 3, 0), 3, at::kDouble);
  EXPECT_NEAR(mean_loss(whole, texts), all, 1e-12);
}

TEST(Localise, RandomOrdersAreOrders) {
  const arch::Model model = text_model().description();
  const auto all = arch::global_heads(model);
  std::set<std::vector<HeadPlace>> orders;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    auto order = random_order(model, seed);
    EXPECT_EQ(order, random_order(model, seed));
    orders.insert(order);
    std::sort(order.begin(), order.end());
    EXPECT_EQ(order, all);
  }
  EXPECT_GT(orders.size(), 1u);
}

TEST(Localise, BisectionFindsTheMost) {
  for (std::size_t heads = 0; heads <= 20; ++heads)
    for (std::size_t limit = 0; limit <= heads; ++limit) {
      std::set<std::size_t> measured;
      const std::size_t most = most_local(heads, static_cast<double>(limit) + 0.5, [&](std::size_t count) {
        measured.insert(count);
        return static_cast<double>(count);
      });
      EXPECT_EQ(most, limit);
      EXPECT_TRUE(most == 0 || measured.contains(most));
      EXPECT_LE(measured.size(), 5u);
    }
}

// KL by its definition from whole distributions, and its gradient by finite differences.
TEST(Heal, DivergenceAndItsGradient) {
  const model::Model original = text_model(), changed(original.description(), 9, at::kDouble);
  const std::vector<std::int64_t> text = some_texts()[0];
  const auto definition = [&] {
    const at::NoGradGuard no_gradients;
    const at::Tensor p = at::softmax(original.forward(one_text(text)), -1),
                     q = at::softmax(changed.forward(one_text(text)), -1);
    return (p * (p / q).log()).sum().item<double>() / 40;
  };
  at::Tensor gradient = at::zeros({changed.parameters().size()}, at::kDouble);
  EXPECT_NEAR(divergence(original, changed, text, gradient), definition(), 1e-12);
  EXPECT_NEAR(divergence(original, changed, text), definition(), 1e-12);
  EXPECT_NEAR(divergence(original, original, text), 0, 1e-12);
  for (std::int64_t i = 0; i < gradient.numel(); i += 37) {
    double& x = changed.parameters().flat().data_ptr<double>()[i];
    const double before = x, step = 1e-6;
    x = before + step;
    const double more = definition();
    x = before - step;
    const double less = definition();
    x = before;
    EXPECT_NEAR(gradient.data_ptr<double>()[i], (more - less) / (2 * step), 1e-7);
  }
}

TEST(Heal, BringsTheOriginalNearer) {
  const model::Model original = text_model(at::kFloat);
  const arch::Model local =
      arch::with_local_heads(original.description(), arch::global_heads(original.description()), 2, 0);
  const model::Model changed = trainable_copy(original, local);
  const Texts texts = some_texts();
  const double before = divergence(original, changed, texts[0]);
  EXPECT_GT(before, 0);
  EXPECT_FLOAT_EQ(static_cast<float>(divergence(original, rewired(original, local), texts[0])),
                  static_cast<float>(before));
  std::int64_t told = 0;
  heal(original, changed, texts, {40, 3e-3, [&](std::int64_t, double) { ++told; }});
  EXPECT_EQ(told, 40);
  EXPECT_LT(divergence(original, changed, texts[0]), 0.7 * before);
  EXPECT_TRUE(base::refused(
      [&] {
        heal(original, changed, texts, {3, 1e30, {}});
      },
      "--heal-rate: before step"));
}

}  // namespace
}  // namespace yore::anatomy
