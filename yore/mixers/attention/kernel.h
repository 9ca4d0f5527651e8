// Softmax attention on plain memory, forward and backward, in time and memory O(T x window): no torch.
// Compiled for every SIMD target and dispatched at run time; the same numbers come out for any number of
// threads. Small and large problems go different ways inside (math.md, "How the kernel computes it").
//
// forward and backward check what they are given; forward_unchecked and backward_unchecked trust it, for
// callers who know, such as loops that have checked once. Nothing checks that arrays are as large as their
// strides say.
#pragma once
#include <cstdint>

#include "yore/mixers/attention/params.h"

namespace yore::mixers::kernel {

/// Numbers as they lie in memory.
enum class Storage { Float32, Float64, BFloat16, Float16 };

/// [batch, time, head, dim] with strides in elements; the last dimension is contiguous.
/// A default View is no array.
template <class T>
struct View {
  T* data = nullptr;
  std::int64_t batch = 0, time = 0, head = 0;
};

/// `batch` sequences. Dense: each has `queries` and `keys` rows. Packed (starts given): sequence b owns query
/// rows query_starts[b] .. query_starts[b+1]-1 and key rows key_starts[b] .. key_starts[b+1]-1 of one long
/// time axis; View::batch is unused.
struct Sequences {
  std::int64_t batch = 0, queries = 0, keys = 0;
  const std::int64_t* query_starts = nullptr;  ///< [batch + 1], from 0, never falling; both or neither
  const std::int64_t* key_starts = nullptr;    ///< the same

  bool packed() const { return query_starts != nullptr; }
  std::int64_t queries_of(std::int64_t b) const {
    return packed() ? query_starts[b + 1] - query_starts[b] : queries;
  }
  std::int64_t keys_of(std::int64_t b) const { return packed() ? key_starts[b + 1] - key_starts[b] : keys; }
  /// Query rows of all sequences.
  std::int64_t rows() const { return packed() ? query_starts[batch] : batch * queries; }
  /// Number of the first query row of b among all of them.
  std::int64_t first_row(std::int64_t b) const { return packed() ? query_starts[b] : b * queries; }
};

/// T (float or double) is the type of queries, outputs and all arithmetic.
template <class T>
struct Problem {
  Sequences sequences;
  int heads = 0;      ///< of q and out
  int kv_heads = 0;   ///< of k and v; divides heads. Head h reads kv head h / (heads / kv_heads)
  int dim = 0;        ///< of q and k, 1..256
  int value_dim = 0;  ///< of v and out, 1..256
  View<const T> q;
  /// Keys and values as `storage`: that of T, or BFloat16 or Float16 for float; widened when read.
  View<const void> k, v;
  Storage storage = sizeof(T) == 4 ? Storage::Float32 : Storage::Float64;
  /// [heads]: adds exp(logit) to the softmax's denominator; null = none.
  const T* sink_logits = nullptr;
  int threads = 0;  ///< 0 = OpenMP's default
};

/// Writes out [batch, time, heads, value_dim] and, unless null, lse [rows, heads]: the natural logarithm of
/// each row's sum of exponentials (sink included), minus infinity where nothing is visible. Throws
/// std::invalid_argument, nothing written, for what does not fit together: "kernel::forward: kv_heads is 3,
/// expected a divisor of heads, 4".
template <class T>
void forward(const Problem<T>& problem, const AttentionParams& params, View<T> out, T* lse);

/// The same for arguments that forward(...) would take, and complete parameters (complete_params): anything
/// else reads and writes where it should not.
template <class T>
void forward_unchecked(const Problem<T>& problem, const AttentionParams& params, View<T> out, T* lse);

/// Where gradients go. k and v have kv_heads heads and are of type T whatever the storage. sink_logits may be
/// null.
template <class T>
struct Gradients {
  View<T> q, k, v;
  T* sink_logits = nullptr;
};

/// From out and lse of forward(...) and the gradient of out, the gradients of the inputs. Weights are
/// computed again from lse. Every element is written (not added to). Throws as forward does.
template <class T>
void backward(const Problem<T>& problem, const AttentionParams& params, View<const T> out, const T* lse,
              View<const T> grad_out, const Gradients<T>& gradients);

/// The same for arguments that backward(...) would take, and complete parameters.
template <class T>
void backward_unchecked(const Problem<T>& problem, const AttentionParams& params, View<const T> out,
                        const T* lse, View<const T> grad_out, const Gradients<T>& gradients);

}  // namespace yore::mixers::kernel
