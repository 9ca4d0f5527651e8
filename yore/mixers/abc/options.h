// The options of a layer of attention with bounded-memory control, read once, without torch.
#pragma once
#include "yore/mixers/common/rotary.h"
#include "yore/mixers/common/slot_options.h"

namespace yore::mixers {

struct AbcOptions {
  SlotLayer layer;
  bool rotary = true;
  Rotary turns;       ///< of rotary positions
  double clamp = 32;  ///< slot logits stay within +-this
};

std::vector<base::OptionSpec> abc_option_specs();
base::Json complete_abc_options(std::int64_t width, const base::Json& given);
/// Of complete options.
AbcOptions read_abc_options(const MixerSetting& setting);

}  // namespace yore::mixers
