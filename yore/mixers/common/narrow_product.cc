#include "yore/mixers/common/narrow_product.h"

#include "yore/kernels/parallel.h"
#include "yore/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yore/mixers/common/narrow_product.cc"
#include <hwy/foreach_target.h>
// After foreach_target.h.
#include "yore/kernels/lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace yore::mixers::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;
using namespace yore::kernels::HWY_NAMESPACE;  // lanes-inl.h

/// Outputs that a task owns, and that are summed side by side.
inline constexpr std::int64_t kBlock = 64, kSide = 4;

template <std::int64_t Rows, std::int64_t Side>
using Sums = hn::Vec<Tag<float>>[Rows][Side];

/// Adds what `count` inputs (a whole vector, or fewer) from i on give.
template <bool Whole, std::int64_t Rows, std::int64_t Side>
HWY_INLINE void Take(const float* x, std::int64_t x_row, const hwy::bfloat16_t* weight, std::int64_t in,
                     std::size_t count, Sums<Rows, Side>& sums) {
  const Tag<float> d;
  hn::Vec<Tag<float>> rows[Rows];
  for (std::int64_t k = 0; k < Rows; ++k)
    rows[k] = Whole ? hn::LoadU(d, x + k * x_row) : LoadStoredFirst(d, x + k * x_row, count);
  for (std::int64_t s = 0; s < Side; ++s) {
    const auto w = Whole ? LoadStored(d, weight + s * in) : LoadStoredFirst(d, weight + s * in, count);
    for (std::int64_t k = 0; k < Rows; ++k) sums[k][s] = hn::MulAdd(rows[k], w, sums[k][s]);
  }
}

/// Outputs o .. o + Side - 1 of rows r .. r + Rows - 1. Each is the sum of two vectors of sums over every
/// other vector of inputs, whatever Rows and Side are.
template <std::int64_t Rows, std::int64_t Side>
HWY_INLINE void Tile(const NarrowProduct& p, std::int64_t r, std::int64_t o) {
  const Tag<float> d;
  constexpr auto kL = static_cast<std::int64_t>(kLanes<float>);
  Sums<Rows, Side> even, odd;
  for (std::int64_t k = 0; k < Rows; ++k)
    for (std::int64_t s = 0; s < Side; ++s) even[k][s] = odd[k][s] = hn::Zero(d);
  const float* x = p.x + r * p.x_row;
  const auto* weight = reinterpret_cast<const hwy::bfloat16_t*>(p.weight + o * p.in);
  std::int64_t i = 0;
  for (; i + 2 * kL <= p.in; i += 2 * kL) {
    Take<true, Rows, Side>(x + i, p.x_row, weight + i, p.in, 0, even);
    Take<true, Rows, Side>(x + i + kL, p.x_row, weight + i + kL, p.in, 0, odd);
  }
  const auto left = [&] { return static_cast<std::size_t>(std::min(kL, p.in - i)); };
  if (i < p.in) Take<false, Rows, Side>(x + i, p.x_row, weight + i, p.in, left(), even);
  i += kL;
  if (i < p.in) Take<false, Rows, Side>(x + i, p.x_row, weight + i, p.in, left(), odd);
  for (std::int64_t k = 0; k < Rows; ++k)
    for (std::int64_t s = 0; s < Side; ++s)
      p.y[(r + k) * p.y_row + o + s] =
          Sum<float>(hn::Add(even[k][s], odd[k][s])) + (p.bias == nullptr ? 0.0f : p.bias[o + s]);
}

template <std::int64_t Rows>
HWY_INLINE void Outputs(const NarrowProduct& p, std::int64_t r, std::int64_t from, std::int64_t to) {
  std::int64_t o = from;
  for (; o + kSide <= to; o += kSide) Tile<Rows, kSide>(p, r, o);
  for (; o < to; ++o) Tile<Rows, 1>(p, r, o);
}

void NarrowProductOf(const NarrowProduct& p) {
  kernels::note_target(HWY_TARGET);
  const std::int64_t tasks = (p.out + kBlock - 1) / kBlock;
  kernels::parallel_tasks(
      kernels::threads_for(p.threads, tasks), tasks, [] { return 0; },
      [&](int, std::int64_t task) {
        const std::int64_t from = task * kBlock, to = std::min(p.out, from + kBlock);
        std::int64_t r = 0;
        for (; r + 2 <= p.rows; r += 2) Outputs<2>(p, r, from, to);
        if (r < p.rows) Outputs<1>(p, r, from, to);
      });
}

}  // namespace yore::mixers::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::mixers {

HWY_EXPORT(NarrowProductOf);

void narrow_product(const NarrowProduct& p) {
  HWY_DYNAMIC_DISPATCH(NarrowProductOf)(p);
}

}  // namespace yore::mixers
#endif
