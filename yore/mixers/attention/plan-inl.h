// What the two passes share above their blocks: which heads go by rows and which by tiles, the order in which
// blocks are taken, and the division of a pass into tasks for threads.
#if defined(YORE_ATTENTION_PLAN_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef YORE_ATTENTION_PLAN_INL_H_
#undef YORE_ATTENTION_PLAN_INL_H_
#else
#define YORE_ATTENTION_PLAN_INL_H_
#endif

#include <algorithm>
#include <vector>

#include "yore/kernels/parallel.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/attention/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::kernel::HWY_NAMESPACE {

/// Windows of up to this many keys go row by row, and so do calls of up to kFewQueries queries a sequence:
/// packing keys into tiles would cost more than it saves (docs/performance.md).
constexpr std::int64_t kNarrow = 8, kFewQueries = 3;

/// What follows from a problem and its parameters for all tasks.
template <class T, class Stored>
struct Plan {
  const Problem<T>& p;
  const AttentionParams& params;
  int group;
  std::int64_t longest_keys = 0, longest_queries = 0;
  KeySizes sizes{};  ///< enough for every task
  /// Queries that lie as keys do, where T's own in the problem are not given (bfloat16.h).
  View<const Stored> stored_q{};

  Plan(const Problem<T>& problem, const AttentionParams& a)
      : p(problem), params(a), group(problem.heads / std::max(1, problem.kv_heads)) {
    for (std::int64_t b = 0; b < p.sequences.batch; ++b) {
      longest_keys = std::max(longest_keys, p.sequences.keys_of(b));
      longest_queries = std::max(longest_queries, p.sequences.queries_of(b));
      if (!p.sequences.packed()) break;
    }
    std::int64_t reach = 0;
    bool sinks = false;
    for (int h = 0; h < p.heads; ++h) {
      const std::int64_t lookback = params.lookback[static_cast<std::size_t>(h)];
      reach = std::max(reach, lookback < 0 ? longest_keys : lookback + kQueries + 1);
      sinks = sinks || (lookback >= 0 && params.sinks > 0);
    }
    sizes = {p.dim, p.value_dim, longest_keys, std::min(reach, longest_keys), sinks ? params.sinks : 0};
  }

  Visible VisibleOf(std::int64_t b, int h) const {
    return {params.lookback[static_cast<std::size_t>(h)], params.strict, params.sinks,
            p.sequences.keys_of(b) - p.sequences.queries_of(b)};
  }
  T SlopeOf(int h) const {
    return params.alibi_slopes.empty() ? T(0)
                                       : static_cast<T>(params.alibi_slopes[static_cast<std::size_t>(h)]);
  }
  T SinkOf(int h) const { return p.sink_logits == nullptr ? kNone<T> : p.sink_logits[h]; }
  /// Whether head h of sequence b goes row by row.
  bool ByRows(std::int64_t b, int h) const {
    const std::int64_t lookback = params.lookback[static_cast<std::size_t>(h)];
    const std::int64_t window = lookback < 0 ? longest_keys : lookback + (params.strict ? 0 : 1);
    return p.sequences.queries_of(b) <= kFewQueries ||
           std::min(window + params.sinks, p.sequences.keys_of(b)) <= kNarrow;
  }

