#include "yore/mixers/attention/c_api.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <new>
#include <stdexcept>
#include <string>

#include "yore/kernels/targets.h"
#include "yore/mixers/attention/arguments-inl.h"
#include "yore/mixers/attention/bfloat16_forward.h"
#include "yore/mixers/attention/c_errors.h"
#include "yore/mixers/attention/kernel.h"

namespace {

using yore::mixers::AttentionParams;
namespace kernel = yore::mixers::kernel;
using namespace yore::mixers::arguments;

thread_local char target_name[32] = "";

/// Strides of an array of numbers of `bytes` bytes, those of a contiguous one where all are 0. Throws for
/// null where there are elements and for strides that fall or run out of the address space.
template <class View, class Array>
View checked(const char* name, const Array& array, const Shape& shape, std::size_t bytes) {
  check_address(name, array.data, shape, bytes);
  View view{nullptr, array.batch, array.time, array.head};
  if (array.batch == 0 && array.time == 0 && array.head == 0) {
    view.head = shape.dim;
    view.time = shape.head * view.head;
    view.batch = shape.time * view.time;
  }
  const auto stride = [&](const char* which, std::int64_t x, std::int64_t count) {
    expect(x >= 0 && (count <= 1 || x < kMostElements / count), std::string(name) + "." + which,
           "a stride of at least 0 within memory", std::to_string(x));
  };
  stride("batch", view.batch, shape.batch);
  stride("time", view.time, shape.time);
  stride("head", view.head, shape.head);
  view.data = static_cast<decltype(view.data)>(array.data);
  return view;
}

/// The same for what is written: no element twice.
template <class View>
View checked_output(const char* name, const yore_output& array, const Shape& shape) {
  const View view = checked<View>(name, array, shape, sizeof(*View::data));
  check_apart(name, view.batch, view.time, view.head, shape);
  return view;
}

/// The caller's struct as this library knows it: members that the oldest one lacks are 0. A size between the
/// two would cut a member in half.
template <class Struct>
Struct complete(const char* name, const Struct* given, std::size_t oldest) {
  expect(given != nullptr, name, "an address", "null");
  const std::size_t size = given->size;
  expect(size == oldest || size == sizeof(Struct), std::string(name) + "->size",
         oldest == sizeof(Struct) ? std::to_string(oldest)
                                  : std::to_string(oldest) + " or " + std::to_string(sizeof(Struct)),
         std::to_string(size) + (size > sizeof(Struct) ? " (of a later version's header)" : ""));
  Struct known;
  std::memset(&known, 0, sizeof known);
  std::memcpy(&known, given, size);
  return known;
}

AttentionParams params_of(const yore_attention& a) {
  AttentionParams params;
  const auto heads = static_cast<std::size_t>(a.heads);
  if (a.lookback != nullptr) params.lookback.assign(a.lookback, a.lookback + heads);
  for (std::size_t h = 0; h < params.lookback.size(); ++h)
    expect(params.lookback[h] >= yore::mixers::kGlobal, "lookback[" + std::to_string(h) + "]",
           "-1 (the whole past) or at least 0", std::to_string(params.lookback[h]));
  if (a.alibi_slopes != nullptr) params.alibi_slopes.assign(a.alibi_slopes, a.alibi_slopes + heads);
  for (std::size_t h = 0; h < params.alibi_slopes.size(); ++h)
    expect(std::abs(params.alibi_slopes[h]) <= 1e30, "alibi_slopes[" + std::to_string(h) + "]",
           "a number from -1e30 to 1e30", text(params.alibi_slopes[h]));
  expect_within("strict", a.strict, 0, 1);
  params.strict = a.strict == 1;
  expect(std::abs(a.scale) <= 1e30, "scale", "a number from -1e30 to 1e30", text(a.scale));
  if (a.scale != 0) params.scale = a.scale;
  expect(a.soft_cap == 0 || (a.soft_cap >= 1e-30 && a.soft_cap <= 1e30), "soft_cap",
         "0 (none) or 1e-30 to 1e30", text(a.soft_cap));
  params.soft_cap = a.soft_cap;
  expect(a.sinks >= 0, "sinks", "at least 0", std::to_string(a.sinks));
  params.sinks = static_cast<int>(std::min<std::int64_t>(a.sinks, a.keys));
  return yore::mixers::complete_params(std::move(params), a.heads, a.dim);
}

kernel::Storage storage_of(std::int32_t type) {
  switch (type) {
    case YORE_F64:
      return kernel::Storage::Float64;
    case YORE_BF16:
      return kernel::Storage::BFloat16;
    case YORE_F16:
      return kernel::Storage::Float16;
    default:
      return kernel::Storage::Float32;
  }
}

/// Shapes of one call's arrays.
struct Shapes {
  Shape q, k, v, out;
  explicit Shapes(const yore_attention& a) {
    const std::int64_t batch = a.query_starts == nullptr ? a.batch : 1;  // packed: one long time axis
    q = {batch, a.queries, a.heads, a.dim};
    k = {batch, a.keys, a.kv_heads, a.dim};
    v = {batch, a.keys, a.kv_heads, a.value_dim};
    out = {batch, a.queries, a.heads, a.value_dim};
  }
};

void check_sizes(const yore_attention& a) {
  constexpr std::int64_t kMost = std::int64_t{1} << 48;
  expect(a.type == YORE_F32 || a.type == YORE_F64, "type", "YORE_F32 or YORE_F64", std::to_string(a.type));
  const bool narrow = a.type == YORE_F32 && (a.kv_type == YORE_BF16 || a.kv_type == YORE_F16);
  expect(a.kv_type == a.type || narrow, "kv_type",
         a.type == YORE_F32 ? "YORE_F32, YORE_BF16 or YORE_F16 for a type of YORE_F32"
                            : "YORE_F64 for a type of YORE_F64",
         std::to_string(a.kv_type));
  expect_within("batch", a.batch, 0, kMost);
  expect_within("queries", a.queries, 0, kMost);
  expect_within("keys", a.keys, 0, kMost);
  expect_within("heads", a.heads, 1, INT32_MAX);
  expect_within("kv_heads", a.kv_heads, 1, INT32_MAX);
  expect(static_cast<double>(a.batch) * a.heads < static_cast<double>(kMostElements), "batch",
         "fewer than 2^46 sequences times heads",
         std::to_string(a.batch) + " times " + std::to_string(a.heads));
  expect(a.heads % a.kv_heads == 0, "kv_heads", "a divisor of heads, " + std::to_string(a.heads),
         std::to_string(a.kv_heads));
  expect_within("dim", a.dim, 1, yore::mixers::kMaxDim);
  expect_within("value_dim", a.value_dim, 1, yore::mixers::kMaxDim);
  expect_within("threads", a.threads, 0, 4096);
  check_both_starts(a.query_starts, a.key_starts);
  if (a.query_starts == nullptr) return;
  check_starts("query_starts", a.query_starts, a.batch, a.queries);
  check_starts("key_starts", a.key_starts, a.batch, a.keys);
}

template <class T>
kernel::Problem<T> problem_of(const yore_attention& a, const Shapes& shapes) {
  kernel::Problem<T> p;
  p.sequences = {a.batch, a.queries, a.keys, a.query_starts, a.key_starts};
  p.heads = a.heads;
  p.kv_heads = a.kv_heads;
  p.dim = a.dim;
  p.value_dim = a.value_dim;
  p.q = checked<kernel::View<const T>>("q", a.q, shapes.q, sizeof(T));
  const std::size_t kv_bytes = a.kv_type == a.type ? sizeof(T) : 2;
  p.k = checked<kernel::View<const void>>("k", a.k, shapes.k, kv_bytes);
  p.v = checked<kernel::View<const void>>("v", a.v, shapes.v, kv_bytes);
  p.storage = storage_of(a.kv_type);
  check_aligned("sink_logits", a.sink_logits, sizeof(T));
  p.sink_logits = static_cast<const T*>(a.sink_logits);
  p.threads = a.threads;
  return p;
}

template <class T>
void run_forward(const yore_attention& a, const yore_output& out, void* lse) {
  const Shapes shapes(a);
  const kernel::Problem<T> problem = problem_of<T>(a, shapes);
  const AttentionParams params = params_of(a);
  check_aligned("lse", lse, sizeof(T));
  kernel::forward_unchecked<T>(problem, params, checked_output<kernel::View<T>>("out", out, shapes.out),
                               static_cast<T*>(lse));
}

template <class Out>
void run_forward_bf16(const yore_attention& a, const yore_output& out, float* lse) {
  const Shapes shapes(a);
  kernel::Bfloat16Problem p;
  p.sequences = {a.batch, a.queries, a.keys, a.query_starts, a.key_starts};
  p.heads = a.heads;
  p.kv_heads = a.kv_heads;
  p.dim = a.dim;
  p.value_dim = a.value_dim;
  using Read = kernel::View<const std::uint16_t>;
  p.q = checked<Read>("q", a.q, shapes.q, sizeof(std::uint16_t));
  p.k = checked<Read>("k", a.k, shapes.k, sizeof(std::uint16_t));
  p.v = checked<Read>("v", a.v, shapes.v, sizeof(std::uint16_t));
  check_aligned("sink_logits", a.sink_logits, sizeof(float));
  p.sink_logits = static_cast<const float*>(a.sink_logits);
  p.threads = a.threads;
  const AttentionParams params = params_of(a);
  check_aligned("lse", lse, sizeof(float));
  kernel::forward_bfloat16_unchecked(p, params, checked_output<kernel::View<Out>>("out", out, shapes.out),
                                     lse);
}

template <class T>
void run_backward(const yore_attention& a, const yore_input& out, const void* lse, const yore_input& grad_out,
                  const yore_attention_gradients& g) {
  const Shapes shapes(a);
  const kernel::Problem<T> problem = problem_of<T>(a, shapes);
  const AttentionParams params = params_of(a);
  using Read = kernel::View<const T>;
  using Write = kernel::View<T>;
  const Read from = checked<Read>("out", out, shapes.out, sizeof(T)),
             cotangent = checked<Read>("grad_out", grad_out, shapes.out, sizeof(T));
  expect(lse != nullptr || shapes.out.elements() == 0, "lse", "what forward wrote", "null");
  check_aligned("lse", lse, sizeof(T));
  check_aligned("gradients->sink_logits", g.sink_logits, sizeof(T));
  expect(g.sink_logits == nullptr || a.sink_logits != nullptr, "gradients->sink_logits",
         "null where attention->sink_logits is", "an address");
  const kernel::Gradients<T> gradients{checked_output<Write>("gradients->q", g.q, shapes.q),
                                       checked_output<Write>("gradients->k", g.k, shapes.k),
                                       checked_output<Write>("gradients->v", g.v, shapes.v),
                                       static_cast<T*>(g.sink_logits)};
  kernel::backward_unchecked<T>(problem, params, from, static_cast<const T*>(lse), cotangent, gradients);
}

// Sizes of the structs in the first version of this interface. They stay when members are added at the end.
constexpr std::size_t kOldestAttention = offsetof(yore_attention, soft_cap);
constexpr std::size_t kOldestGradients = sizeof(yore_attention_gradients);

}  // namespace

