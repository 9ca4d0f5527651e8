// The slots' softmax for every target; the scans are scan_forward.cc's and scan_backward.cc's.
#include "yore/mixers/common/slots.h"

#include <cmath>
#include <stdexcept>

#include "yore/kernels/parallel.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/common/slots_erase.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/common/slots.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::slots::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace simd = yore::kernels::HWY_NAMESPACE;
using simd::Tag;

template <class T>
HWY_INLINE hn::Vec<Tag<T>> LoadSome(const T* from, std::size_t count) {
  const Tag<T> d;
  return count == simd::kLanes<T> ? hn::LoadU(d, from) : simd::LoadStoredFirst(d, from, count);
}
template <class T>
HWY_INLINE void StoreSome(hn::Vec<Tag<T>> x, T* to, std::size_t count) {
  const Tag<T> d;
  count == simd::kLanes<T> ? hn::StoreU(x, d, to) : simd::StoreFirst(d, x, to, count);
}

/// Rows of tokens that a task goes through.
inline constexpr std::int64_t kRows = 64;

/// run(at, filled, bias) for each head of each token: where its slots begin in an array [rows, heads, slots],
/// how full they are (null = 1), and what is added to their logits (null = 0).
template <class T, class Run>
void ForRows(const Problem<T>& p, std::int64_t rows, const Run& run) {
  yore::kernels::note_target(HWY_TARGET);
  const int heads = p.setting.heads;
  const std::int64_t tasks = (rows + kRows - 1) / kRows;
  yore::kernels::parallel_tasks(
      yore::kernels::threads_for(p.threads, tasks), tasks, [] { return 0; },
      [&](int, std::int64_t task) {
        for (std::int64_t t = task * kRows; t < std::min(rows, (task + 1) * kRows); ++t)
          for (int h = 0; h < heads; ++h)
            run(static_cast<std::size_t>((t * heads + h) * p.setting.slots),
                p.filled.data == nullptr ? nullptr : p.filled.data + t * p.filled.token + h * p.filled.head,
                p.bias.data == nullptr ? nullptr : p.bias.data + t * p.bias.token + h * p.bias.head);
      });
}

/// x / z for z > 0, else 0.
template <class T>
HWY_INLINE hn::Vec<Tag<T>> Over(hn::Vec<Tag<T>> x, hn::Vec<Tag<T>> z) {
  const Tag<T> d;
  return hn::IfThenElseZero(hn::Gt(z, hn::Zero(d)), hn::Div(x, z));
}

/// weights = p / z of one token: logits [slots] are scale K q. With p e^-log(z) = e^(logit / z + bias - most)
/// / sum, z itself is a factor and no logarithm is needed.
template <class T>
void Softmax(const T* HWY_RESTRICT logits, const T* HWY_RESTRICT filled, const T* HWY_RESTRICT bias,
             std::size_t slots, T* HWY_RESTRICT weights) {
  const Tag<T> d;
  const auto lowest = hn::Set(d, -std::numeric_limits<T>::infinity());
  auto most = lowest;
  bool sees = false;
  simd::ForEachVector<T>(slots, [&](std::size_t i, std::size_t count) HWY_ATTR {
    auto x = LoadSome(logits + i, count);
    auto seen = hn::FirstN(d, count);
    if (filled != nullptr) {
      const auto z = LoadSome(filled + i, count);
      x = Over<T>(x, z);
      seen = hn::And(seen, hn::Gt(z, hn::Zero(d)));
    }
    if (bias != nullptr) x = hn::Add(x, LoadSome(bias + i, count));
    sees = sees || !hn::AllFalse(d, seen);
    x = hn::IfThenElse(seen, x, lowest);
    most = hn::Max(most, x);
    StoreSome<T>(x, weights + i, count);
  });
  const T top = simd::Max<T>(most);
  if (!sees) {  // logits that are no numbers are not passed over: all weights are NaN then
    std::fill(weights, weights + slots, T(0));
    return;
  }
  auto sum = hn::Zero(d);
  simd::ForEachVector<T>(slots, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const auto x = hn::Mul(hn::Sub(LoadSome(weights + i, count), hn::Set(d, top)),
                           hn::Set(d, static_cast<T>(1.4426950408889634)));
    // Lanes that are not there would be e^-top.
    const auto e = hn::IfThenElseZero(hn::FirstN(d, count), simd::Exp2(d, x));
    if (filled == nullptr) {
      sum = hn::Add(sum, e);
    } else {  // e is 0 where z is 0 or less, which may be -infinity
      const auto z = LoadSome(filled + i, count);
      sum = hn::Add(sum, hn::IfThenZeroElse(hn::Le(z, hn::Zero(d)), hn::Mul(e, z)));
    }
    StoreSome<T>(e, weights + i, count);
  });
  const auto by = hn::Set(d, 1 / simd::Sum<T>(sum));
  simd::ForEachVector<T>(slots, [&](std::size_t i, std::size_t count) HWY_ATTR {
    StoreSome<T>(hn::Mul(LoadSome(weights + i, count), by), weights + i, count);
  });
}

