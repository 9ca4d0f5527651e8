// Models against their description spelled out (plain_model.h), and what holds of every model.
#include "yore/model/model.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/model/plain_model.h"
#include "yore/model/test_models.h"

namespace yore::model {
namespace {

std::string title(const arch::Model& m) {
  return arch::to_json(m).dump();
}
using model::title;

TEST(Model, EqualsItsDefinition) {
  for (const arch::ModelOptions& c : configurations()) {
    const Model model = recogniser(c, kLetters, 5, at::kDouble);
    shake(model);
    const Plain plain(model);
    const at::Tensor got = model.forward(rows(some_words()));
    for (std::size_t b = 0; b < some_words().size(); ++b) {
      Word tokens = some_words()[b];
      tokens.push_back(kLetters);
      const double expected = plain.logits(tokens).back()[0];
      // Some 1e3 roundings on numbers below 1e2, and norms that may divide by 1e-1: 1e-16 * 1e3 * 1e2 * 1e1.
      EXPECT_NEAR(got[static_cast<std::int64_t>(b)].item<double>(), expected, 1e-10)
          << title(c) << " word " << b;
    }
  }
}

// Every activation, norm, place of norms, bias, tie and scale, with every kind of read-out.
TEST(Model, EqualsItsDescription) {
  const auto all = descriptions();
  ASSERT_EQ(all.size(), 7u * 4 * 3 * 2 * 2 * 2 + 2);
  const Words words = with_ends(some_words());
  for (const arch::Model& description : all) {
    const Model model(description, 5, at::kDouble);
    shake(model);
    const Plain plain(model);
    const bool accepts = description.read_out.kind == arch::ReadOutKind::Accept;
    const at::Tensor got = model.forward(words.input()).detach();
    EXPECT_EQ(got.sizes().vec(),
              accepts ? (std::vector<std::int64_t>{5})
                      : (std::vector<std::int64_t>{words.starts.back(), description.read_out.outputs}));
    double largest = 0;
    const auto compare = [&](std::int64_t place, double expected) {
      largest = std::max(largest, std::abs(got.data_ptr<double>()[place] - expected));
    };
    for (std::size_t b = 0; b + 1 < words.starts.size(); ++b) {
      const auto first = words.tokens.begin() + words.starts[b],
                 end = words.tokens.begin() + words.starts[b + 1];
      const Plain::Rows expected = plain.logits({first, end});
      if (accepts) compare(static_cast<std::int64_t>(b), expected.back()[0]);
      std::int64_t place = words.starts[b] * description.read_out.outputs;
      for (std::size_t t = 0; !accepts && t < expected.size(); ++t)
        for (const double logit : expected[t]) compare(place++, logit);
    }
    // As above; without norms a gated net lets numbers grow to 1e4.
    EXPECT_LE(largest, 1e-8) << title(description);
    for (const Parameter& p : model.parameters().all()) {
      const bool linear = p.name.find("mlp.") != std::string::npos || p.name.find("read_out.") == 0;
      const bool bias = p.name.ends_with(".bias") && p.name.find("norm") == std::string::npos;
      const bool none = !description.read_out.bias && !description.blocks[0].feed_forward.bias;
      EXPECT_FALSE(linear && bias && none) << p.name;
    }
  }
}

// One direction in all parameters at once.
TEST(Model, GradientsOfEveryDescriptionEqualDifferences) {
  const Input input = rows(some_words());
  for (const arch::Model& description : descriptions()) {
    if (description.blocks[0].feed_forward.activation == arch::Activation::Relu) continue;
    const Model model(description, 5, at::kDouble);
    shake(model);
    const at::Tensor weights = at::sin(at::arange(1, 1 + model.forward(input).numel(), at::kDouble));
    const auto loss = [&] { return (model.forward(input).reshape({-1}) * weights).sum(); };
    std::vector<at::Tensor> values;
    for (const Parameter& p : model.parameters().all()) values.push_back(p.value);
    std::vector<at::Tensor> gradients = torch::autograd::grad({loss()}, values);
    for (at::Tensor& g : gradients) g = g.reshape({-1});
    const at::NoGradGuard no_gradients;
    const at::Tensor flat = model.parameters().flat(), kept = flat.clone();
    const at::Tensor direction = at::cos(at::arange(flat.numel(), at::kDouble) * 0.7);
    const auto slope = [&](double h) {
      flat.copy_(kept + h * direction);
      const double up = loss().item<double>();
      flat.copy_(kept - h * direction);
      const double down = loss().item<double>();
      flat.copy_(kept);
      return (up - down) / (2 * h);
    };
    const double got = (at::cat(gradients) * direction).sum().item<double>();
    // A difference is off by a term in the square of h, so halving h changes it by three times what remains.
    const double coarse = slope(1e-5), fine = slope(5e-6);
    EXPECT_NEAR(got, fine, 2e-6 * (1 + std::abs(got)) + std::abs(fine - coarse)) << title(description);
  }
}

// Rows asked alone are the rows of all, in any order and number.
TEST(Model, HiddenRowsAskedAloneAreThoseOfAll) {
  const Input input = rows(some_words());
  const std::vector<std::vector<std::int64_t>> some = {{0}, {7, 3, 3, 20}, {}, {23, 22, 21, 2, 1, 0}};
  for (const arch::Model& description : descriptions()) {
    const Model model(description, 5, at::kDouble);
    shake(model);
    const at::Tensor all = model.hidden(input), last = model.hidden_last(input);
    // The same products, perhaps summed in another order: as above.
    for (const auto& list : some) {
      const at::Tensor which = at::tensor(list, at::kLong), got = model.hidden_at(input, which);
      ASSERT_EQ(got.sizes().vec(), (std::vector<std::int64_t>{static_cast<std::int64_t>(list.size()), 8}));
      EXPECT_TRUE(at::allclose(got, all.index_select(0, which), 1e-12, 1e-11)) << title(description);
    }
    EXPECT_TRUE(at::allclose(last, all.index_select(0, input.last), 1e-12, 1e-11)) << title(description);
  }
}

TEST(Model, GradientsEqualDifferences) {
  for (const arch::ModelOptions& c : configurations()) {
    if (c.activation == "relu") continue;  // a kink under the step would be no fault
    const Model model = recogniser(c, kLetters, 5, at::kDouble);
    shake(model);
    const Input input = rows(some_words());
    const at::Tensor weights = at::arange(1, 6, at::kDouble);
    const auto loss = [&] { return (model.forward(input) * weights).sum(); };
    std::vector<at::Tensor> values;
    for (const Parameter& p : model.parameters().all()) values.push_back(p.value);
    std::vector<at::Tensor> gradients = torch::autograd::grad({loss()}, values);
    double* x = model.parameters().flat().data_ptr<double>();
    base::Random random(3);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const Parameter& p = model.parameters().all()[i];
      const auto j = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(p.size)));
      double& at = x[p.offset + j];
      const double kept = at, h = 1e-5;
      at = kept + h;
      const double up = loss().item<double>();
      at = kept - h;
      const double down = loss().item<double>();
      at = kept;
      const double expected = (up - down) / (2 * h), got = gradients[i].reshape({-1})[j].item<double>();
      // Truncation h^2 f'''/6 with f''' below 1e3 of f', rounding 1e-14 / h.
      EXPECT_NEAR(got, expected, 1e-6 * (1 + std::abs(expected))) << title(c) << " " << p.name << " " << j;
    }
  }
}

