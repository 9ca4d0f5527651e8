#include "yore/mixers/common/scan_torch.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/common/autograd.h"
#include "yore/mixers/common/scan_state.h"
#include "yore/mixers/common/short_conv.h"
#include "yore/mixers/common/tensor_checks.h"

namespace yore::mixers {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

void check_input(const ScanInput& in, const at::Tensor& initial, const std::vector<std::int64_t>& starts,
                 const scan::Setting& s) {
  scan::check(s);
  if (!in.q.defined()) refuse_tensor("scan", "q", "a tensor", "none");
  const at::ScalarType type = in.q.scalar_type();
  const std::int64_t rows = in.q.dim() > 0 ? in.q.size(0) : 0;
  check_packed("scan", starts, rows);
  check_tensor("scan", "q", in.q, type, {rows, s.key_heads, s.key_dim});
  check_tensor("scan", "k", in.k, type, {rows, s.key_heads, s.key_dim});
  check_tensor("scan", "v", in.v, type, {rows, s.heads, s.value_dim});
  if (s.decay != scan::Decay::None)
    check_tensor("scan", "log_decay", in.log_decay, type, {rows, s.heads, s.decays()});
  else if (in.log_decay.defined())
    refuse_tensor("scan", "log_decay", "none (the setting has no decay)", "a tensor");
  if (in.beta.defined()) check_tensor("scan", "beta", in.beta, type, {rows, s.heads});
  if (initial.defined())
    check_tensor("scan", "initial", initial, type,
                 {static_cast<std::int64_t>(starts.size()) - 1, s.heads, s.key_dim, s.value_dim});
}

template <class T>
scan::Problem<T> problem_of(const ScanInput& in, const at::Tensor& initial,
                            const std::vector<std::int64_t>& starts, const scan::Setting& s) {
  scan::Problem<T> p;
  p.setting = s;
  p.batch = static_cast<std::int64_t>(starts.size()) - 1;
  p.starts = starts.data();
  p.q = rows_of<const T>(in.q);
  p.k = rows_of<const T>(in.k);
  p.v = rows_of<const T>(in.v);
  p.log_decay = rows_of<const T>(in.log_decay);
  p.beta = rows_of<const T>(in.beta);
  p.initial = data_of<T>(initial);
  p.threads = at::get_num_threads();
  return p;
}

struct ScanCall : torch::CustomClassHolder {
  scan::Setting setting;
  std::vector<std::int64_t> starts;
};
struct ConvCall : torch::CustomClassHolder {
  std::vector<std::int64_t> starts;
};

class Scan : public torch::autograd::Function<Scan> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& k,
                               const at::Tensor& v, const at::Tensor& log_decay, const at::Tensor& beta,
                               const at::Tensor& initial, const c10::intrusive_ptr<ScanCall>& call) {
    const scan::Setting& s = call->setting;
    const ScanInput in{readable(q), readable(k), readable(v), readable(or_none(log_decay)), or_none(beta)};
    const at::Tensor first = or_none(initial).defined() ? initial.contiguous() : at::Tensor();
    const auto batch = static_cast<std::int64_t>(call->starts.size()) - 1;
    at::Tensor out = at::empty({q.size(0), s.heads, s.value_dim}, q.options());
    at::Tensor final = at::empty({batch, s.heads, s.key_dim, s.value_dim}, q.options());
    const at::Tensor states = at::empty({scan::kept_size(s, batch, call->starts.data())}, q.options());
    typed(q, [&]<class T>() {
      scan::forward<T>(problem_of<T>(in, first, call->starts, s), rows_of<T>(out), final.data_ptr<T>(),
                       states.data_ptr<T>());
    });
    context->save_for_backward(
        {in.q, in.k, in.v, or_empty(in.log_decay, q), or_empty(in.beta, q), or_empty(first, q), out, states});
    context->saved_data["call"] = c10::IValue::make_capsule(call);
    return {out, final};
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const variable_list saved = context->get_saved_variables();
    const auto call = kept_call<ScanCall>(context);
    const scan::Setting& s = call->setting;
    const at::Tensor& q = saved[0];
    const ScanInput in{q, saved[1], saved[2], or_none(saved[3]), or_none(saved[4])};
    const at::Tensor initial = or_none(saved[5]);
    const at::Tensor& out = saved[6];
    const ScanInput to{blank_like(in.q), blank_like(in.k), blank_like(in.v), blank_like(in.log_decay),
                       blank_like(in.beta)};
    const at::Tensor to_initial = blank_like(initial);
    const at::Tensor grad_out = grads[0].defined() ? readable(grads[0]) : at::zeros_like(out);
    const at::Tensor grad_final = grads[1].defined() ? grads[1].contiguous() : at::Tensor();
    typed(q, [&]<class T>() {
      scan::Gradients<T> g;
      g.q = rows_of<T>(to.q);
      g.k = rows_of<T>(to.k);
      g.v = rows_of<T>(to.v);
      g.log_decay = rows_of<T>(to.log_decay);
      g.beta = rows_of<T>(to.beta);
      g.initial = to_initial.defined() ? to_initial.data_ptr<T>() : nullptr;
      scan::backward<T>(problem_of<T>(in, initial, call->starts, s), rows_of<const T>(out),
                        saved[7].data_ptr<T>(), rows_of<const T>(grad_out), data_of<T>(grad_final), g);
    });
    const at::Tensor& any = grads[0].defined() ? grads[0] : grads[1];
    return once({to.q, to.k, to.v, or_empty(to.log_decay, q), or_empty(to.beta, q), or_empty(to_initial, q),
                 at::Tensor()},
                saved, any, "scan: the kernel has no second derivatives");
  }
};