/// From the gradients of weights = p / z those of the logits, in place: with g the gradient of p = z weights,
/// that is grad / z, it is p (g - <p, g>) / z = weights (g - sum of weights grad).
template <class T>
void SoftmaxGradient(const T* HWY_RESTRICT weights, const T* HWY_RESTRICT filled, std::size_t slots,
                     T* HWY_RESTRICT grad) {
  const Tag<T> d;
  auto sum = hn::Zero(d);
  simd::ForEachVector<T>(slots, [&](std::size_t i, std::size_t count) HWY_ATTR {
    sum = hn::MulAdd(LoadSome(weights + i, count), LoadSome(grad + i, count), sum);
  });
  const auto mean = hn::Set(d, simd::Sum<T>(sum));
  simd::ForEachVector<T>(slots, [&](std::size_t i, std::size_t count) HWY_ATTR {
    auto g = LoadSome(grad + i, count);
    if (filled != nullptr) g = Over<T>(g, LoadSome(filled + i, count));
    StoreSome<T>(hn::Mul(LoadSome(weights + i, count), hn::Sub(g, mean)), grad + i, count);
  });
}

template <class T>
void WeightsOf(const Problem<T>& p, std::int64_t rows, const T* logits, T* weights) {
  ForRows(p, rows, [&](std::size_t at, const T* filled, const T* bias) {
    Softmax(logits + at, filled, bias, static_cast<std::size_t>(p.setting.slots), weights + at);
  });
}
template <class T>
void LogitGradientsOf(const Problem<T>& p, std::int64_t rows, const T* weights, T* grad) {
  ForRows(p, rows, [&](std::size_t at, const T* filled, const T*) {
    SoftmaxGradient(weights + at, filled, static_cast<std::size_t>(p.setting.slots), grad + at);
  });
}

void WeightsF32(const Problem<float>& p, std::int64_t rows, const float* logits, float* weights) {
  WeightsOf(p, rows, logits, weights);
}
void WeightsF64(const Problem<double>& p, std::int64_t rows, const double* logits, double* weights) {
  WeightsOf(p, rows, logits, weights);
}
void LogitGradientsF32(const Problem<float>& p, std::int64_t rows, const float* weights, float* grad) {
  LogitGradientsOf(p, rows, weights, grad);
}
void LogitGradientsF64(const Problem<double>& p, std::int64_t rows, const double* weights, double* grad) {
  LogitGradientsOf(p, rows, weights, grad);
}

}  // namespace yore::mixers::slots::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers::slots {
namespace {

HWY_EXPORT(WeightsF32);
HWY_EXPORT(WeightsF64);
HWY_EXPORT(LogitGradientsF32);
HWY_EXPORT(LogitGradientsF64);

void weights_of(const Problem<float>& p, std::int64_t rows, const float* logits, float* weights) {
  HWY_DYNAMIC_DISPATCH(WeightsF32)(p, rows, logits, weights);
}
void weights_of(const Problem<double>& p, std::int64_t rows, const double* logits, double* weights) {
  HWY_DYNAMIC_DISPATCH(WeightsF64)(p, rows, logits, weights);
}
void logit_gradients(const Problem<float>& p, std::int64_t rows, const float* weights, float* grad) {
  HWY_DYNAMIC_DISPATCH(LogitGradientsF32)(p, rows, weights, grad);
}
void logit_gradients(const Problem<double>& p, std::int64_t rows, const double* weights, double* grad) {
  HWY_DYNAMIC_DISPATCH(LogitGradientsF64)(p, rows, weights, grad);
}

/// [N, heads, slots] in one block.
template <class T>
scan::Rows<T> slot_rows(const Setting& s, T* data) {
  return {data, std::int64_t{s.heads} * s.slots, s.slots};
}

template <class T>
scan::Rows<const T> decays_of(const Problem<T>& p) {
  return p.setting.erase == Erase::Delta ? scan::Rows<const T>{} : p.log_decay;
}
template <class T>
scan::Problem<T> keys_of(const Problem<T>& p) {
  return {p.setting.keys(), p.batch, p.starts, p.q, p.k, p.write, decays_of(p), {}, p.initial_k, p.threads};
}
template <class T>
scan::Problem<T> values_of(const Problem<T>& p, const T* weights) {
  return {
      p.setting.values(), p.batch,  p.starts, slot_rows(p.setting, weights), p.write, p.v, decays_of(p), {},
      p.initial_v,        p.threads};
}

template <class T>
std::size_t slot_numbers(const Problem<T>& p) {
  return static_cast<std::size_t>(p.starts[p.batch] * p.setting.heads * p.setting.slots);
}

/// x += y, rows of slots.
template <class T>
void add(const Setting& s, std::int64_t rows, const std::vector<T>& y, scan::Rows<T> x) {
  for (std::int64_t t = 0; t < rows; ++t)
    for (int h = 0; h < s.heads; ++h)
      for (int m = 0; m < s.slots; ++m)
        x.data[t * x.token + h * x.head + m] += y[static_cast<std::size_t>((t * s.heads + h) * s.slots + m)];
}

}  // namespace

