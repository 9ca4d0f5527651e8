// The chunk scan as operators of torch (yore/mixers/common/scan.h): linear attention, retention, GLA,
// Mamba-2, DeltaNet, gated DeltaNet and KDA are this with other gates.
#include "yore/mixers/common/scan.h"

#include <torch/csrc/stable/library.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "python/stable/packed.h"

namespace yore::python {
namespace {

namespace scan = mixers::scan;
const std::string kOp = "scan";

struct ScanCall {
  scan::Setting setting;
  Packing packing;
  Tensor q, k, v;
  OptionalTensor log_decay, beta, initial;
  ScalarType type = ScalarType::Float;
  bool dense = true;
};

scan::Decay decay_of(const std::string& name) {
  if (name == "none") return scan::Decay::None;
  if (name == "head") return scan::Decay::Head;
  if (name == "key") return scan::Decay::Key;
  if (name == "value") return scan::Decay::Value;
  refuse(kOp, "decay must be 'none', 'head', 'key' or 'value', got '" + name + "'");
}

ScanCall call_of(const Tensor& q, const Tensor& k, const Tensor& v, const OptionalTensor& log_decay,
                 const OptionalTensor& beta, const OptionalTensor& initial, const std::string& decay,
                 bool delta, double scale, bool grows, const OptionalTensor& cu_seqlens) {
  ScanCall call;
  call.packing = packing_of(kOp, q, 2, cu_seqlens);
  call.dense = !cu_seqlens;
  call.type = computed_in(q.scalar_type());
  if (v.dim() != q.dim()) refuse(kOp, "v must have q's number of dimensions, got " + text_of(shape_of(v)));
  const std::int64_t last = q.dim() - 1;
  scan::Setting& s = call.setting;
  s.heads = narrow(kOp, "the number of heads", v.size(last - 1));
  s.key_heads = narrow(kOp, "the number of key heads", q.size(last - 1));
  s.key_dim = narrow(kOp, "the key dimension", q.size(last));
  s.value_dim = narrow(kOp, "the value dimension", v.size(last));
  s.decay = decay_of(decay);
  s.rule = delta ? scan::Rule::Delta : scan::Rule::Add;
  s.scale = scale;
  s.grows = grows;
  scan::check(s);
  const Packing& p = call.packing;
  check_tensor(kOp, "q", q, p.with({s.key_heads, s.key_dim}), call.type);
  check_tensor(kOp, "k", k, p.with({s.key_heads, s.key_dim}), call.type);
  check_tensor(kOp, "v", v, p.with({s.heads, s.value_dim}), call.type);
  if (log_decay.has_value() != (s.decay != scan::Decay::None))
    refuse(kOp, std::string("log_decay must be ") + (log_decay ? "left out" : "given") + " with decay '" +
                    decay + "'");
  if (log_decay)
    check_tensor(kOp, "log_decay", *log_decay,
                 s.decay == scan::Decay::Head ? p.with({s.heads}) : p.with({s.heads, s.decays()}), call.type);
  if (beta) check_tensor(kOp, "beta", *beta, p.with({s.heads}), call.type);
  if (initial)
    check_tensor(kOp, "initial_state", *initial, {p.batch, s.heads, s.key_dim, s.value_dim}, call.type);
  call.q = packed(q, call.type, call.dense);
  call.k = packed(k, call.type, call.dense);
  call.v = packed(v, call.type, call.dense);
  call.log_decay = packed(log_decay, call.type, call.dense);
  call.beta = packed(beta, call.type, call.dense);
  if (initial) call.initial = contiguous_as(*initial, call.type);
  return call;
}

template <class T>
scan::Problem<T> problem_of(const ScanCall& call) {
  scan::Problem<T> p;
  p.setting = call.setting;
  p.batch = call.packing.batch;
  p.starts = call.packing.starts.data();
  p.q = rows_of<const T>(call.q, call.dense);
  p.k = rows_of<const T>(call.k, call.dense);
  p.v = rows_of<const T>(call.v, call.dense);
  p.log_decay = rows_of<const T>(call.log_decay, call.dense);
  p.beta = rows_of<const T>(call.beta, call.dense);
  p.initial = data_of<const T>(call.initial);
  p.threads = threads();
  return p;
}

std::tuple<Tensor, Tensor, Tensor> forward(const Tensor& q, const Tensor& k, const Tensor& v,
                                           const OptionalTensor& log_decay, const OptionalTensor& beta,
                                           const OptionalTensor& initial, const std::string& decay,
                                           bool delta, double scale, bool grows,
                                           const OptionalTensor& cu_seqlens, bool keep) {
  const ScanCall call = call_of(q, k, v, log_decay, beta, initial, decay, delta, scale, grows, cu_seqlens);
  const scan::Setting& s = call.setting;
  const Packing& p = call.packing;
  const Tensor out = blank(q, p.with({s.heads, s.value_dim}), call.type),
               final = blank(q, {p.batch, s.heads, s.key_dim, s.value_dim}, call.type),
               kept = blank(q, {keep ? p.kept : 0, s.heads, s.key_dim, s.value_dim}, call.type);
  typed(call.type, [&]<class T>() {
    scan::forward<T>(problem_of<T>(call), rows_of<T>(out, call.dense), data_of<T>(final),
                     keep ? data_of<T>(kept) : nullptr);
    if (keep) clear_from<T>(kept, scan::kept_size(s, p.batch, p.starts.data()));
  });
  return {as_type(out, q.scalar_type()), final, kept};
}

std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> backward(
    const Tensor& grad_out, const OptionalTensor& grad_final, const Tensor& q, const Tensor& k,
    const Tensor& v, const OptionalTensor& log_decay, const OptionalTensor& beta,
    const OptionalTensor& initial, const Tensor& out, const Tensor& kept, const std::string& decay,
    bool delta, double scale, bool grows, const OptionalTensor& cu_seqlens) {
  const ScanCall call = call_of(q, k, v, log_decay, beta, initial, decay, delta, scale, grows, cu_seqlens);
  const scan::Setting& s = call.setting;
  const Packing& p = call.packing;
  check_tensor(kOp, "grad_out", grad_out, p.with({s.heads, s.value_dim}), call.type);
  check_tensor(kOp, "out", out, p.with({s.heads, s.value_dim}), call.type);
  check_tensor(kOp, "kept", kept, {p.kept, s.heads, s.key_dim, s.value_dim}, call.type);
  if (grad_final)
    check_tensor(kOp, "grad_final", *grad_final, {p.batch, s.heads, s.key_dim, s.value_dim}, call.type);
  const Tensor cotangent = packed(grad_out, call.type, call.dense),
               result = packed(out, call.type, call.dense), states = contiguous_as(kept, call.type);
  const OptionalTensor of_final =
      grad_final ? OptionalTensor(contiguous_as(*grad_final, call.type)) : std::nullopt;
  const Tensor to_q = blank(q, shape_of(q), call.type), to_k = blank(q, shape_of(k), call.type),
               to_v = blank(q, shape_of(v), call.type);
  const OptionalTensor to_decay = blank_like(log_decay, call.type), to_beta = blank_like(beta, call.type),
                       to_initial = blank_like(initial, call.type);
  typed(call.type, [&]<class T>() {
    scan::Gradients<T> g;
    g.q = rows_of<T>(to_q, call.dense);
    g.k = rows_of<T>(to_k, call.dense);
    g.v = rows_of<T>(to_v, call.dense);
    g.log_decay = rows_of<T>(to_decay, call.dense);
    g.beta = rows_of<T>(to_beta, call.dense);
    g.initial = data_of<T>(to_initial);
    scan::backward<T>(problem_of<T>(call), rows_of<const T>(result, call.dense), data_of<const T>(states),
                      rows_of<const T>(cotangent, call.dense), data_of<const T>(of_final), g);
  });
  return {as_type(to_q, q.scalar_type()),   as_type(to_k, k.scalar_type()),
          as_type(to_v, v.scalar_type()),   gradient_of(to_decay, log_decay, to_q),
          gradient_of(to_beta, beta, to_q), gradient_of(to_initial, initial, to_q)};
}

}  // namespace

STABLE_TORCH_LIBRARY_FRAGMENT(yore, m) {
  m.def(
      "scan_forward(Tensor q, Tensor k, Tensor v, Tensor? log_decay, Tensor? beta, Tensor? initial_state, "
      "str decay, bool delta, float scale, bool grows, Tensor? cu_seqlens, bool keep) "
      "-> (Tensor, Tensor, Tensor)");
  m.def(
      "scan_backward(Tensor grad_out, Tensor? grad_final, Tensor q, Tensor k, Tensor v, Tensor? log_decay, "
      "Tensor? beta, Tensor? initial_state, Tensor out, Tensor kept, str decay, bool delta, float scale, "
      "bool grows, Tensor? cu_seqlens) -> (Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)");
}

STABLE_TORCH_LIBRARY_IMPL(yore, CPU, m) {
  m.impl("scan_forward", TORCH_BOX(&forward));
  m.impl("scan_backward", TORCH_BOX(&backward));
}

}  // namespace yore::python
