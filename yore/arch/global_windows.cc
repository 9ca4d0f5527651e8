#include "yore/arch/global_windows.h"

#include <fmt/format.h>

#include "yore/arch/local_heads.h"
#include "yore/arch/options.h"
#include "yore/base/error.h"
#include "yore/mixers/attention/params.h"

namespace yore::arch {

Model with_global_windows(const Model& model, std::int64_t window, std::int64_t sinks) {
  const WindowNames names{"--window-global", "--sinks"};
  Model changed = with_local_heads(model, global_heads(model), window, sinks, names);
  if (changed == model)
    throw base::InputError(
        names.window,
        fmt::format("the model ({}) has no global attention head to turn into a window", mixer_text(model)));
  return changed;
}

Model with_full_caches(Model model) {
  for (Block& block : model.blocks) {
    if (block.mixer.name != "attention") continue;
    for (Json& lookback : block.mixer.options.at("lookback")) lookback = mixers::kGlobal;
    block.mixer.options["sinks"] = 0;
  }
  return model;
}

}  // namespace yore::arch
