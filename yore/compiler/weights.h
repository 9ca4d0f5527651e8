// The named arrays of a model as matrices one can write to and read from by row and column.
#pragma once
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "yore/arch/model_file.h"

namespace yore::compiler {

/// A matrix, or with one row a vector.
struct Matrix {
  std::int64_t rows = 0, columns = 0;
  std::vector<float> values;

  float& at(std::int64_t r, std::int64_t c) { return values[static_cast<std::size_t>(r * columns + c)]; }
  float at(std::int64_t r, std::int64_t c) const { return values[static_cast<std::size_t>(r * columns + c)]; }
  std::span<const float> row(std::int64_t r) const {
    return {values.data() + r * columns, static_cast<std::size_t>(columns)};
  }
};

/// weight [out, in] and bias [1, out].
struct LinearMap {
  Matrix weight, bias;
};

inline Matrix zeros(std::int64_t rows, std::int64_t columns) {
  return {rows, columns, std::vector<float>(static_cast<std::size_t>(rows * columns))};
}

inline LinearMap linear_map(std::int64_t in, std::int64_t out) {
  return {zeros(out, in), zeros(1, out)};
}

/// What a map makes of each row of x.
inline Matrix times(const LinearMap& map, const Matrix& x) {
  Matrix y = zeros(x.rows, map.weight.rows);
  for (std::int64_t i = 0; i < y.rows; ++i)
    for (std::int64_t r = 0; r < y.columns; ++r) {
      float sum = map.bias.at(0, r);
      for (std::int64_t c = 0; c < x.columns; ++c) sum += map.weight.at(r, c) * x.at(i, c);
      y.at(i, r) = sum;
    }
  return y;
}

inline base::NamedArray to_array(const Matrix& m, std::vector<std::int64_t> shape) {
  base::NamedArray array{"F32", std::move(shape), std::string(m.values.size() * sizeof(float), '\0')};
  std::memcpy(array.bytes.data(), m.values.data(), array.bytes.size());
  return array;
}

/// The array `name`, which check_weights() has seen.
inline Matrix matrix_of(const base::NamedArrays& arrays, const std::string& name) {
  const base::NamedArray& array = arrays.arrays.at(name);
  Matrix m;
  m.rows = array.shape.size() == 2 ? array.shape[0] : 1;
  m.columns = array.shape.back();
  m.values.resize(array.bytes.size() / sizeof(float));
  std::memcpy(m.values.data(), array.bytes.data(), array.bytes.size());
  return m;
}

inline LinearMap linear_of(const base::NamedArrays& arrays, const std::string& name) {
  return {matrix_of(arrays, name + ".weight"), matrix_of(arrays, name + ".bias")};
}

inline void put(base::NamedArrays& arrays, const std::string& name, const LinearMap& map) {
  arrays.arrays[name + ".weight"] = to_array(map.weight, {map.weight.rows, map.weight.columns});
  arrays.arrays[name + ".bias"] = to_array(map.bias, {map.bias.columns});
}

}  // namespace yore::compiler
