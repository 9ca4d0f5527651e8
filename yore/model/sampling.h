// How a model of next tokens chooses one.
#pragma once
#include <cstdint>

namespace yore::model {

/// How the next token is chosen.
struct Sampling {
  double temperature = 0;  ///< 0 = the likeliest token
  int top_k = 0;           ///< choose among the likeliest k; 0 = all
  std::uint64_t seed = 0;  ///< the same draws on every platform
};

}  // namespace yore::model