void check(const Setting& setting) {
  if (setting.slots < 1 || setting.slots > scan::kMaxDim)
    throw std::invalid_argument("slots: expected 1 to " + std::to_string(scan::kMaxDim) + " slots, got " +
                                std::to_string(setting.slots));
  if (!std::isfinite(setting.scale))
    throw std::invalid_argument("slots: scale must be a finite number, got " + std::to_string(setting.scale));
  scan::check(setting.keys());
  scan::check(setting.values());
  if (setting.erase == Erase::Delta && setting.key_heads != setting.heads)
    throw std::invalid_argument("slots: what is erased is each head's, so there are as many key_heads, got " +
                                std::to_string(setting.key_heads) + " for " + std::to_string(setting.heads));
}

namespace {

/// The same rows from `first` on.
template <class T>
scan::Rows<T> from(scan::Rows<T> rows, std::int64_t first) {
  if (rows.data != nullptr) rows.data += first * rows.token;
  return rows;
}

/// States of both scans, or their gradients, or nothing.
template <class T>
struct Both {
  T *k = nullptr, *v = nullptr;
  /// Those `sequences` further on.
  Both after(std::int64_t sequences, const Setting& s) const {
    const std::int64_t size = std::int64_t{s.heads} * s.slots * sequences;
    return {k == nullptr ? k : k + size * s.key_dim, v == nullptr ? v : v + size * s.value_dim};
  }
};

/// Rows that are gone through at once: whole sequences, or kBlock tokens of a long one.
struct Block {
  std::int64_t first = 0;            ///< row
  std::vector<std::int64_t> starts;  ///< counted from there
  std::int64_t sequence = 0;         ///< the first one
  bool begins = true, ends = true;   ///< whether the first one begins here, and the last one ends
  std::int64_t kept = 0;             ///< states kept before the block's own
};

template <class T>
std::vector<Block> blocks_of(const Problem<T>& p) {
  std::vector<Block> blocks;
  const scan::Setting keys = p.setting.keys();
  const std::vector<std::int64_t> keeps = scan::kept_starts(keys, p.batch, p.starts);
  for (std::int64_t b = 0, next = 0; b < p.batch; b = next) {
    const std::int64_t first = p.starts[b];
    // As many whole sequences as there is room for, at least one.
    next = b + 1;
    while (next < p.batch && p.starts[next + 1] - first <= kBlock) ++next;
    const std::int64_t kept = keeps[static_cast<std::size_t>(b)] / (keys.state_size() * keys.heads);
    const std::int64_t tokens = p.starts[next] - first;
    if (tokens <= kBlock) {
      Block block{first, {}, b, true, true, kept};
      for (std::int64_t i = b; i <= next; ++i) block.starts.push_back(p.starts[i] - first);
      blocks.push_back(std::move(block));
      continue;
    }
    // A long one. Kept are the states at every kKept-th token but the first.
    for (std::int64_t t = 0; t < tokens; t += kBlock)
      blocks.push_back({first + t,
                        {0, std::min(tokens - t, kBlock)},
                        b,
                        t == 0,
                        t + kBlock >= tokens,
                        kept + t / scan::kKept});
  }
  return blocks;
}

/// The problem's part that is a block, from the initial states or from the last one kept before it.
template <class T>
Problem<T> part_of(const Problem<T>& whole, const Block& block, Both<const T> kept) {
  Problem<T> p = whole;
  p.batch = static_cast<std::int64_t>(block.starts.size()) - 1;
  p.starts = block.starts.data();
  for (scan::Rows<const T>* rows : {&p.q, &p.k, &p.v, &p.write, &p.log_decay, &p.filled, &p.bias})
    *rows = from(*rows, block.first);
  const Both<const T> initial{whole.initial_k, whole.initial_v},
      its = block.begins ? initial.after(block.sequence, p.setting) : kept.after(block.kept - 1, p.setting);
  p.initial_k = its.k;
  p.initial_v = its.v;
  return p;
}

}  // namespace

