// A tile of sums stays in registers: some outputs, each for two vectors of rows. So rows of x are packed into
// panels that run along a vector, and a weight, which is the same for all rows, is read and spread over one.
// That needs no weight to be moved, only to be widened: matrices are far larger than a prompt's rows.
#include "yore/mixers/common/wide_product.h"

#include <algorithm>

#include "yore/kernels/parallel.h"
#include "yore/kernels/targets.h"
#include "yore/kernels/workspace.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/common/wide_product.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace yore::kernels::HWY_NAMESPACE;  // lanes-inl.h

/// Rows of a panel, and outputs of a tile: 24 sums of 32 registers (AVX-512, NEON), or 12 of 16.
inline constexpr auto kPanel = static_cast<std::int64_t>(2 * kLanes<float>);
inline constexpr std::int64_t kTile = HWY_ARCH_X86 && HWY_TARGET > HWY_AVX3 ? 6 : 12;
/// Outputs of a task, rows that are packed at once, and inputs that are gone through at once: a panel and the
/// task's widened weights, 160 kB with AVX-512, stay in the second cache.
inline constexpr std::int64_t kOutputs = 48, kRows = 256, kDepth = 512;
/// From one widened row to the next: room for a whole last vector, and no multiple of what caches map to one
/// place.
inline constexpr std::int64_t kWideRow = kDepth + 16;

/// Rows first .. first + kPanel - 1 of p.x as [in, kPanel]; those that do not exist are zero.
HWY_INLINE void PackPanel(const NarrowProduct& p, std::int64_t first, float* to) {
  constexpr std::int64_t kAtOnce = 16;  // inputs: their rows of the panel stay in the first cache
  const std::int64_t rows = std::min(kPanel, p.rows - first);
  for (std::int64_t from = 0; from < p.in; from += kAtOnce) {
    const std::int64_t count = std::min(kAtOnce, p.in - from);
    for (std::int64_t r = 0; r < rows; ++r) {
      const float* x = p.x + (first + r) * p.x_row + from;
      float* column = to + from * kPanel + r;
      for (std::int64_t i = 0; i < count; ++i) column[i * kPanel] = x[i];
    }
    for (std::int64_t i = 0; i < count; ++i)
      std::fill(to + (from + i) * kPanel + rows, to + (from + i + 1) * kPanel, 0.0f);
  }
}

/// sums [kTile, kPanel] += weights [kTile, depth], kWideRow apart, times a panel's [depth, kPanel].
HWY_INLINE void AddTile(const float* HWY_RESTRICT panel, const float* HWY_RESTRICT weights,
                        std::int64_t depth, float* HWY_RESTRICT sums) {
  const Tag<float> d;
  constexpr auto kL = static_cast<std::int64_t>(kLanes<float>);
  hn::Vec<Tag<float>> low[kTile], high[kTile];
  for (std::int64_t o = 0; o < kTile; ++o) {
    low[o] = hn::Load(d, sums + o * kPanel);
    high[o] = hn::Load(d, sums + o * kPanel + kL);
  }
  for (std::int64_t i = 0; i < depth; ++i) {
    const auto x_low = hn::Load(d, panel + i * kPanel), x_high = hn::Load(d, panel + i * kPanel + kL);
    for (std::int64_t o = 0; o < kTile; ++o) {
      const auto w = hn::Set(d, weights[o * kWideRow + i]);
      low[o] = hn::MulAdd(w, x_low, low[o]);
      high[o] = hn::MulAdd(w, x_high, high[o]);
    }
  }
  for (std::int64_t o = 0; o < kTile; ++o) {
    hn::Store(low[o], d, sums + o * kPanel);
    hn::Store(high[o], d, sums + o * kPanel + kL);
  }
}

/// What a thread needs of its own.
struct WideScratch {
  hwy::AlignedFreeUniquePtr<float[]> weights = kernels::allocate_aligned<float>(kOutputs * kWideRow);
  hwy::AlignedFreeUniquePtr<float[]> sums = kernels::allocate_aligned<float>(kRows * kOutputs);
};

