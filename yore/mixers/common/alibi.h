// How steeply ALiBi lowers scores, head by head. No torch.
#pragma once
#include <vector>

namespace yore::mixers {

/// Slopes of Press et al. 2022 (arXiv 2108.12409). For a power of two, head h = 1..H gets 2^(-8h/H); for
/// another H, the slopes of the largest power of two P below it, then every second one of those for 2P, as
/// published models have them.
std::vector<double> alibi_slopes(int heads);

}  // namespace yore::mixers
