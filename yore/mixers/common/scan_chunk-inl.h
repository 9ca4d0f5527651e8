// One chunk of one head: loaded, prepared, read and taken into the state. The names are those of math.md.
// Compiled once a target (Highway).
#if defined(YORE_MIXERS_COMMON_SCAN_CHUNK_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_MIXERS_COMMON_SCAN_CHUNK_INL_H_
#undef YORE_MIXERS_COMMON_SCAN_CHUNK_INL_H_
#else
#define YORE_MIXERS_COMMON_SCAN_CHUNK_INL_H_
#endif

#include <stdexcept>
#include <string>

#include "yore/kernels/workspace.h"
#include "yore/mixers/common/scan.h"
#include "yore/mixers/common/scan_tiles-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::scan::HWY_NAMESPACE {

using yore::kernels::Workspace;

/// Sizes that all chunks share: dims as they are, and padded.
struct Sizes {
  std::ptrdiff_t key, value, key_row, value_row;
  explicit Sizes(const Setting& s)
      : key(s.key_dim), value(s.value_dim), key_row(Padded(s.key_dim)), value_row(Padded(s.value_dim)) {}
  /// Numbers of a state as it is computed with: [key_row][value_row], what pads it being 0.
  std::ptrdiff_t state() const { return key_row * value_row; }
};

/// Rows t .. t + n - 1 of one head, as [kChunk][padded] with zeros for what is not there.
template <class T>
void LoadRows(Rows<const T> from, std::int64_t t, std::int64_t head, std::ptrdiff_t n, std::ptrdiff_t dim,
              std::ptrdiff_t padded, T factor, T* HWY_RESTRICT to) {
  const Tag<T> d;
  const auto by = hn::Set(d, factor);
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const T* row = from.data + (t + i) * from.token + head * from.head;
    T* out = to + i * padded;
    simd::ForEachVector<T>(static_cast<std::size_t>(dim), [&](std::size_t c, std::size_t count) HWY_ATTR {
      const auto x =
          count == simd::kLanes<T> ? hn::LoadU(d, row + c) : simd::LoadStoredFirst(d, row + c, count);
      hn::Store(hn::Mul(x, by), d, out + c);
    });
    std::fill(out + dim, out + padded, T(0));
  }
  std::fill(to + n * padded, to + kChunk * padded, T(0));
}

/// The first n rows of [kChunk][padded], times factor, to rows t .. of one head.
template <class T>
void StoreRows(const T* HWY_RESTRICT from, std::ptrdiff_t n, std::ptrdiff_t dim, std::ptrdiff_t padded,
               T factor, Rows<T> to, std::int64_t t, std::int64_t head) {
  const Tag<T> d;
  const auto by = hn::Set(d, factor);
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    T* row = to.data + (t + i) * to.token + head * to.head;
    simd::ForEachVector<T>(static_cast<std::size_t>(dim), [&](std::size_t c, std::size_t count) HWY_ATTR {
      const auto x = hn::Mul(hn::Load(d, from + i * padded + c), by);
      count == simd::kLanes<T> ? hn::StoreU(x, d, row + c) : simd::StoreFirst(d, x, row + c, count);
    });
  }
}

/// A state [key][value] into its padded form, and back.
template <class T>
void LoadState(const T* from, const Sizes& z, T* to) {
  if (from == nullptr) {
    std::fill(to, to + z.state(), T(0));
    return;
  }
  for (std::ptrdiff_t k = 0; k < z.key; ++k) {
    std::copy(from + k * z.value, from + (k + 1) * z.value, to + k * z.value_row);
    std::fill(to + k * z.value_row + z.value, to + (k + 1) * z.value_row, T(0));
  }
  std::fill(to + z.key * z.value_row, to + z.state(), T(0));
}
template <class T>
void StoreState(const T* from, const Sizes& z, T* to) {
  for (std::ptrdiff_t k = 0; k < z.key; ++k)
    std::copy(from + k * z.value_row, from + k * z.value_row + z.value, to + k * z.value);
}

/// 2^(x log2 e) = e^x of n numbers.
template <class T>
HWY_INLINE hn::Vec<Tag<T>> Exp(hn::Vec<Tag<T>> x) {
  const Tag<T> d;
  return simd::Exp2(d, hn::Mul(x, hn::Set(d, static_cast<T>(1.4426950408889634))));
}

