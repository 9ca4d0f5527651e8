// The short convolution for every target. A task owns some channels of one sequence, so that tasks share
// nothing and the order of sums never depends on threads.
#include "yore/mixers/common/short_conv.h"

#include "yore/kernels/parallel.h"
#include "yore/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/common/short_conv.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::conv::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
namespace simd = yore::kernels::HWY_NAMESPACE;
using simd::Tag;

/// Channels of a task.
inline constexpr std::int64_t kBlock = 64;

/// Row t of sequence b's past and present: t < 0 is history, null where that is zeros.
template <class T>
const T* RowAt(const Problem<T>& p, std::int64_t b, std::int64_t t) {
  if (t >= 0) return p.x + (p.starts[b] + t) * p.x_row;
  if (p.history == nullptr) return nullptr;
  return p.history + (b * (p.width - 1) + p.width - 1 + t) * p.channels;
}

template <class T, class Run>
void ForBlocks(const Problem<T>& p, std::int64_t batch, const Run& run) {
  const std::int64_t blocks = (p.channels + kBlock - 1) / kBlock, tasks = batch * blocks;
  yore::kernels::parallel_tasks(
      yore::kernels::threads_for(p.threads, tasks), tasks, [] { return 0; },
      [&](int, std::int64_t task) {
        const std::int64_t c = task % blocks * kBlock;
        run(task / blocks, c, std::min(kBlock, p.channels - c));
      });
}

template <class D, class T>
HWY_INLINE hn::Vec<D> Load(D d, const T* from, std::size_t count) {
  return count == simd::kLanes<T> ? hn::LoadU(d, from) : simd::LoadStoredFirst(d, from, count);
}
template <class D, class T>
HWY_INLINE void Store(D d, hn::Vec<D> x, T* to, std::size_t count) {
  count == simd::kLanes<T> ? hn::StoreU(x, d, to) : simd::StoreFirst(d, x, to, count);
}

template <class T>
void ForwardOf(const Problem<T>& p, T* y, std::int64_t y_row, T* final) {
  yore::kernels::note_target(HWY_TARGET);
  const Tag<T> d;
  const std::int64_t past = p.width - 1;
  ForBlocks(p, p.batch, [&](std::int64_t b, std::int64_t c0, std::int64_t channels) {
    const std::int64_t tokens = p.starts[b + 1] - p.starts[b];
    for (std::int64_t t = 0; t < tokens; ++t)
      simd::ForEachVector<T>(
          static_cast<std::size_t>(channels), [&](std::size_t i, std::size_t count) HWY_ATTR {
            const std::int64_t c = c0 + static_cast<std::int64_t>(i);
            auto sum = p.bias == nullptr ? hn::Zero(d) : Load(d, p.bias + c, count);
            for (std::int64_t w = 0; w < p.width; ++w) {
              const T* row = RowAt(p, b, t - past + w);
              if (row != nullptr)
                sum = hn::MulAdd(Load(d, p.weight + w * p.channels + c, count), Load(d, row + c, count), sum);
            }
            Store(d, sum, y + (p.starts[b] + t) * y_row + c, count);
          });
    if (final == nullptr) return;
    // From the oldest on, so that it may be the history itself.
    for (std::int64_t r = 0; r < past; ++r) {
      const T* row = RowAt(p, b, tokens - past + r);
      T* to = final + (b * past + r) * p.channels + c0;
      if (row == nullptr)
        std::fill(to, to + channels, T(0));
      else
        std::copy(row + c0, row + c0 + channels, to);
    }
  });
}

template <class T>
void BackwardOf(const Problem<T>& p, const T* grad_y, std::int64_t grad_row, const T* grad_final,
                const Gradients<T>& to) {
  yore::kernels::note_target(HWY_TARGET);
  const Tag<T> d;
  const std::int64_t past = p.width - 1;
  // Sequences one after another within a task: they add up to the weights' gradients.
  ForBlocks(p, 1, [&](std::int64_t, std::int64_t c0, std::int64_t channels) {
    simd::ForEachVector<T>(static_cast<std::size_t>(channels), [&](std::size_t i,
                                                                   std::size_t count) HWY_ATTR {
      const std::int64_t c = c0 + static_cast<std::int64_t>(i);
      auto bias = hn::Zero(d);
      for (std::int64_t w = 0; w < p.width; ++w) Store(d, hn::Zero(d), to.weight + w * p.channels + c, count);
      for (std::int64_t b = 0; b < p.batch; ++b) {
        const std::int64_t tokens = p.starts[b + 1] - p.starts[b];
        /// The gradient of row t of past and present.
        const auto of_row = [&](std::int64_t t) HWY_ATTR {
          auto sum = hn::Zero(d);
          for (std::int64_t w = 0; w < p.width; ++w) {
            const std::int64_t at = t + past - w;  // the output in which it meets weight w
            if (at < 0 || at >= tokens) continue;
            sum = hn::MulAdd(Load(d, p.weight + w * p.channels + c, count),
                             Load(d, grad_y + (p.starts[b] + at) * grad_row + c, count), sum);
          }
          if (grad_final != nullptr && t >= tokens - past)
            sum = hn::Add(sum, Load(d, grad_final + (b * past + t - tokens + past) * p.channels + c, count));
          return sum;
        };
        for (std::int64_t t = 0; t < tokens; ++t)
          Store(d, of_row(t), to.x + (p.starts[b] + t) * to.x_row + c, count);
        if (to.history != nullptr)
          for (std::int64_t r = 0; r < past; ++r)
            Store(d, of_row(r - past), to.history + (b * past + r) * p.channels + c, count);
        for (std::int64_t t = 0; t < tokens; ++t) {
          const auto g = Load(d, grad_y + (p.starts[b] + t) * grad_row + c, count);
          bias = hn::Add(bias, g);
          for (std::int64_t w = 0; w < p.width; ++w) {
            const T* row = RowAt(p, b, t - past + w);
            T* its = to.weight + w * p.channels + c;
            if (row != nullptr)
              Store(d, hn::MulAdd(g, Load(d, row + c, count), Load(d, its, count)), its, count);
          }
        }
      }
      if (to.bias != nullptr) Store(d, bias, to.bias + c, count);
    });
  });
}

