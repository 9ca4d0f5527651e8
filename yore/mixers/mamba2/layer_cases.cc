// Layers of Mamba-2 that the conformance suite checks, and what each must give: math.md, one scalar at a
// time, reading the options by their names alone.
#include <algorithm>
#include <cmath>

#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/reference_parts.h"
#include "yore/mixers/mamba2/ref.h"

namespace yore::mixers {
namespace {

using base::Json;
using conformance::Complex;
using namespace conformance::parts;

/// Rows [tokens, inner] in parts of `part` numbers, each divided by its size; weights [inner].
Numbers normed(const Numbers& y, const Numbers& weights, std::size_t part, double epsilon) {
  Numbers z(y.size());
  for (std::size_t first = 0; first < y.size(); first += part) {
    const std::size_t channel = first % weights.size();
    const auto at = [](const Numbers& x, std::size_t from, std::size_t count) {
      return Numbers(x.begin() + static_cast<std::ptrdiff_t>(from),
                     x.begin() + static_cast<std::ptrdiff_t>(from + count));
    };
    const Numbers its = rms_norm(at(y, first, part), at(weights, channel, part), epsilon);
    std::copy(its.begin(), its.end(), z.begin() + static_cast<std::ptrdiff_t>(first));
  }
  return z;
}

Numbers mamba2_reference(const MixerSetting& setting, const conformance::LayerInput& input) {
  Options o(setting.options);
  const auto heads = o.take<std::size_t>("heads"), values = o.take<std::size_t>("head_width"),
             state = o.take<std::size_t>("state"), groups = o.take<std::size_t>("groups"),
             conv = o.take<std::size_t>("conv");
  const auto expand = o.take<double>("expand");
  const bool conv_bias = o.take<bool>("conv_bias"), bias = o.take<bool>("bias");
  const bool per_channel = o.take<bool>("skip_per_channel"), before = o.take<bool>("norm_before_gate");
  const auto least = o.take<double>("dt_least"), most = o.take<double>("dt_most"),
             epsilon = o.take<double>("norm_epsilon");
  const auto norm = o.take<std::string>("norm");
  const bool strict = o.take_or("strict_read", false);
  for (const char* start : {"a_min", "a_max", "dt_min", "dt_max"}) o.take<double>(start);
  o.done("mamba2");
  const auto width = static_cast<std::size_t>(setting.width), tokens = static_cast<std::size_t>(input.tokens);
  const std::size_t inner = per_head(width, expand, 1), channels = inner + 2 * groups * state,
                    all = inner + channels + heads;
  const auto parameter = [&](const char* name) -> const Numbers& { return input.parameters.at(name); };

  const Numbers in =
      linear(input.x, parameter("in.weight"), bias ? &parameter("in.bias") : nullptr, tokens, width, all);
  Numbers gate = each(columns(in, tokens, all, 0, inner), silu);
  Numbers xbc = columns(in, tokens, all, inner, channels);
  if (conv > 0)
    xbc = each(causal_conv(xbc, parameter("conv.weight"), conv_bias ? &parameter("conv.bias") : nullptr,
                           tokens, channels, conv),
               silu);

  Numbers y(tokens * inner);
  for (std::size_t h = 0; h < heads; ++h) {
    const std::size_t group = h / (heads / groups);
    const Numbers x = columns(xbc, tokens, channels, h * values, values),
                  b = columns(xbc, tokens, channels, inner + group * state, state),
                  c = columns(xbc, tokens, channels, inner + (groups + group) * state, state);
    Numbers step = columns(in, tokens, all, inner + channels + h, 1), log_decay;
    for (Complex& z : step) {
      z = std::log(1.0 + std::exp(z + parameter("dt.bias")[h]));
      if (z.real() < least) z = least;
      if (most > 0 && z.real() > most) z = most;
      log_decay.push_back(-std::exp(parameter("a_log")[h]) * z);
    }
    Numbers remembered(state * values);
    const auto written = [&](const Numbers& numbers, std::size_t each) {
      return strict ? a_row_later(numbers, each) : numbers;
    };
    const Numbers read = ref::mamba2(state, values, c, written(b, state), written(x, values),
                                     written(step, 1), written(log_decay, 1), remembered);
    for (std::size_t t = 0; t < tokens; ++t)
      for (std::size_t j = 0; j < values; ++j) {
        const Complex skip = parameter("skip")[per_channel ? h * values + j : h];
        y[t * inner + h * values + j] = read[t * values + j] + skip * x[t * values + j];
      }
  }

  const auto pass_gate = [&] {
    for (std::size_t i = 0; i < y.size(); ++i) y[i] *= gate[i];
  };
  if (!before) pass_gate();
  if (norm != "none")
    y = normed(y, parameter("out_norm.weight"), norm == "whole" ? inner : inner / groups, epsilon);
  if (before) pass_gate();
  if (!input.head_gates.empty())
    for (std::size_t i = 0; i < y.size(); ++i) y[i] *= input.head_gates[i % inner / values];
  return linear(y, parameter("out.weight"), bias ? &parameter("out.bias") : nullptr, tokens, inner, width);
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
conformance::LayerCases mamba2_layer_cases() {
  conformance::LayerCases list{{}, &mamba2_reference};
  const auto add = [&](const std::string& name, std::int64_t width, std::int64_t head, std::int64_t state,
                       Json more) {
    more["head_width"] = head;
    more["state"] = state;
    list.cases.push_back({name, {width, std::move(more)}});
  };
  add("as published", 6, 4, 5, Json::object());
  add("one head", 4, 8, 3, Json::object());
  add("groups", 6, 3, 4, {{"groups", 2}});
  add("groups, one norm", 6, 3, 4, {{"groups", 2}, {"norm", "whole"}});
  add("groups, norm before the gate", 6, 3, 4, {{"groups", 2}, {"norm_before_gate", true}});
  add("no norm", 6, 4, 5, {{"norm", "none"}});
  add("no convolution", 6, 4, 5, {{"conv", 0}});
  add("convolution of two without bias", 6, 4, 5, {{"conv", 2}, {"conv_bias", false}});
  add("biases", 6, 4, 5, {{"bias", true}, {"skip_per_channel", true}});
  add("steps within limits", 6, 4, 5, {{"dt_least", 0.5}, {"dt_most", 0.9}});
  add("other constants", 6, 3, 5, {{"expand", 1.5}, {"norm_epsilon", 0.01}});
  add("strict read", 6, 4, 5, {{"strict_read", true}});
  add("strict read, groups, no convolution", 6, 3, 4, {{"strict_read", true}, {"groups", 2}, {"conv", 0}});
  return list;
}

}  // namespace yore::mixers
