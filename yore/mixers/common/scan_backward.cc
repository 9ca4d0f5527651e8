// The chunk scan's backward pass for every target: kKept tokens at a time from the end, whose chunks are
// prepared again from the state that forward kept, and are then gone through backwards (math.md).
#include "yore/kernels/parallel.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/common/scan.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/common/scan_backward.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/mixers/common/scan_chunk-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::scan::HWY_NAMESPACE {

inline constexpr std::ptrdiff_t kChunks = kKept / kChunk;

/// x += y; n numbers, a multiple of L.
template <class T>
void Accumulate(const T* HWY_RESTRICT y, std::ptrdiff_t n, T* HWY_RESTRICT x) {
  const Tag<T> d;
  Vectors<T>(n, [&](std::ptrdiff_t i)
                    HWY_ATTR { hn::Store(hn::Add(hn::Load(d, x + i), hn::Load(d, y + i)), d, x + i); });
}

/// sum over `size` numbers of x y, a multiple of L.
template <class T>
T Dot(const T* HWY_RESTRICT x, const T* HWY_RESTRICT y, std::ptrdiff_t size) {
  const Tag<T> d;
  auto sum = hn::Zero(d);
  Vectors<T>(size, [&](std::ptrdiff_t i)
                       HWY_ATTR { sum = hn::MulAdd(hn::Load(d, x + i), hn::Load(d, y + i), sum); });
  return simd::Sum<T>(sum);
}

/// One thread's memory, and what is computed in it for one head.
template <class T>
struct BackwardContext {
  Workspace memory;
  const Setting& setting;
  const Sizes z;
  std::vector<Chunk<T>> chunks;     ///< of the kKept tokens at hand
  std::vector<T*> states;           ///< before each of them
  T* adjoint;                       ///< E, of the state after the chunk at hand; later of the one before
  T *grad_out, *out_state;          ///< [kChunk][value_row]: of the outputs; what of it meets the state
  T *grad_written, *grad_error;     ///< [kChunk][value_row]; of u, and of what is taken off (negative)
  T *grad_q, *grad_k, *grad_erase;  ///< [kChunk][key_row]; the last through what is taken off at k
  T *pairs, *pairs_t;               ///< [kChunk][kChunk]
  T *by_token, *turned, *sum;       ///< scratch [padded dim][kChunk], and one row

  explicit BackwardContext(const Setting& s) : setting(s), z(s) {
    const std::ptrdiff_t key = kChunk * z.key_row, value = kChunk * z.value_row;
    for (std::ptrdiff_t c = 0; c < kChunks; ++c) {
      chunks.emplace_back(s, memory);
      states.push_back(memory.Take<T>(z.state()));
    }
    adjoint = memory.Take<T>(z.state());
    grad_out = memory.Take<T>(value);
    out_state = s.decay == Decay::Value ? memory.Take<T>(value) : grad_out;
    grad_written = memory.Take<T>(value);
    grad_error = memory.Take<T>(value);
    grad_q = memory.Take<T>(key);
    grad_k = memory.Take<T>(key);
    grad_erase = memory.Take<T>(key);
    pairs = memory.Take<T>(kChunk * kChunk);
    pairs_t = memory.Take<T>(kChunk * kChunk);
    by_token = memory.Take<T>(std::max(key, value));
    turned = memory.Take<T>(std::max(key, value));
    sum = memory.Take<T>(std::max(z.key_row, z.value_row));
  }

  bool delta() const { return setting.rule == Rule::Delta; }
  bool by_key() const { return setting.decay == Decay::Key; }
  bool by_value() const { return setting.decay == Decay::Value; }

