// The backward pass for every target: what a task computes is in rows-inl.h and backward_tiles-inl.h, how the
// pass is divided in plan-inl.h.
#include "yore/kernels/number.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/attention/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/attention/backward.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/mixers/attention/backward_tiles-inl.h"
#include "yore/mixers/attention/plan-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {

using yore::kernels::Number;  // this file is compiled twice: as it is, and by backward_double.cc

template <class T, class Stored>
void BackwardTask(const Plan<T, Stored>& plan, Context<T, Stored, BackwardBlock<T>>& context,
                  const Task& task, const View<T>& out, T* lse, const View<const T>& grad_out,
                  const Gradients<T>& gradients, double* grad_sink) {
  const Problem<T>& p = plan.p;
  const std::int64_t key_count = p.sequences.keys_of(task.b);
  const auto rows_of = [&](const View<T>& x, const std::int64_t* starts, int head) {
    return MutableRows<T>{plan.RowsOf(x, task.b, starts, head), x.time};
  };
  std::vector<HeadRows<T>> by_rows;
  std::vector<HeadGradients<T>> by_rows_grads;
  std::vector<HeadGroup<T>> groups;
  for (int kv_head = task.first_head; kv_head < task.end_head; ++kv_head) {
    HeadGroup<T> group{kv_head, {}, {}};
    HeadGradients<T> g;
    g.k = rows_of(gradients.k, p.sequences.key_starts, kv_head);
    g.v = rows_of(gradients.v, p.sequences.key_starts, kv_head);
    for (int h = kv_head * plan.group; h < (kv_head + 1) * plan.group; ++h) {
      g.grad_out = {plan.RowsOf(grad_out, task.b, p.sequences.query_starts, h), grad_out.time};
      g.q = rows_of(gradients.q, p.sequences.query_starts, h);
      g.sink_logit = grad_sink == nullptr ? nullptr : grad_sink + h;
      const bool rows = plan.ByRows(task.b, h);
      (rows ? by_rows : group.heads).push_back(plan.HeadOf(task.b, h, out, lse));
      (rows ? by_rows_grads : group.grads).push_back(g);
    }
    if (!group.heads.empty()) groups.push_back(std::move(group));
  }
  for (std::int64_t j = 0; j < key_count; ++j)
    for (int h = task.first_head; h < task.end_head; ++h) {
      std::fill_n(plan.RowsOf(gradients.k, task.b, p.sequences.key_starts, h) + j * gradients.k.time, p.dim,
                  T(0));
      std::fill_n(plan.RowsOf(gradients.v, task.b, p.sequences.key_starts, h) + j * gradients.v.time,
                  p.value_dim, T(0));
    }
  const T scale = static_cast<T>(*plan.params.scale);
  const auto by_row = [&]<bool kCapped>(std::bool_constant<kCapped>) {
    ForRows(plan, task, by_rows,
            [&](auto d, std::int64_t i, std::size_t h, const RowScalars<T>& row,
                const Segment<Stored>* segments, int n) HWY_ATTR {
              BackwardRow<kCapped>(d, row, scale, by_rows[h], by_rows_grads[h], i, segments, n);
            });
  };
  plan.params.soft_cap == 0 ? by_row(std::false_type()) : by_row(std::true_type());
  ForTiles(
      plan, context, true, task, groups,
      [&](const HeadGroup<T>& group, const KeyBlock<T>& block, std::int64_t first) {
        const auto rows = static_cast<std::ptrdiff_t>(std::min<std::int64_t>(kBlock, key_count - first));
        // Queries were packed with scale * log2(e).
        AddRows(block.grad_k, rows, p.dim, static_cast<T>(kLn2), group.grads.front().k, first);
        AddRows(block.grad_v, rows, p.value_dim, T(1), group.grads.front().v, first);
      },
      [&](const HeadGroup<T>& group, KeyBlocks<T, Stored>& keys, std::int64_t row0, std::ptrdiff_t rows) {
        for (std::size_t h = 0; h < group.heads.size(); ++h)
          BackwardBlockOfHead(group.heads[h], group.grads[h], row0, rows, scale, p.dim, p.value_dim, keys,
                              context.block.front());
      });
}

template <class T, class Stored>
void BackwardOf(const Problem<T>& p, const AttentionParams& params, const View<const T>& out, const T* lse,
                const View<const T>& grad_out, const Gradients<T>& gradients) {
  const Plan<T, Stored> plan(p, params);
  std::vector<double> sinks;  // [batch, heads], summed in that order below
  if (gradients.sink_logits != nullptr)
    sinks.assign(static_cast<std::size_t>(p.sequences.batch * p.heads), 0.0);
  // HeadRows serves both passes; this one only reads what forward wrote.
  const View<T> readable{const_cast<T*>(out.data), out.batch, out.time, out.head};
  Division(plan, false)
      .ForTasks(
          plan, [&] { return Context<T, Stored, BackwardBlock<T>>(plan); },
          [&](auto& context, const Task& task) {
            BackwardTask(plan, context, task, readable, const_cast<T*>(lse), grad_out, gradients,
                         sinks.empty() ? nullptr : sinks.data() + task.b * p.heads);
          });
  for (int h = 0; gradients.sink_logits != nullptr && h < p.heads; ++h) {
    double sum = 0;
    for (std::int64_t b = 0; b < p.sequences.batch; ++b)
      sum += sinks[static_cast<std::size_t>(b * p.heads + h)];
    gradients.sink_logits[h] = static_cast<T>(sum);
  }
}

void Backward(const Problem<Number>& p, const AttentionParams& params, const View<const Number>& out,
              const Number* lse, const View<const Number>& grad_out, const Gradients<Number>& gradients) {
  yore::kernels::note_target(HWY_TARGET);
  if constexpr (std::is_same_v<Number, float>) {
    if (p.storage == Storage::BFloat16)
      return BackwardOf<Number, hwy::bfloat16_t>(p, params, out, lse, grad_out, gradients);
    if (p.storage == Storage::Float16)
      return BackwardOf<Number, hwy::float16_t>(p, params, out, lse, grad_out, gradients);
  }
  BackwardOf<Number, Number>(p, params, out, lse, grad_out, gradients);
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers::kernel {

using yore::kernels::Number;
HWY_EXPORT(Backward);

template <>
void backward_unchecked(const Problem<Number>& p, const AttentionParams& params, View<const Number> out,
                        const Number* lse, View<const Number> grad_out, const Gradients<Number>& gradients) {
  HWY_DYNAMIC_DISPATCH(Backward)(p, params, out, lse, grad_out, gradients);
}

}  // namespace yore::mixers::kernel
#endif
