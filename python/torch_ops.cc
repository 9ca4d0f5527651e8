// yore's mechanisms as operators of torch, for torch.ops.load_library. Registered for every dispatch key at
// once (CompositeImplicitAutograd): the functions of yore::mixers record their own backward, and do not when
// nobody asks for gradients. What each operator takes: yore/_attention.py, which most callers use instead.
#include <ATen/Functions.h>
#include <torch/library.h>

#include <climits>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "yore/kernels/targets.h"
#include "yore/mixers/attention/attention.h"
#include "yore/mixers/attention/checks.h"

namespace yore::python {
namespace {

using OptionalTensor = c10::optional<at::Tensor>;

/// Integers of an operator are 64 bit, parameters int.
int narrow(const char* name, std::int64_t x) {
  if (x < INT_MIN || x > INT_MAX)
    throw std::invalid_argument("attention: " + std::string(name) + " is " + std::to_string(x) +
                                ", expected at most " + std::to_string(INT_MAX));
  return static_cast<int>(x);
}

/// Number of heads of q [.., H, D]; what q it cannot be told of is refused later.
std::int64_t heads_of(const at::Tensor& q) {
  return q.dim() < 2 ? 0 : q.size(-2);
}

/// cu_seqlens as a list. Throws std::invalid_argument unless it is a row of integers.
std::vector<std::int64_t> starts_of(const char* name, const at::Tensor& x) {
  const bool whole = x.scalar_type() == at::kInt || x.scalar_type() == at::kLong;
  if (x.dim() != 1 || !whole)
    throw std::invalid_argument("attention: " + std::string(name) + " must be one row of Int or Long, got " +
                                std::to_string(x.dim()) + " dimensions of " + c10::toString(x.scalar_type()));
  const at::Tensor row = x.to(at::kCPU, at::kLong).contiguous();
  return {row.data_ptr<std::int64_t>(), row.data_ptr<std::int64_t>() + row.numel()};
}

/// x, or nothing, as the functions of yore::mixers take it. A view that only promises a changed sign is made
/// real: the kernel reads memory.
at::Tensor plain(const at::Tensor& x) {
  return x.defined() ? x.resolve_neg() : x;
}
at::Tensor plain(const OptionalTensor& x) {
  return x.has_value() ? plain(*x) : at::Tensor();
}

/// What is not given stays as AttentionParams has it.
at::Tensor attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                     at::OptionalIntArrayRef lookback, c10::optional<bool> strict,
                     c10::optional<double> scale, c10::optional<std::int64_t> sinks,
                     const OptionalTensor& sink_logits,
                     const c10::optional<std::vector<double>>& alibi_slopes, c10::optional<double> soft_cap,
                     const OptionalTensor& cu_seqlens_q, const OptionalTensor& cu_seqlens_k) {
  mixers::AttentionParams params;
  if (lookback.has_value())
    for (std::int64_t reach : *lookback) params.lookback.push_back(narrow("lookback", reach));
  if (params.lookback.size() == 1)
    params.lookback.resize(static_cast<std::size_t>(heads_of(q)), params.lookback[0]);
  if (strict.has_value()) params.strict = *strict;
  if (scale.has_value()) params.scale = *scale;
  if (sinks.has_value()) params.sinks = narrow("sinks", *sinks);
  if (alibi_slopes.has_value()) params.alibi_slopes = *alibi_slopes;
  if (soft_cap.has_value()) params.soft_cap = *soft_cap;

  if (cu_seqlens_q.has_value() != cu_seqlens_k.has_value())
    throw std::invalid_argument(
        "attention: cu_seqlens_q and cu_seqlens_k must both be given or neither, got " +
        std::string(cu_seqlens_q.has_value() ? "cu_seqlens_q" : "cu_seqlens_k") + " alone");
  const at::Tensor sink = plain(sink_logits);
  if (!cu_seqlens_q.has_value()) return mixers::attention(plain(q), plain(k), plain(v), params, sink);

  mixers::check_tensors(q, k, v, params, sink, 3);
  const std::vector<std::int64_t> q_starts = starts_of("cu_seqlens_q", *cu_seqlens_q),
                                  k_starts = starts_of("cu_seqlens_k", *cu_seqlens_k);
  mixers::check_starts("cu_seqlens_q", q_starts, q.size(0));
  mixers::check_starts("cu_seqlens_k", k_starts, k.size(0));
  if (q_starts.size() != k_starts.size())
    throw std::invalid_argument("attention: cu_seqlens_q and cu_seqlens_k must have one length, got " +
                                std::to_string(q_starts.size()) + " and " + std::to_string(k_starts.size()));
  return mixers::attention_packed(plain(q), plain(k), plain(v), q_starts, k_starts, params, sink);
}

}  // namespace

// Operators on a state of step-by-step decoding belong here, each with its function in yore/_attention.py.
TORCH_LIBRARY(yore, m) {
  m.def(
      "attention(Tensor q, Tensor k, Tensor v, *, int[]? lookback=None, bool? strict=None, float? "
      "scale=None, "
      "int? sinks=None, Tensor? sink_logits=None, float[]? alibi_slopes=None, float? soft_cap=None, "
      "Tensor? cu_seqlens_q=None, Tensor? cu_seqlens_k=None) -> Tensor",
      attention);
  m.def("backend(Tensor q) -> str", mixers::backend_of);
  m.def("targets() -> str[]", kernels::available_targets);
}

}  // namespace yore::python
