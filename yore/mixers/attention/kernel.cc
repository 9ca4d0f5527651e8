// The checked entries of kernel.h.
#include "yore/mixers/attention/kernel.h"

#include "yore/mixers/attention/arguments-inl.h"

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

/// What both passes read. The shapes are those of a problem that has passed.
template <class T>
Shapes check_problem(const Problem<T>& p) {
  constexpr std::int64_t kMost = std::int64_t{1} << 48;
  const Sequences& s = p.sequences;
  expect_within("dim", p.dim, 1, kMaxDim);
  expect_within("value_dim", p.value_dim, 1, kMaxDim);
  expect_within("threads", p.threads, 0, 4096);
  expect(sizeof(T) == 8 ? p.storage == Storage::Float64 : p.storage != Storage::Float64, "storage",
         sizeof(T) == 8 ? "Float64 beside double" : "Float32, BFloat16 or Float16 beside float", "another");
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
  check_address("q", p.q.data, shapes.q, sizeof(T));
  check_address("k", p.k.data, shapes.k, bytes_of(p.storage));
  check_address("v", p.v.data, shapes.v, bytes_of(p.storage));
  check_aligned("sink_logits", p.sink_logits, sizeof(T));
  return shapes;
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

template void forward(const Problem<float>&, const AttentionParams&, View<float>, float*);
template void forward(const Problem<double>&, const AttentionParams&, View<double>, double*);
template void backward(const Problem<float>&, const AttentionParams&, View<const float>, const float*,
                       View<const float>, const Gradients<float>&);
template void backward(const Problem<double>&, const AttentionParams&, View<const double>, const double*,
                       View<const double>, const Gradients<double>&);

}  // namespace yore::mixers::kernel