template <class T>
void forward(const Problem<T>& given, scan::Rows<T> out, T* final_k, T* final_v, Saved<T>& saved) {
  const Setting& s = given.setting;
  Problem<T> p = given;
  std::vector<T> keys;
  if (s.erase == Erase::Delta) {
    saved.erased = erased_keys(given, false);
    keys = without_erased(given, saved.erased);
    p.k = {keys.data(), std::int64_t{s.heads} * s.key_dim, s.key_dim};
  }
  saved.kept_k.resize(static_cast<std::size_t>(scan::kept_size(s.keys(), p.batch, p.starts)));
  saved.kept_v.resize(static_cast<std::size_t>(scan::kept_size(s.values(), p.batch, p.starts)));
  const Both<T> kept{saved.kept_k.data(), saved.kept_v.data()}, final{final_k, final_v};
  std::vector<T> logits, weights;
  for (const Block& block : blocks_of(p)) {
    const Problem<T> part = part_of<T>(p, block, {kept.k, kept.v});
    logits.resize(slot_numbers(part));
    weights.resize(slot_numbers(part));
    const Both<T> own = kept.after(block.kept, s);
    // The state between two blocks of a sequence is one of those to keep.
    const Both<T> last = block.ends ? final.after(block.sequence, s) : own.after(kBlock / scan::kKept - 1, s);
    scan::forward<T>(keys_of(part), slot_rows(s, logits.data()), last.k, own.k);
    weights_of(part, block.starts.back(), logits.data(), weights.data());
    scan::forward<T>(values_of<T>(part, weights.data()), from(out, block.first), last.v, own.v);
  }
}

namespace {

/// What backward has of a block beside the problem and its results.
template <class T>
struct Adjoints {
  Both<const T> kept, grad_final;
  Both<T> to_initial;
};

/// backward of one block. Its logits and weights are those of forward, to the bit. `added` are the keys of
/// the additive scan.
template <class T>
void backward_block(const Problem<T>& p, const Block& block, const Adjoints<T>& b, scan::Rows<const T> added,
                    scan::Rows<const T> out, scan::Rows<const T> grad_out, const Gradients<T>& to) {
  const Setting& s = p.setting;
  const std::int64_t first = block.first, rows = block.starts.back();
  const bool gates = to.write.data != nullptr, delta = s.erase == Erase::Delta;
  std::vector<T> logits(slot_numbers(p)), weights(slot_numbers(p)), grad(slot_numbers(p)),
      write(slot_numbers(p)), decay(gates && !delta ? slot_numbers(p) : 0);
  scan::Problem<T> keys = keys_of(p);
  keys.k = from(added, first);
  scan::forward<T>(keys, slot_rows(s, logits.data()), nullptr, nullptr);
  weights_of(p, rows, logits.data(), weights.data());
  scan::Gradients<T> g;
  g.q = slot_rows(s, grad.data());
  g.k = slot_rows(s, write.data());
  g.v = from(to.v, first);
  if (!decay.empty()) g.log_decay = slot_rows(s, decay.data());
  g.initial = b.to_initial.v;
  scan::backward<T>(values_of<T>(p, weights.data()), from(out, first), b.kept.v, from(grad_out, first),
                    b.grad_final.v, g);
  logit_gradients(p, rows, weights.data(), grad.data());
  const scan::Rows<T> to_write = from(to.write, first), to_decay = from(to.log_decay, first);
  if (delta) {
    erased_gradients(p, slot_rows<const T>(s, grad.data()), b.grad_final.k,
                     {from(to.q, first), from(to.k, first), {}, to_write, {}, b.to_initial.k, nullptr});
    if (gates) add(s, rows, write, to_write);
    return;
  }
  g.q = from(to.q, first);
  g.k = from(to.k, first);
  g.v = gates ? to_write : slot_rows(s, weights.data());  // which are no longer needed
  g.log_decay = to_decay;
  g.initial = b.to_initial.k;
  scan::backward<T>(keys, slot_rows<const T>(s, logits.data()), b.kept.k, slot_rows<const T>(s, grad.data()),
                    b.grad_final.k, g);
  if (!gates) return;
  add(s, rows, write, to_write);
  add(s, rows, decay, to_decay);
}

}  // namespace

