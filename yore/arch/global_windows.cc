#include "yore/arch/global_windows.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/arch/options.h"
#include "yore/base/error.h"
#include "yore/mixers/attention/params.h"

namespace yore::arch {
namespace {

using base::InputError;

constexpr const char* kWindow = "--window-global";
constexpr const char* kSinks = "--sinks";
/// As attention's options have it.
constexpr std::int64_t kLargestWindow = 1'000'000'000;

void require_range(const char* option, std::int64_t low, std::int64_t value) {
  if (value < low || value > kLargestWindow)
    throw InputError(option, fmt::format("expected {} to {}, found {}", low, kLargestWindow, value));
}

}  // namespace

Model with_global_windows(const Model& model, std::int64_t window, std::int64_t sinks) {
  require_range(kWindow, 1, window);
  require_range(kSinks, 0, sinks);
  Model changed = model;
  bool any = false;
  for (std::size_t l = 0; l < changed.blocks.size(); ++l) {
    Mixer& mixer = changed.blocks[l].mixer;
    if (mixer.name != "attention") continue;
    Json& lookbacks = mixer.options.at("lookback");
    const auto globals = std::count(lookbacks.begin(), lookbacks.end(), Json(mixers::kGlobal));
    if (globals == 0) continue;
    any = true;
    if (sinks > 0 && globals < std::ssize(lookbacks))
      throw InputError(kSinks, fmt::format("layer {} has heads with a lookback beside its global ones, and "
                                           "the sinks of a layer are those of all its heads",
                                           l));
    if (sinks > 0 && mixer.options.at("positions") == "alibi")
      throw InputError(kSinks, fmt::format("layer {} has ALiBi positions, which lower the score of a key by "
                                           "its distance: the first keys would fade from sight",
                                           l));
    const std::int64_t lookback = mixer.options.at("strict") == true ? window : window - 1;
    std::replace(lookbacks.begin(), lookbacks.end(), Json(mixers::kGlobal), Json(lookback));
    if (sinks > 0) mixer.options["sinks"] = sinks;
  }
  if (!any)
    throw InputError(kWindow, fmt::format("the model ({}) has no global attention head to turn into a window",
                                          mixer_text(model)));
  validate(changed);
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
