// What the torch functions of mixers ask of their tensors, and their way to plain memory.
#pragma once
#include <ATen/Functions.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

#include "yore/mixers/common/scan.h"

namespace yore::mixers {

[[noreturn]] inline void refuse_tensor(const char* op, const char* what, const std::string& expected,
                                       const std::string& got) {
  throw std::invalid_argument(fmt::format("{}: {}: expected {}, got {}", op, what, expected, got));
}

/// A tensor of the CPU, of this type (float or double) and shape.
inline void check_tensor(const char* op, const char* what, const at::Tensor& x, at::ScalarType type,
                         const std::vector<std::int64_t>& shape) {
  if (!x.defined()) refuse_tensor(op, what, "a tensor", "none");
  if (!x.device().is_cpu()) refuse_tensor(op, what, "a tensor of the CPU", x.device().str());
  if (type != at::kFloat && type != at::kDouble)
    refuse_tensor(op, what, "float or double", at::toString(type));
  if (x.scalar_type() != type) refuse_tensor(op, what, at::toString(type), at::toString(x.scalar_type()));
  if (x.sizes() != at::IntArrayRef(shape))
    refuse_tensor(op, what, fmt::format("[{}]", fmt::join(shape, ", ")),
                  fmt::format("[{}]", fmt::join(x.sizes(), ", ")));
}

/// Where packed sequences begin, of `rows` rows in all.
inline void check_packed(const char* op, const std::vector<std::int64_t>& starts, std::int64_t rows) {
  const bool rises = !starts.empty() && starts.front() == 0 && starts.back() == rows &&
                     std::is_sorted(starts.begin(), starts.end());
  if (!rises)
    refuse_tensor(op, "starts", fmt::format("numbers that never fall, from 0 to {}", rows),
                  fmt::format("[{}]", fmt::join(starts, ", ")));
}

/// The same numbers with the last dimension contiguous; undefined stays undefined.
inline at::Tensor readable(const at::Tensor& x) {
  if (!x.defined()) return x;
  return x.stride(-1) == 1 || x.size(-1) == 1 ? x : x.contiguous();
}

/// [N, heads, dim] or [N, heads] as rows; nothing if it is undefined or empty.
template <class T>
scan::Rows<T> rows_of(const at::Tensor& x) {
  if (!x.defined() || x.numel() == 0) return {};
  return {x.data_ptr<std::remove_const_t<T>>(), x.stride(0), x.stride(1)};
}

template <class T>
const T* data_of(const at::Tensor& x) {
  return x.defined() ? x.data_ptr<T>() : nullptr;
}

/// An uninitialised tensor like x; undefined stays undefined.
inline at::Tensor blank_like(const at::Tensor& x) {
  return x.defined() ? at::empty(x.sizes(), x.options()) : at::Tensor();
}

/// Calls run.operator()<float>() or <double>(), as x has.
template <class Run>
void typed(const at::Tensor& x, const Run& run) {
  x.scalar_type() == at::kDouble ? run.template operator()<double>() : run.template operator()<float>();
}

/// Autograd's functions take no undefined tensors: what is not there is an empty tensor [0] inside them.
inline at::Tensor or_empty(const at::Tensor& x, const at::Tensor& like) {
  return x.defined() ? x : at::empty({0}, like.options());
}
inline at::Tensor or_none(const at::Tensor& x) {
  return x.numel() == 0 && x.dim() == 1 ? at::Tensor() : x;
}

/// What a backward node keeps beside its tensors.
template <class Call>
c10::intrusive_ptr<Call> kept_call(torch::autograd::AutogradContext* context) {
  return c10::static_intrusive_pointer_cast<Call>(context->saved_data["call"].toCapsule());
}

}  // namespace yore::mixers