template <class T>
conv::Problem<T> conv_problem(const at::Tensor& x, const at::Tensor& taps, const at::Tensor& bias,
                              const std::vector<std::int64_t>& starts) {
  conv::Problem<T> p;
  p.batch = static_cast<std::int64_t>(starts.size()) - 1;
  p.starts = starts.data();
  p.channels = taps.size(1);
  p.width = taps.size(0);
  p.x = x.data_ptr<T>();
  p.x_row = x.stride(0);
  p.weight = taps.data_ptr<T>();
  p.bias = data_of<T>(bias);
  p.threads = at::get_num_threads();
  return p;
}

void check_conv(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                const std::vector<std::int64_t>& starts) {
  if (!weight.defined() || weight.dim() != 2)
    refuse_tensor("conv", "weight", "[channels, width]", "another shape");
  const std::int64_t rows = x.defined() && x.dim() == 2 ? x.size(0) : 0;
  check_tensor("conv", "x", x, weight.scalar_type(), {rows, weight.size(0)});
  check_packed("conv", starts, rows);
  if (bias.defined()) check_tensor("conv", "bias", bias, weight.scalar_type(), {weight.size(0)});
}

class Conv : public torch::autograd::Function<Conv> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, const c10::intrusive_ptr<ConvCall>& call) {
    const at::Tensor rows = readable(x), taps = weight.t().contiguous(), offset = bias.contiguous();
    at::Tensor y = at::empty(x.sizes(), x.options());
    typed(x, [&]<class T>() {
      conv::forward<T>(conv_problem<T>(rows, taps, or_none(offset), call->starts), y.data_ptr<T>(),
                       y.stride(0), nullptr);
    });
    context->save_for_backward({rows, taps, offset});
    context->saved_data["call"] = c10::IValue::make_capsule(call);
    return y;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const variable_list saved = context->get_saved_variables();
    const auto call = kept_call<ConvCall>(context);
    const at::Tensor &x = saved[0], &taps = saved[1], &bias = saved[2];
    const at::Tensor grad = grads[0].contiguous();
    const at::Tensor to_x = at::empty(x.sizes(), x.options()), to_taps = at::empty_like(taps),
                     to_bias = at::empty_like(bias);
    typed(x, [&]<class T>() {
      const conv::Gradients<T> g{to_x.data_ptr<T>(), to_x.stride(0), to_taps.data_ptr<T>(),
                                 bias.numel() > 0 ? to_bias.data_ptr<T>() : nullptr, nullptr};
      conv::backward<T>(conv_problem<T>(x, taps, or_none(bias), call->starts), grad.data_ptr<T>(),
                        grad.stride(0), nullptr, g);
    });
    return once({to_x, to_taps.t(), to_bias, at::Tensor()}, saved, grads[0],
                "conv: the kernel has no second derivatives");
  }
};

}  // namespace

