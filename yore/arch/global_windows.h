// Global attention turned into windows: a trained model made to run in bounded memory, at a price in what it
// predicts that `yore evaluate` measures. The first tokens can stay visible as attention sinks, without which
// models that were trained on the whole past break as soon as the first tokens leave the window (Xiao et al.
// 2023, arXiv 2309.17453). Positions stay those of the text.
#pragma once
#include <cstdint>

#include "yore/arch/model.h"

namespace yore::arch {

/// The model in which every global attention head sees `window` keys instead, itself included where the mask
/// lets it see itself, and the first `sinks` keys of the text. The parameters are the same. Heads with a
/// lookback and other mixers stay. Throws InputError("--window-global" or "--sinks") as with_local_heads
/// (local_heads.h), and where no head of the model is global.
Model with_global_windows(const Model& model, std::int64_t window, std::int64_t sinks);

/// The model in which every attention head is global: what a cache of all keys would cost is its state.
Model with_full_caches(Model model);

}  // namespace yore::arch
