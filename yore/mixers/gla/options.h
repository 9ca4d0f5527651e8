// The options of a layer of gated linear attention, read once, without torch.
#pragma once
#include "yore/mixers/common/scan.h"
#include "yore/mixers/common/scan_access.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

struct GlaOptions {
  scan::Setting scan;  ///< heads, widths, scale
  std::int64_t gate_rank = 16;
  double gate_divisor = 16;
  bool output_gate = true;
  bool out_norm = true;
  double norm_epsilon = 1e-5;
  ScanAccess access;
  std::int64_t conv = 0;  ///< width of the short convolution before queries, keys and values; 0 = none
  /// Widths of all heads together.
  std::int64_t keys() const { return std::int64_t{scan.heads} * scan.key_dim; }
  std::int64_t values() const { return std::int64_t{scan.heads} * scan.value_dim; }
  /// Channels of the convolution: queries, keys, values.
  std::int64_t channels() const { return 2 * keys() + values(); }
};

std::vector<base::OptionSpec> gla_option_specs();
base::Json complete_gla_options(std::int64_t width, const base::Json& given);
/// Of complete options.
GlaOptions read_gla_options(const MixerSetting& setting);

}  // namespace yore::mixers