using yore::mixers::guarded;

int yore_attention_forward(const yore_attention* attention, yore_output out, void* lse) {
  return guarded("yore_attention_forward", [&] {
    const auto a = complete("attention", attention, kOldestAttention);
    check_sizes(a);
    a.type == YORE_F64 ? run_forward<double>(a, out, lse) : run_forward<float>(a, out, lse);
  });
}

int yore_has_bf16_products(void) {
  return kernel::has_bfloat16_products() ? 1 : 0;
}

int yore_attention_forward_bf16(const yore_attention* attention, yore_output out, int32_t out_type,
                                float* lse) {
  return guarded("yore_attention_forward_bf16", [&] {
    expect(kernel::has_bfloat16_products(), "processor", "AVX-512-BF16", "one without");
    auto a = complete("attention", attention, kOldestAttention);
    expect(a.type == YORE_BF16, "type", "YORE_BF16", std::to_string(a.type));
    expect(a.kv_type == YORE_BF16, "kv_type", "YORE_BF16", std::to_string(a.kv_type));
    expect(out_type == YORE_F32 || out_type == YORE_BF16, "out_type", "YORE_F32 or YORE_BF16",
           std::to_string(out_type));
    a.type = YORE_F32;  // of arithmetic, as the checks below know it
    check_sizes(a);
    out_type == YORE_F32 ? run_forward_bf16<float>(a, out, lse)
                         : run_forward_bf16<std::uint16_t>(a, out, lse);
  });
}

int yore_attention_backward(const yore_attention* attention, yore_input out, const void* lse,
                            yore_input grad_out, const yore_attention_gradients* gradients) {
  return guarded("yore_attention_backward", [&] {
    const auto a = complete("attention", attention, kOldestAttention);
    const auto g = complete("gradients", gradients, kOldestGradients);
    check_sizes(a);
    a.type == YORE_F64 ? run_backward<double>(a, out, lse, grad_out, g)
                       : run_backward<float>(a, out, lse, grad_out, g);
  });
}

const char* yore_last_error(void) {
  return yore::mixers::last_c_error;
}

const char* yore_simd_target(void) {
  std::snprintf(target_name, sizeof target_name, "%s", yore::kernels::chosen_target().c_str());
  return target_name;
}
