// The checked entries of kernel.h and bfloat16.h.
#include "yore/mixers/attention/kernel.h"

#include <algorithm>

#include "yore/mixers/attention/arguments-inl.h"
#include "yore/mixers/attention/bfloat16_forward.h"
#include "yore/mixers/common/bfloat16_product.h"

namespace yore::mixers::kernel {
namespace {

using namespace arguments;

std::size_t bytes_of(Storage storage) {
  switch (storage) {
    case Storage::Float64:
      return 8;
    case Storage::Float32:
      return 4;
    default:
      return 2;
  }
}

/// Runs `check`, and puts the entry's name before what it throws.
template <class Check>
void named(const char* op, const Check& check) {
  try {
    check();
  } catch (const std::invalid_argument& refused) {
    throw std::invalid_argument(std::string(op) + ": " + refused.what());
  }
}

/// Shapes of a call's arrays; packed sequences lie on one long time axis.
struct Shapes {
  Shape q, k, v, out;
};

/// What every pass reads, numbers of q_bytes and kv_bytes bytes. The shapes are those of a problem that has
/// passed.
template <class AnyProblem>
Shapes check_arrays(const AnyProblem& p, std::size_t q_bytes, std::size_t kv_bytes, std::size_t sink_bytes) {
  constexpr std::int64_t kMost = std::int64_t{1} << 48;
  const Sequences& s = p.sequences;
  expect_within("dim", p.dim, 1, kMaxDim);
  expect_within("value_dim", p.value_dim, 1, kMaxDim);
  expect_within("threads", p.threads, 0, 4096);
  expect_within("sequences.batch", s.batch, 0, kMost);
  check_both_starts(s.query_starts, s.key_starts);
  if (s.packed()) {
    check_starts("query_starts", s.query_starts, s.batch, -1);
    check_starts("key_starts", s.key_starts, s.batch, -1);
  } else {
    expect_within("sequences.queries", s.queries, 0, kMost);
    expect_within("sequences.keys", s.keys, 0, kMost);
  }
  const std::int64_t batch = s.packed() ? 1 : s.batch;
  const std::int64_t queries = s.packed() ? s.query_starts[s.batch] : s.queries,
                     keys = s.packed() ? s.key_starts[s.batch] : s.keys;
  const Shapes shapes{{batch, queries, p.heads, p.dim},
                      {batch, keys, p.kv_heads, p.dim},
                      {batch, keys, p.kv_heads, p.value_dim},
                      {batch, queries, p.heads, p.value_dim}};
  check_address("q", p.q.data, shapes.q, q_bytes);
  check_address("k", p.k.data, shapes.k, kv_bytes);
  check_address("v", p.v.data, shapes.v, kv_bytes);
  check_aligned("sink_logits", p.sink_logits, sink_bytes);
  return shapes;
}

template <class T>
Shapes check_problem(const Problem<T>& p) {
  expect(sizeof(T) == 8 ? p.storage == Storage::Float64 : p.storage != Storage::Float64, "storage",
         sizeof(T) == 8 ? "Float64 beside double" : "Float32, BFloat16 or Float16 beside float", "another");
  return check_arrays(p, sizeof(T), bytes_of(p.storage), sizeof(T));
}

template <class T>
void check_output(const char* name, const View<T>& view, const Shape& shape) {
  check_address(name, view.data, shape, sizeof(T));
  check_apart(name, view.batch, view.time, view.head, shape);
}

/// Calls run with complete parameters, copied only where something is to be filled in.
template <class Run>
void with_complete(const AttentionParams& params, int heads, int dim, const Run& run) {
  if (!params.lookback.empty() && params.scale)
    run(params);
  else
    run(complete_params(params, heads, dim));
}

/// forward_bfloat16, whatever the type of its outputs.
template <class Out>
void checked_bfloat16(const Bfloat16Problem& problem, const AttentionParams& params, const View<Out>& out,
                      float* lse) {
  constexpr const char* kOp = "kernel::forward_bfloat16";
  named(kOp, [] {
    if (!has_bfloat16_products()) throw std::invalid_argument("this processor has no AVX-512-BF16");
  });
  check_params(params, problem.heads, problem.kv_heads, kOp);
  named(kOp, [&] {
    check_output("out", out, check_arrays(problem, 2, 2, sizeof(float)).out);
    check_aligned("lse", lse, sizeof(float));
  });
  with_complete(params, problem.heads, problem.dim, [&](const AttentionParams& complete) {
    forward_bfloat16_unchecked(problem, complete, out, lse);
  });
}

bool has_unit(Bfloat16Unit unit) {
  const std::vector<Bfloat16Unit> units = bfloat16_units();
  return std::find(units.begin(), units.end(), unit) != units.end();
}

}  // namespace

template <class T>
void forward(const Problem<T>& problem, const AttentionParams& params, View<T> out, T* lse) {
  constexpr const char* kOp = "kernel::forward";
  check_params(params, problem.heads, problem.kv_heads, kOp);
  named(kOp, [&] {
    check_output("out", out, check_problem(problem).out);
    check_aligned("lse", lse, sizeof(T));
  });
  with_complete(params, problem.heads, problem.dim,
                [&](const AttentionParams& complete) { forward_unchecked<T>(problem, complete, out, lse); });
}

template <class T>
void backward(const Problem<T>& problem, const AttentionParams& params, View<const T> out, const T* lse,
              View<const T> grad_out, const Gradients<T>& gradients) {
  constexpr const char* kOp = "kernel::backward";
  check_params(params, problem.heads, problem.kv_heads, kOp);
  named(kOp, [&] {
    const Shapes shapes = check_problem(problem);
    check_address("out", out.data, shapes.out, sizeof(T));
    check_address("grad_out", grad_out.data, shapes.out, sizeof(T));
    check_aligned("lse", lse, sizeof(T));
    expect(lse != nullptr || shapes.out.elements() == 0, "lse", "what forward wrote", "null");
    expect(gradients.sink_logits == nullptr || problem.sink_logits != nullptr, "gradients.sink_logits",
           "null where the problem's sink_logits is", "an address");
    check_output("gradients.q", gradients.q, shapes.q);
    check_output("gradients.k", gradients.k, shapes.k);
    check_output("gradients.v", gradients.v, shapes.v);
  });
  with_complete(params, problem.heads, problem.dim, [&](const AttentionParams& complete) {
    backward_unchecked<T>(problem, complete, out, lse, grad_out, gradients);
  });
}

bool has_bfloat16_products() {
  return compiled_bfloat16_forward() && has_unit(Bfloat16Unit::Vectors);
}
bool prefers_bfloat16_products() {
  return has_bfloat16_products() && !has_unit(Bfloat16Unit::Tiles);
}

void forward_bfloat16(const Bfloat16Problem& problem, const AttentionParams& params, View<float> out,
                      float* lse) {
  checked_bfloat16(problem, params, out, lse);
}
void forward_bfloat16(const Bfloat16Problem& problem, const AttentionParams& params, View<std::uint16_t> out,
                      float* lse) {
  checked_bfloat16(problem, params, out, lse);
}

template void forward(const Problem<float>&, const AttentionParams&, View<float>, float*);
template void forward(const Problem<double>&, const AttentionParams&, View<double>, double*);
template void backward(const Problem<float>&, const AttentionParams&, View<const float>, const float*,
                       View<const float>, const Gradients<float>&);
template void backward(const Problem<double>&, const AttentionParams&, View<const double>, const double*,
                       View<const double>, const Gradients<double>&);

}  // namespace yore::mixers::kernel
