#include "yore/arch/local_heads.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/mixers/attention/params.h"

namespace yore::arch {
namespace {

using base::InputError;

/// As attention's options have it.
constexpr std::int64_t kLargestWindow = 1'000'000'000;

void require_range(const char* option, std::int64_t low, std::int64_t value) {
  if (value < low || value > kLargestWindow)
    throw InputError(option, fmt::format("expected {} to {}, found {}", low, kLargestWindow, value));
}

bool is_global(const Json& lookback) {
  return lookback == mixers::kGlobal;
}

/// That all heads of the layer with a lookback can share so many sinks.
void check_sinks(const Mixer& mixer, int layer, std::int64_t sinks, const char* option) {
  const std::int64_t there = mixer.options.value("sinks", std::int64_t{0});
  if (sinks == there) return;
  if (there > 0)
    throw InputError(option,
                     fmt::format("expected {0}, found {1}: layer {2} has {0} already, and all its heads with "
                                 "a lookback see them",
                                 there, sinks, layer));
  const Json& lookbacks = mixer.options.at("lookback");
  if (!std::all_of(lookbacks.begin(), lookbacks.end(), is_global))
    throw InputError(option, fmt::format("layer {} has heads with a lookback beside its global ones, and "
                                         "the sinks of a layer are those of all its heads",
                                         layer));
  if (mixer.options.at("positions") == "alibi")
    throw InputError(option, fmt::format("layer {} has ALiBi positions, which lower the score of a key by "
                                         "its distance: the first keys would fade from sight",
                                         layer));
}

}  // namespace

std::vector<HeadPlace> global_heads(const Model& model) {
  std::vector<HeadPlace> all;
  for (std::size_t b = 0; b < model.blocks.size(); ++b) {
    const Mixer& mixer = model.blocks[b].mixer;
    if (mixer.name != "attention") continue;
    const Json& lookbacks = mixer.options.at("lookback");
    for (std::size_t h = 0; h < lookbacks.size(); ++h)
      if (is_global(lookbacks[h])) all.push_back({static_cast<int>(b), static_cast<int>(h)});
  }
  return all;
}

Model with_local_heads(const Model& model, const std::vector<HeadPlace>& heads, std::int64_t window,
                       std::int64_t sinks, const WindowNames& names) {
  require_range(names.window, 1, window);
  require_range(names.sinks, 0, sinks);
  const std::vector<HeadPlace> there = global_heads(model);
  Model changed = model;
  for (const HeadPlace& place : heads) {
    if (!std::binary_search(there.begin(), there.end(), place))
      throw std::invalid_argument(
          fmt::format("with_local_heads: layer {} has no global head {}", place.block, place.head));
    const Mixer& before = model.blocks[static_cast<std::size_t>(place.block)].mixer;
    Mixer& mixer = changed.blocks[static_cast<std::size_t>(place.block)].mixer;
    if (before.options.contains("mask"))
      throw InputError(
          names.window,
          fmt::format("layer {} has mask=none, which hides nothing: its heads can have no window",
                      place.block));
    check_sinks(before, place.block, sinks, names.sinks);
    if (sinks > 0) mixer.options["sinks"] = sinks;
    mixer.options.at("lookback").at(static_cast<std::size_t>(place.head)) =
        mixer.options.at("strict") == true ? window : window - 1;
  }
  validate(changed);
  return changed;
}

}  // namespace yore::arch
