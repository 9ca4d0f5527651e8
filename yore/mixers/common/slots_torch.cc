#include "yore/mixers/common/slots_torch.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include "yore/mixers/common/autograd.h"
#include "yore/mixers/common/tensor_checks.h"

namespace yore::mixers {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

void check_input(const SlotInput& in, const std::vector<std::int64_t>& starts, const slots::Setting& s) {
  slots::check(s);
  if (!in.q.defined()) refuse_tensor("slots", "q", "a tensor", "none");
  const at::ScalarType type = in.q.scalar_type();
  const std::int64_t rows = in.q.dim() > 0 ? in.q.size(0) : 0;
  check_packed("slots", starts, rows);
  check_tensor("slots", "q", in.q, type, {rows, s.key_heads, s.key_dim});
  check_tensor("slots", "k", in.k, type, {rows, s.key_heads, s.key_dim});
  check_tensor("slots", "v", in.v, type, {rows, s.heads, s.value_dim});
  check_tensor("slots", "write", in.write, type, {rows, s.heads, s.slots});
  if (s.erase == slots::Erase::Decay)
    check_tensor("slots", "log_decay", in.log_decay, type, {rows, s.heads, s.slots});
  else if (in.log_decay.defined())
    refuse_tensor("slots", "log_decay", "none (the delta rule erases)", "a tensor");
  if (in.filled.defined()) check_tensor("slots", "filled", in.filled, type, {rows, s.heads, s.slots});
  if (in.bias.defined()) check_tensor("slots", "bias", in.bias, type, {rows, s.heads, s.slots});
}

SlotInput readable_input(const SlotInput& in) {
  return {readable(in.q),         readable(in.k),      readable(in.v),   readable(in.write),
          readable(in.log_decay), readable(in.filled), readable(in.bias)};
}

template <class T>
slots::Problem<T> problem_of(const SlotInput& in, const std::vector<std::int64_t>& starts,
                             const slots::Setting& s) {
  slots::Problem<T> p;
  p.setting = s;
  p.batch = static_cast<std::int64_t>(starts.size()) - 1;
  p.starts = starts.data();
  p.q = rows_of<const T>(in.q);
  p.k = rows_of<const T>(in.k);
  p.v = rows_of<const T>(in.v);
  p.write = rows_of<const T>(in.write);
  p.log_decay = rows_of<const T>(in.log_decay);
  p.filled = rows_of<const T>(in.filled);
  p.bias = rows_of<const T>(in.bias);
  p.threads = at::get_num_threads();
  return p;
}

/// The kernel's own arrays live with the node.
struct SlotCall : torch::CustomClassHolder {
  slots::Setting setting;
  std::vector<std::int64_t> starts;
  bool gates = false;  ///< whether write or log_decay wants a gradient
  slots::Saved<float> in_float;
  slots::Saved<double> in_double;
  template <class T>
  slots::Saved<T>& saved() {
    if constexpr (std::is_same_v<T, float>)
      return in_float;
    else
      return in_double;
  }
};

class Slots : public torch::autograd::Function<Slots> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, const at::Tensor& write, const at::Tensor& log_decay,
                            const at::Tensor& filled, const at::Tensor& bias,
                            const c10::intrusive_ptr<SlotCall>& call) {
    const SlotInput in = readable_input({q, k, v, write, or_none(log_decay), or_none(filled), or_none(bias)});
    at::Tensor out = at::empty({q.size(0), call->setting.heads, call->setting.value_dim}, q.options());
    typed(q, [&]<class T>() {
      slots::forward<T>(problem_of<T>(in, call->starts, call->setting), rows_of<T>(out), nullptr, nullptr,
                        call->saved<T>());
    });
    context->save_for_backward({in.q, in.k, in.v, in.write, or_empty(in.log_decay, q), or_empty(in.filled, q),
                                or_empty(in.bias, q), out});
    context->saved_data["call"] = c10::IValue::make_capsule(call);
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const variable_list saved = context->get_saved_variables();
    const auto call = kept_call<SlotCall>(context);
    const SlotInput in{saved[0],          saved[1],          saved[2],         saved[3],
                       or_none(saved[4]), or_none(saved[5]), or_none(saved[6])};
    const at::Tensor &out = saved[7], grad_out = readable(grads[0]);
    const SlotInput to{blank_like(in.q),
                       blank_like(in.k),
                       blank_like(in.v),
                       call->gates ? blank_like(in.write) : at::Tensor(),
                       call->gates ? blank_like(in.log_decay) : at::Tensor(),
                       {},
                       {}};
    typed(in.q, [&]<class T>() {
      slots::Gradients<T> g;
      g.q = rows_of<T>(to.q);
      g.k = rows_of<T>(to.k);
      g.v = rows_of<T>(to.v);
      g.write = rows_of<T>(to.write);
      g.log_decay = rows_of<T>(to.log_decay);
      slots::backward<T>(problem_of<T>(in, call->starts, call->setting), call->saved<T>(),
                         rows_of<const T>(out), rows_of<const T>(grad_out), nullptr, nullptr, g);
    });
    return once({to.q, to.k, to.v, to.write, to.log_decay, at::Tensor(), at::Tensor(), at::Tensor()}, saved,
                grads[0], "slots: the kernel has no second derivatives");
  }
};

}  // namespace

at::Tensor slots_packed(const SlotInput& in, const std::vector<std::int64_t>& starts,
                        const slots::Setting& setting) {
  check_input(in, starts, setting);
  auto call = c10::make_intrusive<SlotCall>();
  call->setting = setting;
  call->starts = starts;
  call->gates = in.write.requires_grad() || (in.log_decay.defined() && in.log_decay.requires_grad());
  return Slots::apply(in.q, in.k, in.v, in.write, or_empty(in.log_decay, in.q), or_empty(in.filled, in.q),
                      or_empty(in.bias, in.q), call);
}

std::unique_ptr<State> start_slots(const slots::Setting& setting, const std::string& kind,
                                   at::ScalarType type, const StateSetting& wanted) {
  if (type == at::kDouble)
    return slots::start<double>(setting, kind, wanted.batch, wanted.rollback, wanted.max_tokens);
  return slots::start<float>(setting, kind, wanted.batch, wanted.rollback, wanted.max_tokens);
}

at::Tensor advance_slots(State& state, const SlotInput& input, const std::vector<std::int64_t>& starts,
                         const slots::Setting& setting) {
  const at::NoGradGuard no_gradients;
  check_input(input, starts, setting);
  const SlotInput in = readable_input(input);
  at::Tensor out = at::empty({in.q.size(0), setting.heads, setting.value_dim}, in.q.options());
  typed(in.q, [&]<class T>() {
    slots::advance<T>(dynamic_cast<StateList&>(state), problem_of<T>(in, starts, setting), rows_of<T>(out));
  });
  return out;
}

}  // namespace yore::mixers