// A batch is packed from a longer list: what stands between its sequences there is no part of it.
TEST(Model, WhatStandsBesideASequenceChangesNothing) {
  for (const arch::ModelOptions& c : configurations()) {
    const Model model = recogniser(c, kLetters, 5);
    const at::Tensor plain = model.forward(rows(some_words()));
    EXPECT_TRUE(at::isfinite(plain).all().item<bool>()) << title(c);
    for (std::int32_t filler : {0, 2, kLetters}) {
      std::vector<Word> words;
      std::vector<std::int64_t> which;
      for (const Word& word : some_words()) {
        which.push_back(static_cast<std::int64_t>(words.size()));
        words.push_back(word);
        words.push_back(Word(7, filler));
      }
      const Words all = with_ends(words);
      EXPECT_TRUE(at::equal(plain, model.forward(pack(all.starts, all.tokens, which)))) << title(c);
    }
  }
}

TEST(Model, WordsAreIndependentOfTheirBatch) {
  for (const arch::ModelOptions& c : configurations()) {
    const Model model = recogniser(c, kLetters, 5, at::kDouble);
    const at::Tensor together = model.forward(rows(some_words()));
    for (std::size_t b = 0; b < some_words().size(); ++b)
      EXPECT_NEAR(together[static_cast<std::int64_t>(b)].item<double>(),
                  model.forward(rows({some_words()[b]}))[0].item<double>(), 1e-12)
          << title(c);
  }
}

