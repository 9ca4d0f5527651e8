// Memory read once by plain loads and additions, compiled for every SIMD target the kernels are compiled for.
#include "yore/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/read_rate.cc"
#include <hwy/foreach_target.h>
// Highway asks for its own header after the line above.
#include <hwy/highway.h>

#include <benchmark/benchmark.h>

#include "bench/ceilings.h"

HWY_BEFORE_NAMESPACE();
namespace yore::bench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Eight loads in flight a round; what is left at the end is less than a page.
void Add(const float* from, std::size_t count, float* sum) {
  const hn::ScalableTag<float> d;
  const std::size_t lanes = hn::Lanes(d);
  auto a0 = hn::Zero(d), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0, a7 = a0;
  const auto take = [&](auto& a, std::size_t place) { a = hn::Add(a, hn::LoadU(d, from + place * lanes)); };
  for (const float* end = from + count; from + 8 * lanes <= end; from += 8 * lanes) {
    take(a0, 0), take(a1, 1), take(a2, 2), take(a3, 3);
    take(a4, 4), take(a5, 5), take(a6, 6), take(a7, 7);
  }
  for (const auto& a : {a0, a1, a2, a3, a4, a5, a6, a7}) *sum += hn::GetLane(a);
}

}  // namespace HWY_NAMESPACE
}  // namespace yore::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::bench {
HWY_EXPORT(Add);

void Read::run(int threads) {
  on_threads(threads, [&](int thread) {
    const std::size_t part = from_.size() / static_cast<std::size_t>(threads);
    float sum = 0;
    HWY_DYNAMIC_DISPATCH(Add)(from_.data() + static_cast<std::size_t>(thread) * part, part, &sum);
    benchmark::DoNotOptimize(sum);
  });
}

}  // namespace yore::bench
#endif
