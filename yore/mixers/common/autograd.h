// Glue between kernels and torch's autograd.
#pragma once
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/functions/basic_ops.h>
#include <torch/csrc/autograd/functions/utils.h>

#include <memory>
#include <string>

namespace yore::mixers {

/// Gradients as they leave a kernel's backward pass, which nothing can be differentiated through: under
/// create_graph a second derivative is an error that says `why`, and not silently zero. `inputs` are what the
/// backward pass read.
inline torch::autograd::variable_list once(torch::autograd::variable_list gradients,
                                           const torch::autograd::variable_list& inputs,
                                           const at::Tensor& grad_out, const std::string& why) {
  if (!torch::autograd::compute_requires_grad(inputs, grad_out)) return gradients;
  const auto error =
      std::make_shared<torch::autograd::Error>(why, torch::autograd::collect_next_edges(inputs, grad_out));
  for (at::Tensor& gradient : gradients)
    if (gradient.defined()) torch::autograd::set_history(gradient, error);
  return gradients;
}

}  // namespace yore::mixers