[[noreturn]] inline void RefuseDecay(double value, std::int64_t token, std::int64_t head) {
  throw std::invalid_argument("scan: log_decay: expected at most 0, got " + std::to_string(value) +
                              " at token " + std::to_string(token) + ", head " + std::to_string(head));
}

/// to = x times the rows of y, element by element; [kChunk][size].
template <class T>
void Times(const T* HWY_RESTRICT x, const T* HWY_RESTRICT y, std::ptrdiff_t size, T* to) {
  const Tag<T> d;
  Vectors<T>(kChunk * size, [&](std::ptrdiff_t i) HWY_ATTR {
    hn::Store(hn::Mul(hn::Load(d, x + i), hn::Load(d, y + i)), d, to + i);
  });
}
/// to = row i of x times y[i].
template <class T>
void TimesScalars(const T* HWY_RESTRICT x, const T* HWY_RESTRICT y, std::ptrdiff_t size, T* to) {
  const Tag<T> d;
  for (std::ptrdiff_t i = 0; i < kChunk; ++i) {
    const auto by = hn::Set(d, y[i]);
    Vectors<T>(size, [&](std::ptrdiff_t c) HWY_ATTR {
      hn::Store(hn::Mul(hn::Load(d, x + i * size + c), by), d, to + i * size + c);
    });
  }
}

/// The products of decays of one chunk. Rows have `width` numbers: 1 for a head, else padded dims.
template <class T>
struct Decays {
  std::ptrdiff_t width = 0;
  T* each = nullptr;     ///< [kChunk][width] decay of every token, 1 past the last one
  T* until = nullptr;    ///< [kChunk][width] product of those of tokens 0 .. i
  T* after = nullptr;    ///< [kChunk][width] product of those of tokens i + 1 ..
  T* between = nullptr;  ///< [kChunk][kChunk] product over j < u <= i for j <= i, else 0; one factor a head

  void Take(Workspace& memory, std::ptrdiff_t numbers) {
    width = numbers;
    each = memory.Take<T>(kChunk * width);
    until = memory.Take<T>(kChunk * width);
    after = memory.Take<T>(kChunk * width);
    between = memory.Take<T>(kChunk * kChunk);
  }
  const T* whole() const { return until + (kChunk - 1) * width; }
};

template <class T>
struct Chunk {
  const Setting& setting;
  const Sizes z;
  std::int64_t t = 0;    ///< its first row
  std::ptrdiff_t n = 0;  ///< its tokens, at most kChunk
  Decays<T> decay;
  T *q, *k;                              ///< [kChunk][key_row]; q holds scale q
  T *q_state, *k_state;                  ///< q times decays until it, k times those after it
  T* k_seen = nullptr;                   ///< Delta: k times decays until it
  T* v;                                  ///< [kChunk][value_row]
  T* written;                            ///< u
  T* write_state;                        ///< what of u is left at the chunk's end
  T* error = nullptr;                    ///< Delta: u / beta
  T* beta;                               ///< [kChunk]
  T* inner;                              ///< [kChunk][kChunk] weight of u_j in o_i
  T* erase = nullptr;                    ///< Delta: of u_j in what is taken off at i, without beta
  T *rows_t, *more_t, *decays_t, *past;  ///< scratch, [padded dim][kChunk]
  T* result;                             ///< scratch, [kChunk][value_row]

  Chunk(const Setting& s, Workspace& memory) : setting(s), z(s) {
    const std::ptrdiff_t key = kChunk * z.key_row, value = kChunk * z.value_row;
    const std::ptrdiff_t widest = std::max(key, value);
    decay.Take(memory, s.decay == Decay::Key ? z.key_row : s.decay == Decay::Value ? z.value_row : 1);
    if (s.decay == Decay::None)
      for (T* ones : {decay.each, decay.until, decay.after}) std::fill(ones, ones + kChunk, T(1));
    if (s.decay != Decay::Head) Between();
    q = memory.Take<T>(key);
    k = memory.Take<T>(key);
    v = memory.Take<T>(value);
    const bool on_keys = s.decay == Decay::Head || s.decay == Decay::Key;
    q_state = on_keys ? memory.Take<T>(key) : q;
    k_state = on_keys ? memory.Take<T>(key) : k;
    beta = memory.Take<T>(kChunk);
    inner = memory.Take<T>(kChunk * kChunk);
    if (s.rule == Rule::Delta) {
      k_seen = on_keys ? memory.Take<T>(key) : k;
      error = memory.Take<T>(value);
      erase = memory.Take<T>(kChunk * kChunk);
    }
    written = memory.Take<T>(value);
    write_state = s.decay == Decay::Value ? memory.Take<T>(value) : written;
    rows_t = memory.Take<T>(widest);
    more_t = memory.Take<T>(widest);
    decays_t = memory.Take<T>(widest);
    past = memory.Take<T>(widest);
    result = memory.Take<T>(value);
  }

