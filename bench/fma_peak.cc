// Fused multiply-adds on registers alone, compiled for every SIMD target the kernels are compiled for.
#include "yore/kernels/targets.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/fma_peak.cc"
#include <hwy/foreach_target.h>
// Highway asks for its own header after the line above.
#include <hwy/highway.h>

#include <benchmark/benchmark.h>

#include "bench/ceilings.h"

HWY_BEFORE_NAMESPACE();
namespace yore::bench {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// Twelve chains: two units of latency four need eight, and sixteen registers hold twelve and two constants.
double Chains(std::int64_t rounds, float* sum) {
  const hn::ScalableTag<float> d;
  const auto x = hn::Set(d, 0.5F), y = hn::Set(d, 0.25F);
  // They start differently, or the compiler would keep one of them.
  const auto start = [&](int n) { return hn::Set(d, static_cast<float>(n) / 16.0F); };
  auto a0 = start(0), a1 = start(1), a2 = start(2), a3 = start(3), a4 = start(4), a5 = start(5);
  auto a6 = start(6), a7 = start(7), a8 = start(8), a9 = start(9), a10 = start(10), a11 = start(11);
  for (std::int64_t i = 0; i < rounds; ++i) {
    a0 = hn::MulAdd(x, a0, y), a1 = hn::MulAdd(x, a1, y), a2 = hn::MulAdd(x, a2, y);
    a3 = hn::MulAdd(x, a3, y), a4 = hn::MulAdd(x, a4, y), a5 = hn::MulAdd(x, a5, y);
    a6 = hn::MulAdd(x, a6, y), a7 = hn::MulAdd(x, a7, y), a8 = hn::MulAdd(x, a8, y);
    a9 = hn::MulAdd(x, a9, y), a10 = hn::MulAdd(x, a10, y), a11 = hn::MulAdd(x, a11, y);
  }
  for (const auto& a : {a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11}) *sum += hn::GetLane(a);
  return 2.0 * 12 * static_cast<double>(rounds) * static_cast<double>(hn::Lanes(d));
}

}  // namespace HWY_NAMESPACE
}  // namespace yore::bench
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace yore::bench {
HWY_EXPORT(Chains);

double fma_chains(std::int64_t rounds) {
  float sum = 0;
  const double flops = HWY_DYNAMIC_DISPATCH(Chains)(rounds, &sum);
  benchmark::DoNotOptimize(sum);
  return flops;
}

}  // namespace yore::bench
#endif
