// The linear maps of layers and models, whatever their matrices are kept in.
#pragma once
#include <ATen/core/Tensor.h>

#include <functional>

namespace yore::mixers {

/// x [.., in] weight^T + bias: [.., out]. `weight` is [out, in], of x's type or, with x in float, bfloat16:
/// then it is widened on the way and sums are taken in float, so that the result is that of the widened
/// matrix but for the order of sums. Differentiable if weight is of x's type. Matrices in bfloat16 stay as
/// they are: a few rows read them once (narrow_product.h), many rows a few times (wide_product.h).
at::Tensor linear_map(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias = {});

/// While one lives, products of many rows (more than narrow_product() takes) with matrices in bfloat16 have
/// their rows rounded to bfloat16 too (bfloat16_product.h), in the whole process.
class Bfloat16Rows {
 public:
  /// Throws std::invalid_argument where the processor has no unit for them.
  Bfloat16Rows();
  ~Bfloat16Rows();
  Bfloat16Rows(const Bfloat16Rows&) = delete;
  Bfloat16Rows& operator=(const Bfloat16Rows&) = delete;
};

/// While one lives, every linear_map of this thread multiplies change(x, weight) instead of its rows x
/// [rows, in], so that what goes into a model's products can be looked at, or rounded. `weight` is the
/// layer's matrix or some rows of it, in its memory. An inner one stands in place of an outer one.
class LinearInputs {
 public:
  using Change = std::function<at::Tensor(const at::Tensor& x, const at::Tensor& weight)>;
  explicit LinearInputs(Change change);
  ~LinearInputs();
  LinearInputs(const LinearInputs&) = delete;
  LinearInputs& operator=(const LinearInputs&) = delete;

 private:
  Change change_;
  const Change* outer_;
};

}  // namespace yore::mixers
