// Values that shrink where they are small (V-scale, arXiv 2603.17771): each row v of a key head becomes
// phi(r) v with r = ||v||^2 and phi(r) = r / (r + C). math.md has the derivatives.
#pragma once
#include <cstdint>

namespace yore::mixers::kernel {

/// Rows v[row, head, dim], dims next to each other, and what they are scaled by.
template <class T>
struct ValueRows {
  std::int64_t rows, heads, dim;
  const T* v;
  std::int64_t v_row, v_head;  ///< elements from row to row and from head to head
  const T* constant;           ///< [heads] C > 0
  int threads = 0;             ///< 0 = OpenMP's default; the results are the same for any number
};

/// Writes the scaled rows into out [rows, heads, dim]. A row of zeros stays one.
template <class T>
void scale_values(const ValueRows<T>& values, T* out);

/// From g [rows, heads, dim], the gradient of the scaled rows, writes that of v into grad_v [rows, heads,
/// dim] and, unless it is null, that of each head's log C into grad_log_constant [heads].
template <class T>
void scale_values_backward(const ValueRows<T>& values, const T* g, T* grad_v, T* grad_log_constant);

}  // namespace yore::mixers::kernel
