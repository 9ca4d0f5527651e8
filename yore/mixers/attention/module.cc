// Attention on packed words, differentiable: float on the CPU goes to the kernel, everything else (double,
// other devices) to the composition of torch operations, through padding.
#include <ATen/Functions.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <stdexcept>

#include "yore/mixers/attention/attention.h"
#include "yore/mixers/attention/kernel.h"

namespace yore::mixers {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool takes_kernel(const at::Tensor& x) {
  return x.device().is_cpu() && x.scalar_type() == at::kFloat;
}

/// What is the same for all tensors of a call; kept by the backward node.
struct Shape : torch::CustomClassHolder {
  Shape(std::vector<std::int64_t> s, AttentionParams p) : starts(std::move(s)), params(std::move(p)) {}
  std::vector<std::int64_t> starts;
  AttentionParams params;
};

kernel::Problem problem_of(const Shape& shape, const at::Tensor& like) {
  kernel::Problem p;
  p.starts = shape.starts.data();
  p.batch = static_cast<std::int64_t>(shape.starts.size()) - 1;
  p.heads = static_cast<int>(like.size(-2));
  p.dim = static_cast<int>(like.size(-1));
  p.lookback = shape.params.lookback.data();
  p.strict = shape.params.strict;
  p.scale = static_cast<float>(shape.params.scale);
  p.slopes = shape.params.alibi_slopes.empty() ? nullptr : shape.params.alibi_slopes.data();
  return p;
}

/// The problem of contiguous qkv [N, 3, H, D].
kernel::Problem full_problem(const Shape& shape, const at::Tensor& qkv) {
  kernel::Problem p = problem_of(shape, qkv);
  const std::int64_t width = std::int64_t{p.heads} * p.dim;
  p.q = qkv.data_ptr<float>();
  p.k = p.q + width;
  p.v = p.k + width;
  p.q_stride = p.k_stride = p.v_stride = 3 * width;
  return p;
}

/// The problem of contiguous q [B, H, D] and kv [N, 2, H, D].
kernel::Problem last_problem(const Shape& shape, const at::Tensor& q, const at::Tensor& kv) {
  kernel::Problem p = problem_of(shape, kv);
  const std::int64_t width = std::int64_t{p.heads} * p.dim;
  p.last_only = true;
  p.q = q.data_ptr<float>();
  p.k = kv.data_ptr<float>();
  p.v = p.k + width;
  p.q_stride = width;
  p.k_stride = p.v_stride = 2 * width;
  return p;
}

class FullAttention : public torch::autograd::Function<FullAttention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& qkv,
                            const c10::intrusive_ptr<Shape>& shape) {
    at::Tensor out = at::empty({qkv.size(0), qkv.size(2), qkv.size(3)}, qkv.options());
    kernel::forward(full_problem(*shape, qkv), out.data_ptr<float>());
    context->save_for_backward({qkv});
    context->saved_data["shape"] = c10::IValue::make_capsule(shape);
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const at::Tensor qkv = context->get_saved_variables()[0], grad = grads[0].contiguous();
    const auto shape = c10::static_intrusive_pointer_cast<Shape>(context->saved_data["shape"].toCapsule());
    at::Tensor out = at::empty_like(qkv);
    const std::int64_t width = qkv.size(2) * qkv.size(3);
    float* g = out.data_ptr<float>();
    kernel::backward(full_problem(*shape, qkv), grad.data_ptr<float>(), g, g + width, g + 2 * width);
    return {out, at::Tensor()};
  }
};

class LastAttention : public torch::autograd::Function<LastAttention> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& q, const at::Tensor& kv,
                            const c10::intrusive_ptr<Shape>& shape) {
    at::Tensor out = at::empty_like(q);
    kernel::forward(last_problem(*shape, q, kv), out.data_ptr<float>());
    context->save_for_backward({q, kv});
    context->saved_data["shape"] = c10::IValue::make_capsule(shape);
    return out;
  }
  static variable_list backward(AutogradContext* context, const variable_list& grads) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor grad = grads[0].contiguous();
    const auto shape = c10::static_intrusive_pointer_cast<Shape>(context->saved_data["shape"].toCapsule());
    at::Tensor grad_q = at::empty_like(saved[0]), grad_kv = at::empty_like(saved[1]);
    float* g = grad_kv.data_ptr<float>();
    kernel::backward(last_problem(*shape, saved[0], saved[1]), grad.data_ptr<float>(),
                     grad_q.data_ptr<float>(), g, g + saved[0].size(1) * saved[0].size(2));
    return {grad_q, grad_kv, at::Tensor()};
  }
};

