// Words as the model computes on them: packed, no row spent on padding. Everything but attention works on
// single tokens, so only attention ever sees a [B, T] rectangle.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>

namespace yore::model {

/// B words of lengths n_b (EOS included), N = sum of n_b tokens, T = the longest. All index tensors are
/// int64.
struct Input {
  std::int64_t batch = 0;
  std::int64_t longest = 0;  ///< T
  at::Tensor tokens;         ///< [N] letters and EOS, word after word
  at::Tensor position;       ///< [N] place in its word, from 0
  at::Tensor
      spread;  ///< [B * T] packed row of (b, t); row 0 past the end of a word, where no visible row looks
  at::Tensor gather;         ///< [N] b * T + t, the inverse of spread
  at::Tensor last;           ///< [B] packed row of the word's EOS
  at::Tensor last_position;  ///< [B] its place in the word
};

/// Packs row-major tokens [batch, length]; row b ends with the EOS at index eos[b], what stands after it is
/// ignored. Throws std::invalid_argument when sizes disagree or an eos index lies outside its row.
Input pack(std::span<const std::int32_t> tokens, std::span<const std::int32_t> eos, std::int64_t length);

}  // namespace yore::model
