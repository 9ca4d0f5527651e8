// The forward pass for every target: what a task computes is in rows-inl.h and forward_tiles-inl.h, how the
// pass is divided in plan-inl.h.
#include "yore/kernels/number.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/attention/kernel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/attention/forward.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/mixers/attention/forward_tiles-inl.h"
#include "yore/mixers/attention/plan-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {

using yore::kernels::Number;  // this file is compiled twice: as it is, and by forward_double.cc

template <class T, class Stored>
void ForwardTask(const Plan<T, Stored>& plan, Context<T, Stored, ForwardBlock<T>>& context, const Task& task,
                 const View<T>& out, T* lse) {
  const Problem<T>& p = plan.p;
  std::vector<HeadRows<T>> by_rows;
  std::vector<HeadGroup<T>> groups;
  for (int kv_head = task.first_head; kv_head < task.end_head; ++kv_head) {
    HeadGroup<T> group{kv_head, {}, {}};
    for (int h = kv_head * plan.group; h < (kv_head + 1) * plan.group; ++h)
      (plan.ByRows(task.b, h) ? by_rows : group.heads).push_back(plan.HeadOf(task.b, h, out, lse));
    if (!group.heads.empty()) groups.push_back(std::move(group));
  }
  const auto by_row = [&]<bool kCapped>(std::bool_constant<kCapped>) {
    ForRows(plan, task, by_rows,
            [&](auto d, std::int64_t i, std::size_t h, const RowScalars<T>& row,
                const Segment<Stored>* segments, int n)
                HWY_ATTR { ForwardRow<kCapped>(d, row, by_rows[h], i, segments, n, context.weight); });
  };
  plan.params.soft_cap == 0 ? by_row(std::false_type()) : by_row(std::true_type());
  const T scale = static_cast<T>(*plan.params.scale);
  ForTiles(
      plan, context, false, task, groups, [](const HeadGroup<T>&, const KeyBlock<T>&, std::int64_t) {},
      [&](const HeadGroup<T>& group, KeyBlocks<T, Stored>& keys, std::int64_t row0, std::ptrdiff_t rows) {
        for (const HeadRows<T>& head : group.heads)
          ForwardBlockOfHead(head, row0, rows, scale, p.dim, p.value_dim, keys, context.block.front());
      });
}

template <class T, class Stored>
void ForwardOf(const Problem<T>& p, const AttentionParams& params, const View<T>& out, T* lse) {
  const Plan<T, Stored> plan(p, params);
  Division(plan, true)
      .ForTasks(
          plan, [&] { return Context<T, Stored, ForwardBlock<T>>(plan); },
          [&](auto& context, const Task& task) {
            if (task.first < task.end) ForwardTask(plan, context, task, out, lse);
          });
}

void Forward(const Problem<Number>& p, const AttentionParams& params, const View<Number>& out, Number* lse) {
  yore::kernels::note_target(HWY_TARGET);
  if constexpr (std::is_same_v<Number, float>) {
    if (p.storage == Storage::BFloat16) return ForwardOf<Number, hwy::bfloat16_t>(p, params, out, lse);
    if (p.storage == Storage::Float16) return ForwardOf<Number, hwy::float16_t>(p, params, out, lse);
  }
  ForwardOf<Number, Number>(p, params, out, lse);
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers::kernel {

using yore::kernels::Number;
HWY_EXPORT(Forward);

template <>
void forward_unchecked(const Problem<Number>& p, const AttentionParams& params, View<Number> out,
                       Number* lse) {
  HWY_DYNAMIC_DISPATCH(Forward)(p, params, out, lse);
}

}  // namespace yore::mixers::kernel
#endif