void check_starts(const std::vector<std::int64_t>& starts, std::int64_t rows) {
  bool fits = !starts.empty() && starts.front() == 0 && starts.back() == rows;
  for (std::size_t b = 1; b < starts.size(); ++b) fits = fits && starts[b] > starts[b - 1];
  if (!fits)
    throw std::invalid_argument(
        fmt::format("attention: starts must rise from 0 to the number of rows, {}", rows));
}

/// Index tensors between packed rows and the padded rectangle.
struct Padding {
  std::int64_t batch, longest;
  at::Tensor
      spread;  ///< [B * T] packed row of (b, t); past a word's end row 0, which no visible row looks at
  at::Tensor gather;  ///< [N] b * T + t
  at::Tensor last;    ///< [B] position of each word's last row
};

Padding padding_of(const std::vector<std::int64_t>& starts, at::Device device) {
  Padding p;
  p.batch = static_cast<std::int64_t>(starts.size()) - 1;
  p.longest = 0;
  std::vector<std::int64_t> last;
  for (std::size_t b = 1; b < starts.size(); ++b) {
    last.push_back(starts[b] - starts[b - 1] - 1);
    p.longest = std::max(p.longest, last.back() + 1);
  }
  std::vector<std::int64_t> spread(static_cast<std::size_t>(p.batch * p.longest)), gather;
  for (std::int64_t b = 0; b < p.batch; ++b)
    for (std::int64_t t = 0; t <= last[static_cast<std::size_t>(b)]; ++t) {
      spread[static_cast<std::size_t>(b * p.longest + t)] = starts[static_cast<std::size_t>(b)] + t;
      gather.push_back(b * p.longest + t);
    }
  const auto tensor = [&](const std::vector<std::int64_t>& x) { return at::tensor(x, at::kLong).to(device); };
  p.spread = tensor(spread);
  p.gather = tensor(gather);
  p.last = tensor(last);
  return p;
}

}  // namespace

at::Tensor attention_packed(const at::Tensor& qkv, const std::vector<std::int64_t>& starts,
                            const AttentionParams& params) {
  if (qkv.dim() != 4 || qkv.size(1) != 3)
    throw std::invalid_argument("attention_packed: qkv must be [N, 3, H, D]");
  check_params(params, qkv.size(2));
  check_starts(starts, qkv.size(0));
  if (takes_kernel(qkv))
    return FullAttention::apply(qkv.contiguous(), c10::make_intrusive<Shape>(starts, params));
  const Padding padding = padding_of(starts, qkv.device());
  const at::Tensor square =
      qkv.index_select(0, padding.spread).view({padding.batch, padding.longest, 3, qkv.size(2), qkv.size(3)});
  return attention(square.select(2, 0), square.select(2, 1), square.select(2, 2), params)
      .flatten(0, 1)
      .index_select(0, padding.gather);
}

at::Tensor attention_last(const at::Tensor& q, const at::Tensor& kv, const std::vector<std::int64_t>& starts,
                          const AttentionParams& params) {
  if (kv.dim() != 4 || kv.size(1) != 2)
    throw std::invalid_argument("attention_last: kv must be [N, 2, H, D]");
  check_params(params, kv.size(2));
  check_starts(starts, kv.size(0));
  if (q.dim() != 3 || q.size(0) + 1 != static_cast<std::int64_t>(starts.size()) || q.size(1) != kv.size(2) ||
      q.size(2) != kv.size(3))
    throw std::invalid_argument("attention_last: q must be [B, H, D]");
  if (takes_kernel(kv))
    return LastAttention::apply(q.contiguous(), kv.contiguous(), c10::make_intrusive<Shape>(starts, params));
  const Padding padding = padding_of(starts, kv.device());
  const at::Tensor square =
      kv.index_select(0, padding.spread).view({padding.batch, padding.longest, 2, kv.size(2), kv.size(3)});
  return attention_at(q, padding.last, square.select(2, 0), square.select(2, 1), params);
}

}  // namespace yore::mixers
