// Attention layers that the conformance suite checks, and what each must give: the definition of math.md,
// one scalar at a time between plain sums. It reads the options by their names alone and shares nothing with
// the layer; rotary scalings and slopes are written from their publications (named in options.cc).
#include <algorithm>
#include <cmath>
#include <numbers>
#include <sstream>
#include <stdexcept>
#include <tuple>

#include "yore/mixers/conformance/layer_cases.h"

namespace yore::mixers {
namespace {

using base::Json;
using conformance::Complex;
using Numbers = std::vector<Complex>;

/// What the definition needs of the options.
struct Layer {
  int heads, kv_heads, head_width, sinks;
  std::vector<int> lookback;
  bool strict;
  double scale, soft_cap;
  std::string positions, rotary_style, rotary_scaling, qk_norm;
  double rotary_base, rotary_fraction, qk_norm_epsilon;
  std::string value_scale;
  double value_scale_sigma;

  explicit Layer(const Json& options) {
    Json left = options;
    const auto take = [&](const char* name, const auto& fallback) {
      auto value = left.value(name, fallback);
      left.erase(name);
      return value;
    };
    heads = take("heads", 0);
    kv_heads = take("kv_heads", heads);
    head_width = take("head_width", 0);
    lookback = take("lookback", std::vector<int>{});
    strict = take("strict", false);
    sinks = take("sinks", 0);
    scale = take("scale", 1 / std::sqrt(static_cast<double>(head_width)));
    soft_cap = take("soft_cap", 0.0);
    positions = take("positions", std::string("none"));
    rotary_base = take("rotary_base", 1e4);
    rotary_style = take("rotary_style", std::string("half"));
    rotary_fraction = take("rotary_fraction", 1.0);
    rotary_scaling = take("rotary_scaling", std::string("none"));
    qk_norm = take("qk_norm", std::string("none"));
    qk_norm_epsilon = take("qk_norm_epsilon", 1e-6);
    value_scale = take("value_scale", std::string("off"));
    value_scale_sigma = take("value_scale_sigma", 0.0);
    // The parameters tell whether these are there.
    for (const char* name : {"bias", "out_bias", "sink_logits"}) left.erase(name);
    if (!left.empty())
      throw std::logic_error("the reference of attention layers does not know " + left.dump());
  }
  int turned() const { return static_cast<int>(std::lround(rotary_fraction * head_width)); }
};

/// Radians a position by which pair c of rotary positions turns, and the factor on what is turned.
std::pair<double, double> attention_turn(const Layer& layer, int c) {
  const double frequency = std::pow(layer.rotary_base, -2.0 * c / layer.turned());
  std::istringstream text(layer.rotary_scaling);
  std::string kind, number;
  std::getline(text, kind, ':');
  std::vector<double> n;
  while (std::getline(text, number, ',')) n.push_back(std::stod(number));
  if (kind == "none") return {frequency, 1};
  const double slowed = frequency / n.at(0);
  if (kind == "linear") return {slowed, 1};
  if (kind == "llama3") {
    const double low = n.at(1), high = n.at(2), periods = n.at(3) * frequency / (2 * std::numbers::pi);
    const double kept = std::clamp((periods - low) / (high - low), 0.0, 1.0);
    return {(1 - kept) * slowed + kept * frequency, 1};
  }
  if (kind == "yarn") {
    const double original = n.at(1);
    const auto pair_that_turns = [&](double times) {
      return layer.turned() * std::log(original / (times * 2 * std::numbers::pi)) /
             (2 * std::log(layer.rotary_base));
    };
    const double first = std::max(0.0, std::floor(pair_that_turns(n.at(2))));
    const double last = std::min(layer.turned() - 1.0, std::ceil(pair_that_turns(n.at(3))));
    const double share = std::clamp((c - first) / (first == last ? 0.001 : last - first), 0.0, 1.0);
    return {share * slowed + (1 - share) * frequency, 0.1 * std::log(n[0]) + 1};
  }
  throw std::logic_error("the reference of attention layers does not know the scaling " +
                         layer.rotary_scaling);
}

std::size_t place(std::int64_t row, std::int64_t width, std::int64_t column) {
  return static_cast<std::size_t>(row * width + column);
}

/// x [rows, from] times weight [to, from] transposed, plus bias [to] if there is one.
Numbers attention_linear(const Numbers& x, const Numbers& weight, const Numbers* bias, std::int64_t rows,
                         std::int64_t from, std::int64_t to) {
  Numbers y(place(rows, to, 0));
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t o = 0; o < to; ++o) {
      Complex sum = bias == nullptr ? 0 : (*bias)[place(0, to, o)];
      for (std::int64_t i = 0; i < from; ++i) sum += weight[place(o, from, i)] * x[place(r, from, i)];
      y[place(r, to, o)] = sum;
    }
  return y;
}

/// One head's queries or keys [tokens, dim]: divided by their root mean square if they are normed, then each
/// pair of dims turned by its angle.
void prepare(Numbers& x, std::int64_t tokens, const Layer& layer, const Numbers* norm) {
  const int dim = layer.head_width, pairs = layer.positions == "rotary" ? layer.turned() / 2 : 0;
  for (std::int64_t t = 0; t < tokens; ++t) {
    Complex* row = &x[place(t, dim, 0)];
    if (norm != nullptr) {
      Complex mean = layer.qk_norm_epsilon;
      for (int d = 0; d < dim; ++d) mean += row[d] * row[d] / static_cast<double>(dim);
      for (int d = 0; d < dim; ++d)
        row[d] *= ((*norm)[place(0, dim, d)] + (layer.qk_norm == "rms" ? 0.0 : 1.0)) / std::sqrt(mean);
    }
    for (int c = 0; c < pairs; ++c) {
      const auto [speed, factor] = attention_turn(layer, c);
      const double cos = factor * std::cos(static_cast<double>(t) * speed);
      const double sin = factor * std::sin(static_cast<double>(t) * speed);
      const bool half = layer.rotary_style == "half";
      Complex &a = row[half ? c : 2 * c], &b = row[half ? c + pairs : 2 * c + 1];
      std::tie(a, b) = std::pair(a * cos - b * sin, a * sin + b * cos);
    }
  }
}

/// One key head's values [tokens, dim], each times r / (r + C). Of backward_only the complex step, which is
/// the derivative, is that of the scaled value, and the number that of the value itself.
void shrink(Numbers& v, std::int64_t tokens, std::int64_t width, const Layer& layer, Complex theta) {
  const int dim = layer.head_width;
  const double sigma =
      layer.value_scale_sigma > 0 ? layer.value_scale_sigma : 1 / std::sqrt(3.0 * static_cast<double>(width));
  const Complex constant = static_cast<double>(width) * dim * sigma * sigma * std::exp(theta);
  for (std::int64_t t = 0; t < tokens; ++t) {
    Complex r = 0;
    for (int d = 0; d < dim; ++d) r += v[place(t, dim, d)] * v[place(t, dim, d)];
    for (int d = 0; d < dim; ++d) {
      Complex& x = v[place(t, dim, d)];
      const Complex scaled = r / (r + constant) * x;
      x = layer.value_scale == "on" ? scaled : Complex(x.real(), scaled.imag());
    }
  }
}

/// ALiBi's slope of head h of `heads`: those of the largest power of two, then every second one of twice as
/// many.
double slope_of(int h, int heads) {
  int power = 1;
  while (2 * power <= heads) power *= 2;
  return h < power ? std::pow(2.0, -8.0 * (h + 1) / power)
                   : std::pow(2.0, -8.0 * (2 * (h - power) + 1) / (2 * power));
}

/// out [tokens, dim] of head h.
Numbers attend(const Layer& layer, int h, std::int64_t tokens, const Numbers& q, const Numbers& k,
               const Numbers& v, const Complex* sink_logit) {
  const int dim = layer.head_width, lookback = layer.lookback[static_cast<std::size_t>(h)];
  Numbers out(place(tokens, dim, 0));
  for (std::int64_t i = 0; i < tokens; ++i) {
    Complex total = sink_logit == nullptr ? 0 : std::exp(*sink_logit);
    Numbers sum(static_cast<std::size_t>(dim));
    for (std::int64_t j = 0; j <= i - (layer.strict ? 1 : 0); ++j) {
      if (lookback >= 0 && i - j > lookback && j >= layer.sinks) continue;
      Complex score = 0;
      for (int d = 0; d < dim; ++d) score += q[place(i, dim, d)] * k[place(j, dim, d)] * layer.scale;
      if (layer.soft_cap > 0) score = layer.soft_cap * std::tanh(score / layer.soft_cap);
      if (layer.positions == "alibi") score -= slope_of(h, layer.heads) * static_cast<double>(i - j);
      const Complex weight = std::exp(score);  // scores of the cases are small
      total += weight;
      for (int d = 0; d < dim; ++d) sum[place(0, dim, d)] += weight * v[place(j, dim, d)];
    }
    if (total == 0.0) continue;
    for (int d = 0; d < dim; ++d) out[place(i, dim, d)] = sum[place(0, dim, d)] / total;
  }
  return out;
}

Numbers attention_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  const Layer layer(setting.options);
  const std::int64_t tokens = input.tokens, dim = layer.head_width;
  const std::int64_t columns = (layer.heads + 2 * layer.kv_heads) * dim, mixed = layer.heads * dim;
  const auto find = [&](const char* name) {
    const auto found = input.parameters.find(name);
    return found == input.parameters.end() ? nullptr : &found->second;
  };
  const Numbers qkv = attention_linear(input.x, input.parameters.at("qkv.weight"), find("qkv.bias"), tokens,
                                       setting.width, columns);
  const auto head = [&](std::int64_t from) {
    Numbers x;
    for (std::int64_t t = 0; t < tokens; ++t)
      for (std::int64_t d = 0; d < dim; ++d) x.push_back(qkv[place(t, columns, from * dim + d)]);
    return x;
  };
  Numbers handed(place(tokens, mixed, 0));
  for (int h = 0; h < layer.heads; ++h) {
    const auto i = static_cast<std::size_t>(h);
    const int group = h / (layer.heads / layer.kv_heads);
    Numbers q = head(h), k = head(layer.heads + group);
    prepare(q, tokens, layer, find("q_norm.weight"));
    prepare(k, tokens, layer, find("k_norm.weight"));
    Numbers v = head(layer.heads + layer.kv_heads + group);
    const Numbers *theta = find("value_scale.theta"), *sink_logits = find("sink_logits");
    if (layer.value_scale != "off")
      shrink(v, tokens, setting.width, layer,
             theta == nullptr ? 0 : (*theta)[static_cast<std::size_t>(group)]);
    const Numbers out =
        attend(layer, h, tokens, q, k, v, sink_logits == nullptr ? nullptr : &(*sink_logits)[i]);
    for (std::int64_t t = 0; t < tokens; ++t)
      for (std::int64_t d = 0; d < dim; ++d)
        handed[place(t, mixed, h * dim + d)] =
            out[place(t, dim, d)] * (input.head_gates.empty() ? 1.0 : input.head_gates[i]);
  }
  return attention_linear(handed, input.parameters.at("out.weight"), find("out.bias"), tokens, mixed,
                          setting.width);
}

}  // namespace

