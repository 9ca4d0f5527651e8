// The chunk scan's forward pass and its going on from a state, for every target.
#include <cmath>

#include "yore/kernels/number.h"
#include "yore/kernels/parallel.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/common/scan.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/common/scan_forward.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/mixers/common/scan_chunk-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::scan::HWY_NAMESPACE {

using yore::kernels::Number;  // this file is compiled twice: as it is, and by scan_forward_double.cc

/// Bytes of a state that stay in the first cache beside what a chunk reads; with a larger one, forward goes
/// through kGroup chunks over some of its columns, then over the next ones.
inline constexpr std::ptrdiff_t kNear = 24 << 10, kGroup = 4;

/// One thread's memory.
template <class T>
struct ForwardContext {
  Workspace memory;
  const Sizes z;
  std::vector<Chunk<T>> chunks;
  T* states;  ///< of `heads` heads
  Ahead ahead;
  ForwardContext(const Setting& s, int heads) : z(s, sizeof(T)) {
    const bool near = z.state() * std::ptrdiff_t{sizeof(T)} <= kNear;
    for (std::ptrdiff_t c = 0; c < (near ? 1 : kGroup); ++c) chunks.emplace_back(s, memory);
    states = memory.Take<T>(heads * z.state());
  }
  std::int64_t tokens() const { return static_cast<std::int64_t>(chunks.size()) * kChunk; }
  /// Columns gone through together.
  std::ptrdiff_t columns() const {
    return chunks.size() == 1 ? z.value_row : std::min(z.value_row, (kWideTiles ? 4 : 2) * kL<T>);
  }
  /// Steps that `ahead` takes meanwhile: while reading and while taking in.
  std::ptrdiff_t steps() const {
    const std::ptrdiff_t reading = TilesIn<T>(kChunk, z.value_row) * (z.key_row / kChunk);
    return static_cast<std::ptrdiff_t>(chunks.size()) * (reading + TilesIn<T>(z.key_row, z.value_row));
  }
};

/// Rows first .. end - 1 of head h through `state`, which will be stored at `keep` (null = nowhere).
template <class T>
void Chunks(const Problem<T>& p, Rows<T> out, std::int64_t first, std::int64_t end, int h,
            ForwardContext<T>& context, T* state, const Coming<T>& coming, const T* keep) {
  const Sizes& z = context.z;
  const std::int64_t tokens = context.tokens(), kept = p.setting.state_size() * tokens / kKept;
  const auto foresee = [&](int head) {
    context.ahead.Clear();
    context.chunks[0].Foresee(p, head, context.ahead);
    if (out.data != nullptr) context.ahead.Add(out.data + head * out.head, out.token, z.value);
  };
  foresee(h);
  for (std::int64_t t = first; t < end; t += tokens) {
    const std::int64_t next = std::min(end, t + tokens), count = (next - t + kChunk - 1) / kChunk;
    for (std::int64_t c = 0; c < count; ++c) {
      Chunk<T>& chunk = context.chunks[static_cast<std::size_t>(c)];
      const std::int64_t from = t + c * kChunk;
      chunk.Load(p, from, std::min<std::int64_t>(kChunk, next - from), h);
      chunk.Weigh();
    }
    const bool last = next == end;
    if (last) foresee(coming.head);
    const std::int64_t from = last ? coming.first : next, until = last ? coming.end : end;
    context.ahead.Aim(from, std::min(until, from + tokens), context.steps(),
                      keep == nullptr ? nullptr : keep + (t - first) / tokens * kept, kept);
    for (std::ptrdiff_t column = 0; column < z.value_row; column += context.columns()) {
      const Columns columns{column, std::min(context.columns(), z.value_row - column)};
      for (std::int64_t c = 0; c < count; ++c) {
        Chunk<T>& chunk = context.chunks[static_cast<std::size_t>(c)];
        chunk.Write(state, columns, &context.ahead);
        if (out.data != nullptr) chunk.Read(state, columns, out, h, &context.ahead);
        chunk.Take(state, state, columns, &context.ahead);
      }
    }
  }
}

