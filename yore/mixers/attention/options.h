// The options of an attention layer, read once, without torch: what spec.cc counts and layer.cc runs.
#pragma once
#include <vector>

#include "yore/mixers/attention/params.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

/// How queries and keys tell positions apart.
enum class AttentionPositions { None, Rotary, Alibi };

struct AttentionOptions {
  int heads = 1;
  int head_width = 1;
  AttentionPositions positions = AttentionPositions::None;
  AttentionParams params;  ///< lookback, mask, scale and slopes
  std::int64_t mixed_width() const { return std::int64_t{heads} * head_width; }
};

/// The list for Spec::options().
std::vector<base::OptionSpec> attention_option_specs();
/// For Spec::complete().
base::Json complete_attention_options(std::int64_t width, const base::Json& given);
/// Of complete options.
AttentionOptions read_attention_options(const MixerSetting& setting);

/// Slopes of Press et al. 2022: head h = 1..H gets 2^(-8h/H).
std::vector<double> alibi_slopes(int heads);

}  // namespace yore::mixers
