// Single heads that see the whole past made local: a trained model changed head by head. What that costs in
// what it predicts is to be measured (`yore localise`).
#pragma once
#include <compare>
#include <cstdint>
#include <vector>

#include "yore/arch/model.h"

namespace yore::arch {

/// A head of attention.
struct HeadPlace {
  int block = 0;
  int head = 0;
  auto operator<=>(const HeadPlace&) const = default;
};

/// All heads that see the whole past, in their order.
std::vector<HeadPlace> global_heads(const Model& model);

/// What messages call the two numbers below.
struct WindowNames {
  const char* window = "--window";
  const char* sinks = "--sinks";
};

/// The model in which these heads, all of them global, see `window` keys instead, themselves included where
/// the mask lets them see themselves, and the first `sinks` keys of the text. The parameters are the same,
/// and so is the rest. Throws InputError with the name of the option and the reason:
///   - a window below 1, sinks below 0, or out of the range of attention's options;
///   - another number of sinks than a layer has already: they are one number for all heads of a layer;
///   - sinks in a layer without any whose other heads have a lookback, for the same reason;
///   - sinks under ALiBi, which lowers the score of a key by its distance until nobody sees it;
///   - a layer with mask=none, which hides nothing;
/// and std::invalid_argument for a head that is not there or not global.
Model with_local_heads(const Model& model, const std::vector<HeadPlace>& heads, std::int64_t window,
                       std::int64_t sinks, const WindowNames& names = {});

}  // namespace yore::arch
