// The options of a layer of linear attention, read once, without torch.
#pragma once
#include "yore/mixers/common/scan.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

/// What queries and keys pass before they meet (math.md).
enum class FeatureMap { Identity, Elu, Relu, Hadamard };

struct LinearAttentionOptions {
  scan::Setting scan;      ///< heads, widths, scale; with a normaliser one column more than `value`
  std::int64_t value = 1;  ///< values of a head
  FeatureMap map = FeatureMap::Hadamard;
  bool tied_map = false;                ///< whether queries and keys pass the same learnt map
  bool q_norm = false, k_norm = false;  ///< whether features are divided by their sum
  bool normaliser = false;
  double normaliser_epsilon = 1e-10;
  bool output_norm = true;
  double norm_epsilon = 1e-5;
  /// Widths of all heads together.
  std::int64_t keys() const { return std::int64_t{scan.heads} * scan.key_dim; }
  std::int64_t values() const { return scan.heads * value; }
};

std::vector<base::OptionSpec> linear_attention_option_specs();
base::Json complete_linear_attention_options(std::int64_t width, const base::Json& given);
/// Of complete options.
LinearAttentionOptions read_linear_attention_options(const MixerSetting& setting);

}  // namespace yore::mixers