void ForwardF32(const Problem<float>& p, float* y, std::int64_t y_row, float* final) {
  ForwardOf(p, y, y_row, final);
}
void ForwardF64(const Problem<double>& p, double* y, std::int64_t y_row, double* final) {
  ForwardOf(p, y, y_row, final);
}
void BackwardF32(const Problem<float>& p, const float* grad_y, std::int64_t grad_row, const float* grad_final,
                 const Gradients<float>& to) {
  BackwardOf(p, grad_y, grad_row, grad_final, to);
}
void BackwardF64(const Problem<double>& p, const double* grad_y, std::int64_t grad_row,
                 const double* grad_final, const Gradients<double>& to) {
  BackwardOf(p, grad_y, grad_row, grad_final, to);
}

}  // namespace yore::mixers::conv::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers::conv {

HWY_EXPORT(ForwardF32);
HWY_EXPORT(ForwardF64);
HWY_EXPORT(BackwardF32);
HWY_EXPORT(BackwardF64);

template <>
void forward(const Problem<float>& p, float* y, std::int64_t y_row, float* final) {
  HWY_DYNAMIC_DISPATCH(ForwardF32)(p, y, y_row, final);
}
template <>
void forward(const Problem<double>& p, double* y, std::int64_t y_row, double* final) {
  HWY_DYNAMIC_DISPATCH(ForwardF64)(p, y, y_row, final);
}
template <>
void backward(const Problem<float>& p, const float* grad_y, std::int64_t grad_row, const float* grad_final,
              const Gradients<float>& to) {
  HWY_DYNAMIC_DISPATCH(BackwardF32)(p, grad_y, grad_row, grad_final, to);
}
template <>
void backward(const Problem<double>& p, const double* grad_y, std::int64_t grad_row, const double* grad_final,
              const Gradients<double>& to) {
  HWY_DYNAMIC_DISPATCH(BackwardF64)(p, grad_y, grad_row, grad_final, to);
}

template <class T>
std::unique_ptr<RecurrentState<T>> start(std::int64_t channels, std::int64_t width, const std::string& kind,
                                         std::int64_t batch, std::int64_t rollback, std::int64_t max_tokens) {
  const std::int64_t past = width - 1;
  const auto replay = [channels, past](T* state, const T* rows, std::int64_t tokens) {
    const std::int64_t kept = std::max<std::int64_t>(0, past - tokens), fresh = past - kept;
    std::copy(state + (past - kept) * channels, state + past * channels, state);
    std::copy(rows + (tokens - fresh) * channels, rows + tokens * channels, state + kept * channels);
  };
  return std::make_unique<RecurrentState<T>>(
      RecurrentSetting{kind, batch, past * channels, channels, rollback, max_tokens}, replay);
}

template <class T>
void advance(RecurrentState<T>& state, const Problem<T>& problem, T* y, std::int64_t y_row) {
  state.advance(
      problem.starts,
      [&](std::int64_t batch, const std::int64_t* starts, T* states) {
        Problem<T> p = problem;
        p.batch = batch;
        p.starts = starts;
        p.history = states;
        forward<T>(p, y, y_row, states);
      },
      [&](std::int64_t t, T* row) {
        const T* x = problem.x + t * problem.x_row;
        std::copy(x, x + problem.channels, row);
      });
}

template std::unique_ptr<RecurrentState<float>> start<float>(std::int64_t, std::int64_t, const std::string&,
                                                             std::int64_t, std::int64_t, std::int64_t);
template std::unique_ptr<RecurrentState<double>> start<double>(std::int64_t, std::int64_t, const std::string&,
                                                               std::int64_t, std::int64_t, std::int64_t);
template void advance<float>(RecurrentState<float>&, const Problem<float>&, float*, std::int64_t);
template void advance<double>(RecurrentState<double>&, const Problem<double>&, double*, std::int64_t);

}  // namespace yore::mixers::conv
#endif
