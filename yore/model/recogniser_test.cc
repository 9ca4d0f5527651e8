#include "yore/model/recogniser.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/mixers/attention/ref.h"

namespace yore::model {
namespace {

using Word = std::vector<std::int32_t>;

constexpr int kLetters = 3;

/// Rows of words with `extra` more columns than they need, filled with `filler` after each EOS.
Input rows(const std::vector<Word>& words, std::size_t extra = 0, std::int32_t filler = kLetters) {
  std::size_t length = 0;
  for (const Word& w : words) length = std::max(length, w.size() + 1 + extra);
  std::vector<std::int32_t> tokens, eos;
  for (const Word& w : words) {
    tokens.insert(tokens.end(), w.begin(), w.end());
    tokens.push_back(kLetters);
    tokens.insert(tokens.end(), length - w.size() - 1, filler);
    eos.push_back(static_cast<std::int32_t>(w.size()));
  }
  return pack(tokens, eos, static_cast<std::int64_t>(length));
}

std::vector<Word> some_words() {
  return {{0, 1, 2, 2, 1}, {}, {2}, {1, 1, 0, 2, 0, 0, 1, 2, 1, 0, 0}, {0, 1}};
}

/// Every combination of what a block can be made of, small.
std::vector<runs::ModelConfig> configurations() {
  std::vector<runs::ModelConfig> list;
  for (const char* positions : {"none", "sinusoidal", "rotary", "alibi", "learned"})
    for (const char* norm : {"layer", "rms"})
      for (const char* place : {"pre", "post"})
        for (const char* activation : {"relu", "gelu"})
          for (bool strict : {true, false}) {
            runs::ModelConfig c;
            c.attention = "hybrid/1*local:2+1*global";
            c.strict = strict;
            c.layers = 2;
            c.width = 8;
            c.heads = 2;
            c.mlp_width = 12;
            c.activation = activation;
            c.norm = norm;
            c.norm_place = place;
            c.positions = positions;
            c.max_positions = 16;
            list.push_back(c);
          }
  // Heads wider and narrower than their share, no norm.
  for (int head_width : {6, 2})
    for (const char* norm : {"rms", "none"}) {
      runs::ModelConfig c = list.back();
      c.norm = norm;
      c.head_width = head_width;
      for (const char* positions : {"none", "rotary"}) {
        c.positions = positions;
        list.push_back(c);
      }
    }
  return list;
}

std::string title(const runs::ModelConfig& c) {
  return c.positions + " " + c.norm + " " + c.norm_place + " " + c.activation +
         (c.strict ? " strict" : " inclusive") + " " + std::to_string(c.head_width);
}

/// The definition spelled out, one word and one number at a time, in double and without the shortcut of the
/// last layer.
class Plain {
 public:
  explicit Plain(const Recogniser& model) : c_(model.config()) {
    for (const Parameter& p : model.parameters().all()) {
      const at::Tensor value = p.value.detach().contiguous();
      named_[p.name] = {value.data_ptr<double>(), value.data_ptr<double>() + value.numel()};
    }
  }

  double logit(const Word& word) const {
    Word tokens = word;
    tokens.push_back(kLetters);
    const int length = static_cast<int>(tokens.size()), width = c_.width;
    Rows x(tokens.size());
    for (int t = 0; t < length; ++t)
      for (int c = 0; c < width; ++c) x[idx(t)].push_back(embedding(tokens[idx(t)], t, c));
    const auto kinds = runs::parse_attention(c_.attention, c_.layers, c_.heads);
    for (int l = 0; l < c_.layers; ++l) {
      const std::string at = "layers." + std::to_string(l) + ".";
      const bool pre = c_.norm_place == "pre";
      Rows mixed = attention(at, pre ? norm(at + "attention.norm", x) : x, kinds[idx(l)].lookback);
      x = add(x, mixed);
      if (!pre) x = norm(at + "attention.norm", x);
      Rows hidden = linear(at + "mlp.up", pre ? norm(at + "mlp.norm", x) : x);
      for (auto& row : hidden)
        for (double& h : row)
          h = c_.activation == "relu" ? std::max(0.0, h) : 0.5 * h * (1 + std::erf(h / std::sqrt(2.0)));
      x = add(x, linear(at + "mlp.down", hidden));
      if (!pre) x = norm(at + "mlp.norm", x);
    }
    if (c_.norm_place == "pre") x = norm("final_norm", x);
    return linear("read_out", x).back()[0];
  }

 private:
  using Rows = std::vector<std::vector<double>>;
  static std::size_t idx(int i) { return static_cast<std::size_t>(i); }

