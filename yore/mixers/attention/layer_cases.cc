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
  list.push_back(
      {5,
       {{"heads", 2}, {"head_width", 3}, {"lookback", {-1, 2}}}});  // neither width nor head a power of two
  // What published models add, each alone (that a layer of heads, biases and turned queries takes it) and
  // together.
  const auto add = [&](base::Json options) {
    options.update({{"heads", 4}, {"head_width", 4}});
    if (!options.contains("lookback")) options["lookback"] = {-1, 2, 5, 0};
    list.push_back({6, std::move(options)});
  };
  add({{"kv_heads", 2}});
  add({{"kv_heads", 1}, {"positions", "alibi"}, {"lookback", {1, 3, 2, 0}}});
  add({{"bias", false}});
  add({{"out_bias", false}, {"kv_heads", 2}});
  add({{"bias", false}, {"out_bias", true}});
  for (const char* norm : {"rms", "rms+1"}) add({{"qk_norm", norm}, {"qk_norm_epsilon", 1e-3}});
  add({{"scale", 0.9}, {"strict", true}});
  add({{"sinks", 2}, {"lookback", {1, 3, 2, 0}}});
  add({{"sinks", 3}, {"kv_heads", 2}, {"positions", "rotary"}});
  for (const double cap : {0.2, 20.0}) add({{"soft_cap", cap}, {"lookback", {-1, 2, 12, 0}}});
  add({{"soft_cap", 0.5}, {"kv_heads", 2}, {"positions", "alibi"}, {"strict", true}});
  add({{"sink_logits", true}});
  add({{"sink_logits", true}, {"strict", true}, {"positions", "rotary"}});
  add({{"positions", "rotary"}, {"rotary_base", 50.0}, {"rotary_style", "adjacent"}});
  add({{"positions", "rotary"}, {"rotary_fraction", 0.5}});
  add({{"positions", "rotary"}, {"rotary_fraction", 0.5}, {"rotary_style", "adjacent"}, {"kv_heads", 2}});
  for (const char* scaling : {"linear:2", "llama3:4,1,4,16", "yarn:4,8"})
    add({{"positions", "rotary"}, {"rotary_scaling", scaling}});
  add({{"kv_heads", 2},
       {"positions", "rotary"},
       {"bias", false},
       {"qk_norm", "rms"},
       {"sink_logits", true},
       {"sinks", 1},
       {"soft_cap", 1.0}});
  return list;
}

}  // namespace yore::mixers