conformance::LayerCases attention_layer_cases() {
  conformance::LayerCases list{{}, &attention_reference};
  for (const std::string positions : {"none", "rotary", "alibi"})
    for (const bool strict : {false, true}) {
      const auto add = [&](const std::string& name, const std::vector<int>& lookback, int head_width) {
        list.cases.push_back(
            {name + (strict ? ", strict" : "") + (positions == "none" ? "" : ", " + positions),
             {6,
              {{"heads", lookback.size()},
               {"head_width", head_width},
               {"lookback", lookback},
               {"strict", strict},
               {"positions", positions}}}});
      };
      add("one global head", {-1}, 4);
      add("1-local", {1, 1}, 2);
      add("hybrid", {-1, 1, 5, 2}, 2);
    }
  // Neither width nor head a power of two.
  list.cases.push_back({"odd widths", {5, {{"heads", 2}, {"head_width", 3}, {"lookback", {-1, 2}}}}});
  // What published models add, each alone (that a layer of heads, biases and turned queries takes it) and
  // together.
  const auto add = [&](const std::string& name, Json options) {
    options.update({{"heads", 4}, {"head_width", 4}});
    if (!options.contains("lookback")) options["lookback"] = {-1, 2, 5, 0};
    list.cases.push_back({name, {6, std::move(options)}});
  };
  add("grouped keys", {{"kv_heads", 2}});
  add("one key head, alibi", {{"kv_heads", 1}, {"positions", "alibi"}, {"lookback", {1, 3, 2, 0}}});
  add("no bias", {{"bias", false}});
  add("no bias at the output", {{"out_bias", false}, {"kv_heads", 2}});
  add("bias at the output alone", {{"bias", false}, {"out_bias", true}});
  add("normed", {{"qk_norm", "rms"}, {"qk_norm_epsilon", 1e-3}});
  add("normed by one plus", {{"qk_norm", "rms+1"}, {"qk_norm_epsilon", 1e-3}});
  add("scale", {{"scale", 0.9}, {"strict", true}});
  add("sinks", {{"sinks", 2}, {"lookback", {1, 3, 2, 0}}});
  add("sinks, rotary", {{"sinks", 3}, {"kv_heads", 2}, {"positions", "rotary"}});
  add("soft cap that bites", {{"soft_cap", 0.2}, {"lookback", {-1, 2, 12, 0}}});
  add("soft cap", {{"soft_cap", 20.0}, {"lookback", {-1, 2, 12, 0}}});
  add("soft cap, alibi, strict",
      {{"soft_cap", 0.5}, {"kv_heads", 2}, {"positions", "alibi"}, {"strict", true}});
  add("sink logits", {{"sink_logits", true}});
  add("sink logits, strict, rotary", {{"sink_logits", true}, {"strict", true}, {"positions", "rotary"}});
  add("rotary, adjacent", {{"positions", "rotary"}, {"rotary_base", 50.0}, {"rotary_style", "adjacent"}});
  add("rotary, half of the dims", {{"positions", "rotary"}, {"rotary_fraction", 0.5}});
  add("rotary, adjacent, half of the dims",
      {{"positions", "rotary"}, {"rotary_fraction", 0.5}, {"rotary_style", "adjacent"}, {"kv_heads", 2}});
  for (const char* scaling : {"linear:2", "llama3:4,1,4,16", "yarn:4,8"})
    add(std::string("rotary, ") + scaling, {{"positions", "rotary"}, {"rotary_scaling", scaling}});
  add("scaled values", {{"value_scale", "on"}});
  add("scaled values, grouped keys, sigma",
      {{"value_scale", "on"}, {"value_scale_sigma", 0.7}, {"kv_heads", 2}, {"sink_logits", true}});
  add("scaled values, rotary, strict", {{"value_scale", "on"}, {"positions", "rotary"}, {"strict", true}});
  add("values scaled backward only", {{"value_scale", "backward_only"}});
  add("values scaled backward only, one key head", {{"value_scale", "backward_only"}, {"kv_heads", 1}});
  add("a model's mixture", {{"kv_heads", 2},
                            {"positions", "rotary"},
                            {"bias", false},
                            {"qk_norm", "rms"},
                            {"sink_logits", true},
                            {"sinks", 1},
                            {"soft_cap", 1.0}});
  // Slopes of a number of heads that is no power of two.
  list.cases.push_back(
      {"three heads, alibi", {6, {{"heads", 3}, {"head_width", 2}, {"positions", "alibi"}}}});
  return list;
}

}  // namespace yore::mixers
