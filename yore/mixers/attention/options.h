// The options of an attention layer, read once, without torch: what its description counts and its layer
// runs.
#pragma once
#include <vector>

#include "yore/mixers/attention/params.h"
#include "yore/mixers/common/rotary.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

/// How queries and keys tell positions apart.
enum class AttentionPositions { None, Rotary, Alibi };
/// What is done to each head's queries and keys before they are turned: x / sqrt(mean of x^2 + epsilon),
/// times a learnt weight (Rms) or 1 plus it (RmsPlusOne).
enum class QkNorm { None, Rms, RmsPlusOne };
/// Whether values are scaled by r / (r + C), r their squared norm (math.md), or their gradients alone are.
enum class ValueScale { Off, On, BackwardOnly };

struct AttentionOptions {
  int heads = 1;     ///< of queries
  int kv_heads = 1;  ///< of keys and values; head h reads kv head h / (heads / kv_heads)
  int head_width = 1;
  AttentionPositions positions = AttentionPositions::None;
  Rotary rotary;  ///< of rotary positions
  bool bias = true, out_bias = true;
  QkNorm qk_norm = QkNorm::None;
  double qk_norm_epsilon = 1e-6;
  bool sink_logits = false;
  ValueScale value_scale = ValueScale::Off;
  double value_scale_constant = 0;  ///< C where theta is 0
  bool encoder = false;             ///< every position sees every position of its sequence
  bool hard = false;                ///< average hard attention; of encoders only
  AttentionParams params;           ///< lookback, mask, scale, slopes, soft cap and sinks
  /// What the heads hand on, in all.
  std::int64_t mixed_width() const { return std::int64_t{heads} * head_width; }
  std::int64_t kv_width() const { return std::int64_t{kv_heads} * head_width; }
};

/// The list for Spec::options().
std::vector<base::OptionSpec> attention_option_specs();
/// For Spec::complete().
base::Json complete_attention_options(std::int64_t width, const base::Json& given);
/// Of complete options.
AttentionOptions read_attention_options(const MixerSetting& setting);

}  // namespace yore::mixers
