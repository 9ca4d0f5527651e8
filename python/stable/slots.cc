// Memory in slots as operators of torch (yore/mixers/common/slots.h): gated slot attention, ABC and blurry
// window attention are this with other weights.
#include "yore/mixers/common/slots.h"

#include <torch/csrc/stable/library.h>

#include <algorithm>
#include <string>
#include <tuple>

#include "python/stable/packed.h"

namespace yore::python {
namespace {

namespace slots = mixers::slots;
namespace scan = mixers::scan;
const std::string kOp = "slots";

struct SlotCall {
  slots::Setting setting;
  Packing packing;
  Tensor q, k, v, write;
  OptionalTensor log_decay, filled, bias, initial_k, initial_v;
  ScalarType type = ScalarType::Float;
  bool dense = true;
};

SlotCall call_of(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& write,
                 const OptionalTensor& log_decay, const OptionalTensor& filled, const OptionalTensor& bias,
                 const OptionalTensor& initial_k, const OptionalTensor& initial_v, double scale, bool grows,
                 const OptionalTensor& cu_seqlens) {
  SlotCall call;
  call.packing = packing_of(kOp, q, 2, cu_seqlens);
  call.dense = !cu_seqlens;
  call.type = computed_in(q.scalar_type());
  if (v.dim() != q.dim()) refuse(kOp, "v must have q's number of dimensions, got " + text_of(shape_of(v)));
  if (write.dim() != q.dim())
    refuse(kOp, "write must have q's number of dimensions, got " + text_of(shape_of(write)));
  const std::int64_t last = q.dim() - 1;
  slots::Setting& s = call.setting;
  s.heads = narrow(kOp, "the number of heads", v.size(last - 1));
  s.key_heads = narrow(kOp, "the number of key heads", q.size(last - 1));
  s.key_dim = narrow(kOp, "the key dimension", q.size(last));
  s.value_dim = narrow(kOp, "the value dimension", v.size(last));
  s.slots = narrow(kOp, "the number of slots", write.size(last));
  s.scale = scale;
  s.grows = grows;
  s.erase = log_decay ? slots::Erase::Decay : slots::Erase::Delta;
  slots::check(s);
  const Packing& p = call.packing;
  check_tensor(kOp, "q", q, p.with({s.key_heads, s.key_dim}), call.type);
  check_tensor(kOp, "k", k, p.with({s.key_heads, s.key_dim}), call.type);
  check_tensor(kOp, "v", v, p.with({s.heads, s.value_dim}), call.type);
  const Shape gates = p.with({s.heads, s.slots});
  check_tensor(kOp, "write", write, gates, call.type);
  if (log_decay) check_tensor(kOp, "log_decay", *log_decay, gates, call.type);
  if (filled) check_tensor(kOp, "filled", *filled, gates, call.type);
  if (bias) check_tensor(kOp, "bias", *bias, gates, call.type);
  if (initial_k.has_value() != initial_v.has_value())
    refuse(kOp, "initial_k and initial_v must both be given or neither");
  if (initial_k) {
    check_tensor(kOp, "initial_k", *initial_k, {p.batch, s.heads, s.key_dim, s.slots}, call.type);
    check_tensor(kOp, "initial_v", *initial_v, {p.batch, s.heads, s.slots, s.value_dim}, call.type);
    call.initial_k = contiguous_as(*initial_k, call.type);
    call.initial_v = contiguous_as(*initial_v, call.type);
  }
  call.q = packed(q, call.type, call.dense);
  call.k = packed(k, call.type, call.dense);
  call.v = packed(v, call.type, call.dense);
  call.write = packed(write, call.type, call.dense);
  call.log_decay = packed(log_decay, call.type, call.dense);
  call.filled = packed(filled, call.type, call.dense);
  call.bias = packed(bias, call.type, call.dense);
  return call;
}

template <class T>
slots::Problem<T> problem_of(const SlotCall& call) {
  slots::Problem<T> p;
  p.setting = call.setting;
  p.batch = call.packing.batch;
  p.starts = call.packing.starts.data();
  p.q = rows_of<const T>(call.q, call.dense);
  p.k = rows_of<const T>(call.k, call.dense);
  p.v = rows_of<const T>(call.v, call.dense);
  p.write = rows_of<const T>(call.write, call.dense);
  p.log_decay = rows_of<const T>(call.log_decay, call.dense);
  p.filled = rows_of<const T>(call.filled, call.dense);
  p.bias = rows_of<const T>(call.bias, call.dense);
  p.initial_k = data_of<const T>(call.initial_k);
  p.initial_v = data_of<const T>(call.initial_v);
  p.threads = threads();
  return p;
}

/// The kernel's own array as a tensor, the rest of which is zeros; and back.
template <class T>
void store(const std::vector<T>& numbers, const Tensor& to) {
  std::copy(numbers.begin(), numbers.end(), data_of<T>(to));
  clear_from<T>(to, static_cast<std::int64_t>(numbers.size()));
}
template <class T>
std::vector<T> load(const Tensor& from, std::int64_t count) {
  const Tensor x = torch::stable::contiguous(from);
  return {data_of<const T>(x), data_of<const T>(x) + count};
}

/// Shapes of what forward leaves for backward: kept_k, kept_v, erased.
std::tuple<Shape, Shape, Shape> saved_shapes(const SlotCall& call, bool keep) {
  const slots::Setting& s = call.setting;
  const std::int64_t states = keep ? call.packing.kept : 0,
                     rows = keep && s.erase == slots::Erase::Delta ? call.packing.rows : 0;
  return {{states, s.heads, s.key_dim, s.slots},
          {states, s.heads, s.slots, s.value_dim},
          {rows, s.heads, s.key_dim}};
}

std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> forward(
    const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& write, const OptionalTensor& log_decay,
    const OptionalTensor& filled, const OptionalTensor& bias, const OptionalTensor& initial_k,
    const OptionalTensor& initial_v, double scale, bool grows, const OptionalTensor& cu_seqlens, bool keep) {
  const SlotCall call =
      call_of(q, k, v, write, log_decay, filled, bias, initial_k, initial_v, scale, grows, cu_seqlens);
  const slots::Setting& s = call.setting;
  const Packing& p = call.packing;
  const auto [of_k, of_v, of_erased] = saved_shapes(call, keep);
  const Tensor out = blank(q, p.with({s.heads, s.value_dim}), call.type),
               final_k = blank(q, {p.batch, s.heads, s.key_dim, s.slots}, call.type),
               final_v = blank(q, {p.batch, s.heads, s.slots, s.value_dim}, call.type),
               kept_k = blank(q, of_k, call.type), kept_v = blank(q, of_v, call.type),
               erased = blank(q, of_erased, call.type);
  typed(call.type, [&]<class T>() {
    slots::Saved<T> saved;
    slots::forward<T>(problem_of<T>(call), rows_of<T>(out, call.dense), data_of<T>(final_k),
                      data_of<T>(final_v), saved);
    if (!keep) return;
    store<T>(saved.kept_k, kept_k);
    store<T>(saved.kept_v, kept_v);
    store<T>(saved.erased, erased);
  });
  return {as_type(out, q.scalar_type()), final_k, final_v, kept_k, kept_v, erased};
}

/// Gradients of q, k, v, write, log_decay, initial_k, initial_v.
std::tuple<Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor> backward(
    const Tensor& grad_out, const OptionalTensor& grad_final_k, const OptionalTensor& grad_final_v,
    const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& write, const OptionalTensor& log_decay,
    const OptionalTensor& filled, const OptionalTensor& bias, const OptionalTensor& initial_k,
    const OptionalTensor& initial_v, const Tensor& out, const Tensor& kept_k, const Tensor& kept_v,
    const Tensor& erased, double scale, bool grows, const OptionalTensor& cu_seqlens) {
  const SlotCall call =
      call_of(q, k, v, write, log_decay, filled, bias, initial_k, initial_v, scale, grows, cu_seqlens);
  const slots::Setting& s = call.setting;
  const Packing& p = call.packing;
  const auto [of_k, of_v, of_erased] = saved_shapes(call, true);
  check_tensor(kOp, "grad_out", grad_out, p.with({s.heads, s.value_dim}), call.type);
  check_tensor(kOp, "out", out, p.with({s.heads, s.value_dim}), call.type);
  check_tensor(kOp, "kept_k", kept_k, of_k, call.type);
  check_tensor(kOp, "kept_v", kept_v, of_v, call.type);
  check_tensor(kOp, "erased", erased, of_erased, call.type);
  const Tensor cotangent = packed(grad_out, call.type, call.dense),
               result = packed(out, call.type, call.dense);
  const auto final_of = [&](const char* name, const OptionalTensor& x, const Shape& shape) {
    if (!x) return OptionalTensor();
    check_tensor(kOp, name, *x, shape, call.type);
    return OptionalTensor(contiguous_as(*x, call.type));
  };
  const OptionalTensor of_final_k =
                           final_of("grad_final_k", grad_final_k, {p.batch, s.heads, s.key_dim, s.slots}),
                       of_final_v =
                           final_of("grad_final_v", grad_final_v, {p.batch, s.heads, s.slots, s.value_dim});
  const Tensor to_q = blank(q, shape_of(q), call.type), to_k = blank(q, shape_of(k), call.type),
               to_v = blank(q, shape_of(v), call.type), to_write = blank(q, shape_of(write), call.type);
  const OptionalTensor to_decay = blank_like(log_decay, call.type),
                       to_initial_k = blank_like(initial_k, call.type),
                       to_initial_v = blank_like(initial_v, call.type);
  typed(call.type, [&]<class T>() {
    const slots::Saved<T> saved{load<T>(kept_k, scan::kept_size(s.keys(), p.batch, p.starts.data())),
                                load<T>(kept_v, scan::kept_size(s.values(), p.batch, p.starts.data())),
                                load<T>(erased, erased.numel())};
    slots::Gradients<T> g;
    g.q = rows_of<T>(to_q, call.dense);
    g.k = rows_of<T>(to_k, call.dense);
    g.v = rows_of<T>(to_v, call.dense);
    g.write = rows_of<T>(to_write, call.dense);
    g.log_decay = rows_of<T>(to_decay, call.dense);
    g.initial_k = data_of<T>(to_initial_k);
    g.initial_v = data_of<T>(to_initial_v);
    slots::backward<T>(problem_of<T>(call), saved, rows_of<const T>(result, call.dense),
                       rows_of<const T>(cotangent, call.dense), data_of<const T>(of_final_k),
                       data_of<const T>(of_final_v), g);
  });
  return {as_type(to_q, q.scalar_type()),
          as_type(to_k, k.scalar_type()),
          as_type(to_v, v.scalar_type()),
          as_type(to_write, write.scalar_type()),
          gradient_of(to_decay, log_decay, to_q),
          gradient_of(to_initial_k, initial_k, to_q),
          gradient_of(to_initial_v, initial_v, to_q)};
}

}  // namespace

#define YORE_SLOT_INPUTS                                                                                  \
  "Tensor q, Tensor k, Tensor v, Tensor write, Tensor? log_decay, Tensor? filled, Tensor? bias, Tensor? " \
  "initial_k, Tensor? initial_v, "

STABLE_TORCH_LIBRARY_FRAGMENT(yore, m) {
  m.def("slots_forward(" YORE_SLOT_INPUTS
        "float scale, bool grows, Tensor? cu_seqlens, bool keep) "
        "-> (Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)");
  m.def(
      "slots_backward(Tensor grad_out, Tensor? grad_final_k, Tensor? grad_final_v, " YORE_SLOT_INPUTS
      "Tensor out, Tensor kept_k, Tensor kept_v, Tensor erased, float scale, bool grows, Tensor? cu_seqlens) "
      "-> (Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, Tensor)");
}

STABLE_TORCH_LIBRARY_IMPL(yore, CPU, m) {
  m.impl("slots_forward", TORCH_BOX(&forward));
  m.impl("slots_backward", TORCH_BOX(&backward));
}

}  // namespace yore::python