TEST(Model, LocalLayersSeeOnlyTheirReach) {
  arch::ModelOptions c;
  c.attention = "local:2";
  c.layers = 2;
  const Model model = recogniser(c, kLetters, 5);
  const Word word = {0, 1, 2, 0, 1, 2, 0, 1};
  const at::Tensor plain = model.forward(rows({word}));
  for (std::size_t t = 0; t < word.size(); ++t) {
    Word other = word;
    other[t] = (other[t] + 1) % kLetters;
    const bool same = at::equal(plain, model.forward(rows({other})));
    EXPECT_EQ(same, word.size() - t > 4) << "letter " << t;  // 2 layers of 2 letters each
  }
}

TEST(Model, WeightsAreNamedBySeedAlone) {
  arch::ModelOptions c;
  const Model a = recogniser(c, 2, 7), b = recogniser(c, 2, 7), other = recogniser(c, 2, 8);
  EXPECT_TRUE(at::equal(a.parameters().flat(), b.parameters().flat()));
  EXPECT_FALSE(at::equal(a.parameters().flat(), other.parameters().flat()));
  using mixers::Start;
  for (const mixers::ParameterSpec& spec : arch::parameters(a.description())) {
    const Parameter& p = a.parameters().all()[a.parameters().index(spec.name)];
    EXPECT_EQ(p.decays, spec.decays) << p.name;
    const double bound =
        spec.start == Start::Unit ? std::sqrt(3.0) : 1 / std::sqrt(static_cast<double>(p.shape.back()));
    if (spec.start == Start::FanIn || spec.start == Start::Unit) {
      EXPECT_LE(p.value.abs().max().item<double>(), bound * (1 + 1e-6)) << p.name;
      EXPECT_GT(p.value.abs().max().item<double>(), 0.5 * bound) << p.name;
    }
  }
  // These numbers are what every machine must see: products and sums of base::Random's integers, rounded to
  // float.
  const float* first = a.parameters().flat().data_ptr<float>();
  base::Random random{7, 0x77656967687473, 0};
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(first[i], static_cast<float>(std::sqrt(3.0) * (2 * random.uniform() - 1)));
}

TEST(Model, RefusesWhatDoesNotFit) {
  const auto with = [](auto change) {
    arch::ModelOptions c;
    change(c);
    return c;
  };
  EXPECT_THROW(recogniser(with([](auto& c) { c.width = 33; }), 2, 1), base::InputError);
  EXPECT_THROW(recogniser(with([](auto& c) { c.layers = 0; }), 2, 1), base::InputError);
  EXPECT_THROW(recogniser(with([](auto& c) { c.activation = "tanh"; }), 2, 1), base::InputError);
  EXPECT_THROW(recogniser(with([](auto& c) { c.positions = "absolute"; }), 2, 1), base::InputError);
  EXPECT_THROW(recogniser(with([](auto& c) { c.positions = "rotary", c.width = 12; }), 2, 1),
               base::InputError);
  EXPECT_THROW(recogniser(arch::ModelOptions{}, 0, 1), base::InputError);
  const Model learned =
      recogniser(with([](auto& c) { c.positions = "learned", c.max_positions = 5; }), kLetters, 1);
  EXPECT_NO_THROW(learned.forward(rows({{0, 1, 2, 0}})));
  EXPECT_THROW(learned.forward(rows({{0, 1, 2, 0, 1}})), base::InputError);
  const Model small = recogniser(arch::ModelOptions{}, 2, 1);
  EXPECT_THROW(small.forward(rows({{0, 1}})), std::invalid_argument);  // its EOS is 3, one too many
}

TEST(Pack, RefusesWhatDoesNotFit) {
  const std::vector<std::int32_t> tokens = {0, 1, 0, 1};
  const auto packed = [&](const std::vector<std::int64_t>& starts) { return pack(starts, tokens); };
  EXPECT_NO_THROW(packed({0, 2, 4}));
  EXPECT_THROW(packed({0, 2, 3}), std::invalid_argument);
  EXPECT_THROW(packed({0, 2, 5}), std::invalid_argument);
  EXPECT_THROW(packed({1, 2, 4}), std::invalid_argument);
  EXPECT_THROW(packed({}), std::invalid_argument);
  EXPECT_THROW(packed({0, 2, 2, 4}), std::invalid_argument);  // a sequence of no token
  EXPECT_THROW(packed({0, 3, 2, 4}), std::invalid_argument);
  // What is chosen must lie among the tokens.
  const std::vector<std::int64_t> falling = {0, 5, 4}, first = {0}, third = {2};
  EXPECT_THROW(pack(falling, tokens, first), std::invalid_argument);
  EXPECT_THROW(pack(falling, tokens, third), std::invalid_argument);
}

}  // namespace
}  // namespace yore::model