  /// Gradients of tokens first .. end - 1 of head h, whose first chunk begins with states[0].
  void Run(const Problem<T>& p, Rows<const T> out, Rows<const T> cotangent, const Gradients<T>& to,
           std::int64_t first, std::int64_t end, int h) {
    const std::ptrdiff_t count = (end - first + kChunk - 1) / kChunk;
    for (std::ptrdiff_t c = 0; c < count; ++c) {
      Chunk<T>& chunk = chunks[static_cast<std::size_t>(c)];
      const std::int64_t t = first + c * kChunk;
      chunk.Load(p, t, std::min<std::int64_t>(kChunk, end - t), h);
      chunk.Weigh();
      chunk.Write(states[static_cast<std::size_t>(c)]);
      if (c + 1 == count) break;
      T* next = states[static_cast<std::size_t>(c) + 1];
      std::copy(states[static_cast<std::size_t>(c)], states[static_cast<std::size_t>(c)] + z.state(), next);
      chunk.Take(next);
    }
    for (std::ptrdiff_t c = count - 1; c >= 0; --c)
      RunChunk(p, out, cotangent, to, chunks[static_cast<std::size_t>(c)],
               states[static_cast<std::size_t>(c)], h);
  }

 private:
  void RunChunk(const Problem<T>& p, Rows<const T> out, Rows<const T> cotangent, const Gradients<T>& to,
                Chunk<T>& chunk, const T* state, int h) {
    LoadRows(cotangent, chunk.t, h, chunk.n, z.value, z.value_row, T(1), grad_out);
    if (by_value()) Times(grad_out, chunk.decay.until, z.value_row, out_state);
    Written(chunk);
    if (delta()) Erased(chunk, state);
    Keys(chunk);
    Queries(chunk, state);
    chunk.TakeInto(adjoint, Left<T>{chunk.q_state, 1, z.key_row}, out_state);
    if (delta())
      Multiply<Onto::Old>(z.key_row, z.value_row, kChunk, Left<T>{chunk.k_seen, 1, z.key_row}, grad_error,
                          z.value_row, adjoint, z.value_row);
    Store(p, out, to, chunk, state, h);
  }

  /// The weights' gradients dA_ij = <do_i, u_j> into `pairs`, and that of what is written into grad_written.
  void Written(Chunk<T>& chunk) {
    Multiply<Onto::Zero>(kChunk, z.value_row, z.key_row, Left<T>{chunk.k_state, z.key_row, 1}, adjoint,
                         z.value_row, grad_written, z.value_row);
    Transpose(chunk.written, z.value_row, kChunk, z.value_row, turned, kChunk);
    if (by_value()) {
      Times(grad_written, chunk.decay.after, z.value_row, grad_written);
      DecayedCombineBack(z.value_row, z.value_row, chunk.inner, grad_out, chunk.decay.each, grad_written);
      Transpose(grad_out, z.value_row, kChunk, z.value_row, chunk.more_t, kChunk);
      Transpose(chunk.decay.each, z.value_row, kChunk, z.value_row, chunk.decays_t, kChunk);
      DecayedInner(z.value_row, chunk.more_t, turned, chunk.decays_t, chunk.past, pairs);
      return;
    }
    Multiply<Onto::Old>(kChunk, z.value_row, kChunk, Left<T>{chunk.inner, 1, kChunk}, grad_out, z.value_row,
                        grad_written, z.value_row);
    Multiply<Onto::Zero>(kChunk, kChunk, z.value_row, Left<T>{grad_out, z.value_row, 1}, turned, kChunk,
                         pairs, kChunk);
    Times(pairs, chunk.decay.between, kChunk, pairs);
  }

  /// The delta rule: grad_written becomes that of the whole u, later errors included; grad_error is minus
  /// that of the error, and grad_erase the gradient of k as what asks the state for what is taken off.
  void Erased(Chunk<T>& chunk, const T* state) {
    const Tag<T> d;
    for (std::ptrdiff_t i = kChunk - 1; i >= 0; --i)
      Vectors<T>(z.value_row, [&](std::ptrdiff_t c) HWY_ATTR {
        auto g = hn::Load(d, grad_written + i * z.value_row + c);
        for (std::ptrdiff_t l = i + 1; l < kChunk; ++l)
          g = hn::MulAdd(hn::Set(d, chunk.erase[l * kChunk + i]),
                         hn::Load(d, grad_error + l * z.value_row + c), g);
        hn::Store(g, d, grad_written + i * z.value_row + c);
        hn::Store(hn::Mul(g, hn::Set(d, -chunk.beta[i])), d, grad_error + i * z.value_row + c);
      });
    // `turned` still holds what was written.
    T* errors = chunk.inner;  // no longer needed
    Multiply<Onto::Zero>(kChunk, kChunk, z.value_row, Left<T>{grad_error, z.value_row, 1}, turned, kChunk,
                         errors, kChunk);
    Times(errors, chunk.decay.between, kChunk, errors);
    for (std::ptrdiff_t i = 0; i < kChunk; ++i) errors[i * kChunk + i] = 0;
    Asking(chunk, state, grad_error, errors, grad_erase);
  }

