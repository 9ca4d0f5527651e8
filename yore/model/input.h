// Sequences as the model computes on them: packed one after another, no row spent on padding.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "yore/mixers/mixer.h"

namespace yore::model {

/// B sequences of lengths n_b, N = sum of n_b tokens.
struct Input : mixers::PackedRows {
  at::Tensor tokens;   ///< int64 [N]
  at::Tensor numbers;  ///< [N, width], for models that read numbers instead of tokens; else undefined
};

/// Sequence b owns tokens starts[b] .. starts[b+1]-1, at least one. Throws std::invalid_argument when the
/// starts do not rise from 0 to the number of tokens.
Input pack(std::span<const std::int64_t> starts, std::span<const std::int32_t> tokens);
/// Some of these sequences, in the order of `which`. Throws std::invalid_argument also for one that is not
/// there.
Input pack(std::span<const std::int64_t> starts, std::span<const std::int32_t> tokens,
           std::span<const std::int64_t> which);

/// The next tokens of sequences that have been through before[b] tokens already: positions go on from there.
/// `last` points at each sequence's last new token and is -1 where there is none. Throws
/// std::invalid_argument when sizes disagree.
Input continuation(const std::vector<std::vector<std::int64_t>>& tokens,
                   const std::vector<std::int64_t>& before);

}  // namespace yore::model
