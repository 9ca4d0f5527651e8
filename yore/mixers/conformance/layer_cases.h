// The layers that layer_test.cc checks: every mechanism of the registry in the settings that its
// layer_cases.cc lists.
#pragma once
#include <string>
#include <vector>

#include "yore/mixers/mixer.h"

namespace yore::mixers::conformance {

struct LayerCase {
  std::string mechanism;
  MixerSetting setting;
};
std::vector<LayerCase> all_layer_cases();

}  // namespace yore::mixers::conformance
