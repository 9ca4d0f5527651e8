// Words as the model computes on them: packed one after another, no row spent on padding.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "yore/mixers/mixer.h"

namespace yore::model {

/// B words of lengths n_b (EOS included), N = sum of n_b tokens.
struct Input : mixers::PackedRows {
  at::Tensor tokens;  ///< int64 [N] letters and EOS, word after word
};

/// Packs row-major tokens [batch, length]; row b ends with the EOS at index eos[b], what stands after it is
/// ignored. Throws std::invalid_argument when sizes disagree or an eos index lies outside its row.
Input pack(std::span<const std::int32_t> tokens, std::span<const std::int32_t> eos, std::int64_t length);

/// The next tokens of sequences that have been through before[b] tokens already: positions go on from there.
/// `last` points at each sequence's last new token and is -1 where there is none. Throws
/// std::invalid_argument when sizes disagree.
Input continuation(const std::vector<std::vector<std::int64_t>>& tokens,
                   const std::vector<std::int64_t>& before);

}  // namespace yore::model
