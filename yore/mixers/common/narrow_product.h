// Products of a few rows with a matrix kept in bfloat16: what a model does at every token that it decodes,
// when its weights are read once and the time is that of reading them.
#pragma once
#include <cstdint>

namespace yore::mixers {

/// Rows that one call takes at most; wide_product() takes more.
inline constexpr std::int64_t kMostNarrowRows = 8;

/// y[r, o] = sum over i of x[r, i] weight[o, i], plus bias[o].
struct NarrowProduct {
  std::int64_t rows = 0;  ///< 0 .. kMostNarrowRows for narrow_product()
  std::int64_t in = 0, out = 0;
  const float* x = nullptr;  ///< [rows, in], rows x_row numbers apart
  std::int64_t x_row = 0;
  const std::uint16_t* weight = nullptr;  ///< [out, in] bfloat16: the upper halves of floats
  const float* bias = nullptr;            ///< [out], or null
  float* y = nullptr;                     ///< [rows, out], rows y_row numbers apart
  std::int64_t y_row = 0;
  int threads = 1;  ///< at most; 0 = OpenMP's default
};

/// Sums are taken in float, in an order that depends on `in` and the target alone, not on rows or threads.
void narrow_product(const NarrowProduct& p);

}  // namespace yore::mixers
