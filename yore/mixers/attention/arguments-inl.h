// What the entries for plain memory (kernel.h, c_api.h) ask of arrays: shapes, starts of sequences, strides.
// Every function throws std::invalid_argument, "<what>: expected .., got ..".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace yore::mixers::arguments {

/// A number as messages have it: six digits, however large or small.
inline std::string text(double x) {
  char digits[32];
  std::snprintf(digits, sizeof digits, "%g", x);
  return digits;
}

inline void expect(bool holds, const std::string& name, const std::string& expected, const std::string& got) {
  if (!holds) throw std::invalid_argument(name + ": expected " + expected + ", got " + got);
}
inline void expect_within(const char* name, std::int64_t x, std::int64_t least, std::int64_t most) {
  expect(least <= x && x <= most, name, std::to_string(least) + " to " + std::to_string(most),
         std::to_string(x));
}

/// No array has more elements than this (an address has 47 bits), so that sums of products of sizes cannot
/// overflow.
inline constexpr std::int64_t kMostElements = std::int64_t{1} << 46;

struct Shape {
  std::int64_t batch, time, head, dim;
  std::int64_t elements() const { return batch * time * head * dim; }
};

/// The product of the sizes must stay below kMostElements.
inline void check_elements(const char* name, const Shape& shape) {
  const double all = static_cast<double>(shape.batch) * static_cast<double>(shape.time) *
                     static_cast<double>(shape.head) * static_cast<double>(shape.dim);
  expect(all < static_cast<double>(kMostElements), name, "fewer than 2^46 elements", std::to_string(all));
}

/// Numbers of `bytes` bytes may lie at `data`.
inline void check_aligned(const char* name, const void* data, std::size_t bytes) {
  expect(reinterpret_cast<std::uintptr_t>(data) % bytes == 0, name,
         "an address that is a multiple of " + std::to_string(bytes), "another");
}

/// An array of that shape with numbers of `bytes` bytes: somewhere, unless it is empty, and aligned.
inline void check_address(const char* name, const void* data, const Shape& shape, std::size_t bytes) {
  check_elements(name, shape);
  check_aligned(name, data, bytes);
  expect(data != nullptr || shape.elements() == 0, name, "an address", "null");
}

/// Strides (batch, time, head; the last dimension is contiguous) under which no element of an array is
/// written twice.
inline void check_apart(const char* name, std::int64_t batch, std::int64_t time, std::int64_t head,
                        const Shape& shape) {
  struct Axis {
    std::int64_t stride, count;
  } axes[] = {{std::abs(batch), shape.batch}, {std::abs(time), shape.time}, {std::abs(head), shape.head}};
  std::sort(std::begin(axes), std::end(axes),
            [](const Axis& a, const Axis& b) { return a.stride < b.stride; });
  std::int64_t extent = shape.dim;
  for (const Axis& axis : axes) {
    if (axis.count <= 1) continue;
    const bool apart = axis.stride >= extent && axis.stride < kMostElements / axis.count;
    expect(apart || shape.elements() == 0, name, "strides under which no elements overlap",
           std::to_string(batch) + ", " + std::to_string(time) + ", " + std::to_string(head));
    if (shape.elements() == 0) return;
    extent += axis.stride * (axis.count - 1);
  }
}

/// starts[0 .. batch]: from 0, never falling, and to `rows` unless that is negative (not known).
inline void check_starts(const char* name, const std::int64_t* starts, std::int64_t batch,
                         std::int64_t rows) {
  expect(starts[0] == 0, std::string(name) + "[0]", "0", std::to_string(starts[0]));
  for (std::int64_t b = 1; b <= batch; ++b)
    expect(starts[b] >= starts[b - 1], std::string(name) + "[" + std::to_string(b) + "]",
           "at least the one before, " + std::to_string(starts[b - 1]), std::to_string(starts[b]));
  expect(rows < 0 || starts[batch] == rows, std::string(name) + "[" + std::to_string(batch) + "]",
         "the number of rows, " + std::to_string(rows), std::to_string(starts[batch]));
}

/// Both arrays of starts or neither.
inline void check_both_starts(const std::int64_t* query_starts, const std::int64_t* key_starts) {
  expect((query_starts == nullptr) == (key_starts == nullptr), "query_starts and key_starts",
         "both or neither", query_starts == nullptr ? "key_starts alone" : "query_starts alone");
}

}  // namespace yore::mixers::arguments
