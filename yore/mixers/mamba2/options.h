// The options of a layer of Mamba-2, read once, without torch.
#pragma once
#include <cmath>

#include "yore/mixers/common/scan.h"
#include "yore/mixers/common/scan_access.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

struct Mamba2Options {
  /// heads, groups (key_heads), state (key_dim), head_width (value_dim)
  scan::Setting scan;
  std::int64_t conv = 4;  ///< width of the short convolution over x, B, C; 0 = none
  bool conv_bias = true;
  bool bias = false;                   ///< of the linear maps into and out of the layer
  double a_min = 1, a_max = 16;        ///< decay rates at the start
  double dt_min = 1e-3, dt_max = 0.1;  ///< steps at the start
  double dt_least = 0, dt_most = 0;    ///< steps are kept within these; dt_most 0 = no bound
  bool skip_per_channel = false;
  /// What is divided by its own size before the last map: nothing, all channels together, each group's.
  enum class Norm { None, Whole, Group } norm = Norm::Group;
  bool norm_before_gate = false;
  double norm_epsilon = 1e-5;
  ScanAccess access{.strict_read = false, .steps = 1, .strengths = true};
  /// Widths of all heads or groups together.
  std::int64_t inner() const { return std::int64_t{scan.heads} * scan.value_dim; }
  std::int64_t states() const { return std::int64_t{scan.key_heads} * scan.key_dim; }
  /// Channels of the convolution: x, B, C.
  std::int64_t channels() const { return inner() + 2 * states(); }
  /// Parts of the channels that are normed by themselves.
  std::int64_t norm_groups() const { return norm == Norm::Group ? scan.key_heads : 1; }
};

std::vector<base::OptionSpec> mamba2_option_specs();
base::Json complete_mamba2_options(std::int64_t width, const base::Json& given);
/// x with softplus(x) = log(1 + e^x) = y > 0: how a bound on the steps is one on what they are made from.
inline double before_softplus(double y) {
  return y + std::log(-std::expm1(-y));
}
/// Of complete options.
Mamba2Options read_mamba2_options(const MixerSetting& setting);

}  // namespace yore::mixers