  bool delta() const { return setting.rule == Rule::Delta; }

  /// Reads tokens first .. first + count - 1 of head h. Without queries, q is 0.
  void Load(const Problem<T>& p, std::int64_t first, std::ptrdiff_t count, int h) {
    t = first;
    n = count;
    const int key_head = h / (setting.heads / setting.key_heads);
    if (p.q.data == nullptr)
      std::fill(q, q + kChunk * z.key_row, T(0));
    else
      LoadRows(p.q, t, key_head, n, z.key, z.key_row, static_cast<T>(setting.scale), q);
    LoadRows(p.k, t, key_head, n, z.key, z.key_row, T(1), k);
    LoadRows(p.v, t, h, n, z.value, z.value_row, T(1), v);
    for (std::ptrdiff_t i = 0; i < kChunk; ++i)
      beta[i] = i >= n                   ? T(0)
                : p.beta.data == nullptr ? T(1)
                                         : p.beta.data[(t + i) * p.beta.token + h * p.beta.head];
    LoadDecays(p, h);
  }

  /// What does not depend on the state: weights of pairs of tokens, and what is read from and left in it.
  void Weigh() {
    const auto apply = [&](const T* x, const T* products, T* to) {
      if (setting.decay == Decay::Key) Times(x, products, z.key_row, to);
      if (setting.decay == Decay::Head) TimesScalars(x, products, z.key_row, to);
    };
    apply(q, decay.until, q_state);
    apply(k, decay.after, k_state);
    if (delta()) apply(k, decay.until, k_seen);
    Transpose(k, z.key_row, kChunk, z.key_row, rows_t, kChunk);
    if (setting.decay == Decay::Key) {
      Transpose(decay.each, z.key_row, kChunk, z.key_row, decays_t, kChunk);
      Transpose(q, z.key_row, kChunk, z.key_row, more_t, kChunk);
      DecayedInner(z.key_row, more_t, rows_t, decays_t, past, inner);
      if (delta()) DecayedInner(z.key_row, rows_t, rows_t, decays_t, past, erase);
    } else {
      Multiply<Onto::Zero>(kChunk, kChunk, z.key_row, Left<T>{q, z.key_row, 1}, rows_t, kChunk, inner,
                           kChunk);
      Times(inner, decay.between, kChunk, inner);
      if (delta()) {
        Multiply<Onto::Zero>(kChunk, kChunk, z.key_row, Left<T>{k, z.key_row, 1}, rows_t, kChunk, erase,
                             kChunk);
        Times(erase, decay.between, kChunk, erase);
      }
    }
    if (delta())
      for (std::ptrdiff_t i = 0; i < kChunk; ++i) erase[i * kChunk + i] = 0;
  }

  /// What is written, from the state before the chunk.
  void Write(const T* state) {
    if (!delta()) {
      TimesScalars(v, beta, z.value_row, written);
    } else {
      const Tag<T> d;
      Multiply<Onto::Zero>(kChunk, z.value_row, z.key_row, Left<T>{k_seen, z.key_row, 1}, state, z.value_row,
                           error, z.value_row);
      for (std::ptrdiff_t i = 0; i < kChunk; ++i)
        Vectors<T>(z.value_row, [&](std::ptrdiff_t c) HWY_ATTR {
          auto e = hn::Sub(hn::Load(d, v + i * z.value_row + c), hn::Load(d, error + i * z.value_row + c));
          for (std::ptrdiff_t j = 0; j < i; ++j)
            e = hn::NegMulAdd(hn::Set(d, erase[i * kChunk + j]), hn::Load(d, written + j * z.value_row + c),
                              e);
          hn::Store(e, d, error + i * z.value_row + c);
          hn::Store(hn::Mul(e, hn::Set(d, beta[i])), d, written + i * z.value_row + c);
        });
    }
    if (setting.decay == Decay::Value) Times(written, decay.after, z.value_row, write_state);
  }

