// The options of a layer of retention, read once, without torch.
#pragma once
#include "yore/mixers/common/rotary.h"
#include "yore/mixers/common/scan.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

struct RetentionOptions {
  scan::Setting scan;          ///< heads, widths, scale
  std::vector<double> decays;  ///< one a head, more than 0 and at most 1
  bool rotary = true;          ///< whether queries and keys are turned by their positions
  Rotary turns;                ///< how
  bool output_gate = true;
  double norm_epsilon = 1e-5;
  std::int64_t conv = 0;  ///< width of the short convolution before queries, keys and values; 0 = none
  /// Widths of all heads together.
  std::int64_t keys() const { return std::int64_t{scan.heads} * scan.key_dim; }
  std::int64_t values() const { return std::int64_t{scan.heads} * scan.value_dim; }
  /// Channels of the convolution: queries, keys, values.
  std::int64_t channels() const { return 2 * keys() + values(); }
};

std::vector<base::OptionSpec> retention_option_specs();
base::Json complete_retention_options(std::int64_t width, const base::Json& given);
/// Of complete options.
RetentionOptions read_retention_options(const MixerSetting& setting);

}  // namespace yore::mixers