  /// Null where there are no rows at all, and so no array.
  template <class X>
  X* RowsOf(const View<X>& x, std::int64_t b, const std::int64_t* starts, int h) const {
    if (x.data == nullptr) return nullptr;
    return x.data + (starts != nullptr ? starts[b] * x.time : b * x.batch) + h * x.head;
  }
  Rows<Stored> StoredRows(const View<const void>& x, std::int64_t b, int h) const {
    const View<const Stored> typed{static_cast<const Stored*>(x.data), x.batch, x.time, x.head};
    return {RowsOf(typed, b, p.sequences.key_starts, h), x.time};
  }
  HeadRows<T> HeadOf(std::int64_t b, int h, const View<T>& out, T* lse) const {
    HeadRows<T> head;
    head.index = h;
    head.mask = VisibleOf(b, h);
    head.slope = SlopeOf(h);
    head.sink_logit = SinkOf(h);
    head.cap = Cap<T>(params.soft_cap);
    head.q = {RowsOf(p.q, b, p.sequences.query_starts, h), p.q.time};
    head.out = {RowsOf(out, b, p.sequences.query_starts, h), out.time};
    head.lse = lse == nullptr ? nullptr : lse + p.sequences.first_row(b) * p.heads + h;
    head.lse_step = p.heads;
    return head;
  }
  RowScalars<T> ScalarsOf(const HeadRows<T>& head) const {
    const T log2e = static_cast<T>(kLog2e);
    return {p.dim,
            p.value_dim,
            static_cast<T>(*params.scale) * log2e,
            head.slope * log2e,
            head.sink_logit * log2e,
            head.cap,
            0};
  }
  /// Whether windows are so short that the packed blocks of all heads together stay in the outer caches.
  bool InTurn() const {
    constexpr std::int64_t kShortReach = 1024;
    return sizes.reach <= kShortReach;
  }
  /// Most keys that one query sees row by row.
  std::ptrdiff_t MostWeights() const {
    std::int64_t most = 0;
    for (int h = 0; h < p.heads; ++h) {
      const std::int64_t lookback = params.lookback[static_cast<std::size_t>(h)];
      most = std::max(most, lookback < 0 ? longest_keys : lookback + 1 + params.sinks);
    }
    return static_cast<std::ptrdiff_t>(std::min(most, longest_keys)) + kL<T>;
  }
};

/// Memory of a thread. What tiles need is made when the first is met.
template <class T, class Stored, class Block, class Keys = KeyBlocks<T, Stored>>
struct Context {
  Workspace workspace;
  T* weight;
  std::vector<Keys> keys;
  std::vector<Block> block;

  explicit Context(const Plan<T, Stored>& plan) : weight(workspace.Take<T>(plan.MostWeights())) {}
  void NeedTiles(const Plan<T, Stored>& plan, bool backward, int heads) {
    while (keys.size() < static_cast<std::size_t>(heads)) keys.emplace_back(plan.sizes, backward, workspace);
    if (block.empty()) block.emplace_back(plan.sizes.dim, plan.sizes.value_dim, workspace);
  }
};

/// A task: kv heads first_head .. end_head - 1 of sequence b, queries first .. end - 1.
struct Task {
  std::int64_t b;
  int first_head, end_head;
  std::int64_t first, end;
};

/// Heads of the task that go row by row, one query of all of them after another: neighbours in memory.
template <class T, class Stored, class Each>
void ForRows(const Plan<T, Stored>& plan, const Task& task, const std::vector<HeadRows<T>>& heads,
             const Each& each) {
  if (heads.empty()) return;
  const Problem<T>& p = plan.p;
  std::vector<Rows<Stored>> k, v;
  std::vector<RowScalars<T>> scalars;
  for (const HeadRows<T>& head : heads) {
    k.push_back(plan.StoredRows(p.k, task.b, head.index / plan.group));
    v.push_back(plan.StoredRows(p.v, task.b, head.index / plan.group));
    scalars.push_back(plan.ScalarsOf(head));
  }
  WithLanesFor<T>(p.dim, p.value_dim, [&](auto d) HWY_ATTR {
    std::array<Segment<Stored>, 2> segments;
    for (std::int64_t i = task.first; i < task.end; ++i)
      for (std::size_t h = 0; h < heads.size(); ++h) {
        scalars[h].position = i + heads[h].mask.offset;
        const int n = SegmentsOf(heads[h].mask, i, k[h], v[h], segments);
        each(d, i, h, scalars[h], segments.data(), n);
      }
  });
}

/// The heads of one kv head that go by tiles.
template <class T>
struct HeadGroup {
  int kv_head;
  std::vector<HeadRows<T>> heads;
  std::vector<HeadGradients<T>> grads;  ///< backward only
};

/// Makes the keys available that the heads of a group see from queries row0 .. end - 1.
template <class T, class Keys, class Flush>
void ReachKeys(Keys& keys, const std::vector<HeadRows<T>>& heads, std::int64_t row0, std::int64_t end,
               std::int64_t key_count, const Flush& flush) {
  Interval seen{key_count, 0};
  for (const HeadRows<T>& head : heads) {
    seen.first = std::min(seen.first, head.mask.window(row0).first);
    seen.end = std::max(seen.end, head.mask.window(end - 1).end);
    if (head.mask.sinks > 0 && !head.mask.sink(end - 1).empty()) keys.ReachSinks();
  }
  keys.Reach(seen, flush);
}

