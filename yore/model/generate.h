// A model of next tokens going on from a prompt, in memory that its description bounds.
#pragma once
#include <cstdint>
#include <functional>
#include <vector>

#include "yore/model/model.h"
#include "yore/model/sampling.h"

namespace yore::model {

/// The `count` tokens that follow `prompt` (at least one token), each chosen after those before it. `chosen`,
/// if given, is told of each as soon as it is known and ends the generation by returning false. Throws
/// std::invalid_argument for an empty prompt or a model without a vocabulary read-out.
std::vector<std::int64_t> generate(const Model& model, const std::vector<std::int64_t>& prompt,
                                   std::int64_t count, const Sampling& sampling = {},
                                   const std::function<bool(std::int64_t)>& chosen = {});

}  // namespace yore::model