  /// The gradient of rows x that ask the state and the keys (queries, or keys whose values are taken off):
  /// decays until it (.) (S g) + sum of weights times decayed keys.
  void Asking(Chunk<T>& chunk, const T* state, const T* g, const T* weights, T* to) {
    Transpose(g, z.value_row, kChunk, z.value_row, chunk.more_t, kChunk);
    Multiply<Onto::Zero>(z.key_row, kChunk, z.value_row, Left<T>{state, z.value_row, 1}, chunk.more_t, kChunk,
                         by_token, kChunk);
    if (!by_key()) {
      TimesTokens(chunk.decay.until, by_token);
      Transpose(weights, kChunk, kChunk, kChunk, pairs_t, kChunk);
      Multiply<Onto::Old>(z.key_row, kChunk, kChunk, Left<T>{chunk.k, 1, z.key_row}, pairs_t, kChunk,
                          by_token, kChunk);
    }
    Transpose(by_token, kChunk, z.key_row, kChunk, to, z.key_row);
    if (by_key()) {
      Times(to, chunk.decay.until, z.key_row, to);
      DecayedCombine(z.key_row, z.key_row, weights, chunk.k, chunk.decay.each, to);
    }
  }
  void Queries(Chunk<T>& chunk, const T* state) { Asking(chunk, state, out_state, pairs, grad_q); }

  /// The gradient of keys as what is written under.
  void Keys(Chunk<T>& chunk) {
    Transpose(chunk.write_state, z.value_row, kChunk, z.value_row, turned, kChunk);
    Multiply<Onto::Zero>(z.key_row, kChunk, z.value_row, Left<T>{adjoint, z.value_row, 1}, turned, kChunk,
                         by_token, kChunk);
    if (!by_key()) {
      TimesTokens(chunk.decay.after, by_token);
      Multiply<Onto::Old>(z.key_row, kChunk, kChunk, Left<T>{chunk.q, 1, z.key_row}, pairs, kChunk, by_token,
                          kChunk);
      if (delta())
        Multiply<Onto::Old>(z.key_row, kChunk, kChunk, Left<T>{chunk.k, 1, z.key_row}, chunk.inner, kChunk,
                            by_token, kChunk);
    }
    Transpose(by_token, kChunk, z.key_row, kChunk, grad_k, z.key_row);
    if (by_key()) {
      Times(grad_k, chunk.decay.after, z.key_row, grad_k);
      DecayedCombineBack(z.key_row, z.key_row, pairs, chunk.q, chunk.decay.each, grad_k);
      if (delta()) DecayedCombineBack(z.key_row, z.key_row, chunk.inner, chunk.k, chunk.decay.each, grad_k);
    }
  }

  /// x [key_row][kChunk], column i times the decays of one head at token i.
  void TimesTokens(const T* products, T* x) {
    if (setting.decay != Decay::Head) return;
    const Tag<T> d;
    for (std::ptrdiff_t r = 0; r < z.key_row; ++r)
      Vectors<T>(kChunk, [&](std::ptrdiff_t i) HWY_ATTR {
        hn::Store(hn::Mul(hn::Load(d, x + r * kChunk + i), hn::LoadU(d, products + i)), d,
                  x + r * kChunk + i);
      });
  }