/// Rows of neighbouring heads that are to be read from one end to the other.
struct Touched {
  const char* row;
  std::int64_t step;  ///< bytes from row to row
  std::size_t bytes;  ///< of a row; 0 if there is nothing to gain
  std::int64_t rows;

  template <class X>
  Touched(Rows<X> first_head, std::int64_t head_stride, int heads, int dim, std::int64_t first,
          std::int64_t end)
      : row(nullptr),
        step(first_head.time * static_cast<std::int64_t>(sizeof(X))),
        bytes(0),
        rows(end - first) {
    if (heads < 2 || head_stride != dim || rows < 1) return;  // heads do not lie side by side
    row = reinterpret_cast<const char*>(first_head.data + first * first_head.time);
    bytes = static_cast<std::size_t>(heads) * static_cast<std::size_t>(dim) * sizeof(X);
  }
  void Touch(std::int64_t r) const {
    constexpr std::size_t kLine = 64;
    const volatile char* line = row + r * step;
    for (std::size_t i = 0; i < bytes; i += kLine) static_cast<void>(line[i]);
  }
};

/// Reads the task's heads of queries row0 .. end - 1, and of the keys and values that these are the first to
/// see. Packing reads one head's part of each row, which memory serves at less than half the rate of whole
/// rows; after this it finds them in the cache. The three arrays take turns, so that the processor fetches
/// ahead in all of them. (Doing the same for what backward reads besides, or for out before it is written,
/// gained nothing.)
template <class T, class Stored>
void TouchBlock(const Plan<T, Stored>& plan, const Task& task, std::int64_t row0, std::int64_t end) {
  const Problem<T>& p = plan.p;
  const std::int64_t keys = p.sequences.keys_of(task.b), offset = keys - p.sequences.queries_of(task.b);
  const std::int64_t key = std::clamp<std::int64_t>(row0 + offset, 0, keys),
                     key_end = std::clamp<std::int64_t>(end + offset, 0, keys);
  const int head = task.first_head, heads = task.end_head - head;
  const auto queries = [&]<class X>(const View<const X>& q) {
    const Rows<X> rows{plan.RowsOf(q, task.b, p.sequences.query_starts, head * plan.group), q.time};
    return Touched(rows, q.head, heads * plan.group, p.dim, row0, end);
  };
  const Touched all[] = {
      {plan.StoredRows(p.k, task.b, head), p.k.head, heads, p.dim, key, key_end},
      {plan.StoredRows(p.v, task.b, head), p.v.head, heads, p.value_dim, key, key_end},
      plan.stored_q.data == nullptr ? queries(p.q) : queries(plan.stored_q),
  };
  for (std::int64_t r = 0; r < end - row0; ++r)
    for (const Touched& rows : all)
      if (r < rows.rows) rows.Touch(r);
}

