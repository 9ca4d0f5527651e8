// Attention layers that the conformance suite checks: each kind of head, mask and position.
#include "yore/mixers/mixer.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::vector<MixerSetting> attention_layer_cases() {
  std::vector<MixerSetting> list;
  for (const char* positions : {"none", "rotary", "alibi"})
    for (const bool strict : {false, true}) {
      const auto add = [&](const std::vector<int>& lookback, int head_width) {
        list.push_back({6,
                        {{"heads", lookback.size()},
                         {"head_width", head_width},
                         {"lookback", lookback},
                         {"strict", strict},
                         {"positions", positions}}});
      };
      add({-1}, 4);
      add({1, 1}, 2);
      add({-1, 1, 5}, 2);
    }
  list.push_back({5, {{"heads", 2}, {"head_width", 3}, {"lookback", {-1, 2}}}});  // neither width nor head a power of two
  return list;
}

}  // namespace yore::mixers
