// The kernel as differentiable torch functions. Tensors of the CPU go to the kernel, others to the
// composition.
#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include "yore/kernels/targets.h"
#include "yore/mixers/attention/attention.h"
#include "yore/mixers/attention/checks.h"
#include "yore/mixers/attention/kernel.h"
#include "yore/mixers/common/autograd.h"
#include "yore/mixers/common/tensor_checks.h"

namespace yore::mixers {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

/// What is the same for all tensors of a call; kept by the backward node.
struct Call : torch::CustomClassHolder {
  AttentionParams params;
  std::vector<std::int64_t> query_starts, key_starts;  ///< empty: dense
};
using CallPointer = c10::intrusive_ptr<Call>;

/// Of a call with queries like q [.., H, D], which has been checked.
CallPointer call_of(const at::Tensor& q, const AttentionParams& params,
                    std::vector<std::int64_t> query_starts = {}, std::vector<std::int64_t> key_starts = {}) {
  auto call = c10::make_intrusive<Call>();
  call->params = complete_params(params, static_cast<int>(q.size(-2)), static_cast<int>(q.size(-1)));
  call->query_starts = std::move(query_starts);
  call->key_starts = std::move(key_starts);
  return call;
}

/// Autograd's functions take no undefined tensors: no sink logits are an empty tensor inside this file.
bool present(const at::Tensor& sink_logits) {
  return sink_logits.defined() && sink_logits.numel() > 0;
}

template <class T, class Any>
kernel::View<T> view_of(const at::Tensor& x, Any* data) {
  kernel::View<T> view;
  view.data = static_cast<T*>(data);
  view.batch = x.dim() == 4 ? x.stride(0) : 0;
  view.time = x.stride(-3);
  view.head = x.stride(-2);
  return view;
}
template <class T>
kernel::View<const T> const_view(const at::Tensor& x) {
  return view_of<const T>(x, x.data_ptr<T>());
}
template <class T>
kernel::View<T> view(const at::Tensor& x) {
  return view_of<T>(x, x.data_ptr<T>());
}

kernel::Storage storage_of(const at::Tensor& x) {
  switch (x.scalar_type()) {
    case at::kDouble:
      return kernel::Storage::Float64;
    case at::kBFloat16:
      return kernel::Storage::BFloat16;
    case at::kHalf:
      return kernel::Storage::Float16;
    default:
      return kernel::Storage::Float32;
  }
}

template <class T>
kernel::Problem<T> problem_of(const Call& call, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                              const at::Tensor& sink_logits) {
  kernel::Problem<T> p;
  if (call.query_starts.empty()) {
    p.sequences = {q.size(0), q.size(1), k.size(1)};
  } else {
    p.sequences.batch = static_cast<std::int64_t>(call.query_starts.size()) - 1;
    p.sequences.query_starts = call.query_starts.data();
    p.sequences.key_starts = call.key_starts.data();
  }
  p.heads = static_cast<int>(q.size(-2));
  p.kv_heads = static_cast<int>(k.size(-2));
  p.dim = static_cast<int>(q.size(-1));
  p.value_dim = static_cast<int>(v.size(-1));
  p.q = const_view<T>(q);
  p.k = view_of<const void>(k, static_cast<const void*>(k.data_ptr()));
  p.v = view_of<const void>(v, static_cast<const void*>(v.data_ptr()));
  p.storage = storage_of(k);
  p.sink_logits = present(sink_logits) ? sink_logits.data_ptr<T>() : nullptr;
  p.threads = at::get_num_threads();
  return p;
}

/// out and lse [rows, H] of readable tensors.
template <class T>
void run_forward(const Call& call, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                 const at::Tensor& sink_logits, const at::Tensor& out, const at::Tensor& lse) {
  kernel::forward_unchecked<T>(problem_of<T>(call, q, k, v, sink_logits), call.params, view<T>(out),
                               lse.data_ptr<T>());
}
template <class T>
void run_backward(const Call& call, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const at::Tensor& sink_logits, const at::Tensor& out, const at::Tensor& lse,
                  const at::Tensor& grad_out, const at::Tensor& grad_q, const at::Tensor& grad_k,
                  const at::Tensor& grad_v, const at::Tensor& grad_sinks) {
  kernel::Gradients<T> g{view<T>(grad_q), view<T>(grad_k), view<T>(grad_v),
                         present(grad_sinks) ? grad_sinks.data_ptr<T>() : nullptr};
  kernel::backward_unchecked<T>(problem_of<T>(call, q, k, v, sink_logits), call.params, const_view<T>(out),
                                lse.data_ptr<T>(), const_view<T>(grad_out), g);
}

at::Tensor forward_into(const Call& call, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                        const at::Tensor& sink_logits, at::Tensor& lse) {
  std::vector<std::int64_t> shape = q.sizes().vec();
  shape.back() = v.size(-1);
  at::Tensor out = at::empty(shape, q.options());
  lse = at::empty({q.numel() / (q.size(-1) * q.size(-2)), q.size(-2)}, q.options());
  if (q.scalar_type() == at::kDouble)
    run_forward<double>(call, q, k, v, sink_logits, out, lse);
  else
    run_forward<float>(call, q, k, v, sink_logits, out, lse);
  return out;
}

void backward_into(const Call& call, const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                   const at::Tensor& sink_logits, const at::Tensor& out, const at::Tensor& lse,
                   const at::Tensor& grad_out, const at::Tensor& grad_q, const at::Tensor& grad_k,
                   const at::Tensor& grad_v, const at::Tensor& grad_sinks) {
  const auto run = q.scalar_type() == at::kDouble ? run_backward<double> : run_backward<float>;
  run(call, q, k, v, sink_logits, out, lse, readable(grad_out), grad_q, grad_k, grad_v, grad_sinks);
}

void keep(AutogradContext* context, const CallPointer& call, variable_list tensors) {
  context->save_for_backward(std::move(tensors));
  context->saved_data["call"] = c10::IValue::make_capsule(call);
}

variable_list once(variable_list gradients, const variable_list& inputs, const at::Tensor& grad_out) {
  return mixers::once(
      std::move(gradients), inputs, grad_out,
      "attention: the kernel has no second derivatives (attention_composition of attention.h has)");
}

class Attention : public torch::autograd::Function<Attention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& k,
                            const at::Tensor& v, const at::Tensor& sink_logits, const CallPointer& call) {
    at::Tensor lse;
    const at::Tensor rq = readable(q), rk = readable(k), rv = readable(v), sinks = sink_logits.contiguous();
    at::Tensor out = forward_into(*call, rq, rk, rv, sinks, lse);
    keep(context, call, {rq, rk, rv, sinks, out, lse});
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const variable_list s = context->get_saved_variables();
    const at::Tensor &q = s[0], &k = s[1], &v = s[2], &sinks = s[3];
    const auto of_q_type = [&](const at::Tensor& x) { return at::empty(x.sizes(), q.options()); };
    at::Tensor grad_q = of_q_type(q), grad_k = of_q_type(k), grad_v = of_q_type(v),
               grad_sinks = of_q_type(sinks);
    backward_into(*kept_call<Call>(context), q, k, v, sinks, s[4], s[5], grads[0], grad_q, grad_k, grad_v,
                  grad_sinks);
    return once({grad_q, grad_k.to(k.scalar_type()), grad_v.to(v.scalar_type()), grad_sinks, at::Tensor()}, s,
                grads[0]);
  }
};

