#include "yore/mixers/attention/value_scale_torch.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/attention/value_scale.h"
#include "yore/mixers/common/autograd.h"
#include "yore/mixers/common/tensor_checks.h"

namespace yore::mixers {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr const char* kScaleValues = "scale_values";

/// [heads] C.
at::Tensor constants(const at::Tensor& v, const at::Tensor& theta, double constant) {
  return theta.defined() ? at::exp(theta) * constant : at::full({v.size(1)}, constant, v.options());
}

template <class T>
kernel::ValueRows<T> value_rows(const at::Tensor& v, const at::Tensor& constant) {
  return {v.size(0),
          v.size(1),
          v.size(2),
          v.data_ptr<T>(),
          v.stride(0),
          v.stride(1),
          constant.data_ptr<T>(),
          at::get_num_threads()};
}

class ScaledValues : public torch::autograd::Function<ScaledValues> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& v, const at::Tensor& theta,
                            double constant, bool backward_only) {
    const at::Tensor rows = readable(v), each = constants(v, or_none(theta), constant).contiguous();
    context->save_for_backward({rows, each, theta});
    if (backward_only) return v;
    at::Tensor out = at::empty(v.sizes(), v.options());
    typed(v, [&]<class T> { kernel::scale_values<T>(value_rows<T>(rows, each), out.data_ptr<T>()); });
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const variable_list s = context->get_saved_variables();
    const at::Tensor &v = s[0], &each = s[1], g = grads[0].contiguous();
    at::Tensor grad_v = at::empty(v.sizes(), v.options()), grad_theta;
    if (context->needs_input_grad(1)) grad_theta = at::empty(each.sizes(), each.options());
    typed(v, [&]<class T> {
      kernel::scale_values_backward<T>(value_rows<T>(v, each), g.data_ptr<T>(), grad_v.data_ptr<T>(),
                                       grad_theta.defined() ? grad_theta.data_ptr<T>() : nullptr);
    });
    return mixers::once({grad_v, grad_theta, at::Tensor(), at::Tensor()}, s, grads[0],
                        "scale_values: the kernel has no second derivatives (scale_values_composition has)");
  }
};

}  // namespace

at::Tensor scale_values(const at::Tensor& v, const at::Tensor& theta, const ValueScaling& scaling) {
  if (!v.defined() || v.dim() != 3) refuse_tensor(kScaleValues, "v", "[N, heads, dim]", "another shape");
  if (!(scaling.constant > 0)) refuse_tensor(kScaleValues, "constant", "more than 0", "less");
  if (!v.device().is_cpu()) return scale_values_composition(v, theta, scaling);
  check_tensor(kScaleValues, "v", v, v.scalar_type(), v.sizes().vec());
  if (theta.defined()) check_tensor(kScaleValues, "theta", theta, v.scalar_type(), {v.size(1)});
  return ScaledValues::apply(v, or_empty(theta, v), scaling.constant, scaling.backward_only);
}

at::Tensor scale_values_composition(const at::Tensor& v, const at::Tensor& theta,
                                    const ValueScaling& scaling) {
  const at::Tensor r = v.square().sum(-1, true);
  const at::Tensor scaled = r / (r + constants(v, theta, scaling.constant).unsqueeze(-1)) * v;
  return scaling.backward_only ? v.detach() + (scaled - scaled.detach()) : scaled;
}

}  // namespace yore::mixers