template <class T>
void ForwardOf(const Problem<T>& p, Rows<T> out, T* final, T* kept) {
  yore::kernels::note_target(HWY_TARGET);
  const Setting& s = p.setting;
  const std::int64_t size = s.state_size();
  const int threads = yore::kernels::threads_for(p.threads, p.batch * s.heads);
  const int together = HeadsTogether(s, p.batch, threads, size * static_cast<std::int64_t>(sizeof(T)));
  const std::int64_t parts = s.heads / together;
  std::vector<std::int64_t> keeps;
  if (kept != nullptr) keeps = kept_starts(s, p.batch, p.starts);
  yore::kernels::parallel_tasks(
      threads, p.batch * parts, [&] { return ForwardContext<T>(s, together); },
      [&](ForwardContext<T>& context, std::int64_t task) {
        const std::int64_t b = task / parts, first = p.starts[b], end = p.starts[b + 1];
        const int from = static_cast<int>(task % parts) * together, to = from + together;
        const auto state = [&](int h) { return context.states + (h - from) * context.z.state(); };
        const auto of_head = [&](auto* states, int h) {
          return states == nullptr ? nullptr : states + (b * s.heads + h) * size;
        };
        for (int h = from; h < to; ++h) LoadState(of_head(p.initial, h), context.z, state(h));
        T* keep = kept == nullptr ? nullptr : kept + keeps[static_cast<std::size_t>(b)];
        for (std::int64_t t = first; t < end; t += kKept) {
          const std::int64_t stop = std::min(end, t + kKept);
          const bool more = stop < end;
          for (int h = from; h < to; ++h) {
            const Coming<T> coming = h + 1 < to ? Coming<T>{t, stop, h + 1, nullptr}
                                                : Coming<T>{stop, std::min(end, stop + kKept), from, nullptr};
            T* place = keep != nullptr && more ? keep + h * size : nullptr;
            Chunks(p, out, t, stop, h, context, state(h), coming, place);
            if (place != nullptr) StoreState(state(h), context.z, place);
          }
          if (keep != nullptr) keep += s.heads * size;
        }
        if (final != nullptr)
          for (int h = from; h < to; ++h) StoreState(state(h), context.z, of_head(final, h));
      });
}

/// One token of head h, over a state as it lies in memory. Columns go by in blocks that stay in the first
/// cache between the two passes of the delta rule. `decay` is room for max(key, value) numbers.
template <class T>
void Step(const Problem<T>& p, std::int64_t t, int h, T* HWY_RESTRICT state, T* HWY_RESTRICT decay,
          Rows<T> out) {
  const Tag<T> d;
  const Setting& s = p.setting;
  const int key_head = h / (s.heads / s.key_heads);
  const auto row = [&](const Rows<const T>& x, std::int64_t head) {
    return x.data == nullptr ? nullptr : x.data + t * x.token + head * x.head;
  };
  const T *q = row(p.q, key_head), *k = row(p.k, key_head), *v = row(p.v, h), *g = row(p.log_decay, h);
  const T beta = p.beta.data == nullptr ? T(1) : *row(p.beta, h);
  const std::ptrdiff_t keys = s.key_dim, values = s.value_dim;
  decay[0] = 1;
  if (s.decay != Decay::None)
    simd::ForEachVector<T>(static_cast<std::size_t>(s.decays()),
                           [&](std::size_t c, std::size_t count) HWY_ATTR {
                             const auto x = simd::LoadStoredFirst(d, g + c, count);
                             const auto most = hn::Set(d, static_cast<T>(s.most_log_decay()));
                             if (!hn::AllFalse(d, hn::Gt(x, most))) RefuseFirst(p, t, h);
                             simd::StoreFirst(d, Exp<T>(x), decay + c, count);
                           });
  const bool by_row = s.decay == Decay::Key, by_column = s.decay == Decay::Value;
  const auto scale = hn::Set(d, static_cast<T>(s.scale));
  T* result = out.data == nullptr ? nullptr : out.data + t * out.token + h * out.head;
  /// N vectors of columns from c; the last one may be partial (then N is 1).
  const auto block = [&]<int N>(std::ptrdiff_t c, std::size_t count) HWY_ATTR {
    using V = hn::Vec<Tag<T>>;
    const auto load = [&](const T* from, int m) HWY_ATTR {
      return count == simd::kLanes<T> ? hn::LoadU(d, from + m * kL<T>)
                                      : simd::LoadStoredFirst(d, from, count);
    };
    V u[N], sum[N], columns[N];
    for (int m = 0; m < N; ++m) {
      u[m] = load(v + c, m);
      sum[m] = hn::Zero(d);
      columns[m] = by_column ? load(decay + c, m) : hn::Set(d, decay[0]);
    }
    if (s.rule == Rule::Delta) {
      V seen[N];
      for (int m = 0; m < N; ++m) seen[m] = hn::Zero(d);
      for (std::ptrdiff_t r = 0; r < keys; ++r) {
        const auto by = hn::Set(d, by_row ? decay[r] * k[r] : k[r]);
        for (int m = 0; m < N; ++m) seen[m] = hn::MulAdd(by, load(state + r * values + c, m), seen[m]);
      }
      for (int m = 0; m < N; ++m) u[m] = hn::Sub(u[m], by_row ? seen[m] : hn::Mul(seen[m], columns[m]));
    }
    for (int m = 0; m < N; ++m) u[m] = hn::Mul(u[m], hn::Set(d, beta));
    for (std::ptrdiff_t r = 0; r < keys; ++r) {
      const auto key = hn::Set(d, k[r]);
      const auto query = q == nullptr ? hn::Zero(d) : hn::Set(d, q[r]);
      const auto rows = hn::Set(d, by_row ? decay[r] : T(1));
      T* place = state + r * values + c;
      for (int m = 0; m < N; ++m) {
        const auto factor = by_row ? rows : columns[m];
        const auto x = hn::MulAdd(key, u[m], hn::Mul(factor, load(place, m)));
        sum[m] = hn::MulAdd(query, x, sum[m]);
        count == simd::kLanes<T> ? hn::StoreU(x, d, place + m * kL<T>) : simd::StoreFirst(d, x, place, count);
      }
    }
    if (result == nullptr) return;
    for (int m = 0; m < N; ++m) {
      const auto x = hn::Mul(sum[m], scale);
      count == simd::kLanes<T> ? hn::StoreU(x, d, result + c + m * kL<T>)
                               : simd::StoreFirst(d, x, result + c, count);
    }
  };
  constexpr int kBlock = 4;
  std::ptrdiff_t c = 0;
  for (; c + kBlock * kL<T> <= values; c += kBlock * kL<T>)
    block.template operator()<kBlock>(c, simd::kLanes<T>);
  for (; c + kL<T> <= values; c += kL<T>) block.template operator()<1>(c, simd::kLanes<T>);
  if (c < values) block.template operator()<1>(c, static_cast<std::size_t>(values - c));
}