/// Of contiguous qkv [N, 3, H, D].
class FusedAttention : public torch::autograd::Function<FusedAttention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& qkv, const CallPointer& call) {
    at::Tensor lse;
    at::Tensor out = forward_into(*call, qkv.select(1, 0), qkv.select(1, 1), qkv.select(1, 2), {}, lse);
    keep(context, call, {qkv, out, lse});
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const variable_list s = context->get_saved_variables();
    at::Tensor grad = at::empty_like(s[0]);
    const auto part = [](const at::Tensor& x, int i) { return x.select(1, i); };
    backward_into(*kept_call<Call>(context), part(s[0], 0), part(s[0], 1), part(s[0], 2), {}, s[1], s[2],
                  grads[0], part(grad, 0), part(grad, 1), part(grad, 2), {});
    return once({grad, at::Tensor()}, s, grads[0]);
  }
};

/// Of contiguous q [B, H, D] and kv [N, 2, H, D].
class FusedLast : public torch::autograd::Function<FusedLast> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& kv,
                            const CallPointer& call) {
    at::Tensor lse;
    at::Tensor out = forward_into(*call, q, kv.select(1, 0), kv.select(1, 1), {}, lse);
    keep(context, call, {q, kv, out, lse});
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const variable_list s = context->get_saved_variables();
    at::Tensor grad_q = at::empty_like(s[0]), grad_kv = at::empty_like(s[1]);
    backward_into(*kept_call<Call>(context), s[0], s[1].select(1, 0), s[1].select(1, 1), {}, s[2], s[3],
                  grads[0], grad_q, grad_kv.select(1, 0), grad_kv.select(1, 1), {});
    return once({grad_q, grad_kv, at::Tensor()}, s, grads[0]);
  }
};