  double embedding(std::int32_t token, int t, int c) const {
    double value = named_.at("embedding.weight")[idx(token * c_.width + c)];
    if (c_.positions == "learned") value += named_.at("positions.weight")[idx(t * c_.width + c)];
    if (c_.positions == "sinusoidal") {
      const double angle = t / std::pow(10000.0, (c - c % 2) / static_cast<double>(c_.width));
      value += c % 2 == 0 ? std::sin(angle) : std::cos(angle);
    }
    return value;
  }

  static Rows add(Rows a, const Rows& b) {
    for (std::size_t t = 0; t < a.size(); ++t)
      for (std::size_t c = 0; c < a[t].size(); ++c) a[t][c] += b[t][c];
    return a;
  }

  Rows linear(const std::string& name, const Rows& x) const {
    const auto& weight = named_.at(name + ".weight");
    const auto& bias = named_.at(name + ".bias");
    Rows out;
    for (const auto& row : x) {
      std::vector<double> y = bias;
      for (std::size_t o = 0; o < y.size(); ++o)
        for (std::size_t c = 0; c < row.size(); ++c) y[o] += weight[o * row.size() + c] * row[c];
      out.push_back(y);
    }
    return out;
  }

  Rows norm(const std::string& name, Rows x) const {
    if (c_.norm == "none") return x;
    const auto& weight = named_.at(name + ".weight");
    for (auto& row : x) {
      const double n = static_cast<double>(row.size());
      double mean = 0, square = 0;
      for (double v : row) mean += v / n;
      if (c_.norm == "rms") mean = 0;
      for (double v : row) square += (v - mean) * (v - mean) / n;
      for (std::size_t c = 0; c < row.size(); ++c) {
        row[c] = (row[c] - mean) / std::sqrt(square + 1e-5) * weight[c];
        if (c_.norm == "layer") row[c] += named_.at(name + ".bias")[c];
      }
    }
    return x;
  }

  Rows attention(const std::string& at, const Rows& x, const std::vector<int>& lookback) const {
    const int length = static_cast<int>(x.size()),
              dim = c_.head_width > 0 ? c_.head_width : c_.width / c_.heads;
    const int mixed_width = c_.heads * dim;
    const Rows qkv = linear(at + "attention.qkv", x);
    Rows out(x.size(), std::vector<double>(idx(mixed_width)));
    for (int h = 0; h < c_.heads; ++h) {
      std::vector<double> part[3];
      for (int which = 0; which < 3; ++which)
        for (int t = 0; t < length; ++t)
          for (int d = 0; d < dim; ++d) {
            const auto value = [&](int e) { return qkv[idx(t)][idx(which * mixed_width + h * dim + e)]; };
            double turned = value(d);
            if (c_.positions == "rotary" && which < 2) {
              const int half = dim / 2, pair = d < half ? d : d - half;
              const double angle = t / std::pow(10000.0, 2.0 * pair / dim);
              turned = d < half ? value(pair) * std::cos(angle) - value(pair + half) * std::sin(angle)
                                : value(pair) * std::sin(angle) + value(pair + half) * std::cos(angle);
            }
            part[which].push_back(turned);
          }
      const double slope = c_.positions == "alibi" ? std::pow(2.0, -8.0 * (h + 1) / c_.heads) : 0;
      const mixers::ref::Head head{
          length, length, dim, dim, lookback[idx(h)], c_.strict, 0, 1 / std::sqrt(static_cast<double>(dim)),
          slope};
      const auto mixed = mixers::ref::attention(part[0], part[1], part[2], head);
      for (int t = 0; t < length; ++t)
        for (int d = 0; d < dim; ++d) out[idx(t)][idx(h * dim + d)] = mixed[idx(t * dim + d)];
    }
    return linear(at + "attention.out", out);
  }