std::pair<at::Tensor, at::Tensor> scan_packed(const ScanInput& in, const at::Tensor& initial,
                                              const std::vector<std::int64_t>& starts,
                                              const scan::Setting& setting) {
  check_input(in, initial, starts, setting);
  auto call = c10::make_intrusive<ScanCall>();
  call->setting = setting;
  call->starts = starts;
  const variable_list both = Scan::apply(in.q, in.k, in.v, or_empty(in.log_decay, in.q),
                                         or_empty(in.beta, in.q), or_empty(initial, in.q), call);
  return {both[0], both[1]};
}

at::Tensor scan_packed(const ScanInput& in, const std::vector<std::int64_t>& starts,
                       const scan::Setting& setting) {
  return scan_packed(in, {}, starts, setting).first;
}

std::unique_ptr<State> start_scan(const scan::Setting& setting, const std::string& kind, at::ScalarType type,
                                  const StateSetting& wanted) {
  if (type == at::kDouble)
    return scan::start<double>(setting, kind, wanted.batch, wanted.rollback, wanted.max_tokens);
  return scan::start<float>(setting, kind, wanted.batch, wanted.rollback, wanted.max_tokens);
}

at::Tensor advance_scan(State& state, const ScanInput& input, const std::vector<std::int64_t>& starts,
                        const scan::Setting& setting) {
  const at::NoGradGuard no_gradients;
  check_input(input, {}, starts, setting);
  const ScanInput in{readable(input.q), readable(input.k), readable(input.v), readable(input.log_decay),
                     input.beta};
  at::Tensor out = at::empty({in.q.size(0), setting.heads, setting.value_dim}, in.q.options());
  typed(in.q, [&]<class T>() {
    scan::advance<T>(dynamic_cast<RecurrentState<T>&>(state), problem_of<T>(in, {}, starts, setting),
                     rows_of<T>(out));
  });
  return out;
}

at::Tensor conv_packed(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                       const std::vector<std::int64_t>& starts) {
  check_conv(x, weight, bias, starts);
  auto call = c10::make_intrusive<ConvCall>();
  call->starts = starts;
  return Conv::apply(x, weight, or_empty(bias, x), call);
}

std::unique_ptr<State> start_conv(std::int64_t channels, std::int64_t width, const std::string& kind,
                                  at::ScalarType type, const StateSetting& wanted) {
  if (type == at::kDouble)
    return conv::start<double>(channels, width, kind, wanted.batch, wanted.rollback, wanted.max_tokens);
  return conv::start<float>(channels, width, kind, wanted.batch, wanted.rollback, wanted.max_tokens);
}

at::Tensor advance_conv(State& state, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        const std::vector<std::int64_t>& starts) {
  const at::NoGradGuard no_gradients;
  check_conv(x, weight, bias, starts);
  const at::Tensor rows = readable(x), taps = weight.t().contiguous();
  at::Tensor y = at::empty(x.sizes(), x.options());
  typed(x, [&]<class T>() {
    conv::advance<T>(dynamic_cast<RecurrentState<T>&>(state), conv_problem<T>(rows, taps, bias, starts),
                     y.data_ptr<T>(), y.stride(0));
  });
  return y;
}

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  const at::Tensor normed = x * at::rsqrt(x.square().mean({-1}, true) + epsilon);
  return weight.defined() ? normed * weight : normed;
}

at::Tensor l2_norm(const at::Tensor& x, double epsilon) {
  return x * at::rsqrt(x.square().sum({-1}, true) + epsilon);
}

}  // namespace yore::mixers