  /// The outputs, from the state before the chunk, into `result`.
  void Read(const T* state) {
    Multiply<Onto::Zero>(kChunk, z.value_row, z.key_row, Left<T>{q_state, z.key_row, 1}, state, z.value_row,
                         result, z.value_row);
    if (setting.decay == Decay::Value) {
      Times(result, decay.until, z.value_row, result);
      DecayedCombine(z.value_row, z.value_row, inner, written, decay.each, result);
    } else {
      Multiply<Onto::Old, true>(kChunk, z.value_row, kChunk, Left<T>{inner, kChunk, 1}, written, z.value_row,
                                result, z.value_row);
    }
  }

  /// The state before the chunk becomes the one after it.
  void Take(T* state) const {
    const Left<T> keys{k_state, 1, z.key_row};
    TakeInto(state, keys, write_state);
  }

  /// matrix = decays over the chunk (.) matrix + left rows: the state, and in backward its adjoint.
  void TakeInto(T* matrix, Left<T> left, const T* rows) const {
    const auto multiply = [&]<Onto onto>(const T* factor) {
      Multiply<onto>(z.key_row, z.value_row, kChunk, left, rows, z.value_row, matrix, z.value_row, factor);
    };
    switch (setting.decay) {
      case Decay::None:
        return multiply.template operator()<Onto::Old>(nullptr);
      case Decay::Value:
        return multiply.template operator()<Onto::ColumnsTimes>(decay.whole());
      case Decay::Key:
        return multiply.template operator()<Onto::RowsTimes>(decay.whole());
      case Decay::Head: {
        std::fill(past, past + z.key_row, decay.whole()[0]);
        return multiply.template operator()<Onto::RowsTimes>(past);
      }
    }
  }

 private:
  void LoadDecays(const Problem<T>& p, int h) {
    const Tag<T> d;
    const std::ptrdiff_t width = decay.width;
    if (setting.decay == Decay::None) return;  // as the constructor left them
    const Rows<const T>& from = p.log_decay;
    const std::ptrdiff_t dim = setting.decays();
    for (std::ptrdiff_t i = 0; i < kChunk; ++i) {
      T* to = decay.each + i * width;
      if (i >= n) {
        std::fill(to, to + width, T(1));
        continue;
      }
      const T* row = from.data + (t + i) * from.token + h * from.head;
      auto highest = hn::Zero(d);
      simd::ForEachVector<T>(static_cast<std::size_t>(dim), [&](std::size_t c, std::size_t count) HWY_ATTR {
        const auto x =
            count == simd::kLanes<T> ? hn::LoadU(d, row + c) : simd::LoadStoredFirst(d, row + c, count);
        highest = hn::Max(highest, x);
        // What pads a row is 0: it decays by 1.
        width == 1 ? simd::StoreFirst(d, Exp<T>(x), to, 1) : hn::Store(Exp<T>(x), d, to + c);
      });
      if (width > 1) std::fill(to + Whole(dim), to + width, T(1));
      if (const T most = simd::Max<T>(highest); most > (setting.grows ? T(1) : T(0)))
        RefuseDecay(most, t + i, h);
    }
    Products();
  }
  /// dim rounded up to whole vectors.
  static std::ptrdiff_t Whole(std::ptrdiff_t dim) { return (dim + kL<T> - 1) / kL<T> * kL<T>; }

  void Products() {
    const std::ptrdiff_t width = decay.width;
    std::copy(decay.each, decay.each + width, decay.until);
    std::fill(decay.after + (kChunk - 1) * width, decay.after + kChunk * width, T(1));
    for (std::ptrdiff_t i = 1; i < kChunk; ++i)
      for (std::ptrdiff_t c = 0; c < width; ++c)
        decay.until[i * width + c] = decay.until[(i - 1) * width + c] * decay.each[i * width + c];
    for (std::ptrdiff_t i = kChunk - 2; i >= 0; --i)
      for (std::ptrdiff_t c = 0; c < width; ++c)
        decay.after[i * width + c] = decay.after[(i + 1) * width + c] * decay.each[(i + 1) * width + c];
    if (setting.decay == Decay::Head) Between();
  }

  /// Where decays differ by channel, or there are none, it is 1 for causal pairs, once and for all.
  void Between() {
    for (std::ptrdiff_t i = 0; i < kChunk; ++i) {
      T* row = decay.between + i * kChunk;
      for (std::ptrdiff_t j = 0; j < i; ++j)
        row[j] = setting.decay == Decay::Head ? decay.between[(i - 1) * kChunk + j] * decay.each[i] : T(1);
      row[i] = 1;
      std::fill(row + i + 1, row + kChunk, T(0));
    }
  }
};

}  // namespace yore::mixers::scan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