  runs::ModelConfig c_;
  std::map<std::string, std::vector<double>> named_;
};

/// Moves every parameter off its start, so that zeros and ones hide nothing.
void shake(const Recogniser& model) {
  base::Random random(99);
  double* x = model.parameters().flat().data_ptr<double>();
  for (std::int64_t i = 0; i < model.parameters().size(); ++i) x[i] += 0.3 * (2 * random.uniform() - 1);
}

TEST(Recogniser, EqualsItsDefinition) {
  for (const runs::ModelConfig& c : configurations()) {
    const Recogniser model(c, kLetters, 5, at::kDouble);
    shake(model);
    const Plain plain(model);
    const at::Tensor got = model.forward(rows(some_words()));
    for (std::size_t b = 0; b < some_words().size(); ++b) {
      const double expected = plain.logit(some_words()[b]);
      // Some 1e3 roundings on numbers below 1e2, and norms that may divide by 1e-1: 1e-16 * 1e3 * 1e2 * 1e1.
      EXPECT_NEAR(got[static_cast<std::int64_t>(b)].item<double>(), expected, 1e-10)
          << title(c) << " word " << b;
    }
  }
}

TEST(Recogniser, GradientsEqualDifferences) {
  for (const runs::ModelConfig& c : configurations()) {
    if (c.activation == "relu") continue;  // a kink under the step would be no fault
    const Recogniser model(c, kLetters, 5, at::kDouble);
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

TEST(Recogniser, PaddingChangesNothing) {
  for (const runs::ModelConfig& c : configurations()) {
    const Recogniser model(c, kLetters, 5);
    const at::Tensor plain = model.forward(rows(some_words()));
    EXPECT_TRUE(at::isfinite(plain).all().item<bool>()) << title(c);
    for (std::int32_t filler : {0, 2, kLetters})
      EXPECT_TRUE(at::equal(plain, model.forward(rows(some_words(), 7, filler)))) << title(c);
  }
}

TEST(Recogniser, WordsAreIndependentOfTheirBatch) {
  for (const runs::ModelConfig& c : configurations()) {
    const Recogniser model(c, kLetters, 5, at::kDouble);
    const at::Tensor together = model.forward(rows(some_words()));
    for (std::size_t b = 0; b < some_words().size(); ++b)
      EXPECT_NEAR(together[static_cast<std::int64_t>(b)].item<double>(),
                  model.forward(rows({some_words()[b]}))[0].item<double>(), 1e-12)
          << title(c);
  }
}

TEST(Recogniser, LocalLayersSeeOnlyTheirReach) {
  runs::ModelConfig c;
  c.attention = "local:2";
  c.layers = 2;
  const Recogniser model(c, kLetters, 5);
  const Word word = {0, 1, 2, 0, 1, 2, 0, 1};
  const at::Tensor plain = model.forward(rows({word}));
  for (std::size_t t = 0; t < word.size(); ++t) {
    Word other = word;
    other[t] = (other[t] + 1) % kLetters;
    const bool same = at::equal(plain, model.forward(rows({other})));
    EXPECT_EQ(same, word.size() - t > 4) << "letter " << t;  // 2 layers of 2 letters each
  }
}

TEST(Recogniser, WeightsAreNamedBySeedAlone) {
  runs::ModelConfig c;
  const Recogniser a(c, 2, 7), b(c, 2, 7), other(c, 2, 8);
  EXPECT_TRUE(at::equal(a.parameters().flat(), b.parameters().flat()));
  EXPECT_FALSE(at::equal(a.parameters().flat(), other.parameters().flat()));
  for (const Parameter& p : a.parameters().all()) {
    const double bound =
        p.start == Start::Unit ? std::sqrt(3.0) : 1 / std::sqrt(static_cast<double>(p.shape.back()));
    if (p.start == Start::FanIn || p.start == Start::Unit) {
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

TEST(Recogniser, RefusesWhatDoesNotFit) {
  const auto with = [](auto change) {
    runs::ModelConfig c;
    change(c);
    return c;
  };
  EXPECT_THROW(Recogniser(with([](auto& c) { c.width = 33; }), 2, 1), base::InputError);
  EXPECT_THROW(Recogniser(with([](auto& c) { c.layers = 0; }), 2, 1), base::InputError);
  EXPECT_THROW(Recogniser(with([](auto& c) { c.activation = "tanh"; }), 2, 1), base::InputError);
  EXPECT_THROW(Recogniser(with([](auto& c) { c.positions = "absolute"; }), 2, 1), base::InputError);
  EXPECT_THROW(Recogniser(with([](auto& c) { c.positions = "rotary", c.width = 12; }), 2, 1),
               base::InputError);
  EXPECT_THROW(Recogniser(runs::ModelConfig{}, 0, 1), base::InputError);
  const Recogniser learned(with([](auto& c) { c.positions = "learned", c.max_positions = 5; }), kLetters, 1);
  EXPECT_NO_THROW(learned.forward(rows({{0, 1, 2, 0}})));
  EXPECT_THROW(learned.forward(rows({{0, 1, 2, 0, 1}})), base::InputError);
  const Recogniser small(runs::ModelConfig{}, 2, 1);
  EXPECT_THROW(small.forward(rows({{0, 1}})), std::invalid_argument);  // its EOS is 3, one too many
}

TEST(Pack, RefusesWhatDoesNotFit) {
  const std::vector<std::int32_t> tokens = {0, 1, 0, 1}, eos = {1, 1}, outside = {1, 2};
  EXPECT_NO_THROW(pack(tokens, eos, 2));
  EXPECT_THROW(pack(tokens, eos, 3), std::invalid_argument);
  EXPECT_THROW(pack(tokens, outside, 2), std::invalid_argument);
}

}  // namespace
}  // namespace yore::model
