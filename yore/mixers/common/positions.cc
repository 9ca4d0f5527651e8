#include "yore/mixers/common/positions.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <cmath>

namespace yore::mixers {
namespace {

/// t / 10000^(2c/width) for t < length, c < width/2 (rounded up), in double: long positions lose digits in
/// float.
at::Tensor angles(std::int64_t length, std::int64_t width) {
  const at::Tensor place = at::arange(length, at::kDouble).unsqueeze(1);
  const at::Tensor pair = at::arange((width + 1) / 2, at::kDouble).unsqueeze(0);
  return place * at::exp(pair * (-2.0 * std::log(10000.0) / static_cast<double>(width)));
}

}  // namespace

at::Tensor sinusoidal_table(std::int64_t length, std::int64_t width, const at::TensorOptions& options) {
  const at::Tensor angle = angles(length, width);
  return at::stack({angle.sin(), angle.cos()}, 2).flatten(1).narrow(1, 0, width).to(options.dtype());
}

RotaryTable rotary_table(std::int64_t length, std::int64_t dim, const at::TensorOptions& options) {
  const at::Tensor angle = angles(length, dim);
  return {angle.cos().to(options.dtype()), angle.sin().to(options.dtype())};
}

at::Tensor rotate(const at::Tensor& x, const RotaryTable& table, const at::Tensor& position) {
  const at::Tensor cos = table.cos.index_select(0, position).unsqueeze(1);
  const at::Tensor sin = table.sin.index_select(0, position).unsqueeze(1);
  const std::int64_t half = x.size(2) / 2;
  const at::Tensor first = x.narrow(2, 0, half), second = x.narrow(2, half, half);
  return at::cat({first * cos - second * sin, first * sin + second * cos}, 2);
}

std::vector<at::Tensor> PositionTable::at_least(std::int64_t length) const {
  const std::lock_guard lock(mutex_);
  if (tables_.empty() || tables_.front().size(0) < length) tables_ = make_(length);
  return tables_;
}

}  // namespace yore::mixers
