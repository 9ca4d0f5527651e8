// Is what was measured of n(T) consistent with algorithmic capture, not, or is that undecided? See growth.h
// for the laws. Chosen here:
//
//   not         the power law has the smallest BIC by 2 or more, in the data and in 95 % of the replicates
//   consistent  constant or logarithm has the smallest BIC by 2 or more, or n grows over the measured range
//   by no
//               more than ln T does, (1 + n) from the smallest size to the largest; in the data and in 95 %
//               of the replicates. That is no proof: larger sizes could say otherwise.
//   undecided   anything else, and always where fewer than three sizes have a number
//
// Replicates are the data as they might have come out: drawn again from the seeds, or from the law with its
// noise.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "yore/study/capture/growth.h"

namespace yore::study {

inline constexpr int kFewestSizes = 5;         ///< of which a growth may be judged,
inline constexpr double kNarrowestRange = 10;  ///< and the largest over the smallest, at least
inline constexpr int kReplicates = 400;

/// Throws InputError(`source`) for fewer different sizes or a narrower range.
void require_sizes(std::vector<double> sizes, const std::string& source);

enum class Capture { Consistent, Not, Undecided };
std::string name_of(Capture verdict);  ///< "consistent", "not", "undecided"

using NeededSet = std::vector<Needed>;

/// A law's middle 95 % of the replicates at a size.
struct GrowthBand {
  double size = 0, low = 0, high = 0;
};

struct Judgement {
  Capture verdict = Capture::Undecided;
  std::string reason;        ///< a sentence without its full stop
  std::vector<LawFit> fits;  ///< of every Law, in their order; none where too few sizes have a number
  std::size_t best = 0;      ///< which of them has the smallest BIC
  int replicates = 0;
  double power_share = 0;                      ///< of the replicates: the power is better by 2,
  double log_share = 0;                        ///< constant or logarithm is,
  double slow_share = 0;                       ///< n grows no more than ln T does
  double exponent_low = 0, exponent_high = 0;  ///< of the power law, the middle 95 % of the replicates
  std::vector<GrowthBand> band;                ///< of each replicate's best law
};

/// Of points of different sizes, as require_sizes() has them. Without replicates nothing is decided. Calls
/// `each`, if given, before each replicate; what it throws ends the work.
Judgement judge(const NeededSet& points, const std::vector<NeededSet>& replicates,
                const std::function<void()>& each = {});

/// So many sets that the best law of the points could have given, with its noise: for numbers that come
/// without the seeds behind them. What goes past the number at which a point was censored is censored there.
std::vector<NeededSet> redrawn(const NeededSet& points, int count, std::uint64_t seed);

}  // namespace yore::study
