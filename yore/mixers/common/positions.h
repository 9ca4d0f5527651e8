// What tells positions apart: added vectors (sinusoidal, learned), turned queries and keys (rotary), or
// lowered scores (ALiBi).
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "yore/mixers/common/rotary.h"

namespace yore::mixers {

/// [length, width] of Vaswani et al. 2017: column 2c holds sin(t / 10000^(2c/width)), column 2c+1 the cosine.
at::Tensor sinusoidal_table(std::int64_t length, std::int64_t width, const at::TensorOptions& options);

/// Cosines and sines [length, rotary.dims / 2] for `rotate`, times rotary_length_factor. Angles are computed
/// in double: long positions lose digits in float.
struct RotaryTable {
  at::Tensor cos, sin;
};
RotaryTable rotary_table(std::int64_t length, const Rotary& rotary, const at::TensorOptions& options);

/// Turns the pairs of the first dims of x [N, H, dim] by the angles of `position` [N]: dims 2c and 2c + 1 if
/// `adjacent`, else c and c + pairs. Dims past the table's pairs stay.
at::Tensor rotate(const at::Tensor& x, const RotaryTable& table, const at::Tensor& position, bool adjacent);

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

/// The rotary tables of all layers that turn alike: one for a kind of turning and a type, however many layers
/// ask, since of a long text each takes as much memory as a layer's keys. It lives as long as one of them.
class RotaryPositions {
 public:
  /// Tables of at least `length` rows in `type` (float or double).
  RotaryTable at_least(std::int64_t length, const Rotary& rotary, at::ScalarType type) const;

 private:
  mutable std::mutex mutex_;
  mutable std::shared_ptr<const PositionTable> table_;  ///< of the first call, which all others repeat
};

}  // namespace yore::mixers
