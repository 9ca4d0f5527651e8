// The slots' softmax for every target; the scans are scan_forward.cc's and scan_backward.cc's.
#include "yore/mixers/common/slots.h"

#include "yore/kernels/parallel.h"
#include "yore/kernels/targets.h"

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

template <class Run>
void ForRows(std::int64_t rows, int heads, int threads, const Run& run) {
  const std::int64_t tasks = (rows + kRows - 1) / kRows;
  yore::kernels::parallel_tasks(
      yore::kernels::threads_for(threads, tasks), tasks, [] { return 0; },
      [&](int, std::int64_t task) {
        for (std::int64_t t = task * kRows; t < std::min(rows, (task + 1) * kRows); ++t)
          for (int h = 0; h < heads; ++h) run(t, h);
      });
}

/// x / z for z > 0, else 0.
template <class T>
HWY_INLINE hn::Vec<Tag<T>> Over(hn::Vec<Tag<T>> x, hn::Vec<Tag<T>> z) {
  const Tag<T> d;
  return hn::IfThenElseZero(hn::Gt(z, hn::Zero(d)), hn::Div(x, z));
}

/// weights = p / z of one token: logits [slots] are scale K q. With p e^-log(z) = e^(logit / z - most) / sum,
/// z itself is a factor and no logarithm is needed.
template <class T>
void Softmax(const T* HWY_RESTRICT logits, const T* HWY_RESTRICT filled, std::size_t slots,
             T* HWY_RESTRICT weights) {
  const Tag<T> d;
  const auto lowest = hn::Set(d, -std::numeric_limits<T>::infinity());
  auto most = lowest;
  simd::ForEachVector<T>(slots, [&](std::size_t i, std::size_t count) HWY_ATTR {
    auto x = LoadSome(logits + i, count);
    auto seen = hn::FirstN(d, count);
    if (filled != nullptr) {
      const auto z = LoadSome(filled + i, count);
      x = Over<T>(x, z);
      seen = hn::And(seen, hn::Gt(z, hn::Zero(d)));
    }
    x = hn::IfThenElse(seen, x, lowest);
    most = hn::Max(most, x);
    StoreSome<T>(x, weights + i, count);
  });
  const T top = simd::Max<T>(most);
  if (top == -std::numeric_limits<T>::infinity()) {
    std::fill(weights, weights + slots, T(0));
    return;
  }
  auto sum = hn::Zero(d);
  simd::ForEachVector<T>(slots, [&](std::size_t i, std::size_t count) HWY_ATTR {
    const auto x = hn::Mul(hn::Sub(LoadSome(weights + i, count), hn::Set(d, top)),
                           hn::Set(d, static_cast<T>(1.4426950408889634)));
    // Lanes that are not there would be e^-top.
    const auto e = hn::IfThenElseZero(hn::FirstN(d, count), simd::Exp2(d, x));
    sum = hn::Add(sum, filled == nullptr ? e : hn::Mul(e, LoadSome(filled + i, count)));
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
  yore::kernels::note_target(HWY_TARGET);
  const auto slots = static_cast<std::size_t>(p.setting.slots);
  ForRows(rows, p.setting.heads, p.threads, [&](std::int64_t t, int h) {
    const std::size_t at = static_cast<std::size_t>(t * p.setting.heads + h) * slots;
    const T* filled =
        p.filled.data == nullptr ? nullptr : p.filled.data + t * p.filled.token + h * p.filled.head;
    Softmax(logits + at, filled, slots, weights + at);
  });
}
template <class T>
void LogitGradientsOf(const Problem<T>& p, std::int64_t rows, const T* weights, T* grad) {
  yore::kernels::note_target(HWY_TARGET);
  const auto slots = static_cast<std::size_t>(p.setting.slots);
  ForRows(rows, p.setting.heads, p.threads, [&](std::int64_t t, int h) {
    const std::size_t at = static_cast<std::size_t>(t * p.setting.heads + h) * slots;
    const T* filled =
        p.filled.data == nullptr ? nullptr : p.filled.data + t * p.filled.token + h * p.filled.head;
    SoftmaxGradient(weights + at, filled, slots, grad + at);
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
scan::Problem<T> keys_of(const Problem<T>& p) {
  return {p.setting.keys(), p.batch, p.starts, p.q, p.k, p.write, p.log_decay, {}, p.initial_k, p.threads};
}
template <class T>
scan::Problem<T> values_of(const Problem<T>& p, const T* weights) {
  return {
      p.setting.values(), p.batch,  p.starts, slot_rows(p.setting, weights), p.write, p.v, p.log_decay, {},
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
  scan::check(setting.keys());
  scan::check(setting.values());
}

template <class T>
void forward(const Problem<T>& p, scan::Rows<T> out, T* final_k, T* final_v, Saved<T>& saved) {
  const Setting& s = p.setting;
  saved.logits.resize(slot_numbers(p));
  saved.weights.resize(slot_numbers(p));
  saved.kept_k.resize(static_cast<std::size_t>(scan::kept_size(s.keys(), p.batch, p.starts)));
  saved.kept_v.resize(static_cast<std::size_t>(scan::kept_size(s.values(), p.batch, p.starts)));
  scan::forward<T>(keys_of(p), slot_rows(s, saved.logits.data()), final_k, saved.kept_k.data());
  weights_of(p, p.starts[p.batch], saved.logits.data(), saved.weights.data());
  scan::forward<T>(values_of<T>(p, saved.weights.data()), out, final_v, saved.kept_v.data());
}

template <class T>
void backward(const Problem<T>& p, const Saved<T>& saved, scan::Rows<const T> out,
              scan::Rows<const T> grad_out, const T* grad_final_k, const T* grad_final_v,
              const Gradients<T>& to) {
  const Setting& s = p.setting;
  const std::int64_t rows = p.starts[p.batch];
  const bool gates = to.write.data != nullptr;
  std::vector<T> logits(slot_numbers(p)), write(slot_numbers(p)), decay(gates ? slot_numbers(p) : 0);
  scan::Gradients<T> g;
  g.q = slot_rows(s, logits.data());
  g.k = slot_rows(s, write.data());
  g.v = to.v;
  if (gates) g.log_decay = slot_rows(s, decay.data());
  g.initial = to.initial_v;
  scan::backward<T>(values_of<T>(p, saved.weights.data()), out, saved.kept_v.data(), grad_out, grad_final_v,
                    g);
  logit_gradients(p, rows, saved.weights.data(), logits.data());
  std::vector<T> unused(gates ? 0 : slot_numbers(p));
  g.q = to.q;
  g.k = to.k;
  g.v = gates ? to.write : slot_rows(s, unused.data());
  g.log_decay = to.log_decay;
  g.initial = to.initial_k;
  scan::backward<T>(keys_of(p), slot_rows<const T>(s, saved.logits.data()), saved.kept_k.data(),
                    slot_rows<const T>(s, logits.data()), grad_final_k, g);
  if (!gates) return;
  add(s, rows, write, to.write);
  add(s, rows, decay, to.log_decay);
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
void advance(StateList& state, const Problem<T>& p, scan::Rows<T> out) {
  std::vector<T> logits(slot_numbers(p)), weights(slot_numbers(p));
  scan::advance<T>(dynamic_cast<RecurrentState<T>&>(state.part(0)), keys_of(p),
                   slot_rows(p.setting, logits.data()));
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
