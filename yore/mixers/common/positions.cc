#include "yore/mixers/common/positions.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <cmath>

namespace yore::mixers {
namespace {

/// base^(-2c/width) for c < width/2 (rounded up), [1, pairs] in double.
at::Tensor frequencies(std::int64_t width, double base) {
  const at::Tensor pair = at::arange((width + 1) / 2, at::kDouble).unsqueeze(0);
  return at::exp(pair * (-2.0 * std::log(base) / static_cast<double>(width)));
}

at::Tensor places(std::int64_t length) {
  return at::arange(length, at::kDouble).unsqueeze(1);
}

struct SharedTable {
  Rotary rotary;
  at::ScalarType type;
  std::weak_ptr<const PositionTable> table;
};

std::shared_ptr<const PositionTable> shared_table(const Rotary& rotary, at::ScalarType type) {
  static std::mutex mutex;
  static std::vector<SharedTable> known;
  const std::lock_guard lock(mutex);
  std::erase_if(known, [](const SharedTable& one) { return one.table.expired(); });
  for (const SharedTable& one : known)
    if (one.type == type && one.rotary == rotary)
      if (std::shared_ptr<const PositionTable> table = one.table.lock()) return table;
  auto table = std::make_shared<const PositionTable>([rotary, type](std::int64_t length) {
    const RotaryTable made = rotary_table(length, rotary, at::TensorOptions(type));
    return std::vector<at::Tensor>{made.cos, made.sin};
  });
  known.push_back({rotary, type, table});
  return table;
}

}  // namespace

at::Tensor sinusoidal_table(std::int64_t length, std::int64_t width, const at::TensorOptions& options) {
  const at::Tensor angle = places(length) * frequencies(width, 10000);
  return at::stack({angle.sin(), angle.cos()}, 2).flatten(1).narrow(1, 0, width).to(options.dtype());
}

RotaryTable rotary_table(std::int64_t length, const Rotary& rotary, const at::TensorOptions& options) {
  at::Tensor frequency = frequencies(rotary.dims, rotary.base);
  if (rotary.scaling.kind != RotaryScaling::Kind::None)
    frequency = frequency * at::tensor(rotary_frequency_factors(rotary), at::kDouble);
  const at::Tensor angle = places(length) * frequency;
  at::Tensor cos = angle.cos(), sin = angle.sin();
  if (const double factor = rotary_length_factor(rotary); factor != 1) cos = cos * factor, sin = sin * factor;
  return {cos.to(options.dtype()), sin.to(options.dtype())};
}

at::Tensor rotate(const at::Tensor& x, const RotaryTable& table, const at::Tensor& position, bool adjacent) {
  const at::Tensor cos = table.cos.index_select(0, position).unsqueeze(1);
  const at::Tensor sin = table.sin.index_select(0, position).unsqueeze(1);
  const std::int64_t pairs = table.cos.size(1), rest = x.size(2) - 2 * pairs;
  const auto part = [&](std::int64_t i) {
    return adjacent ? x.slice(2, i, 2 * pairs, 2) : x.narrow(2, i * pairs, pairs);
  };
  const at::Tensor first = part(0), second = part(1);
  std::vector<at::Tensor> turned = {first * cos - second * sin, first * sin + second * cos};
  if (adjacent) turned = {at::stack(turned, 3).flatten(2)};
  if (rest > 0) turned.push_back(x.narrow(2, 2 * pairs, rest));
  return at::cat(turned, 2);
}

std::vector<at::Tensor> PositionTable::at_least(std::int64_t length) const {
  const std::lock_guard lock(mutex_);
  // Whoever goes on token by token asks for one row more each time: twice as many are made, so that all rows
  // together cost what the last ones do.
  const std::int64_t have = tables_.empty() ? 0 : tables_.front().size(0);
  if (tables_.empty() || have < length) tables_ = make_(std::max(length, 2 * have));
  return tables_;
}

RotaryTable RotaryPositions::at_least(std::int64_t length, const Rotary& rotary, at::ScalarType type) const {
  std::shared_ptr<const PositionTable> table;
  {
    const std::lock_guard lock(mutex_);
    if (!table_) table_ = shared_table(rotary, type);
    table = table_;
  }
  const std::vector<at::Tensor> both = table->at_least(length);
  return {both[0], both[1]};
}

}  // namespace yore::mixers
