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
  std::ptrdiff_t state_row;  ///< from one row of a state to the next, as it is computed with
  Sizes(const Setting& s, std::size_t number)
      : key(s.key_dim), value(s.value_dim), key_row(Padded(s.key_dim)), value_row(Padded(s.value_dim)) {
    // Rows a multiple of 512 bytes apart would have the columns that are worked on together share few of the
    // first cache's sets.
    const std::ptrdiff_t line = 64 / static_cast<std::ptrdiff_t>(number);
    state_row = value_row + (value_row % (8 * line) == 0 ? std::max(line, kChunk) : 0);
  }
  /// Numbers of a state as it is computed with: [key_row][state_row], what pads it being 0.
  std::ptrdiff_t state() const { return key_row * state_row; }
};

/// Rows t .. t + n - 1 of one head, as [kChunk][padded] with zeros for what is not there.
template <class T>
void LoadRows(Rows<const T> from, std::int64_t t, std::int64_t head, std::ptrdiff_t n, std::ptrdiff_t dim,
              std::ptrdiff_t padded, T factor, T* HWY_RESTRICT to) {
  const Tag<T> d;
  const auto by = hn::Set(d, factor);
  const T* rows = from.data + t * from.token + head * from.head;
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    const T* row = rows + i * from.token;
    simd::ForEachVector<T>(static_cast<std::size_t>(dim), [&](std::size_t c, std::size_t count) HWY_ATTR {
      const auto x =
          count == simd::kLanes<T> ? hn::LoadU(d, row + c) : simd::LoadStoredFirst(d, row + c, count);
      hn::Store(hn::Mul(x, by), d, to + i * padded + c);
    });
  }
  if (const std::ptrdiff_t whole = (dim + kL<T> - 1) / kL<T> * kL<T>; whole < padded)
    for (std::ptrdiff_t i = 0; i < n; ++i) std::fill(to + i * padded + whole, to + (i + 1) * padded, T(0));
  std::fill(to + n * padded, to + kChunk * padded, T(0));
}

