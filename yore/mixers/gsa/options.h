// The options of a layer of gated slot attention, read once, without torch.
#pragma once
#include "yore/mixers/common/slot_options.h"

namespace yore::mixers {

struct GsaOptions {
  SlotLayer layer;
  double gate_divisor = 8;
};

std::vector<base::OptionSpec> gsa_option_specs();
base::Json complete_gsa_options(std::int64_t width, const base::Json& given);
/// Of complete options.
GsaOptions read_gsa_options(const MixerSetting& setting);

}  // namespace yore::mixers
