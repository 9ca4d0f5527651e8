// What the definition of a kernel says of given inputs, with the error that may be made (tolerance.h).
#pragma once
#include <string>
#include <vector>

#include "yore/mixers/conformance/mechanism.h"
#include "yore/mixers/conformance/tolerance.h"

namespace yore::mixers::conformance {

/// Roundings on the way to one output of a sequence of `tokens` tokens: sums over tokens and within a token,
/// and a few functions.
double operations_of(const Mechanism& mechanism, std::int64_t tokens);

/// The outputs and final states of all sequences, as a forward pass writes them. `in` holds an array an
/// input.
std::vector<Judged> judge_outputs(const Mechanism& mechanism, const Packed& sequences,
                                  const std::vector<Numbers>& in);

/// The derivative of sum(cotangent * out) along one direction of one input.
struct Slope {
  std::size_t input = 0;
  Numbers direction;  ///< of the input's array
  Judged judged;
};
/// For each input some directions, drawn at random: single numbers, and all numbers of one token with random
/// signs. By complex steps: f(x + ih) has imaginary part h f'(x), without cancellation for h as small as one
/// likes.
std::vector<Slope> judge_slopes(const Mechanism& mechanism, const Packed& sequences,
                                const std::vector<Numbers>& in, const Numbers& cotangent);

}  // namespace yore::mixers::conformance