/// The first n rows of [kChunk][padded], and of `more` (null = none), times factor, to rows t .. of one head.
template <class T>
void StoreRows(const T* HWY_RESTRICT from, std::ptrdiff_t n, std::ptrdiff_t dim, std::ptrdiff_t padded,
               T factor, Rows<T> to, std::int64_t t, std::int64_t head,
               const T* HWY_RESTRICT more = nullptr) {
  const Tag<T> d;
  const auto by = hn::Set(d, factor);
  for (std::ptrdiff_t i = 0; i < n; ++i) {
    T* row = to.data + (t + i) * to.token + head * to.head;
    simd::ForEachVector<T>(static_cast<std::size_t>(dim), [&](std::size_t c, std::size_t count) HWY_ATTR {
      const std::ptrdiff_t at = i * padded + static_cast<std::ptrdiff_t>(c);
      auto x = hn::Load(d, from + at);
      if (more != nullptr) x = hn::Add(x, hn::Load(d, more + at));
      x = hn::Mul(x, by);
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
    std::copy(from + k * z.value, from + (k + 1) * z.value, to + k * z.state_row);
    std::fill(to + k * z.state_row + z.value, to + (k + 1) * z.state_row, T(0));
  }
  std::fill(to + z.key * z.state_row, to + z.state(), T(0));
}
template <class T>
void StoreState(const T* from, const Sizes& z, T* to) {
  for (std::ptrdiff_t k = 0; k < z.key; ++k)
    std::copy(from + k * z.state_row, from + k * z.state_row + z.value, to + k * z.value);
}

/// 2^(x log2 e) = e^x of n numbers.
template <class T>
HWY_INLINE hn::Vec<Tag<T>> Exp(hn::Vec<Tag<T>> x) {
  const Tag<T> d;
  return simd::Exp2(d, hn::Mul(x, hn::Set(d, static_cast<T>(1.4426950408889634))));
}

/// Refuses the first log_decay of head h, from a token on, that is too high; there is one.
template <class T>
[[noreturn]] void RefuseFirst(const Problem<T>& p, std::int64_t from, int h) {
  const Setting& s = p.setting;
  for (std::int64_t t = from;; ++t)
    for (int c = 0; c < s.decays(); ++c)
      if (const T g = p.log_decay.data[t * p.log_decay.token + h * p.log_decay.head + c];
          g > static_cast<T>(s.most_log_decay()))
        refuse_decay(s, g, t, h);
}

/// to = x times the rows of y, element by element; [kChunk][size].
template <class T>
void Times(const T* x, const T* HWY_RESTRICT y, std::ptrdiff_t size, T* to) {
  const Tag<T> d;
  Vectors<T>(kChunk * size, [&](std::ptrdiff_t i) HWY_ATTR {
    hn::Store(hn::Mul(hn::Load(d, x + i), hn::Load(d, y + i)), d, to + i);
  });
}
/// to = row i of x times y[i].
template <class T>
void TimesScalars(const T* x, const T* HWY_RESTRICT y, std::ptrdiff_t size, T* to) {
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

/// Heads that one task takes side by side, kKept tokens of each in turns: their rows lie beside each other,
/// so that pages and lines that one head's rows brought in serve the next one. As many as leave every thread
/// as much to do, and whose states take 1 MB, which second caches hold.
inline int HeadsTogether(const Setting& s, std::int64_t batch, int threads, std::int64_t state_bytes) {
  const auto most = static_cast<int>(std::clamp<std::int64_t>((1 << 20) / state_bytes, 1, s.heads));
  for (int heads = most; heads > 1; --heads)
    if (s.heads % heads == 0 && batch * (s.heads / heads) % threads == 0) return heads;
  return 1;
}

/// What will be gone through next: tokens of a head, and a kept state.
template <class T>
struct Coming {
  std::int64_t first = 0, end = 0;
  int head = 0;
  const T* block = nullptr;  ///< null = none
};

/// Columns of the state: those of values, each of which is a scan of its own.
struct Columns {
  std::ptrdiff_t first, count;
};

template <class T>
struct Chunk {
  const Setting& setting;
  const Sizes z;
  std::int64_t t = 0;    ///< its first row
  std::ptrdiff_t n = 0;  ///< its tokens, at most kChunk
  Decays<T> decay;
  T *q, *k;              ///< [kChunk][key_row]; q holds scale q
  T *q_state, *k_state;  ///< Decay::Key: q times decays until it, k times those after it; else q and k
  T* k_seen = nullptr;   ///< Delta: with Decay::Key k times decays until it, else k
  const T* v;            ///< [kChunk][v_row], where whole rows are read as they lie, or in `values`
  std::ptrdiff_t v_row;
  T* values;           ///< [kChunk][value_row]
  T* written;          ///< u
  T* write_state;      ///< what of u is left at the chunk's end
  T* error = nullptr;  ///< Delta: u / beta
  T* beta;             ///< [kChunk]
  T* inner;            ///< [kChunk][kChunk] weight of u_j in o_i
  T* erase = nullptr;  ///< Delta: of u_j in what is taken off at i, without beta
  T* ones = nullptr;   ///< Delta: [kChunk]
  T *past, *whole;     ///< scratch, [kChunk][widest row], and one row
  T* result;           ///< scratch, [kChunk][value_row]

  Chunk(const Setting& s, Workspace& memory) : setting(s), z(s, sizeof(T)) {
    const std::ptrdiff_t key = kChunk * z.key_row, value = kChunk * z.value_row;
    decay.Take(memory, s.decay == Decay::Key ? z.key_row : s.decay == Decay::Value ? z.value_row : 1);
    // Where there are none, and what pads a row beyond its last vector, they stay 1.
    for (T* x : {decay.each, decay.until, decay.after}) std::fill(x, x + kChunk * decay.width, T(1));
    if (s.decay != Decay::Head) Between();
    q = memory.Take<T>(key);
    k = memory.Take<T>(key);
    v = values = memory.Take<T>(value);
    v_row = z.value_row;
    const bool on_keys = s.decay == Decay::Key;
    q_state = on_keys ? memory.Take<T>(key) : q;
    k_state = on_keys ? memory.Take<T>(key) : k;
    beta = memory.Take<T>(kChunk);
    inner = memory.Take<T>(kChunk * kChunk);
    if (s.rule == Rule::Delta) {
      k_seen = on_keys ? memory.Take<T>(key) : k;
      error = memory.Take<T>(value);
      erase = memory.Take<T>(kChunk * kChunk);
      ones = memory.Take<T>(kChunk);
      std::fill(ones, ones + kChunk, T(1));
    }
    written = memory.Take<T>(value);
    write_state = s.decay == Decay::Head || s.decay == Decay::Value ? memory.Take<T>(value) : written;
    past = memory.Take<T>(std::max(key, value));
    whole = memory.Take<T>(std::max(z.key_row, z.value_row));
    result = memory.Take<T>(value);
  }

  bool delta() const { return setting.rule == Rule::Delta; }
  bool by_head() const { return setting.decay == Decay::Head; }
  Columns all() const { return {0, z.value_row}; }
  /// Whether rows of values need no padding, so that they can be read and written where they lie.
  bool whole_rows() const { return n == kChunk && z.value == z.value_row; }

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
    if (whole_rows()) {
      v = p.v.data + t * p.v.token + h * p.v.head;
      v_row = p.v.token;
    } else {
      LoadRows(p.v, t, h, n, z.value, z.value_row, T(1), values);
      v = values;
      v_row = z.value_row;
    }
    for (std::ptrdiff_t i = 0; i < kChunk; ++i)
      beta[i] = i >= n                   ? T(0)
                : p.beta.data == nullptr ? T(1)
                                         : p.beta.data[(t + i) * p.beta.token + h * p.beta.head];
    if (setting.decay == Decay::Head) {
      LoadHeadDecays(p, h);
    } else if (setting.decay != Decay::None) {
      LoadDecays(p, h);
    }
  }
  /// What Load will read of head h, for Ahead.
  void Foresee(const Problem<T>& p, int h, Ahead& ahead) const {
    const int key_head = h / (setting.heads / setting.key_heads);
    const auto add = [&](const Rows<const T>& x, std::int64_t head, std::ptrdiff_t dim) {
      if (x.data != nullptr) ahead.Add(x.data + head * x.head, x.token, dim);
    };
    add(p.q, key_head, z.key);
    add(p.k, key_head, z.key);
    add(p.v, h, z.value);
    if (setting.decay == Decay::Key || setting.decay == Decay::Value) add(p.log_decay, h, setting.decays());
  }

  /// What does not depend on the state: weights of pairs of tokens, and what is read from and left in it.
  void Weigh() {
    const std::ptrdiff_t row = z.key_row;
    if (setting.decay == Decay::Key) {
      Times(q, decay.until, row, q_state);
      Times(k, decay.after, row, k_state);
      if (delta()) Times(k, decay.until, row, k_seen);
    }
    if (setting.decay != Decay::Key) {
      PairSums<false, 1>(row, row, {q}, k, decay.each, past, {inner});
      if (delta()) PairSums<false, 1>(row, row, {k}, k, decay.each, past, {erase});
    } else if (delta()) {
      PairSums<true, 2>(row, row, {q, k}, k, decay.each, past, {inner, erase});
    } else {
      PairSums<true, 1>(row, row, {q}, k, decay.each, past, {inner});
    }
    if (setting.decay == Decay::Head) {
      Times(inner, decay.between, kChunk, inner);
      if (delta()) Times(erase, decay.between, kChunk, erase);
    }
    if (delta())
      for (std::ptrdiff_t i = 0; i < kChunk; ++i) erase[i * kChunk + i] = 0;
  }

  /// What is written, from the state before the chunk.
  void Write(const T* state, Columns c, Ahead* ahead = nullptr) {
    const Tag<T> d;
    const T* after = by_head() ? decay.after : nullptr;
    if (!delta()) {
      Each(c, [&](std::ptrdiff_t i, std::ptrdiff_t e) HWY_ATTR {
        const auto u = hn::Mul(hn::LoadU(d, v + i * v_row + e), hn::Set(d, beta[i]));
        hn::Store(u, d, written + i * z.value_row + e);
        if (after != nullptr)
          hn::Store(hn::Mul(u, hn::Set(d, after[i])), d, write_state + i * z.value_row + e);
      });
    } else {
      const T* seen_by = by_head() ? decay.until : ones;
      T* asked = error + c.first;
      const T* values_from = v + c.first;
      Multiply<Onto::Zero>(kChunk, c.count,
                           RowsProduct<T>{{k_seen, z.key_row}, state + c.first, z.state_row, z.key_row},
                           RowsProduct<T>(), nullptr, asked, z.value_row, nullptr, ahead);
      Substitute<false>(
          c.count, z.value_row, erase, beta, T(1),
          [&](std::ptrdiff_t i, std::ptrdiff_t e) HWY_ATTR {
            return hn::NegMulAdd(hn::Set(d, seen_by[i]), hn::Load(d, asked + i * z.value_row + e),
                                 hn::LoadU(d, values_from + i * v_row + e));
          },
          asked, written + c.first, after, write_state + c.first);
    }
    if (setting.decay == Decay::Value) TimesValues(written, decay.after, c, write_state);
  }

  /// The outputs of head h, from the state before the chunk.
  void Read(const T* state, Columns c, Rows<T> out, int h, Ahead* ahead = nullptr) {
    const RowsProduct<T> from_state{{q_state, z.key_row}, state + c.first, z.state_row, z.key_row};
    if (setting.decay == Decay::Value) {
      T* to = result + c.first;
      Multiply<Onto::Zero>(kChunk, c.count, from_state, RowsProduct<T>(), nullptr, to, z.value_row, nullptr,
                           ahead);
      TimesValues(result, decay.until, c, result);
      DecayedCombine(c.count, z.value_row, inner, written + c.first, decay.each + c.first, to);
    } else {
      const bool in_place = whole_rows();
      T* to = in_place ? out.data + t * out.token + h * out.head : result;
      const RowsProduct<T> from_chunk{{inner, kChunk}, written + c.first, z.value_row, kChunk, Part::Lower};
      Multiply<Onto::Zero>(kChunk, c.count, from_state, from_chunk, nullptr, to + c.first,
                           in_place ? out.token : z.value_row, by_head() ? decay.until : nullptr, ahead);
      if (in_place) return;
    }
    if (c.first >= z.value) return;  // what pads rows
    StoreRows(result + c.first, n, std::min(c.count, z.value - c.first), z.value_row, T(1),
              Rows<T>{out.data + c.first, out.token, out.head}, t, h);
  }

  /// `after` becomes the state after the chunk, `state` being the one before it; they may be the same.
  void Take(const T* state, T* after, Columns c, Ahead* ahead = nullptr) const {
    TakeInto(state, {{k_state, z.key_row}, write_state, z.value_row, kChunk}, {}, after, c, ahead);
  }

  /// after = decays over the chunk (.) matrix + products of [key][token] and rows: the state, and in backward
  /// its adjoint.
  void TakeInto(const T* matrix, ColumnsProduct<T> x, ColumnsProduct<T> y, T* after, Columns c,
                Ahead* ahead = nullptr) const {
    x.b += c.first;
    if (y.depth > 0) y.b += c.first;
    const auto multiply = [&]<Onto onto>(const T* factor) {
      Multiply<onto>(z.key_row, c.count, x, y, matrix + c.first, after + c.first, z.state_row, factor, ahead);
    };
    switch (setting.decay) {
      case Decay::None:
        return multiply.template operator()<Onto::Old>(nullptr);
      case Decay::Value:
        return multiply.template operator()<Onto::ColumnsTimes>(decay.whole() + c.first);
      case Decay::Key:
        return multiply.template operator()<Onto::RowsTimes>(decay.whole());
      case Decay::Head: {
        std::fill(whole, whole + z.key_row, decay.whole()[0]);
        return multiply.template operator()<Onto::RowsTimes>(whole);
      }
    }
  }

 private:
  /// each(token, column) for the vectors of rows of values.
  template <class Do>
  void Each(Columns c, const Do& each) const {
    for (std::ptrdiff_t i = 0; i < kChunk; ++i)
      Vectors<T>(c.count, [&](std::ptrdiff_t e) HWY_ATTR { each(i, c.first + e); });
  }
  void TimesValues(const T* x, const T* y, Columns c, T* to) const {
    const Tag<T> d;
    Each(c, [&](std::ptrdiff_t i, std::ptrdiff_t e) HWY_ATTR {
      const std::ptrdiff_t at = i * z.value_row + e;
      hn::Store(hn::Mul(hn::Load(d, x + at), hn::Load(d, y + at)), d, to + at);
    });
  }

  void LoadHeadDecays(const Problem<T>& p, int h) {
    const Tag<T> d;
    const Rows<const T>& from = p.log_decay;
    for (std::ptrdiff_t i = 0; i < kChunk; ++i) {
      const T g = i < n ? from.data[(t + i) * from.token + h * from.head] : T(0);
      if (g > static_cast<T>(setting.most_log_decay())) refuse_decay(setting, g, t + i, h);
      decay.each[i] = g;
    }
    Vectors<T>(kChunk, [&](std::ptrdiff_t i)
                           HWY_ATTR { hn::Store(Exp<T>(hn::Load(d, decay.each + i)), d, decay.each + i); });
    T until = 1, after = 1;
    for (std::ptrdiff_t i = 0; i < kChunk; ++i) decay.until[i] = until *= decay.each[i];
    for (std::ptrdiff_t i = kChunk - 1; i >= 0; --i) {
      decay.after[i] = after;
      after *= decay.each[i];
    }
    Between();
  }

  /// One a channel: a vector of channels through all tokens, and their products.
  void LoadDecays(const Problem<T>& p, int h) {
    const Tag<T> d;
    const Rows<const T>& from = p.log_decay;
    const std::ptrdiff_t width = decay.width;
    const T* rows = from.data + t * from.token + h * from.head;
    const auto one = hn::Set(d, T(1)), most = hn::Set(d, static_cast<T>(setting.most_log_decay()));
    auto above = hn::Gt(one, one);  // no lane; a maximum would forget what stands before a NaN
    simd::ForEachVector<T>(static_cast<std::size_t>(setting.decays()), [&](std::size_t c,
                                                                           std::size_t count) HWY_ATTR {
      auto until = one, after = one;
      for (std::ptrdiff_t i = 0; i < n; ++i) {
        const T* row = rows + i * from.token + c;
        // What pads a row is 0: it decays by 1.
        const auto x = count == simd::kLanes<T> ? hn::LoadU(d, row) : simd::LoadStoredFirst(d, row, count);
        above = hn::Or(above, hn::Gt(x, most));
        const auto each = Exp<T>(x);
        hn::Store(each, d, decay.each + i * width + c);
        until = hn::Mul(until, each);
        hn::Store(until, d, decay.until + i * width + c);
      }
      for (std::ptrdiff_t i = n; i < kChunk; ++i) {
        hn::Store(one, d, decay.each + i * width + c);
        hn::Store(until, d, decay.until + i * width + c);
      }
      for (std::ptrdiff_t i = kChunk - 1; i >= 0; --i) {
        hn::Store(after, d, decay.after + i * width + c);
        after = hn::Mul(after, hn::Load(d, decay.each + i * width + c));
      }
    });
    if (!hn::AllFalse(d, above)) RefuseFirst(p, t, h);
  }

  /// Where decays differ by channel, or there are none, it is 1 for causal pairs, once and for all.
  void Between() {
    const Tag<T> d;
    for (std::ptrdiff_t j = 0; j < kChunk; j += kL<T>) {
      const auto column = hn::Iota(d, static_cast<T>(j));
      auto products = hn::Zero(d);
      for (std::ptrdiff_t i = 0; i < kChunk; ++i) {
        if (setting.decay == Decay::Head) products = hn::Mul(products, hn::Set(d, decay.each[i]));
        products = hn::IfThenElse(hn::Eq(column, hn::Set(d, static_cast<T>(i))), hn::Set(d, T(1)), products);
        hn::Store(products, d, decay.between + i * kChunk + j);
      }
    }
  }
};

}  // namespace yore::mixers::scan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