/// Up to this many tokens go one by one.
inline constexpr std::int64_t kFew = 4;

template <class T>
void AdvanceOf(const Problem<T>& p, T* states, Rows<T> out) {
  yore::kernels::note_target(HWY_TARGET);
  const Setting& s = p.setting;
  const std::int64_t tasks = p.batch * s.heads, size = s.state_size();
  struct Context {
    std::vector<T> decay;
    std::unique_ptr<ForwardContext<T>> chunks;
  };
  yore::kernels::parallel_tasks(
      yore::kernels::threads_for(p.threads, tasks), tasks,
      [&] {
        return Context{std::vector<T>(static_cast<std::size_t>(std::max(s.key_dim, s.value_dim))), nullptr};
      },
      [&](Context& context, std::int64_t task) {
        const std::int64_t b = task / s.heads;
        const int h = static_cast<int>(task % s.heads);
        std::int64_t t = p.starts[b];
        const std::int64_t end = p.starts[b + 1];
        T* state = states + task * size;
        if (end - t > kFew) {
          const std::int64_t rest = (end - t) % kChunk, whole = rest <= kFew ? end - rest : end;
          if (context.chunks == nullptr) context.chunks = std::make_unique<ForwardContext<T>>(s, 1);
          ForwardContext<T>& f = *context.chunks;
          LoadState(state, f.z, f.states);
          Chunks<T>(p, out, t, whole, h, f, f.states, {}, nullptr);
          StoreState(f.states, f.z, state);
          t = whole;
        }
        for (; t < end; ++t) Step(p, t, h, state, context.decay.data(), out);
      });
}

void Forward(const Problem<Number>& p, Rows<Number> out, Number* final, Number* kept) {
  ForwardOf(p, out, final, kept);
}
void Advance(const Problem<Number>& p, Number* states, Rows<Number> out) {
  AdvanceOf(p, states, out);
}

}  // namespace yore::mixers::scan::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers::scan {

using yore::kernels::Number;
#ifndef YORE_DOUBLE
void check(const Setting& s) {
  const auto refuse = [](const std::string& why) { throw std::invalid_argument("scan: " + why); };
  if (s.heads < 1 || s.key_heads < 1 || s.heads % s.key_heads != 0)
    refuse("expected key_heads that divide heads, got " + std::to_string(s.key_heads) + " and " +
           std::to_string(s.heads));
  for (const int dim : {s.key_dim, s.value_dim})
    if (dim < 1 || dim > kMaxDim)
      refuse("expected dims of 1 to " + std::to_string(kMaxDim) + ", got " + std::to_string(dim));
  if (!std::isfinite(s.scale)) refuse("scale must be a finite number, got " + std::to_string(s.scale));
  if (s.rule == Rule::Delta && s.decay == Decay::Value)
    refuse("the delta rule takes decays of heads or keys, not of values");
}

void refuse_decay(const Setting& s, double log_decay, std::int64_t token, std::int64_t head) {
  throw std::invalid_argument("scan: log_decay: expected at most " + std::to_string(s.most_log_decay()) +
                              ", got " + std::to_string(log_decay) + " at token " + std::to_string(token) +
                              ", head " + std::to_string(head));
}

std::vector<std::int64_t> kept_starts(const Setting& s, std::int64_t batch, const std::int64_t* starts) {
  std::vector<std::int64_t> kept = {0};
  for (std::int64_t b = 0; b < batch; ++b) {
    const std::int64_t states = std::max<std::int64_t>(0, (starts[b + 1] - starts[b] - 1) / kKept);
    kept.push_back(kept.back() + states * s.heads * s.state_size());
  }
  return kept;
}
std::int64_t kept_size(const Setting& s, std::int64_t batch, const std::int64_t* starts) {
  return kept_starts(s, batch, starts).back();
}
#endif

HWY_EXPORT(Forward);
HWY_EXPORT(Advance);

template <>
void forward(const Problem<Number>& p, Rows<Number> out, Number* final, Number* kept) {
  HWY_DYNAMIC_DISPATCH(Forward)(p, out, final, kept);
}
template <>
void advance(const Problem<Number>& p, Number* states, Rows<Number> out) {
  HWY_DYNAMIC_DISPATCH(Advance)(p, states, out);
}

}  // namespace yore::mixers::scan
#endif