  void Store(const Problem<T>& p, Rows<const T> out, const Gradients<T>& to, Chunk<T>& chunk, const T* state,
             int h) {
    if (to.log_decay.data != nullptr && setting.decay != Decay::None) StoreDecays(out, to, chunk, state, h);
    StoreRows(grad_q, chunk.n, z.key, z.key_row, static_cast<T>(setting.scale), to.q, chunk.t, h);
    if (delta()) Accumulate(grad_erase, kChunk * z.key_row, grad_k);
    StoreRows(grad_k, chunk.n, z.key, z.key_row, T(1), to.k, chunk.t, h);
    if (to.beta.data != nullptr && p.beta.data != nullptr)
      for (std::ptrdiff_t i = 0; i < chunk.n; ++i)
        to.beta.data[(chunk.t + i) * to.beta.token + h * to.beta.head] = Dot(
            grad_written + i * z.value_row, (delta() ? chunk.error : chunk.v) + i * z.value_row, z.value_row);
    if (delta())
      StoreRows(grad_error, chunk.n, z.value, z.value_row, T(-1), to.v, chunk.t, h);
    else {
      TimesScalars(grad_written, chunk.beta, z.value_row, grad_error);
      StoreRows(grad_error, chunk.n, z.value, z.value_row, T(1), to.v, chunk.t, h);
    }
  }

  /// Of the logarithms, from the chunk's beginning on: for the first token <S, E>, S and E before the chunk;
  /// from token i to i + 1 what is written at i comes in, and what is read and taken off goes.
  void StoreDecays(Rows<const T> out, const Gradients<T>& to, Chunk<T>& chunk, const T* state, int h) {
    const Tag<T> d;
    const std::ptrdiff_t row = by_value() ? z.value_row : z.key_row;
    std::fill(sum, sum + row, T(0));
    for (std::ptrdiff_t r = 0; r < z.key; ++r) {
      const std::ptrdiff_t at = r * z.value_row;
      if (by_value())
        Vectors<T>(z.value_row, [&](std::ptrdiff_t c) HWY_ATTR {
          hn::Store(
              hn::MulAdd(hn::Load(d, state + at + c), hn::Load(d, adjoint + at + c), hn::Load(d, sum + c)), d,
              sum + c);
        });
      else
        sum[r] = Dot(state + at, adjoint + at, z.value_row);
    }
    if (by_value()) LoadRows(out, chunk.t, h, chunk.n, z.value, z.value_row, T(1), chunk.result);
    T whole = 0;
    for (std::ptrdiff_t r = 0; r < row; ++r) whole += sum[r];
    for (std::ptrdiff_t i = 0; i < chunk.n; ++i) {
      T* place = to.log_decay.data + (chunk.t + i) * to.log_decay.token + h * to.log_decay.head;
      // Where all is forgotten it is 0, whatever roundings leave.
      if (setting.decay == Decay::Head) {
        if (chunk.decay.each[i] == 0) whole = 0;
        *place = whole;
        const std::ptrdiff_t at = i * z.key_row;
        whole += Dot(chunk.k + at, grad_k + at, z.key_row) - Dot(chunk.q + at, grad_q + at, z.key_row);
        if (delta()) whole -= Dot(chunk.k + at, grad_erase + at, z.key_row);
        continue;
      }
      Vectors<T>(row, [&](std::ptrdiff_t c) HWY_ATTR {
        const auto none = hn::Eq(hn::Load(d, chunk.decay.each + i * row + c), hn::Zero(d));
        hn::Store(hn::IfThenZeroElse(none, hn::Load(d, sum + c)), d, sum + c);
      });
      std::copy(sum, sum + (by_value() ? z.value : z.key), place);
      const T* in = by_value() ? chunk.written : chunk.k;
      const T* in_grad = by_value() ? grad_written : grad_k;
      const T* read = by_value() ? chunk.result : chunk.q;
      const T* read_grad = by_value() ? grad_out : grad_q;
      Vectors<T>(row, [&](std::ptrdiff_t c) HWY_ATTR {
        const std::ptrdiff_t at = i * row + c;
        auto x = hn::MulAdd(hn::Load(d, in + at), hn::Load(d, in_grad + at), hn::Load(d, sum + c));
        x = hn::NegMulAdd(hn::Load(d, read + at), hn::Load(d, read_grad + at), x);
        if (delta()) x = hn::NegMulAdd(hn::Load(d, in + at), hn::Load(d, grad_erase + at), x);
        hn::Store(x, d, sum + c);
      });
    }
  }
};

