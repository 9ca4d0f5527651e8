// A model of next tokens going on from what it has read.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "yore/model/reading.h"
#include "yore/model/sampling.h"

namespace yore::model {

/// What is asked for.
struct Generation {
  std::int64_t count = 0;  ///< most tokens
  Sampling sampling;
  std::uint64_t sample = 0;  ///< samples of different numbers have draws of their own
  /// Told of each token as soon as it is known; returning false ends the generation, and the token stands.
  std::function<bool(std::int64_t)> chosen;
};

/// What came of it.
struct Generated {
  std::vector<std::int64_t> tokens;
  /// What each token but the first took to compute, without what `chosen` did; tokens that were computed
  /// together take equal shares.
  std::vector<double> seconds;
};

/// The tokens that follow what was read (at least one token), each chosen after those before it. All but the
/// last of them have then been read too. Throws std::invalid_argument where nothing was read.
Generated generate(const Model& model, Reading& reading, const Generation& generation);

/// The same after a prompt of at least one token, the tokens alone.
std::vector<std::int64_t> generate(const Model& model, const std::vector<std::int64_t>& prompt,
                                   std::int64_t count, const Sampling& sampling = {});

}  // namespace yore::model
