// The chunk scan's backward pass for every target: kKept tokens at a time from the end, whose chunks are
// prepared again from the state that forward kept, and are then gone through backwards (math.md).
#include "yore/kernels/number.h"
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

using yore::kernels::Number;  // this file is compiled twice: as it is, and by scan_backward_double.cc

inline constexpr std::ptrdiff_t kChunks = kKept / kChunk;

/// sum over `size` numbers of x y, a multiple of L.
template <class T>
T Dot(const T* HWY_RESTRICT x, const T* HWY_RESTRICT y, std::ptrdiff_t size) {
  const Tag<T> d;
  auto sum = hn::Zero(d);
  Vectors<T>(size, [&](std::ptrdiff_t i)
                       HWY_ATTR { sum = hn::MulAdd(hn::Load(d, x + i), hn::LoadU(d, y + i), sum); });
  return simd::Sum<T>(sum);
}

/// to[r] = sum over `size` numbers of row r of x times row r of y, for `rows` rows, a multiple of 4.
template <class T>
void Dots(const T* x, const T* y, std::ptrdiff_t row, std::ptrdiff_t rows, std::ptrdiff_t size, T* to) {
  const Tag<T> d;
  for (std::ptrdiff_t r = 0; r < rows; r += 4) {
    hn::Vec<Tag<T>> sum[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
    Vectors<T>(size, [&](std::ptrdiff_t i) HWY_ATTR {
      Unrolled<4>([&](auto n) HWY_ATTR {
        const std::ptrdiff_t at = (r + n) * row + i;
        sum[n] = hn::MulAdd(hn::Load(d, x + at), hn::Load(d, y + at), sum[n]);
      });
    });
    FourSums<T>(sum, to + r);
  }
}

/// One thread's memory, and what is computed in it for one head.
template <class T>
struct BackwardContext {
  Workspace memory;
  const Setting& setting;
  const Sizes z;
  std::vector<Chunk<T>> chunks;  ///< of the kKept tokens at hand
  std::vector<T*> states;        ///< before each of them
  T* adjoints;                   ///< of `heads` heads
  T* adjoint;  ///< the one at hand, E, of the state after the chunk at hand; later of the one before
  T *grad_out, *out_state;          ///< [kChunk][value_row]: of the outputs; what of it meets the state
  T *grad_written, *grad_error;     ///< [kChunk][value_row]; of u, and of what is taken off (negative)
  T* error_state;                   ///< what of the latter meets the state
  T *grad_q, *grad_k, *grad_erase;  ///< [kChunk][key_row]; the last through what is taken off at k
  T *pairs, *errors;                ///< [kChunk][kChunk]
  T *by_token, *turned;  ///< scratch [padded dim][2 kChunk]: what asks or is written, tokens in lanes
  T *sum, *dots;         ///< one row; a number of every token
  Ahead ahead;

  BackwardContext(const Setting& s, int heads) : setting(s), z(s, sizeof(T)) {
    const std::ptrdiff_t key = kChunk * z.key_row, value = kChunk * z.value_row;
    for (std::ptrdiff_t c = 0; c < kChunks; ++c) {
      chunks.emplace_back(s, memory);
      states.push_back(memory.Take<T>(z.state()));
    }
    adjoint = adjoints = memory.Take<T>(heads * z.state());
    grad_out = memory.Take<T>(value);
    const bool on_values = s.decay == Decay::Head || s.decay == Decay::Value;
    out_state = on_values ? memory.Take<T>(value) : grad_out;
    grad_written = memory.Take<T>(value);
    grad_error = memory.Take<T>(value);
    error_state = by_head() && delta() ? memory.Take<T>(value) : grad_error;
    grad_q = memory.Take<T>(key);
    grad_k = memory.Take<T>(key);
    grad_erase = memory.Take<T>(key);
    pairs = memory.Take<T>(kChunk * kChunk);
    errors = memory.Take<T>(kChunk * kChunk);
    by_token = memory.Take<T>(2 * std::max(key, value));
    turned = memory.Take<T>(2 * std::max(key, value));
    sum = memory.Take<T>(std::max(z.key_row, z.value_row));
    dots = memory.Take<T>(kChunk);
  }

  bool delta() const { return setting.rule == Rule::Delta; }
  bool by_head() const { return setting.decay == Decay::Head; }
  bool by_key() const { return setting.decay == Decay::Key; }
  bool by_value() const { return setting.decay == Decay::Value; }

  /// What Run touches of head h.
  void Foresee(const Problem<T>& p, Rows<const T> out, Rows<const T> cotangent, const Gradients<T>& to,
               int h) {
    const int key_head = h / (setting.heads / setting.key_heads);
    ahead.Clear();
    chunks[0].Foresee(p, h, ahead);
    const auto add = [&](const auto& x, std::int64_t head, std::ptrdiff_t dim) {
      if (x.data != nullptr) ahead.Add(x.data + head * x.head, x.token, dim);
    };
    add(cotangent, h, z.value);
    if (by_value()) add(out, h, z.value);
    add(to.q, key_head, z.key);
    add(to.k, key_head, z.key);
    add(to.v, h, z.value);
    if (by_key() || by_value()) add(to.log_decay, h, setting.decays());
  }

  /// Gradients of tokens first .. end - 1 of head h, whose first chunk begins with states[0].
  void Run(const Problem<T>& p, Rows<const T> out, Rows<const T> cotangent, const Gradients<T>& to,
           std::int64_t first, std::int64_t end, int h, const Coming<T>& coming) {
    const std::ptrdiff_t count = (end - first + kChunk - 1) / kChunk;
    const std::ptrdiff_t through_keys = z.key_row / kChunk, through_values = z.value_row / kChunk;
    const std::ptrdiff_t steps =
        kChunks * (TilesIn<T>(kChunk, z.value_row) * through_keys + TilesIn<T>(z.key_row, z.value_row) +
                   2 * TilesIn<T>(z.key_row, kChunk) * through_values);
    Foresee(p, out, cotangent, to, coming.head);
    ahead.Aim(coming.first, coming.end, steps, coming.block, setting.state_size());
    for (std::ptrdiff_t c = 0; c < count; ++c) {
      Chunk<T>& chunk = chunks[static_cast<std::size_t>(c)];
      const std::int64_t t = first + c * kChunk;
      chunk.Load(p, t, std::min<std::int64_t>(kChunk, end - t), h);
      chunk.Weigh();
      const T* state = states[static_cast<std::size_t>(c)];
      chunk.Write(state, chunk.all());
      if (c + 1 < count) chunk.Take(state, states[static_cast<std::size_t>(c) + 1], chunk.all());
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
    if (by_head()) TimesScalars(grad_out, chunk.decay.until, z.value_row, out_state);
    Written(chunk);
    if (delta()) Erased(chunk);
    Keys(chunk);
    Queries(chunk, state);
    const ColumnsProduct<T> read{{chunk.q_state, z.key_row}, out_state, z.value_row, kChunk};
    const ColumnsProduct<T> seen{{chunk.k_seen, z.key_row}, error_state, z.value_row, kChunk};
    chunk.TakeInto(adjoint, read, delta() ? seen : ColumnsProduct<T>(), adjoint, chunk.all(), &ahead);
    Store(p, out, to, chunk, state, h);
  }

  /// The weights' gradients dA_ij = <do_i, u_j> into `pairs`, and that of what is written into grad_written.
  void Written(Chunk<T>& chunk) {
    const RowsProduct<T> left{{chunk.k_state, z.key_row}, adjoint, z.state_row, z.key_row};
    const ColumnsProduct<T> read{{chunk.inner, kChunk}, grad_out, z.value_row, kChunk, Part::Upper};
    const T* after = by_head() ? chunk.decay.after : nullptr;
    const auto multiply = [&](const ColumnsProduct<T>& in_chunk) {
      Multiply<Onto::Zero>(kChunk, z.value_row, left, in_chunk, nullptr, grad_written, z.value_row, after,
                           &ahead);
    };
    if (by_value()) {
      multiply(ColumnsProduct<T>());
      Times(grad_written, chunk.decay.after, z.value_row, grad_written);
      DecayedCombineBack(z.value_row, z.value_row, chunk.inner, grad_out, chunk.decay.each, grad_written);
      PairSums<true, 1>(z.value_row, z.value_row, {grad_out}, chunk.written, chunk.decay.each, chunk.past,
                        {pairs});
      return;
    }
    multiply(read);
    if (delta()) return;
    PairSums<false, 1>(z.value_row, z.value_row, {grad_out}, chunk.written, chunk.decay.each, chunk.past,
                       {pairs});
    Times(pairs, chunk.decay.between, kChunk, pairs);
  }

  /// The delta rule: grad_written becomes that of the whole u, later errors included; grad_error is minus
  /// that of the error. The gradients of both weights, `pairs` and `errors`.
  void Erased(Chunk<T>& chunk) {
    const Tag<T> d;
    Substitute<true>(
        z.value_row, z.value_row, chunk.erase, chunk.beta, T(-1),
        [&](std::ptrdiff_t i, std::ptrdiff_t c)
            HWY_ATTR { return hn::Load(d, grad_written + i * z.value_row + c); },
        grad_written, grad_error, by_head() ? chunk.decay.until : nullptr, error_state);
    for (const auto& [rows, to] : {std::pair{grad_out, pairs}, std::pair{grad_error, errors}})
      PairSums<false, 1>(z.value_row, z.value_row, {rows}, chunk.written, chunk.decay.each, chunk.past, {to});
    Times(pairs, chunk.decay.between, kChunk, pairs);
    Times(errors, chunk.decay.between, kChunk, errors);
    for (std::ptrdiff_t i = 0; i < kChunk; ++i) errors[i * kChunk + i] = 0;
  }

  /// The gradient of queries, which ask the state and the keys: decays until them (.) (S g) + sum of weights
  /// times decayed keys; and of keys as what is asked with for what is taken off, for all of them at once.
  void Queries(Chunk<T>& chunk, const T* state) {
    const std::ptrdiff_t tokens = delta() ? 2 * kChunk : kChunk;
    Transpose(out_state, z.value_row, kChunk, z.value_row, turned, tokens);
    if (delta()) Transpose(error_state, z.value_row, kChunk, z.value_row, turned + kChunk, tokens);
    Multiply<Onto::Zero>(z.key_row, tokens, RowsProduct<T>{{state, z.state_row}, turned, tokens, z.value_row},
                         RowsProduct<T>(), nullptr, by_token, tokens, nullptr, &ahead);
    Asking(chunk, by_token, tokens, pairs, grad_q);
    if (delta()) Asking(chunk, by_token + kChunk, tokens, errors, grad_erase);
  }
  void Asking(Chunk<T>& chunk, const T* columns, std::ptrdiff_t row, const T* weights, T* to) {
    Transpose(columns, row, z.key_row, kChunk, to, z.key_row);
    if (by_key()) {
      Times(to, chunk.decay.until, z.key_row, to);
      DecayedCombine(z.key_row, z.key_row, weights, chunk.k, chunk.decay.each, to);
    } else {
      Multiply<Onto::Old>(kChunk, z.key_row,
                          RowsProduct<T>{{weights, kChunk}, chunk.k, z.key_row, kChunk, Part::Lower},
                          RowsProduct<T>(), to, to, z.key_row);
    }
  }

  /// The gradient of keys as what is written under.
  void Keys(Chunk<T>& chunk) {
    Transpose(chunk.write_state, z.value_row, kChunk, z.value_row, turned, kChunk);
    Multiply<Onto::Zero>(z.key_row, kChunk,
                         RowsProduct<T>{{adjoint, z.state_row}, turned, kChunk, z.value_row},
                         RowsProduct<T>(), nullptr, by_token, kChunk, nullptr, &ahead);
    Transpose(by_token, kChunk, z.key_row, kChunk, grad_k, z.key_row);
    if (by_key()) {
      Times(grad_k, chunk.decay.after, z.key_row, grad_k);
      DecayedCombineBack(z.key_row, z.key_row, pairs, chunk.q, chunk.decay.each, grad_k);
      if (delta()) DecayedCombineBack(z.key_row, z.key_row, errors, chunk.k, chunk.decay.each, grad_k);
      return;
    }
    const auto later = [&](const T* weights, const T* x) {
      return ColumnsProduct<T>{{weights, kChunk}, x, z.key_row, kChunk, Part::Upper};
    };
    Multiply<Onto::Old>(kChunk, z.key_row, later(pairs, chunk.q),
                        delta() ? later(errors, chunk.k) : ColumnsProduct<T>(), grad_k, grad_k, z.key_row);
  }

  void Store(const Problem<T>& p, Rows<const T> out, const Gradients<T>& to, Chunk<T>& chunk, const T* state,
             int h) {
    if (to.log_decay.data != nullptr && setting.decay != Decay::None) StoreDecays(out, to, chunk, state, h);
    StoreRows(grad_q, chunk.n, z.key, z.key_row, static_cast<T>(setting.scale), to.q, chunk.t, h);
    StoreRows(grad_k, chunk.n, z.key, z.key_row, T(1), to.k, chunk.t, h, delta() ? grad_erase : nullptr);
    if (to.beta.data != nullptr && p.beta.data != nullptr)
      for (std::ptrdiff_t i = 0; i < chunk.n; ++i)
        to.beta.data[(chunk.t + i) * to.beta.token + h * to.beta.head] =
            Dot(grad_written + i * z.value_row,
                delta() ? chunk.error + i * z.value_row : chunk.v + i * chunk.v_row, z.value_row);
    if (delta())
      StoreRows(grad_error, chunk.n, z.value, z.value_row, T(-1), to.v, chunk.t, h);
    else {
      TimesScalars(grad_written, chunk.beta, z.value_row, grad_error);
      StoreRows(grad_error, chunk.n, z.value, z.value_row, T(1), to.v, chunk.t, h);
    }
  }

  /// dots[i] = what token i adds to <S, E>: written at it, less what is read and taken off.
  void Brought(const Chunk<T>& chunk) {
    const Tag<T> d;
    for (std::ptrdiff_t i = 0; i < kChunk; i += 4) {
      hn::Vec<Tag<T>> s[4] = {hn::Zero(d), hn::Zero(d), hn::Zero(d), hn::Zero(d)};
      Vectors<T>(z.key_row, [&](std::ptrdiff_t c) HWY_ATTR {
        Unrolled<4>([&](auto n) HWY_ATTR {
          const std::ptrdiff_t at = (i + n) * z.key_row + c;
          auto of_key = hn::Load(d, grad_k + at);
          if (delta()) of_key = hn::Sub(of_key, hn::Load(d, grad_erase + at));
          s[n] = hn::MulAdd(hn::Load(d, chunk.k + at), of_key, s[n]);
          s[n] = hn::NegMulAdd(hn::Load(d, chunk.q + at), hn::Load(d, grad_q + at), s[n]);
        });
      });
      FourSums<T>(s, dots + i);
    }
  }

  /// Of the logarithms, from the chunk's beginning on: for the first token <S, E>, S and E before the chunk;
  /// from token i to i + 1 what is written at i comes in, and what is read and taken off goes.
  void StoreDecays(Rows<const T> out, const Gradients<T>& to, Chunk<T>& chunk, const T* state, int h) {
    const Tag<T> d;
    const std::ptrdiff_t row = by_value() ? z.value_row : z.key_row;
    if (by_value()) {
      std::fill(sum, sum + row, T(0));
      for (std::ptrdiff_t r = 0; r < z.key; ++r) {
        const std::ptrdiff_t at = r * z.state_row;
        Vectors<T>(z.value_row, [&](std::ptrdiff_t c) HWY_ATTR {
          hn::Store(
              hn::MulAdd(hn::Load(d, state + at + c), hn::Load(d, adjoint + at + c), hn::Load(d, sum + c)), d,
              sum + c);
        });
      }
    } else {
      Dots(state, adjoint, z.state_row, z.key_row, z.value_row, sum);
    }
    if (by_value()) LoadRows(out, chunk.t, h, chunk.n, z.value, z.value_row, T(1), chunk.result);
    T whole = 0;
    for (std::ptrdiff_t r = 0; r < row; ++r) whole += sum[r];
    if (by_head()) Brought(chunk);
    for (std::ptrdiff_t i = 0; i < chunk.n; ++i) {
      T* place = to.log_decay.data + (chunk.t + i) * to.log_decay.token + h * to.log_decay.head;
      // Where all is forgotten it is 0, whatever roundings leave.
      if (setting.decay == Decay::Head) {
        if (chunk.decay.each[i] == 0) whole = 0;
        *place = whole;
        whole += dots[i];
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
  const std::int64_t size = s.state_size();
  const int threads = yore::kernels::threads_for(p.threads, p.batch * s.heads);
  const int together = HeadsTogether(s, p.batch, threads, size * static_cast<std::int64_t>(sizeof(T)));
  const std::int64_t shares = s.heads / together;
  const std::vector<std::int64_t> keeps = kept_starts(s, p.batch, p.starts);
  yore::kernels::parallel_tasks(
      threads, p.batch * shares, [&] { return BackwardContext<T>(s, together); },
      [&](BackwardContext<T>& context, std::int64_t task) {
        const std::int64_t b = task / shares, first = p.starts[b], end = p.starts[b + 1];
        const int from = static_cast<int>(task % shares) * together, last = from + together - 1;
        const auto adjoint = [&](int h) { return context.adjoints + (h - from) * context.z.state(); };
        const auto of_head = [&](auto* states, int h) {
          return states == nullptr ? nullptr : states + (b * s.heads + h) * size;
        };
        const T* keep = kept + keeps[static_cast<std::size_t>(b)];
        // The state before a part.
        const auto before = [&](std::int64_t part, int h) {
          return part > 0 ? keep + ((part - 1) * s.heads + h) * size : of_head(p.initial, h);
        };
        for (int h = from; h <= last; ++h) LoadState(of_head(grad_final, h), context.z, adjoint(h));
        for (std::int64_t part = (end - first + kKept - 1) / kKept - 1; part >= 0; --part) {
          const std::int64_t begin = first + part * kKept, stop = std::min(end, begin + kKept);
          for (int h = from; h <= last; ++h) {
            Coming<T> coming;
            if (h < last)
              coming = {begin, stop, h + 1, before(part, h + 1)};
            else if (part > 0)
              coming = {begin - kKept, begin, from, before(part - 1, from)};
            LoadState(before(part, h), context.z, context.states[0]);
            context.adjoint = adjoint(h);
            context.Run(p, out, grad_out, to, begin, stop, h, coming);
          }
        }
        if (to.initial != nullptr)
          for (int h = from; h <= last; ++h) StoreState(adjoint(h), context.z, of_head(to.initial, h));
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

void Backward(const Problem<Number>& p, Rows<const Number> out, const Number* kept,
              Rows<const Number> grad_out, const Number* grad_final, const Gradients<Number>& to) {
  BackwardShared(p, out, kept, grad_out, grad_final, to);
}

}  // namespace yore::mixers::scan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers::scan {

using yore::kernels::Number;
HWY_EXPORT(Backward);

template <>
void backward(const Problem<Number>& p, Rows<const Number> out, const Number* kept,
              Rows<const Number> grad_out, const Number* grad_final, const Gradients<Number>& to) {
  HWY_DYNAMIC_DISPATCH(Backward)(p, out, kept, grad_out, grad_final, to);
}

}  // namespace yore::mixers::scan
#endif
