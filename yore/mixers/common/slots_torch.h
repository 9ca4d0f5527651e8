// Memory in slots on torch tensors (slots.h): differentiable over packed sequences, and over states. On the
// CPU; other devices are refused by name.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "yore/mixers/common/slots.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {

/// q and k [N, key_heads, key_dim], v [N, heads, value_dim], write, log_decay (undefined where slots are
/// erased by Erase::Delta), filled (undefined = 1) and bias (undefined = 0) [N, heads, slots]; all float or
/// all double, any strides.
struct SlotInput {
  at::Tensor q, k, v, write, log_decay, filled, bias;
};

/// out [N, heads, value_dim], differentiable in all but `filled` and `bias`; write and log_decay have
/// gradients only if they ask for them. Throws std::invalid_argument naming what was expected and what came.
at::Tensor slots_packed(const SlotInput& input, const std::vector<std::int64_t>& starts,
                        const slots::Setting& setting);

std::unique_ptr<State> start_slots(const slots::Setting& setting, const std::string& kind,
                                   at::ScalarType type, const StateSetting& wanted);
at::Tensor advance_slots(State& state, const SlotInput& input, const std::vector<std::int64_t>& starts,
                         const slots::Setting& setting);

}  // namespace yore::mixers
