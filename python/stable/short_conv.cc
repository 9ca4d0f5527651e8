// The causal depthwise convolution as operators of torch (yore/mixers/common/short_conv.h).
#include "yore/mixers/common/short_conv.h"

#include <torch/csrc/stable/library.h>

#include <string>
#include <tuple>

#include "python/stable/packed.h"

namespace yore::python {
namespace {

namespace conv = mixers::conv;
const std::string kOp = "short_conv";

struct ConvCall {
  Packing packing;
  Tensor x, taps;  ///< taps [width, channels]
  OptionalTensor bias, history;
  ScalarType type = ScalarType::Float;
};

ConvCall call_of(const Tensor& x, const Tensor& weight, const OptionalTensor& bias,
                 const OptionalTensor& history, const OptionalTensor& cu_seqlens) {
  ConvCall call;
  call.packing = packing_of(kOp, x, 1, cu_seqlens);
  call.type = computed_in(x.scalar_type());
  const std::int64_t channels = x.size(x.dim() - 1);
  if (channels < 1) refuse(kOp, "x must have at least one channel, got " + text_of(shape_of(x)));
  check_tensor(kOp, "x", x, call.packing.with({channels}), call.type);
  check_tensor(kOp, "weight", weight, {channels, -1}, call.type);
  if (weight.size(1) < 1) refuse(kOp, "weight must be [channels, width], got " + text_of(shape_of(weight)));
  if (bias) check_tensor(kOp, "bias", *bias, {channels}, call.type);
  if (history)
    check_tensor(kOp, "history", *history, {call.packing.batch, weight.size(1) - 1, channels}, call.type);
  call.x = contiguous_as(x, call.type);
  call.taps = torch::stable::contiguous(torch::stable::transpose(as_type(weight, call.type), 0, 1));
  if (bias) call.bias = contiguous_as(*bias, call.type);
  if (history) call.history = contiguous_as(*history, call.type);
  return call;
}

template <class T>
conv::Problem<T> problem_of(const ConvCall& call) {
  conv::Problem<T> p;
  p.batch = call.packing.batch;
  p.starts = call.packing.starts.data();
  p.channels = call.taps.size(1);
  p.width = call.taps.size(0);
  p.x = data_of<const T>(call.x);
  p.x_row = p.channels;
  p.weight = data_of<const T>(call.taps);
  p.bias = data_of<const T>(call.bias);
  p.history = data_of<const T>(call.history);
  p.threads = threads();
  return p;
}

std::tuple<Tensor, Tensor> forward(const Tensor& x, const Tensor& weight, const OptionalTensor& bias,
                                   const OptionalTensor& history, const OptionalTensor& cu_seqlens) {
  const ConvCall call = call_of(x, weight, bias, history, cu_seqlens);
  const std::int64_t channels = call.taps.size(1), width = call.taps.size(0);
  const Tensor y = blank(x, shape_of(x), call.type),
               final = blank(x, {call.packing.batch, width - 1, channels}, call.type);
  typed(call.type, [&]<class T>() {
    conv::forward<T>(problem_of<T>(call), data_of<T>(y), channels, data_of<T>(final));
  });
  return {as_type(y, x.scalar_type()), final};
}

std::tuple<Tensor, Tensor, Tensor, Tensor> backward(const Tensor& grad_y, const OptionalTensor& grad_final,
                                                    const Tensor& x, const Tensor& weight,
                                                    const OptionalTensor& bias, const OptionalTensor& history,
                                                    const OptionalTensor& cu_seqlens) {
  const ConvCall call = call_of(x, weight, bias, history, cu_seqlens);
  const std::int64_t channels = call.taps.size(1), width = call.taps.size(0);
  check_tensor(kOp, "grad_y", grad_y, shape_of(x), call.type);
  const Shape histories{call.packing.batch, width - 1, channels};
  if (grad_final) check_tensor(kOp, "grad_final", *grad_final, histories, call.type);
  const Tensor cotangent = contiguous_as(grad_y, call.type);
  const OptionalTensor of_final =
      grad_final ? OptionalTensor(contiguous_as(*grad_final, call.type)) : std::nullopt;
  const Tensor to_x = blank(x, shape_of(x), call.type), to_taps = blank(x, {width, channels}, call.type);
  const OptionalTensor to_bias = blank_like(bias, call.type), to_history = blank_like(history, call.type);
  typed(call.type, [&]<class T>() {
    const conv::Gradients<T> g{data_of<T>(to_x), channels, data_of<T>(to_taps), data_of<T>(to_bias),
                               data_of<T>(to_history)};
    conv::backward<T>(problem_of<T>(call), data_of<const T>(cotangent), channels, data_of<const T>(of_final),
                      g);
  });
  const Tensor to_weight = torch::stable::contiguous(torch::stable::transpose(to_taps, 0, 1));
  return {as_type(to_x, x.scalar_type()), as_type(to_weight, weight.scalar_type()),
          gradient_of(to_bias, bias, to_x), gradient_of(to_history, history, to_x)};
}

}  // namespace

STABLE_TORCH_LIBRARY_FRAGMENT(yore, m) {
  m.def(
      "conv_forward(Tensor x, Tensor weight, Tensor? bias, Tensor? history, Tensor? cu_seqlens) -> (Tensor, "
      "Tensor)");
  m.def(
      "conv_backward(Tensor grad_y, Tensor? grad_final, Tensor x, Tensor weight, Tensor? bias, Tensor? "
      "history, "
      "Tensor? cu_seqlens) -> (Tensor, Tensor, Tensor, Tensor)");
}

STABLE_TORCH_LIBRARY_IMPL(yore, CPU, m) {
  m.impl("conv_forward", TORCH_BOX(&forward));
  m.impl("conv_backward", TORCH_BOX(&backward));
}

}  // namespace yore::python
