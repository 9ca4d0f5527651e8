// V-scale on torch tensors: see value_scale.h.
#pragma once
#include <ATen/core/Tensor.h>

namespace yore::mixers {

/// How a layer's values are scaled. BackwardOnly: the values stay as they are, to the bit, and their gradient
/// is that of the scaled ones.
struct ValueScaling {
  double constant = 1;  ///< C where theta is 0; more than 0
  bool backward_only = false;
};

/// v [N, heads, dim] scaled by phi with C = constant e^theta, theta [heads] (undefined = 0); float or double,
/// any strides. Differentiable in v and theta; a second derivative through the kernel is an error
/// (std::runtime_error when it is asked for). On the CPU this is the kernel, elsewhere the composition.
/// Throws std::invalid_argument for shapes or types that do not fit.
at::Tensor scale_values(const at::Tensor& v, const at::Tensor& theta, const ValueScaling& scaling);

/// The same as a few torch operations: any device, the form that the kernel is held against.
at::Tensor scale_values_composition(const at::Tensor& v, const at::Tensor& theta,
                                    const ValueScaling& scaling);

}  // namespace yore::mixers
