// The options that layers of slots share, without torch.
#pragma once
#include <string>
#include <vector>

#include "yore/mixers/common/layer_options.h"
#include "yore/mixers/common/slots.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

/// What differs between mechanisms: the published maps.
struct SlotDefaults {
  std::string feature_map = "none";  ///< of queries and keys
  std::string value_map = "none";
  std::string output_map = "none";
};

/// A layer of slots as its options say.
struct SlotLayer {
  slots::Setting slots;
  std::string feature_map, value_map, output_map;  ///< none or silu
  std::string norm;                                ///< none, head or layer
  double norm_epsilon = 1e-5;
  bool output_gate = false;
  std::int64_t conv = 0;
  /// Widths of all heads together.
  std::int64_t keys() const { return std::int64_t{slots.heads} * slots.key_dim; }
  std::int64_t values() const { return std::int64_t{slots.heads} * slots.value_dim; }
  std::int64_t channels() const { return 2 * keys() + values(); }
};

std::vector<base::OptionSpec> slot_option_specs(const SlotDefaults& defaults);
void complete_slot_options(std::int64_t width, LayerOptions& options);
SlotLayer read_slot_options(std::int64_t width, LayerOptions& options);

/// Parameters before what the mechanism adds (queries, keys, values; convolution) and after it (gate, norm,
/// output).
std::vector<ParameterSpec> slot_parameters_before(std::int64_t width, const SlotLayer& layer);
std::vector<ParameterSpec> slot_parameters_after(std::int64_t width, const SlotLayer& layer);

/// Bytes of one sequence's slots and of the convolution's history.
std::int64_t slot_state_bytes(const SlotLayer& layer);
/// Operations of the slots at one token: their scans and the softmax's products.
double slot_flops(const SlotLayer& layer);

}  // namespace yore::mixers