/// Inputs i .. i + depth - 1 of outputs o .. o + count - 1, widened, and zeros up to a whole tile.
HWY_INLINE void WidenRows(const NarrowProduct& p, std::int64_t o, std::int64_t count, std::int64_t i,
                          std::int64_t depth, float* to) {
  const Tag<float> d;
  for (std::int64_t k = 0; k < count; ++k) {
    const auto* from = reinterpret_cast<const hwy::bfloat16_t*>(p.weight + (o + k) * p.in + i);
    float* row = to + k * kWideRow;
    ForEachVector<float>(static_cast<std::size_t>(depth), [&](std::size_t at, std::size_t some) HWY_ATTR {
      hn::StoreU(some == kLanes<float> ? LoadStored(d, from + at) : LoadStoredFirst(d, from + at, some), d,
                 row + at);
    });
  }
  for (std::int64_t k = count; k % kTile != 0; ++k) std::fill_n(to + k * kWideRow, depth, 0.0f);
}

/// Outputs of one task for rows first .. first + rows - 1, which are packed.
HWY_INLINE void Outputs(const NarrowProduct& p, std::int64_t first, std::int64_t rows, const float* packed,
                        std::int64_t from, WideScratch& scratch) {
  const std::int64_t count = std::min(kOutputs, p.out - from), panels = (rows + kPanel - 1) / kPanel;
  float* sums = scratch.sums.get();  // [panels, kOutputs, kPanel]
  std::fill_n(sums, panels * kOutputs * kPanel, 0.0f);
  for (std::int64_t i = 0; i < p.in; i += kDepth) {
    const std::int64_t depth = std::min(kDepth, p.in - i);
    WidenRows(p, from, count, i, depth, scratch.weights.get());
    for (std::int64_t panel = 0; panel < panels; ++panel)
      for (std::int64_t o = 0; o < count; o += kTile)
        AddTile(packed + (panel * p.in + i) * kPanel, scratch.weights.get() + o * kWideRow, depth,
                sums + (panel * kOutputs + o) * kPanel);
  }
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* column = sums + r / kPanel * kOutputs * kPanel + r % kPanel;
    float* y = p.y + (first + r) * p.y_row + from;
    for (std::int64_t o = 0; o < count; ++o)
      y[o] = column[o * kPanel] + (p.bias == nullptr ? 0.0f : p.bias[from + o]);
  }
}

void WideProductOf(const NarrowProduct& p) {
  kernels::note_target(HWY_TARGET);
  const std::int64_t tasks = (p.out + kOutputs - 1) / kOutputs;
  const auto packed = kernels::allocate_aligned<float>(
      static_cast<std::size_t>((std::min(p.rows, kRows) + kPanel - 1) / kPanel * kPanel * p.in));
  for (std::int64_t first = 0; first < p.rows; first += kRows) {
    const std::int64_t rows = std::min(kRows, p.rows - first), panels = (rows + kPanel - 1) / kPanel;
    kernels::parallel_tasks(
        kernels::threads_for(p.threads, panels), panels, [] { return 0; },
        [&](int, std::int64_t panel) {
          PackPanel(p, first + panel * kPanel, packed.get() + panel * p.in * kPanel);
        });
    kernels::parallel_tasks(
        kernels::threads_for(p.threads, tasks), tasks, [] { return WideScratch(); },
        [&](WideScratch& scratch, std::int64_t task) {
          Outputs(p, first, rows, packed.get(), task * kOutputs, scratch);
        });
  }
}

}  // namespace yore::mixers::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers {

HWY_EXPORT(WideProductOf);

void wide_product(const NarrowProduct& p) {
  HWY_DYNAMIC_DISPATCH(WideProductOf)(p);
}

}  // namespace yore::mixers
#endif
