#include "yore/mixers/attention/value_scale.h"

#include <vector>

#include "yore/kernels/parallel.h"
#include "yore/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/attention/value_scale.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace yore::kernels::HWY_NAMESPACE;  // lanes-inl.h

/// Rows of a task. Sums over rows are made a task at a time, so that threads do not change them.
inline constexpr std::int64_t kTaskRows = 256;

template <class T>
HWY_INLINE hn::Vec<Tag<T>> Load(const T* from, std::size_t count) {
  const Tag<T> d;
  return count == kLanes<T> ? hn::LoadU(d, from) : LoadStoredFirst(d, from, count);
}

template <class T>
HWY_INLINE void Store(hn::Vec<Tag<T>> x, T* to, std::size_t count) {
  const Tag<T> d;
  if (count == kLanes<T>)
    hn::StoreU(x, d, to);
  else
    StoreFirst(d, x, to, count);
}

template <class T>
HWY_INLINE T Product(const T* a, const T* b, std::size_t dim) {
  auto sum = hn::Zero(Tag<T>());
  ForEachVector<T>(dim, [&](std::size_t i, std::size_t count)
                            HWY_ATTR { sum = hn::MulAdd(Load(a + i, count), Load(b + i, count), sum); });
  return Sum<T>(sum);
}

/// phi(r) and r phi'(r) = phi(r) (1 - phi(r)). A ratio of r and C, so that neither squares nor sums overflow.
template <class T>
struct Scale {
  T phi, slope;
  Scale(T r, T constant) {
    const T ratio = constant / r;           // infinite for a row of zeros
    phi = r == 0 ? T(0) : 1 / (1 + ratio);  // where C is 0 as well
    slope = r > 0 ? phi * (1 / (1 + r / constant)) : T(0);
  }
};

/// each(task, row, head) for all rows and heads, a task's rows in order.
template <class T, class Each>
HWY_INLINE void ForEachRow(const ValueRows<T>& values, const Each& each) {
  const std::int64_t tasks = (values.rows + kTaskRows - 1) / kTaskRows;
  kernels::parallel_tasks(
      kernels::threads_for(values.threads, tasks), tasks, [] { return 0; },
      [&](int, std::int64_t task) {
        const std::int64_t end = std::min(values.rows, (task + 1) * kTaskRows);
        for (std::int64_t row = task * kTaskRows; row < end; ++row)
          for (std::int64_t head = 0; head < values.heads; ++head) each(task, row, head);
      });
}

template <class T>
void ForwardOf(const ValueRows<T>& values, T* out) {
  kernels::note_target(HWY_TARGET);
  const auto dim = static_cast<std::size_t>(values.dim);
  ForEachRow(values, [&](std::int64_t, std::int64_t row, std::int64_t head) HWY_ATTR {
    const T* v = values.v + row * values.v_row + head * values.v_head;
    T* to = out + (row * values.heads + head) * values.dim;
    const auto phi = hn::Set(Tag<T>(), Scale<T>(Product(v, v, dim), values.constant[head]).phi);
    ForEachVector<T>(dim, [&](std::size_t i, std::size_t count)
                              HWY_ATTR { Store(hn::Mul(phi, Load(v + i, count)), to + i, count); });
  });
}

template <class T>
void BackwardOf(const ValueRows<T>& values, const T* grad, T* grad_v, T* grad_log_constant) {
  kernels::note_target(HWY_TARGET);
  const Tag<T> d;
  const auto dim = static_cast<std::size_t>(values.dim);
  const std::int64_t tasks = (values.rows + kTaskRows - 1) / kTaskRows;
  std::vector<double> sums(static_cast<std::size_t>(tasks * values.heads), 0.0);
  ForEachRow(values, [&](std::int64_t task, std::int64_t row, std::int64_t head) HWY_ATTR {
    const T* v = values.v + row * values.v_row + head * values.v_head;
    const std::int64_t at = (row * values.heads + head) * values.dim;
    const T *g = grad + at, r = Product(v, v, dim), along = Product(g, v, dim);
    const Scale<T> scale(r, values.constant[head]);
    const auto phi = hn::Set(d, scale.phi);
    const auto more = hn::Set(d, r > 0 ? 2 * scale.slope * (along / r) : T(0));
    ForEachVector<T>(dim, [&](std::size_t i, std::size_t count) HWY_ATTR {
      Store(hn::MulAdd(more, Load(v + i, count), hn::Mul(phi, Load(g + i, count))), grad_v + at + i, count);
    });
    sums[static_cast<std::size_t>(task * values.heads + head)] -= static_cast<double>(along * scale.slope);
  });
  if (grad_log_constant == nullptr) return;
  for (std::int64_t head = 0; head < values.heads; ++head) {
    double sum = 0;
    for (std::int64_t task = 0; task < tasks; ++task)
      sum += sums[static_cast<std::size_t>(task * values.heads + head)];
    grad_log_constant[head] = static_cast<T>(sum);
  }
}

void ForwardFloat(const ValueRows<float>& values, float* out) {
  ForwardOf(values, out);
}
void ForwardDouble(const ValueRows<double>& values, double* out) {
  ForwardOf(values, out);
}
void BackwardFloat(const ValueRows<float>& values, const float* g, float* grad_v, float* grad_log_constant) {
  BackwardOf(values, g, grad_v, grad_log_constant);
}
void BackwardDouble(const ValueRows<double>& values, const double* g, double* grad_v,
                    double* grad_log_constant) {
  BackwardOf(values, g, grad_v, grad_log_constant);
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers::kernel {

HWY_EXPORT(ForwardFloat);
HWY_EXPORT(ForwardDouble);
HWY_EXPORT(BackwardFloat);
HWY_EXPORT(BackwardDouble);

template <>
void scale_values(const ValueRows<float>& values, float* out) {
  HWY_DYNAMIC_DISPATCH(ForwardFloat)(values, out);
}
template <>
void scale_values(const ValueRows<double>& values, double* out) {
  HWY_DYNAMIC_DISPATCH(ForwardDouble)(values, out);
}
template <>
void scale_values_backward(const ValueRows<float>& values, const float* g, float* grad_v,
                           float* grad_log_constant) {
  HWY_DYNAMIC_DISPATCH(BackwardFloat)(values, g, grad_v, grad_log_constant);
}
template <>
void scale_values_backward(const ValueRows<double>& values, const double* g, double* grad_v,
                           double* grad_log_constant) {
  HWY_DYNAMIC_DISPATCH(BackwardDouble)(values, g, grad_v, grad_log_constant);
}

}  // namespace yore::mixers::kernel
#endif
