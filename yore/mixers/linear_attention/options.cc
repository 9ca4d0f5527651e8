#include "yore/mixers/linear_attention/options.h"

#include <fmt/format.h>

#include "yore/mixers/common/layer_options.h"

namespace yore::mixers {
namespace {

constexpr double kNormaliserEpsilon = 1e-10, kNormEpsilon = 1e-5;

}  // namespace

std::vector<base::OptionSpec> linear_attention_option_specs() {
  return {
      {"heads", 8, "Heads; each has a state of its own"},
      {"expand_k", 1.0, "Queries and keys of all heads, as a share of the width"},
      {"expand_v", 1.0, "Values of all heads, as a share of the width"},
      {"feature_map", "hadamard",
       "What queries and keys pass: hadamard (product of two learnt linear maps), identity, elu (elu + 1), "
       "relu"},
      {"tied_map", false, "Queries and keys pass the same learnt map"},
      {"q_norm", false, "The features of a query are divided by their sum + 1e-4"},
      {"k_norm", false, "The features of a key are divided by their sum + 1e-4"},
      {"normaliser", false, "Outputs are divided by the sum of the weights of all that was seen"},
      {"normaliser_epsilon", kNormaliserEpsilon, "Added to that sum"},
      {"output_norm", true,
       "Each head's output is divided by the root of its mean square, times learnt weights"},
      {"norm_epsilon", kNormEpsilon, "Added to that mean square"},
      {"scale", 0.0, "Factor on the queries; 0 = 1 / sqrt(key width of a head)"},
  };
}

base::Json complete_linear_attention_options(std::int64_t width, const base::Json& given) {
  LayerOptions o("linear_attention", given, linear_attention_option_specs());
  o.whole("heads", 1, 4096);
  const std::int64_t key = o.head_width(width, "heads", "expand_k"),
                     value = o.head_width(width, "heads", "expand_v");
  const std::int64_t most = scan::kMaxDim - (o.flag("normaliser") ? 1 : 0);
  o.require(key <= scan::kMaxDim, "expand_k", fmt::format("heads of at most {} keys", scan::kMaxDim));
  o.require(
      value <= most, "expand_v",
      fmt::format("heads of at most {} values{}", most, o.flag("normaliser") ? " with a normaliser" : ""));
  const std::string map = o.word("feature_map", {"hadamard", "identity", "elu", "relu"});
  o.require(!o.flag("tied_map") || map == "hadamard", "tied_map",
            fmt::format("false with feature_map={}, which learns nothing", map));
  const double part = o.number("normaliser_epsilon", "at least 0", [](double x) { return x >= 0; });
  o.require(o.flag("normaliser") || part == kNormaliserEpsilon, "normaliser_epsilon",
            "1e-10 with normaliser=false, which has no use for it");
  const double norm = o.number("norm_epsilon", "more than 0", [](double x) { return x > 0; });
  o.require(o.flag("output_norm") || norm == kNormEpsilon, "norm_epsilon",
            "1e-5 with output_norm=false, which has no use for it");
  o.key_scale(key);
  return o.json;
}

LinearAttentionOptions read_linear_attention_options(const MixerSetting& setting) {
  LayerOptions o("linear_attention", complete_linear_attention_options(setting.width, setting.options),
                 linear_attention_option_specs());
  LinearAttentionOptions read;
  const auto map = o.json["feature_map"].get<std::string>();
  read.map = map == "identity" ? FeatureMap::Identity
             : map == "elu"    ? FeatureMap::Elu
             : map == "relu"   ? FeatureMap::Relu
                               : FeatureMap::Hadamard;
  read.tied_map = o.flag("tied_map");
  read.q_norm = o.flag("q_norm");
  read.k_norm = o.flag("k_norm");
  read.normaliser = o.flag("normaliser");
  read.normaliser_epsilon = o.json["normaliser_epsilon"].get<double>();
  read.output_norm = o.flag("output_norm");
  read.norm_epsilon = o.json["norm_epsilon"].get<double>();
  read.value = o.head_width(setting.width, "heads", "expand_v");
  read.scan.heads = read.scan.key_heads = o.json["heads"].get<int>();
  read.scan.key_dim = static_cast<int>(o.head_width(setting.width, "heads", "expand_k"));
  read.scan.value_dim = static_cast<int>(read.value) + (read.normaliser ? 1 : 0);
  read.scan.scale = o.json["scale"].get<double>();
  return read;
}

}  // namespace yore::mixers
