// Layers of linear attention that the conformance suite checks, and what each must give: math.md, one scalar
// at a time, reading the options by their names alone.
#include <cmath>
#include <stdexcept>

#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/reference_parts.h"
#include "yore/mixers/linear_attention/ref.h"

namespace yore::mixers {
namespace {

using base::Json;
using conformance::Complex;
using namespace conformance::parts;

/// The features of x [tokens, key]: `weight` [2 key, key] and `bias` [2 key] belong to the learnt map.
Numbers features(const std::string& map, const Numbers& x, const Numbers& weight, const Numbers& bias,
                 std::size_t tokens, std::size_t key, bool normed) {
  Numbers y = x;
  if (map == "elu")
    y = each(x, [](Complex z) { return z.real() > 0 ? z + 1.0 : std::exp(z); });
  else if (map == "relu")
    y = each(x, [](Complex z) { return z.real() > 0 ? z : Complex(0); });
  else if (map == "hadamard") {
    const Numbers both = linear(x, weight, &bias, tokens, key, 2 * key);
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t i = 0; i < key; ++i)
        y[t * key + i] = both[t * 2 * key + i] * both[t * 2 * key + key + i];
  } else if (map != "identity")
    throw std::logic_error("the reference of linear_attention layers does not know the map " + map);
  for (std::size_t t = 0; normed && t < tokens; ++t) {
    Complex sum = 1e-4;
    for (std::size_t i = 0; i < key; ++i) sum += y[t * key + i];
    for (std::size_t i = 0; i < key; ++i) y[t * key + i] /= sum;
  }
  return y;
}

Numbers linear_attention_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  Options o(setting.options);
  const auto heads = o.take<std::size_t>("heads");
  const auto width = static_cast<std::size_t>(setting.width), tokens = static_cast<std::size_t>(input.tokens);
  const std::size_t key = per_head(width, o.take<double>("expand_k"), heads);
  const std::size_t value = per_head(width, o.take<double>("expand_v"), heads);
  const auto map = o.take<std::string>("feature_map");
  const bool tied = o.take<bool>("tied_map"), q_norm = o.take<bool>("q_norm"),
             k_norm = o.take<bool>("k_norm");
  const bool normaliser = o.take<bool>("normaliser"), output_norm = o.take<bool>("output_norm");
  const auto part = o.take<double>("normaliser_epsilon"), epsilon = o.take<double>("norm_epsilon");
  const auto scale = o.take<double>("scale");
  o.done("linear_attention");
  const auto& parameters = input.parameters;

  const std::size_t keys = heads * key, values = heads * value, columns_of_all = 2 * keys + values;
  const Numbers qkv = linear(input.x, parameters.at("qkv.weight"), nullptr, tokens, width, columns_of_all);
  const auto learnt = [&](const std::string& of, const std::string& what) {
    return map == "hadamard" ? parameters.at((tied ? "" : of) + "map." + what) : Numbers();
  };

  Numbers handed(tokens * values);
  for (std::size_t h = 0; h < heads; ++h) {
    const Numbers q = features(map, columns(qkv, tokens, columns_of_all, h * key, key),
                               learnt("q_", "weight"), learnt("q_", "bias"), tokens, key, q_norm);
    const Numbers k = features(map, columns(qkv, tokens, columns_of_all, keys + h * key, key),
                               learnt("k_", "weight"), learnt("k_", "bias"), tokens, key, k_norm);
    Numbers state(key * value);
    Numbers y = ref::linear_attention(
        key, value, scale, q, k, columns(qkv, tokens, columns_of_all, 2 * keys + h * value, value), state);
    if (normaliser) ref::normalise(key, value, scale, part, q, k, y);
    if (output_norm) y = rms_norm(y, parameters.at("out_norm.weight"), epsilon);
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t j = 0; j < value; ++j)
        handed[t * values + h * value + j] =
            y[t * value + j] * (input.head_gates.empty() ? 1.0 : input.head_gates[h]);
  }
  return linear(handed, parameters.at("out.weight"), nullptr, tokens, values, width);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases linear_attention_layer_cases() {
  conformance::LayerCases list{{}, &linear_attention_reference};
  const auto add = [&](const std::string& name, std::int64_t width, Json options) {
    list.cases.push_back({name, {width, std::move(options)}});
  };
  add("as published", 8, {{"heads", 2}});
  add("tied map", 6, {{"heads", 2}, {"tied_map", true}});
  add("identity", 8, {{"heads", 2}, {"feature_map", "identity"}});
  add("identity, no norm", 6, {{"heads", 1}, {"feature_map", "identity"}, {"output_norm", false}});
  add("relu", 8, {{"heads", 2}, {"feature_map", "relu"}});
  add("elu", 6, {{"heads", 3}, {"feature_map", "elu"}, {"expand_k", 1.5}, {"expand_v", 0.5}});
  // Katharopoulos et al.: a weighted mean and nothing else.
  add("elu, normaliser, no norm", 8,
      {{"heads", 2}, {"feature_map", "elu"}, {"normaliser", true}, {"output_norm", false}});
  add("elu, normaliser, norms", 8,
      {{"heads", 2}, {"feature_map", "elu"}, {"normaliser", true}, {"q_norm", true}, {"k_norm", true}});
  // Where a query and all keys so far have no feature in common the sum of weights is 0.
  add("relu, normaliser", 8,
      {{"heads", 2}, {"feature_map", "relu"}, {"normaliser", true}, {"normaliser_epsilon", 0.1}});
  add("other constants", 8, {{"heads", 2}, {"norm_epsilon", 0.01}, {"scale", 0.9}});
  return list;
}

}  // namespace yore::mixers
