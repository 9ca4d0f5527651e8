// Attention layers that the conformance suite checks, and what each must give: the definition as a program
// (ref.h) between plain sums, options read from their names alone.
#include <cmath>
#include <limits>
#include <stdexcept>
#include <tuple>

#include "yore/mixers/attention/ref.h"
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
  double scale;
  std::string positions, rotary_style, qk_norm;
  double rotary_base, rotary_fraction, qk_norm_epsilon;

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
    positions = take("positions", std::string("none"));
    rotary_base = take("rotary_base", 1e4);
    rotary_style = take("rotary_style", std::string("half"));
    rotary_fraction = take("rotary_fraction", 1.0);
    qk_norm = take("qk_norm", std::string("none"));
    qk_norm_epsilon = take("qk_norm_epsilon", 1e-6);
    // The parameters tell whether these are there.
    for (const char* name : {"bias", "out_bias", "sink_logits"}) left.erase(name);
    for (const auto& [name, none] :
         {std::pair{"rotary_scaling", Json("none")}, std::pair{"soft_cap", Json(0.0)}})
      if (left.contains(name) && left[name] == none) left.erase(name);
    if (!left.empty())
      throw std::logic_error("the reference of attention layers does not know " + left.dump());
  }
};

std::size_t place(std::int64_t row, std::int64_t width, std::int64_t column) {
  return static_cast<std::size_t>(row * width + column);
}

/// x [rows, from] times weight [to, from] transposed, plus bias [to] if there is one.
Numbers linear(const Numbers& x, const Numbers& weight, const Numbers* bias, std::int64_t rows,
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
  const int dim = layer.head_width, turned = static_cast<int>(std::lround(layer.rotary_fraction * dim));
  for (std::int64_t t = 0; t < tokens; ++t) {
    Complex* row = &x[place(t, dim, 0)];
    if (norm != nullptr) {
      Complex mean = layer.qk_norm_epsilon;
      for (int d = 0; d < dim; ++d) mean += row[d] * row[d] / static_cast<double>(dim);
      for (int d = 0; d < dim; ++d)
        row[d] *=
            ((*norm)[static_cast<std::size_t>(d)] + (layer.qk_norm == "rms" ? 0.0 : 1.0)) / std::sqrt(mean);
    }
    if (layer.positions != "rotary") continue;
    for (int c = 0; c < turned / 2; ++c) {
      const double angle = static_cast<double>(t) / std::pow(layer.rotary_base, 2.0 * c / turned);
      Complex& a = layer.rotary_style == "half" ? row[c] : row[2 * c];
      Complex& b = layer.rotary_style == "half" ? row[c + turned / 2] : row[2 * c + 1];
      std::tie(a, b) =
          std::pair(a * std::cos(angle) - b * std::sin(angle), a * std::sin(angle) + b * std::cos(angle));
    }
  }
}

/// ALiBi's slope of head h = 0 .. heads - 1, heads a power of two.
double slope_of(int h, int heads) {
  if ((heads & (heads - 1)) != 0) throw std::logic_error("the reference knows slopes of 2^n heads only");
  return std::pow(2.0, -8.0 * (h + 1) / heads);
}

Numbers reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  const Layer layer(setting.options);
  const std::int64_t tokens = input.tokens, dim = layer.head_width;
  const std::int64_t columns = (layer.heads + 2 * layer.kv_heads) * dim, mixed = layer.heads * dim;
  const auto find = [&](const char* name) {
    const auto found = input.parameters.find(name);
    return found == input.parameters.end() ? nullptr : &found->second;
  };
  const Numbers qkv =
      linear(input.x, input.parameters.at("qkv.weight"), find("qkv.bias"), tokens, setting.width, columns);
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
    ref::Head sees;
    sees.queries = sees.keys = static_cast<int>(tokens);
    sees.dim = sees.value_dim = layer.head_width;
    sees.lookback = layer.lookback[i];
    sees.strict = layer.strict;
    sees.sinks = layer.sinks;
    sees.scale = layer.scale;
    sees.slope = layer.positions == "alibi" ? slope_of(h, layer.heads) : 0;
    const Numbers* sink_logits = find("sink_logits");
    const Numbers out = ref::attention(q, k, head(layer.heads + layer.kv_heads + group), sees,
                                       sink_logits == nullptr ? nullptr : &(*sink_logits)[i]);
    for (std::int64_t t = 0; t < tokens; ++t)
      for (std::int64_t d = 0; d < dim; ++d)
        handed[place(t, mixed, h * dim + d)] =
            out[place(t, dim, d)] * (input.head_gates.empty() ? 1.0 : input.head_gates[i]);
  }
  return linear(handed, input.parameters.at("out.weight"), find("out.bias"), tokens, mixed, setting.width);
}

}  // namespace

conformance::LayerCases attention_layer_cases() {
  conformance::LayerCases list{{}, &reference};
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
  return list;
}

}  // namespace yore::mixers
