// Softmax attention as operators of torch: forward with the logarithms of its denominators, and backward.
// Python joins them for autograd (yore/_operators.py) and says what each argument is (yore/_attention.py).
#include "yore/mixers/attention/kernel.h"

#include <torch/csrc/stable/library.h>

#include <string>
#include <tuple>
#include <vector>

#include "python/stable/tensors.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/attention/bfloat16.h"

namespace yore::python {
namespace {

namespace kernel = mixers::kernel;
const std::string kOp = "attention";

kernel::Storage storage_of(ScalarType type) {
  switch (type) {
    case ScalarType::Double:
      return kernel::Storage::Float64;
    case ScalarType::BFloat16:
      return kernel::Storage::BFloat16;
    case ScalarType::Half:
      return kernel::Storage::Float16;
    default:
      return kernel::Storage::Float32;
  }
}

/// One call: its tensors as the kernel reads them, and what else it is told.
struct AttentionCall {
  Tensor q, k, v;
  OptionalTensor sink_logits;
  mixers::AttentionParams params;
  std::vector<std::int64_t> query_starts, key_starts;  ///< empty: dense
  ScalarType type = ScalarType::Float;                 ///< of arithmetic
  bool in_bfloat16 = false;  ///< forward alone: q, k and v stay bfloat16, and so do products
};

/// One of q, k and v by itself.
void check_one(const std::string& name, const Tensor& x, bool packed) {
  const std::int64_t rank = packed ? 3 : 4;
  const std::string got = text_of(shape_of(x));
  if (x.dim() != rank)
    refuse(kOp, name + " must be " + (packed ? "[N, H, D]" : "[B, T, H, D]") + ", got " + got);
  if (!x.is_cpu()) refuse(kOp, name + " must be on the CPU");
  if (!is_number(x.scalar_type()))
    refuse(kOp, name + " must be Float, Double, BFloat16 or Half, got " + name_of(x.scalar_type()));
  if (x.size(rank - 1) < 1 || x.size(rank - 1) > mixers::kMaxDim)
    refuse(kOp, "the head dimension of " + name + " must be 1 to 256, got " + got);
}

/// Whether k and v, of as many dimensions, agree in all but the last.
bool same_lead(const Tensor& k, const Tensor& v) {
  for (std::int64_t i = 0; i + 1 < k.dim(); ++i)
    if (k.size(i) != v.size(i)) return false;
  return true;
}

void check_shapes(const Tensor& q, const Tensor& k, const Tensor& v, bool packed) {
  const std::int64_t rank = packed ? 3 : 4;
  const struct {
    const char* name;
    const Tensor& x;
  } all[] = {{"q", q}, {"k", k}, {"v", v}};
  for (const auto& [name, x] : all) check_one(name, x, packed);
  const bool wide = q.scalar_type() == ScalarType::Double;
  if ((k.scalar_type() == ScalarType::Double) != wide || (v.scalar_type() == ScalarType::Double) != wide)
    refuse(kOp, std::string("k and v must both be of q's type ") +
                    (wide ? "Double" : "Float, BFloat16 or Half") + ", got " + name_of(k.scalar_type()) +
                    " and " + name_of(v.scalar_type()));
  const std::string of_q = text_of(shape_of(q)), of_k = text_of(shape_of(k)), of_v = text_of(shape_of(v));
  if (!same_lead(k, v)) refuse(kOp, "k and v differ before their last dimension: " + of_k + " and " + of_v);
  if (k.size(rank - 1) != q.size(rank - 1))
    refuse(kOp, "q and k must have one head dimension: " + of_q + " and " + of_k);
  if (!packed && k.size(0) != q.size(0)) refuse(kOp, "q and k must have one batch: " + of_q + " and " + of_k);
  const std::int64_t heads = q.size(rank - 2), kv_heads = k.size(rank - 2);
  if (heads < 1) refuse(kOp, "q must have at least one head, got " + of_q);
  if (kv_heads < 1 || heads % kv_heads != 0)
    refuse(kOp, "the heads of k must divide those of q: " + std::to_string(kv_heads) + " and " +
                    std::to_string(heads));
}

AttentionCall call_of(const Tensor& q, const Tensor& k, const Tensor& v, const OptionalTensor& sink_logits,
                      const std::vector<std::int64_t>& lookback, bool strict, std::optional<double> scale,
                      std::int64_t sinks, const std::vector<double>& alibi_slopes, double soft_cap,
                      const OptionalTensor& cu_seqlens_q, const OptionalTensor& cu_seqlens_k, bool backward) {
  if (cu_seqlens_q.has_value() != cu_seqlens_k.has_value())
    refuse(kOp, std::string("cu_seqlens_q and cu_seqlens_k must both be given or neither, got ") +
                    (cu_seqlens_q ? "cu_seqlens_q" : "cu_seqlens_k") + " alone");
  check_shapes(q, k, v, cu_seqlens_q.has_value());
  AttentionCall call;
  call.type = computed_in(q.scalar_type());
  const auto heads = narrow(kOp, "the number of heads", q.size(q.dim() - 2));
  for (const std::int64_t reach : lookback) call.params.lookback.push_back(narrow(kOp, "lookback", reach));
  if (call.params.lookback.size() == 1)
    call.params.lookback.resize(static_cast<std::size_t>(heads), call.params.lookback[0]);
  call.params.strict = strict;
  call.params.scale = scale;
  call.params.sinks = narrow(kOp, "sinks", sinks);
  call.params.alibi_slopes = alibi_slopes;
  call.params.soft_cap = soft_cap;
  mixers::check_params(call.params, heads, k.size(k.dim() - 2));
  if (sink_logits) check_tensor(kOp, "sink_logits", *sink_logits, {heads}, call.type);
  if (cu_seqlens_q) {
    call.query_starts = starts_of(kOp, "cu_seqlens_q", *cu_seqlens_q, q.size(0));
    call.key_starts = starts_of(kOp, "cu_seqlens_k", *cu_seqlens_k, k.size(0));
    if (call.query_starts.size() != call.key_starts.size())
      refuse(kOp, "cu_seqlens_q and cu_seqlens_k must have one length, got " +
                      std::to_string(call.query_starts.size()) + " and " +
                      std::to_string(call.key_starts.size()));
  }
  const auto narrowest = [](const Tensor& x) { return x.scalar_type() == ScalarType::BFloat16; };
  call.in_bfloat16 =
      !backward && narrowest(q) && narrowest(k) && narrowest(v) && kernel::prefers_bfloat16_products();
  call.q = readable(q, call.in_bfloat16 ? ScalarType::BFloat16 : call.type);
  // The kernel widens narrow keys and values as it reads them, if both are of one type.
  const bool narrow_keys = call.type == ScalarType::Float && k.scalar_type() == v.scalar_type();
  call.k = readable(k, narrow_keys ? k.scalar_type() : call.type);
  call.v = readable(v, narrow_keys ? v.scalar_type() : call.type);
  if (sink_logits) call.sink_logits = contiguous_as(*sink_logits, call.type);
  return call;
}

template <class T, class Any>
kernel::View<T> view_of(const Tensor& x) {
  const std::int64_t rank = x.dim();
  return {data_of<Any>(x), rank == 4 ? x.stride(0) : 0, x.stride(rank - 3), x.stride(rank - 2)};
}

/// What every kind of problem has but for its arrays.
template <class AnyProblem>
AnyProblem sized(const AttentionCall& call) {
  AnyProblem p;
  const std::int64_t rank = call.q.dim();
  if (rank == 4) {
    p.sequences = {call.q.size(0), call.q.size(1), call.k.size(1)};
  } else {
    p.sequences.batch = static_cast<std::int64_t>(call.query_starts.size()) - 1;
    p.sequences.query_starts = call.query_starts.data();
    p.sequences.key_starts = call.key_starts.data();
  }
  p.heads = static_cast<int>(call.q.size(rank - 2));
  p.kv_heads = static_cast<int>(call.k.size(rank - 2));
  p.dim = static_cast<int>(call.q.size(rank - 1));
  p.value_dim = static_cast<int>(call.v.size(rank - 1));
  p.threads = threads();
  return p;
}

template <class T>
kernel::Problem<T> problem_of(const AttentionCall& call) {
  auto p = sized<kernel::Problem<T>>(call);
  p.q = view_of<const T, const T>(call.q);
  p.k = view_of<const void, const void>(call.k);
  p.v = view_of<const void, const void>(call.v);
  p.storage = storage_of(call.k.scalar_type());
  p.sink_logits = data_of<const T>(call.sink_logits);
  return p;
}

/// Results are written as bfloat16 where they belong.
void forward_in_bfloat16(const AttentionCall& call, const Tensor& out, const Tensor& lse) {
  auto p = sized<kernel::Bfloat16Problem>(call);
  using Bits = const std::uint16_t;
  p.q = view_of<Bits, Bits>(call.q);
  p.k = view_of<Bits, Bits>(call.k);
  p.v = view_of<Bits, Bits>(call.v);
  p.sink_logits = data_of<const float>(call.sink_logits);
  kernel::forward_bfloat16(p, call.params, view_of<std::uint16_t, std::uint16_t>(out), data_of<float>(lse));
}

std::tuple<Tensor, Tensor> forward(const Tensor& q, const Tensor& k, const Tensor& v,
                                   const OptionalTensor& sink_logits,
                                   const std::vector<std::int64_t>& lookback, bool strict,
                                   std::optional<double> scale, std::int64_t sinks,
                                   const std::vector<double>& alibi_slopes, double soft_cap,
                                   const OptionalTensor& cu_seqlens_q, const OptionalTensor& cu_seqlens_k) {
  const AttentionCall call = call_of(q, k, v, sink_logits, lookback, strict, scale, sinks, alibi_slopes,
                                     soft_cap, cu_seqlens_q, cu_seqlens_k, false);
  Shape shape = shape_of(q), rows = shape;
  shape.back() = v.size(v.dim() - 1);
  rows.pop_back();
  const Tensor out = blank(q, shape, call.in_bfloat16 ? ScalarType::BFloat16 : call.type),
               lse = blank(q, rows, call.type);
  if (call.in_bfloat16) {
    forward_in_bfloat16(call, out, lse);
    return {out, lse};
  }
  typed(call.type, [&]<class T>() {
    kernel::forward<T>(problem_of<T>(call), call.params, view_of<T, T>(out), data_of<T>(lse));
  });
  return {as_type(out, q.scalar_type()), lse};
}

std::tuple<Tensor, Tensor, Tensor, Tensor> backward(
    const Tensor& grad_out, const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& out,
    const Tensor& lse, const OptionalTensor& sink_logits, const std::vector<std::int64_t>& lookback,
    bool strict, std::optional<double> scale, std::int64_t sinks, const std::vector<double>& alibi_slopes,
    double soft_cap, const OptionalTensor& cu_seqlens_q, const OptionalTensor& cu_seqlens_k) {
  const AttentionCall call = call_of(q, k, v, sink_logits, lookback, strict, scale, sinks, alibi_slopes,
                                     soft_cap, cu_seqlens_q, cu_seqlens_k, true);
  Shape shape = shape_of(q), rows = shape;
  shape.back() = v.size(v.dim() - 1);
  rows.pop_back();
  check_tensor(kOp, "out", out, shape, call.type);
  check_tensor(kOp, "grad_out", grad_out, shape, call.type);
  check_tensor(kOp, "lse", lse, rows, call.type);
  const Tensor result = readable(out, call.type), cotangent = readable(grad_out, call.type),
               sums = contiguous_as(lse, call.type);
  const Tensor grad_q = blank(q, shape_of(q), call.type), grad_k = blank(q, shape_of(k), call.type),
               grad_v = blank(q, shape_of(v), call.type),
               grad_sinks = blank(q, {sink_logits ? sink_logits->numel() : 0}, call.type);
  typed(call.type, [&]<class T>() {
    const kernel::Gradients<T> gradients{view_of<T, T>(grad_q), view_of<T, T>(grad_k), view_of<T, T>(grad_v),
                                         sink_logits ? data_of<T>(grad_sinks) : nullptr};
    kernel::backward<T>(problem_of<T>(call), call.params, view_of<const T, const T>(result),
                        data_of<const T>(sums), view_of<const T, const T>(cotangent), gradients);
  });
  return {as_type(grad_q, q.scalar_type()), as_type(grad_k, k.scalar_type()),
          as_type(grad_v, v.scalar_type()),
          sink_logits ? as_type(grad_sinks, sink_logits->scalar_type()) : grad_sinks};
}

std::vector<std::string> targets() {
  return kernels::available_targets();
}

bool bfloat16_products() {
  return kernel::prefers_bfloat16_products();
}

}  // namespace

// What the two operators are told besides their tensors; Python gives everything.
#define YORE_ATTENTION_ARGUMENTS                                                                      \
  "Tensor? sink_logits, int[] lookback, bool strict, float? scale, int sinks, float[] alibi_slopes, " \
  "float soft_cap, Tensor? cu_seqlens_q, Tensor? cu_seqlens_k)"

STABLE_TORCH_LIBRARY_FRAGMENT(yore, m) {
  m.def("attention_forward(Tensor q, Tensor k, Tensor v, " YORE_ATTENTION_ARGUMENTS " -> (Tensor, Tensor)");
  m.def(
      "attention_backward(Tensor grad_out, Tensor q, Tensor k, Tensor v, Tensor out, Tensor "
      "lse, " YORE_ATTENTION_ARGUMENTS " -> (Tensor, Tensor, Tensor, Tensor)");
  m.def("targets() -> str[]");
  m.def("bfloat16_products() -> bool");
}

STABLE_TORCH_LIBRARY_IMPL(yore, CPU, m) {
  m.impl("attention_forward", TORCH_BOX(&forward));
  m.impl("attention_backward", TORCH_BOX(&backward));
}

STABLE_TORCH_LIBRARY_IMPL(yore, CompositeExplicitAutograd, m) {
  m.impl("targets", TORCH_BOX(&targets));
  m.impl("bfloat16_products", TORCH_BOX(&bfloat16_products));
}

}  // namespace yore::python
