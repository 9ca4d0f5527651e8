// What layers whose memory follows the delta rule share (delta_net, gated_delta_net, kda): their options, and
// from these what they learn, hold and cost. No torch. What they compute: math.md.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "yore/mixers/common/layer_options.h"
#include "yore/mixers/common/scan.h"
#include "yore/mixers/common/scan_access.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

/// What queries and keys pass before they are normed.
enum class KeyActivation { None, Silu, Relu, EluPlusOne };
/// What they are divided by: the root of the sum of their squares, their sum, or nothing.
enum class KeyNorm { L2, Sum, None };
/// What the normed outputs are multiplied by.
enum class OutputGate { None, Silu, Sigmoid };

/// Added to the sum under the norm of queries and keys, so that zeros stay zeros.
inline constexpr double kKeyNormEpsilon = 1e-6;
/// Most writes of one token.
inline constexpr int kMostSteps = 4096;

/// A layer's options, read once.
struct DeltaOptions {
  scan::Setting scan;  ///< heads, widths, decay, scale; Rule::Delta
  KeyActivation key_activation = KeyActivation::Silu;
  KeyNorm key_norm = KeyNorm::L2;
  bool value_silu = true;             ///< whether values pass SiLU
  bool beta = true;                   ///< whether the strength of a write is computed; otherwise it is 1
  bool negative_eigenvalues = false;  ///< the strength of a write is doubled
  std::int64_t conv = 4;              ///< width of the convolution on queries, keys and values; 0 = none
  bool conv_bias = false;
  OutputGate gate = OutputGate::None;
  std::int64_t gate_rank = 0;  ///< the gate comes out of this many numbers a token; 0 = from the row itself
  bool out_norm = true;
  double norm_epsilon = 1e-5;
  ScanAccess access;  ///< its `strengths` as `beta` and negative_eigenvalues have it

  /// Widths of all heads together.
  std::int64_t keys() const { return std::int64_t{scan.key_heads} * scan.key_dim; }
  std::int64_t values() const { return std::int64_t{scan.heads} * scan.value_dim; }
  /// Channels of the convolution: queries, then the keys of every step, then the values of every step.
  std::int64_t channels() const { return keys() + access.steps * (keys() + values()); }
};

/// How a decay exp(-e^log_rate softplus(. + bias)) starts: rates e^log_rate uniform, softplus(bias) uniform
/// in its logarithm.
struct DecayStart {
  double least_rate = 0, most_rate = 16, least_step = 1e-3, most_step = 0.1;
};

/// `own` and behind them what all have: conv, conv_bias, negative_eigenvalues, norm_epsilon, scale, and what
/// a layer at its default does not name: v_activation, out_norm, strict_read, steps.
std::vector<base::OptionSpec> delta_option_specs(std::vector<base::OptionSpec> own);
/// What queries and keys pass, for layers that do not name it where it is as published.
std::vector<base::OptionSpec> key_option_specs();
/// The published sizes of heads whose width is an option of its own: heads, key_heads, head_dim, expand_v.
std::vector<base::OptionSpec> head_option_specs(int heads, int head_dim, double expand_v);
/// How the decay starts: least_rate, most_rate, least_step, most_step.
std::vector<base::OptionSpec> decay_option_specs(const DecayStart& fallback);

/// Check those options and bring them into their one form; `key_dim` is what the scale goes by. Throw
/// InputError.
void complete_delta_options(LayerOptions& o, std::int64_t key_dim);
void complete_key_options(LayerOptions& o);
void complete_head_options(LayerOptions& o);
void complete_decay_options(LayerOptions& o);

/// Of complete options. read_head_options gives the scan its heads and widths.
void read_delta_options(const LayerOptions& o, DeltaOptions& read);
void read_key_options(const LayerOptions& o, DeltaOptions& read);
void read_head_options(const LayerOptions& o, DeltaOptions& read);
DecayStart read_decay_options(const LayerOptions& o);

/// Parameters `bias` [shape] and log_rate [heads] of a decay that starts so.
ParameterSpec decay_bias(const std::string& name, std::vector<std::int64_t> shape, const DecayStart& start);
ParameterSpec decay_log_rate(std::int64_t heads, const DecayStart& start);

/// The description of such a layer; what is left to say is name, options and decay.
class DeltaSpec : public Spec {
 public:
  /// qkv.weight, conv.weight, conv.bias, beta.weight, the decay's, gate.weight or gate_in.weight,
  /// gate_out.weight, gate_out.bias, out_norm.weight, out.weight: those that the options ask for.
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const final;
  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t tokens) const final;
  double flops(const MixerSetting& setting, std::int64_t position) const final;

 protected:
  virtual DeltaOptions read(const MixerSetting& setting) const = 0;
  virtual std::vector<ParameterSpec> decay_parameters(const MixerSetting&) const { return {}; }
};

}  // namespace yore::mixers