template <class T>
void BackwardOf(const Problem<T>& p, Rows<const T> out, const T* kept, Rows<const T> grad_out,
                const T* grad_final, const Gradients<T>& to) {
  yore::kernels::note_target(HWY_TARGET);
  const Setting& s = p.setting;
  const std::int64_t tasks = p.batch * s.heads, size = s.state_size();
  yore::kernels::parallel_tasks(
      yore::kernels::threads_for(p.threads, tasks), tasks, [&] { return BackwardContext<T>(s); },
      [&](BackwardContext<T>& context, std::int64_t task) {
        const std::int64_t b = task / s.heads;
        const int h = static_cast<int>(task % s.heads);
        const std::int64_t first = p.starts[b], end = p.starts[b + 1];
        const T* keep = kept + kept_size(s, b, p.starts) + h * size;
        LoadState(grad_final == nullptr ? nullptr : grad_final + task * size, context.z, context.adjoint);
        const std::int64_t parts = (end - first + kKept - 1) / kKept;
        for (std::int64_t part = parts - 1; part >= 0; --part) {
          const T* initial = p.initial == nullptr ? nullptr : p.initial + task * size;
          LoadState(part == 0 ? initial : keep + (part - 1) * s.heads * size, context.z, context.states[0]);
          const std::int64_t from = first + part * kKept;
          context.Run(p, out, grad_out, to, from, std::min(end, from + kKept), h);
        }
        if (to.initial != nullptr) StoreState(context.adjoint, context.z, to.initial + task * size);
      });
}

/// Sums [N, heads, dim] over the heads that share a key head.
template <class T>
void SumHeads(const std::vector<T>& each, const Setting& s, std::int64_t rows, Rows<T> to) {
  const int group = s.heads / s.key_heads;
  for (std::int64_t t = 0; t < rows; ++t)
    for (int g = 0; g < s.key_heads; ++g)
      for (int c = 0; c < s.key_dim; ++c) {
        T total = 0;
        for (int h = g * group; h < (g + 1) * group; ++h)
          total += each[static_cast<std::size_t>((t * s.heads + h) * s.key_dim + c)];
        to.data[t * to.token + g * to.head + c] = total;
      }
}

template <class T>
void BackwardShared(const Problem<T>& p, Rows<const T> out, const T* kept, Rows<const T> grad_out,
                    const T* grad_final, const Gradients<T>& to) {
  const Setting& s = p.setting;
  if (s.key_heads == s.heads) return BackwardOf(p, out, kept, grad_out, grad_final, to);
  // Each head's own, then their sums: tasks stay independent of each other.
  const std::int64_t rows = p.starts[p.batch], wide = std::int64_t{s.heads} * s.key_dim;
  std::vector<T> q(static_cast<std::size_t>(rows * wide)), k(q.size());
  Gradients<T> each = to;
  each.q = {q.data(), wide, s.key_dim};
  each.k = {k.data(), wide, s.key_dim};
  BackwardOf(p, out, kept, grad_out, grad_final, each);
  SumHeads(q, s, rows, to.q);
  SumHeads(k, s, rows, to.k);
}

void BackwardF32(const Problem<float>& p, Rows<const float> out, const float* kept,
                 Rows<const float> grad_out, const float* grad_final, const Gradients<float>& to) {
  BackwardShared(p, out, kept, grad_out, grad_final, to);
}
void BackwardF64(const Problem<double>& p, Rows<const double> out, const double* kept,
                 Rows<const double> grad_out, const double* grad_final, const Gradients<double>& to) {
  BackwardShared(p, out, kept, grad_out, grad_final, to);
}

}  // namespace yore::mixers::scan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers::scan {

HWY_EXPORT(BackwardF32);
HWY_EXPORT(BackwardF64);

template <>
void backward(const Problem<float>& p, Rows<const float> out, const float* kept, Rows<const float> grad_out,
              const float* grad_final, const Gradients<float>& to) {
  HWY_DYNAMIC_DISPATCH(BackwardF32)(p, out, kept, grad_out, grad_final, to);
}
template <>
void backward(const Problem<double>& p, Rows<const double> out, const double* kept,
              Rows<const double> grad_out, const double* grad_final, const Gradients<double>& to) {
  HWY_DYNAMIC_DISPATCH(BackwardF64)(p, out, kept, grad_out, grad_final, to);
}

}  // namespace yore::mixers::scan
#endif