template <class T>
void backward(const Problem<T>& p, const Saved<T>& saved, scan::Rows<const T> out,
              scan::Rows<const T> grad_out, const T* grad_final_k, const T* grad_final_v,
              const Gradients<T>& to) {
  const Setting& s = p.setting;
  std::vector<T> keys;
  scan::Rows<const T> added = p.k;
  if (s.erase == Erase::Delta) {
    keys = without_erased(p, saved.erased);
    added = {keys.data(), std::int64_t{s.heads} * s.key_dim, s.key_dim};
  }
  const Both<const T> grad_final{grad_final_k, grad_final_v}, kept{saved.kept_k.data(), saved.kept_v.data()};
  const Both<T> to_initial{to.initial_k, to.initial_v};
  // Adjoints of the states between two blocks of a sequence: that after the block, and that before it.
  std::vector<T> between[2];
  const auto both = [&](std::vector<T>& numbers) {
    numbers.resize(static_cast<std::size_t>(s.heads * s.state_size()));
    return Both<T>{numbers.data(), numbers.data() + s.heads * std::int64_t{s.slots} * s.key_dim};
  };
  const std::vector<Block> blocks = blocks_of(p);
  for (std::size_t i = blocks.size(); i-- > 0;) {  // a sequence's from its end
    const Block& block = blocks[i];
    Adjoints<T> b{kept.after(block.kept, s), grad_final.after(block.sequence, s),
                  to_initial.after(block.sequence, s)};
    if (!block.ends) {
      const Both<T> later = both(between[(i + 1) % 2]);
      b.grad_final = {later.k, later.v};
    }
    if (!block.begins) b.to_initial = both(between[i % 2]);
    backward_block(part_of(p, block, kept), block, b, added, out, grad_out, to);
  }
}

template <class T>
std::unique_ptr<StateList> start(const Setting& setting, const std::string& kind, std::int64_t batch,
                                 std::int64_t rollback, std::int64_t max_tokens) {
  check(setting);
  std::vector<std::unique_ptr<State>> parts;
  parts.push_back(scan::start<T>(setting.keys(), kind + " keys", batch, rollback, max_tokens));
  parts.push_back(scan::start<T>(setting.values(), kind + " values", batch, rollback, max_tokens));
  return std::make_unique<StateList>(std::move(parts));
}

template <class T>
void advance(StateList& state, const Problem<T>& given, scan::Rows<T> out) {
  auto& of_keys = dynamic_cast<RecurrentState<T>&>(state.part(0));
  Problem<T> p = given;
  std::vector<T> keys;
  if (const Setting& s = given.setting; s.erase == Erase::Delta) {
    p.initial_k = of_keys.numbers();
    keys = without_erased(p, erased_keys(p, true));
    p.k = {keys.data(), std::int64_t{s.heads} * s.key_dim, s.key_dim};
  }
  std::vector<T> logits(slot_numbers(p)), weights(slot_numbers(p));
  scan::advance<T>(of_keys, keys_of(p), slot_rows(p.setting, logits.data()));
  weights_of(p, p.starts[p.batch], logits.data(), weights.data());
  scan::advance<T>(dynamic_cast<RecurrentState<T>&>(state.part(1)), values_of<T>(p, weights.data()), out);
}

#define YORE_SLOTS(T)                                                                                     \
  template void forward<T>(const Problem<T>&, scan::Rows<T>, T*, T*, Saved<T>&);                          \
  template void backward<T>(const Problem<T>&, const Saved<T>&, scan::Rows<const T>, scan::Rows<const T>, \
                            const T*, const T*, const Gradients<T>&);                                     \
  template std::unique_ptr<StateList> start<T>(const Setting&, const std::string&, std::int64_t,          \
                                               std::int64_t, std::int64_t);                               \
  template void advance<T>(StateList&, const Problem<T>&, scan::Rows<T>);
YORE_SLOTS(float)
YORE_SLOTS(double)
#undef YORE_SLOTS

}  // namespace yore::mixers::slots
#endif
