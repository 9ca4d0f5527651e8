// Tensors of PyTorch's stable ABI as the kernels read and write them: plain memory whose last dimension is
// contiguous. Arithmetic is float, or double where the queries are; narrower inputs are widened here.
#pragma once
#include <torch/csrc/stable/ops.h>
#include <torch/csrc/stable/tensor.h>

#include <climits>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace yore::python {

using torch::headeronly::ScalarType;
using torch::stable::Tensor;
using OptionalTensor = std::optional<Tensor>;
using Shape = std::vector<std::int64_t>;

/// Refuses what an argument is: "scan: beta must be .., got ..". std::invalid_argument is Python's
/// ValueError.
[[noreturn]] inline void refuse(const std::string& op, const std::string& what) {
  throw std::invalid_argument(op + ": " + what);
}

inline std::string name_of(ScalarType type) {
  return torch::headeronly::toString(type);
}
inline Shape shape_of(const Tensor& x) {
  const auto sizes = x.sizes();
  return {sizes.begin(), sizes.end()};
}
inline std::string text_of(const Shape& shape) {
  std::string text = "[";
  for (const std::int64_t n : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(n);
  }
  return text + "]";
}

inline bool is_half(ScalarType type) {
  return type == ScalarType::BFloat16 || type == ScalarType::Half;
}
inline bool is_number(ScalarType type) {
  return type == ScalarType::Float || type == ScalarType::Double || is_half(type);
}
/// What the kernel computes in for a query of this type.
inline ScalarType computed_in(ScalarType type) {
  return type == ScalarType::Double ? ScalarType::Double : ScalarType::Float;
}

/// Integers of an operator are 64 bit, parameters of kernels int.
inline int narrow(const std::string& op, const char* name, std::int64_t x) {
  if (x < INT_MIN || x > INT_MAX)
    refuse(op,
           std::string(name) + " is " + std::to_string(x) + ", expected at most " + std::to_string(INT_MAX));
  return static_cast<int>(x);
}

/// Throws unless x is a tensor of the CPU with that shape (-1: any size) and a type that goes with `type`:
/// the kernel's double alone, or one of float, bfloat16 and float16.
inline void check_tensor(const std::string& op, const char* name, const Tensor& x, const Shape& shape,
                         ScalarType type) {
  const Shape got = shape_of(x);
  bool same = got.size() == shape.size();
  for (std::size_t i = 0; same && i < got.size(); ++i) same = shape[i] < 0 || shape[i] == got[i];
  if (!same) refuse(op, std::string(name) + " must be " + text_of(shape) + ", got " + text_of(got));
  if (!x.is_cpu()) refuse(op, std::string(name) + " must be on the CPU");
  const ScalarType its = x.scalar_type();
  const bool fits = type == ScalarType::Double ? its == type : its == ScalarType::Float || is_half(its);
  if (!fits)
    refuse(op, std::string(name) + " must be " +
                   (type == ScalarType::Double ? "Double" : "Float, BFloat16 or Half") + ", got " +
                   name_of(its));
}

/// The same numbers as `type` with the last dimension contiguous; x itself where it is so already.
inline Tensor readable(const Tensor& x, ScalarType type) {
  const Tensor typed = x.scalar_type() == type ? x : torch::stable::to(x, type);
  const std::int64_t last = typed.dim() - 1;
  return last < 0 || typed.size(last) == 1 || typed.stride(last) == 1 ? typed
                                                                      : torch::stable::contiguous(typed);
}

inline Tensor contiguous_as(const Tensor& x, ScalarType type) {
  return torch::stable::contiguous(readable(x, type));
}

/// An uninitialised tensor beside x.
inline Tensor blank(const Tensor& x, const Shape& shape, ScalarType type) {
  return torch::stable::new_empty(x, shape, type);
}
/// x as `type`, for results that were computed in another.
inline Tensor as_type(const Tensor& x, ScalarType type) {
  return x.scalar_type() == type ? x : torch::stable::to(x, type);
}

/// Memory of x as T: const void for tensors of any type.
template <class T>
T* data_of(const Tensor& x) {
  if constexpr (std::is_const_v<T>)
    return static_cast<T*>(x.const_data_ptr());
  else
    return static_cast<T*>(x.mutable_data_ptr());
}
template <class T>
T* data_of(const OptionalTensor& x) {
  return x ? data_of<T>(*x) : nullptr;
}

/// cu_seqlens as a list. Throws unless it is a row of integers that rises weakly from 0 to `rows`.
std::vector<std::int64_t> starts_of(const std::string& op, const char* name, const Tensor& x,
                                    std::int64_t rows);

/// Calls run.operator()<double>() or <float>().
template <class Run>
void typed(ScalarType type, const Run& run) {
  type == ScalarType::Double ? run.template operator()<double>() : run.template operator()<float>();
}

/// Threads that torch was told to use.
inline int threads() {
  return static_cast<int>(torch::stable::get_num_threads());
}

}  // namespace yore::python
