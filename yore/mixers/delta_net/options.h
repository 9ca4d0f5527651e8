// The options of a DeltaNet layer, read once, without torch.
#pragma once
#include "yore/mixers/common/delta_options.h"

namespace yore::mixers {

std::vector<base::OptionSpec> delta_net_option_specs();
base::Json complete_delta_net_options(std::int64_t width, const base::Json& given);
/// Of complete options.
DeltaOptions read_delta_net_options(const MixerSetting& setting);

}  // namespace yore::mixers
