// Sequences as the recurrent kernels take them: rows of all of them behind one another.
#pragma once
#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "python/stable/tensors.h"
#include "yore/mixers/common/scan.h"

namespace yore::python {

/// How many sequences of which lengths: [B, T, ..] tensors without cu_seqlens, [N, ..] with.
struct Packing {
  Shape lead;                        ///< {B, T} or {N}
  std::vector<std::int64_t> starts;  ///< [batch + 1]
  std::int64_t batch = 0, rows = 0;
  /// Room for the states that backward wants: one for every scan::kKept tokens, and two more, so that no
  /// length makes it 0 or 1, which torch.export would take for a rule about lengths.
  std::int64_t kept = 0;

  /// The shape of a tensor with these dimensions for each row.
  Shape with(std::initializer_list<std::int64_t> rest) const {
    Shape shape = lead;
    shape.insert(shape.end(), rest);
    return shape;
  }
};

/// Of a tensor q whose dimensions after the rows are `rest` many. Throws if it has another number of them.
inline Packing packing_of(const std::string& op, const Tensor& q, std::int64_t rest,
                          const OptionalTensor& cu_seqlens) {
  const std::int64_t lead = cu_seqlens ? 1 : 2;
  if (q.dim() != lead + rest)
    refuse(op, std::string(rest == 2 ? "q must be " : "x must be ") + (cu_seqlens ? "[N, " : "[B, T, ") +
                   (rest == 2 ? "H, D]" : "C]") + ", got " + text_of(shape_of(q)));
  if (!is_number(q.scalar_type()))
    refuse(op, std::string(rest == 2 ? "q" : "x") + " must be Float, Double, BFloat16 or Half, got " +
                   name_of(q.scalar_type()));
  Packing p;
  if (cu_seqlens) {
    p.lead = {q.size(0)};
    p.starts = starts_of(op, "cu_seqlens", *cu_seqlens, q.size(0));
    p.rows = q.size(0);
    p.kept = p.rows / mixers::scan::kKept + 2;
  } else {
    p.lead = {q.size(0), q.size(1)};
    for (std::int64_t b = 0; b <= q.size(0); ++b) p.starts.push_back(b * q.size(1));
    p.rows = q.size(0) * q.size(1);
    p.kept = q.size(0) * (q.size(1) / mixers::scan::kKept) + 2;
  }
  p.batch = static_cast<std::int64_t>(p.starts.size()) - 1;
  return p;
}

/// Numbers from one row to the next where one stride does for all of x. A dimension of size 1 is never
/// stepped over, and its stride can be any: of sequences with one token the rows lie as far apart as the
/// sequences.
inline std::int64_t row_stride(const Tensor& x, bool dense) {
  return x.stride(dense && x.size(1) != 1 ? 1 : 0);
}

/// x [.., T, ..] as `type` where one stride takes a reader from row to row, also from sequence to sequence.
inline Tensor packed(const Tensor& x, ScalarType type, bool dense) {
  const Tensor y = readable(x, type);
  const bool even = !dense || y.size(0) == 1 || y.size(1) == 1 || y.stride(0) == y.size(1) * y.stride(1);
  return even ? y : torch::stable::contiguous(y);
}
inline OptionalTensor packed(const OptionalTensor& x, ScalarType type, bool dense) {
  return x ? OptionalTensor(packed(*x, type, dense)) : std::nullopt;
}

/// Rows [token, head, ..] of a tensor that packed(...) gave or that is contiguous.
template <class T>
mixers::scan::Rows<T> rows_of(const Tensor& x, bool dense) {
  if (x.numel() == 0) return {};
  return {data_of<T>(x), row_stride(x, dense), x.stride(dense ? 2 : 1)};
}
template <class T>
mixers::scan::Rows<T> rows_of(const OptionalTensor& x, bool dense) {
  return x ? rows_of<T>(*x, dense) : mixers::scan::Rows<T>{};
}

/// A gradient, blank if its input is there.
inline OptionalTensor blank_like(const OptionalTensor& x, ScalarType type) {
  return x ? OptionalTensor(blank(*x, shape_of(*x), type)) : std::nullopt;
}
/// What an operator gives back for it: of the input's type, and empty where there is no input.
inline Tensor gradient_of(const OptionalTensor& gradient, const OptionalTensor& input, const Tensor& any) {
  return gradient ? as_type(*gradient, input->scalar_type()) : blank(any, {0}, any.scalar_type());
}

/// Zeros from number `used` on.
template <class T>
void clear_from(const Tensor& x, std::int64_t used) {
  std::fill(data_of<T>(x) + used, data_of<T>(x) + x.numel(), T{0});
}

}  // namespace yore::python
