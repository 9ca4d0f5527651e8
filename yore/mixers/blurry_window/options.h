// The options of a layer of blurry window attention, read once, without torch.
#pragma once
#include "yore/mixers/blurry_window/table.h"
#include "yore/mixers/common/slot_options.h"

namespace yore::mixers {

struct BlurryOptions {
  SlotLayer layer;
  blurry::Setting blur;
};

std::vector<base::OptionSpec> blurry_window_option_specs();
base::Json complete_blurry_window_options(std::int64_t width, const base::Json& given);
/// Of complete options.
BlurryOptions read_blurry_window_options(const MixerSetting& setting);

}  // namespace yore::mixers