/// The tiled heads of a task, a block of queries at a time: each(group, keys, row0, rows); flush(group,
/// block, first key). With short windows all heads take a block in turn: heads of [B, T, H, D] share pages
/// and lines of memory, and one head at a time over the whole sequence would wait for memory on every row
/// (docs/performance.md).
template <class T, class Stored, class Context, class Flush, class Each>
void ForTiles(const Plan<T, Stored>& plan, Context& context, bool backward, const Task& task,
              const std::vector<HeadGroup<T>>& groups, const Flush& flush, const Each& each) {
  if (groups.empty()) return;
  const bool in_turn = plan.InTurn();
  context.NeedTiles(plan, backward, in_turn ? static_cast<int>(groups.size()) : 1);
  const std::int64_t keys = plan.p.sequences.keys_of(task.b);
  const auto begin = [&](const HeadGroup<T>& group, auto& blocks) {
    blocks.Begin(plan.StoredRows(plan.p.k, task.b, group.kv_head),
                 plan.StoredRows(plan.p.v, task.b, group.kv_head), keys);
  };
  const auto flush_to = [&](const HeadGroup<T>& group) {
    return [&](const auto& block, std::int64_t key) { flush(group, block, key); };
  };
  const auto run = [&](std::size_t first_group, std::size_t end_group) {
    for (std::size_t g = first_group; g < end_group; ++g) begin(groups[g], context.keys[g - first_group]);
    for (std::int64_t row0 = task.first; row0 < task.end; row0 += kQueries) {
      const std::int64_t end = std::min<std::int64_t>(row0 + kQueries, task.end);
      if (in_turn) TouchBlock(plan, task, row0, end);
      for (std::size_t g = first_group; g < end_group; ++g)  // all keys first: neighbours in memory
        ReachKeys(context.keys[g - first_group], groups[g].heads, row0, end, keys, flush_to(groups[g]));
      for (std::size_t g = first_group; g < end_group; ++g)
        each(groups[g], context.keys[g - first_group], row0, static_cast<std::ptrdiff_t>(end - row0));
    }
    for (std::size_t g = first_group; g < end_group; ++g)
      context.keys[g - first_group].Finish(flush_to(groups[g]));
  };
  if (in_turn) return run(0, groups.size());
  for (std::size_t g = 0; g < groups.size(); ++g) run(g, g + 1);
}

/// How a pass is divided for `threads` threads: kv heads of a sequence into `parts`, queries into pieces of
/// `chunk`. Blocks, and the order of every sum, are the same however it is divided.
struct Division {
  int threads, parts;
  std::int64_t chunk, chunks;

  template <class T, class Stored>
  Division(const Plan<T, Stored>& plan, bool may_cut_queries) {
    const Problem<T>& p = plan.p;
    const std::int64_t longest = std::max<std::int64_t>(1, plan.longest_queries);
    const std::int64_t most_chunks = may_cut_queries ? (longest + 1023) / 1024 : 1;
    threads = yore::kernels::threads_for(p.threads, p.sequences.batch * p.kv_heads * most_chunks);
    // Several pieces a thread, since they differ in cost; but heads that take turns (ForTiles) are kept
    // together, as far as there is enough for every thread, and their queries cut instead.
    const std::int64_t wanted = threads == 1 ? 1 : 4 * threads;
    const std::int64_t most_parts = plan.InTurn() ? threads : wanted;
    const std::int64_t batch = std::max<std::int64_t>(1, p.sequences.batch);
    parts = static_cast<int>(
        std::clamp<std::int64_t>((most_parts + batch - 1) / batch, 1, std::max(1, p.kv_heads)));
    chunks = std::clamp<std::int64_t>((wanted + batch * parts - 1) / (batch * parts), 1, most_chunks);
    // Pieces that all cost the same need no spares; and every cut packs the keys before it once more.
    const bool even = plan.InTurn() && (!p.sequences.packed() || batch == 1) && p.kv_heads % parts == 0 &&
                      std::all_of(plan.params.lookback.begin(), plan.params.lookback.end(),
                                  [&](int lookback) { return lookback == plan.params.lookback.front(); });
    if (even && batch * parts % threads == 0) chunks = 1;
    chunk = (longest + chunks - 1) / chunks;
    chunk = (chunk + kQueries - 1) / kQueries * kQueries;
  }
  /// run(context, task) for all tasks.
  template <class T, class Stored, class MakeContext, class Run>
  void ForTasks(const Plan<T, Stored>& plan, const MakeContext& make_context, const Run& run) const {
    const Problem<T>& p = plan.p;
    // As many empty sequences as one likes take no room, and shall take no time.
    if (!p.sequences.packed() && p.sequences.queries == 0 && p.sequences.keys == 0) return;
    yore::kernels::parallel_tasks(
        threads, p.sequences.batch * parts * chunks, make_context, [&](auto& context, std::int64_t index) {
          const std::int64_t b = index / (parts * chunks), piece = index % chunks;
          const auto part = static_cast<int>(index / chunks % parts);
          const Task task{b, part * p.kv_heads / parts, (part + 1) * p.kv_heads / parts, piece * chunk,
                          std::min((piece + 1) * chunk, p.sequences.queries_of(b))};
          run(context, task);
        });
  }
};

}  // namespace yore::mixers::kernel::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
