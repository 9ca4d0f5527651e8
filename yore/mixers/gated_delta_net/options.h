// The options of a layer of the gated delta rule, read once, without torch.
#pragma once
#include "yore/mixers/common/delta_options.h"

namespace yore::mixers {

struct GatedDeltaNetOptions : DeltaOptions {
  DecayStart start;
};

std::vector<base::OptionSpec> gated_delta_net_option_specs();
base::Json complete_gated_delta_net_options(const base::Json& given);
/// Of complete options.
GatedDeltaNetOptions read_gated_delta_net_options(const MixerSetting& setting);

}  // namespace yore::mixers
