// The forward pass with products in bfloat16 (bfloat16.h), for the one target that has them. What a block
// computes is in bfloat16_tiles-inl.h, how the pass is divided in plan-inl.h, as for every other forward
// pass.
#include "yore/mixers/attention/bfloat16_forward.h"

#include <stdexcept>

#include "yore/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/attention/bfloat16_forward.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/mixers/attention/bfloat16_tiles-inl.h"
#include "yore/mixers/attention/plan-inl.h"

#if HWY_TARGET == HWY_AVX3
HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {

/// Heads that go by rows do so in float: a row is widened on its way in and rounded on its way out.
template <class Out>
class WideRow {
 public:
  WideRow(std::ptrdiff_t dim, std::ptrdiff_t value_dim)
      : q_(static_cast<std::size_t>(dim)), out_(static_cast<std::size_t>(Padded<float>(value_dim))) {}

  /// The head as rows-inl.h reads and writes it: one row, whatever its number.
  HeadRows<float> Of(HeadRows<float> head) {
    head.q = {q_.data(), 0};
    head.out = {out_.data(), 0};
    return head;
  }
  void Read(const Narrow* q) {
    for (std::size_t i = 0; i < q_.size(); ++i) q_[i] = hwy::F32FromBF16(q[i]);
  }
  void Write(std::ptrdiff_t value_dim, Out* out) const {
    if constexpr (std::is_same_v<Out, Narrow>)
      StoreNarrow(out_.data(), value_dim, 1.0F, out);
    else
      std::copy_n(out_.data(), value_dim, out);
  }

 private:
  std::vector<float> q_, out_;
};

using PairContext = Context<float, Narrow, PairForward, PairBlocks>;

template <class Out>
void PairTask(const Plan<float, Narrow>& plan, PairContext& context, const Task& task, const View<Out>& out,
              float* lse) {
  const Problem<float>& p = plan.p;
  WideRow<Out> wide(p.dim, p.value_dim);
  std::vector<HeadRows<float>> by_rows;
  std::vector<HeadGroup<float>> groups;
  for (int kv_head = task.first_head; kv_head < task.end_head; ++kv_head) {
    HeadGroup<float> group{kv_head, {}, {}};
    for (int h = kv_head * plan.group; h < (kv_head + 1) * plan.group; ++h) {
      const HeadRows<float> head = plan.HeadOf(task.b, h, View<float>(), lse);
      plan.ByRows(task.b, h) ? by_rows.push_back(wide.Of(head)) : group.heads.push_back(head);
    }
    if (!group.heads.empty()) groups.push_back(std::move(group));
  }
  const auto q_of = [&](int h) {
    return Rows<Narrow>{plan.RowsOf(plan.stored_q, task.b, p.sequences.query_starts, h), plan.stored_q.time};
  };
  const auto out_of = [&](int h) {
    return MutableRows<Out>{plan.RowsOf(out, task.b, p.sequences.query_starts, h), out.time};
  };
  const auto by_row = [&]<bool kCapped>(std::bool_constant<kCapped>) {
    ForRows(plan, task, by_rows,
            [&](auto d, std::int64_t i, std::size_t h, const RowScalars<float>& row,
                const Segment<Narrow>* segments, int n) HWY_ATTR {
              const int index = by_rows[h].index;
              const Rows<Narrow> q = q_of(index);
              const MutableRows<Out> to = out_of(index);
              wide.Read(q.data + i * q.time);
              ForwardRow<kCapped>(d, row, by_rows[h], i, segments, n, context.weight);
              wide.Write(p.value_dim, to.data + i * to.time);
            });
  };
  plan.params.soft_cap == 0 ? by_row(std::false_type()) : by_row(std::true_type());
  const auto scale = static_cast<float>(*plan.params.scale);
  ForTiles(
      plan, context, false, task, groups, [](const HeadGroup<float>&, const PairBlock&, std::int64_t) {},
      [&](const HeadGroup<float>& group, PairBlocks& keys, std::int64_t row0, std::ptrdiff_t rows) {
        for (const HeadRows<float>& head : group.heads)
          PairBlockOfHead(head, q_of(head.index), out_of(head.index), row0, rows, scale, p.dim, p.value_dim,
                          keys, context.block.front());
      });
}

template <class Out>
void PairForwardOf(const Bfloat16Problem& narrow, const AttentionParams& params, const View<Out>& out,
                   float* lse) {
  yore::kernels::note_target(HWY_TARGET);
  Problem<float> p;  // all but the queries
  p.sequences = narrow.sequences;
  p.heads = narrow.heads;
  p.kv_heads = narrow.kv_heads;
  p.dim = narrow.dim;
  p.value_dim = narrow.value_dim;
  p.k = {narrow.k.data, narrow.k.batch, narrow.k.time, narrow.k.head};
  p.v = {narrow.v.data, narrow.v.batch, narrow.v.time, narrow.v.head};
  p.storage = Storage::BFloat16;
  p.sink_logits = narrow.sink_logits;
  p.threads = narrow.threads;
  Plan<float, Narrow> plan(p, params);
  plan.stored_q = {reinterpret_cast<const Narrow*>(narrow.q.data), narrow.q.batch, narrow.q.time,
                   narrow.q.head};
  Division(plan, true)
      .ForTasks(
          plan, [&] { return PairContext(plan); },
          [&](auto& context, const Task& task) {
            if (task.first < task.end) PairTask(plan, context, task, out, lse);
          });
}

void ForwardInPairs(const Bfloat16Problem& p, const AttentionParams& params, const View<float>& out,
                    float* lse) {
  PairForwardOf(p, params, out, lse);
}
void ForwardInPairs(const Bfloat16Problem& p, const AttentionParams& params, const View<std::uint16_t>& out,
                    float* lse) {
  PairForwardOf(p, params, View<Narrow>{reinterpret_cast<Narrow*>(out.data), out.batch, out.time, out.head},
                lse);
}

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#if HWY_ONCE
namespace yore::mixers::kernel {

#if HWY_TARGETS & HWY_AVX3
bool compiled_bfloat16_forward() {
  return true;
}
void forward_bfloat16_unchecked(const Bfloat16Problem& p, const AttentionParams& params, View<float> out,
                                float* lse) {
  N_AVX3::ForwardInPairs(p, params, out, lse);
}
void forward_bfloat16_unchecked(const Bfloat16Problem& p, const AttentionParams& params,
                                View<std::uint16_t> out, float* lse) {
  N_AVX3::ForwardInPairs(p, params, out, lse);
}
#else  // other processors, and builds of one target alone
bool compiled_bfloat16_forward() {
  return false;
}
void forward_bfloat16_unchecked(const Bfloat16Problem&, const AttentionParams&, View<float>, float*) {
  throw std::logic_error("forward_bfloat16_unchecked: not compiled");
}
void forward_bfloat16_unchecked(const Bfloat16Problem&, const AttentionParams&, View<std::uint16_t>, float*) {
  throw std::logic_error("forward_bfloat16_unchecked: not compiled");
}
#endif

}  // namespace yore::mixers::kernel
#endif