bool takes_kernel(const at::Tensor& q) {
  return q.device().is_cpu();
}

}  // namespace

std::string backend_of(const at::Tensor& q) {
  return takes_kernel(q) ? "kernel (" + kernels::chosen_target() + ")" : "composition";
}

at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     const AttentionParams& params, const at::Tensor& sink_logits) {
  check_tensors(q, k, v, params, sink_logits, 4);
  if (!takes_kernel(q)) return attention_composition(q, k, v, params, sink_logits);
  return Attention::apply(q, k, v, or_empty(sink_logits, q), call_of(q, params));
}

at::Tensor attention_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                            const std::vector<std::int64_t>& query_starts,
                            const std::vector<std::int64_t>& key_starts, const AttentionParams& params,
                            const at::Tensor& sink_logits) {
  check_tensors(q, k, v, params, sink_logits, 3);
  check_starts("query_starts", query_starts, q.size(0));
  check_starts("key_starts", key_starts, k.size(0));
  if (query_starts.size() != key_starts.size())
    throw std::invalid_argument("attention: query_starts and key_starts must have one length, got " +
                                std::to_string(query_starts.size()) + " and " +
                                std::to_string(key_starts.size()));
  if (takes_kernel(q))
    return Attention::apply(q, k, v, or_empty(sink_logits, q), call_of(q, params, query_starts, key_starts));
  std::vector<at::Tensor> parts;
  for (std::size_t b = 1; b < query_starts.size(); ++b) {
    const auto rows = [&](const at::Tensor& x, const std::vector<std::int64_t>& starts) {
      return x.narrow(0, starts[b - 1], starts[b] - starts[b - 1]).unsqueeze(0);
    };
    parts.push_back(attention_composition(rows(q, query_starts), rows(k, key_starts), rows(v, key_starts),
                                          params, sink_logits)
                        .squeeze(0));
  }
  return parts.empty() ? at::zeros({0, q.size(1), v.size(2)}, q.options()) : at::cat(parts, 0);
}

at::Tensor attention_packed(const at::Tensor& qkv, const std::vector<std::int64_t>& starts,
                            const AttentionParams& params) {
  if (qkv.dim() != 4 || qkv.size(1) != 3)
    throw std::invalid_argument("attention_packed: qkv must be [N, 3, H, D]");
  const at::Tensor q = qkv.select(1, 0), k = qkv.select(1, 1), v = qkv.select(1, 2);
  if (!takes_kernel(qkv)) return attention_packed(q, k, v, starts, starts, params);
  check_tensors(q, k, v, params, {}, 3);
  check_starts("starts", starts, qkv.size(0));
  return FusedAttention::apply(qkv.contiguous(), call_of(q, params, starts, starts));
}

at::Tensor attention_last(const at::Tensor& q, const at::Tensor& kv, const std::vector<std::int64_t>& starts,
                          const AttentionParams& params) {
  if (kv.dim() != 4 || kv.size(1) != 2)
    throw std::invalid_argument("attention_last: kv must be [N, 2, H, D]");
  std::vector<std::int64_t> each(starts.size());  // one query a sequence
  for (std::size_t b = 0; b < each.size(); ++b) each[b] = static_cast<std::int64_t>(b);
  const at::Tensor k = kv.select(1, 0), v = kv.select(1, 1);
  if (!takes_kernel(q)) return attention_packed(q, k, v, each, starts, params);
  check_tensors(q, k, v, params, {}, 3);
  check_starts("starts", starts, kv.size(0));
  if (q.size(0) + 1 != static_cast<std::int64_t>(starts.size()))
    throw std::invalid_argument("attention_last: q must have one row a sequence");
  return FusedLast::apply(q.contiguous(), kv.contiguous(), call_of(q, params, each, starts));
}

}  // namespace yore::mixers
