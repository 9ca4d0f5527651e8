// What tells positions apart: added vectors (sinusoidal, learned), turned queries and keys (rotary), or
// lowered scores (ALiBi).
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace yore::mixers {

/// [length, width] of Vaswani et al. 2017: column 2c holds sin(t / 10000^(2c/width)), column 2c+1 the cosine.
at::Tensor sinusoidal_table(std::int64_t length, std::int64_t width, const at::TensorOptions& options);

/// Cosines and sines [length, dim / 2] for `rotate`; dim even. Angle of pair c at t: t / 10000^(2c/dim) (Su
/// et al. 2021).
struct RotaryTable {
  at::Tensor cos, sin;
};
RotaryTable rotary_table(std::int64_t length, std::int64_t dim, const at::TensorOptions& options);

/// Turns the pairs (x[c], x[c + dim/2]) of x [N, H, dim] by the angles of `position` [N].
at::Tensor rotate(const at::Tensor& x, const RotaryTable& table, const at::Tensor& position);

/// Slopes of Press et al. 2022: head h = 1..H gets 2^(-8h/H).
std::vector<double> alibi_slopes(int heads);

}  // namespace yore::mixers
