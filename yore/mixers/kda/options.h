// The options of a layer of Kimi delta attention, read once, without torch.
#pragma once
#include "yore/mixers/common/delta_options.h"

namespace yore::mixers {

struct KdaOptions : DeltaOptions {
  DecayStart start;
  std::int64_t decay_rank = 128;
  double lower_bound = 0;  ///< least logarithm of a decay; 0 = none
};

std::vector<base::OptionSpec> kda_option_specs();
base::Json complete_kda_options(const base::Json& given);
/// Of complete options.
KdaOptions read_kda_options(const MixerSetting& setting);

}  // namespace yore::mixers
