// What tells positions apart: added vectors (sinusoidal, learned), turned queries and keys (rotary), or
// lowered scores (ALiBi).
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <mutex>
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

/// Tables with a row a position, made on demand and longer when that is needed. Safe to ask from several
/// threads: what was handed out never changes.
class PositionTable {
 public:
  /// Makes tables of `length` rows.
  using Make = std::function<std::vector<at::Tensor>(std::int64_t length)>;
  explicit PositionTable(Make make) : make_(std::move(make)) {}
  /// Tables of at least `length` rows.
  std::vector<at::Tensor> at_least(std::int64_t length) const;

 private:
  Make make_;
  mutable std::mutex mutex_;
  mutable std::vector<at::Tensor> tables_;
};

}  // namespace yore::mixers
