// Two heads over a sequence of 6 positions, from C++: one sees itself and the position before, one the whole
// past.
#include <cstdio>
#include <exception>

#include "yore/kernels/targets.h"
#include "yore/mixers/attention/kernel.h"

int main() {
  constexpr int kTime = 6, kHeads = 2, kDim = 4;
  float q[kTime][kHeads][kDim] = {}, k[kTime][kHeads][kDim] = {}, v[kTime][kHeads][1], out[kTime][kHeads][1];
  for (int i = 0; i < kTime; ++i)
    for (int h = 0; h < kHeads; ++h) v[i][h][0] = static_cast<float>(i);  // equal scores: a plain average
  yore::mixers::kernel::Problem<float> problem;
  problem.sequences = {.batch = 1, .queries = kTime, .keys = kTime};
  problem.heads = problem.kv_heads = kHeads;
  problem.dim = kDim;
  problem.value_dim = 1;
  problem.q = {&q[0][0][0], 0, kHeads * kDim, kDim};
  problem.k = {k, 0, kHeads * kDim, kDim};
  problem.v = {v, 0, kHeads, 1};
  yore::mixers::AttentionParams params;
  params.lookback = {1, yore::mixers::kGlobal};
  try {
    yore::mixers::kernel::forward<float>(problem, params, {&out[0][0][0], 0, kHeads, 1}, nullptr);
  } catch (const std::exception& refused) {
    return std::fprintf(stderr, "%s\n", refused.what()), 1;
  }
  for (int i = 0; i < kTime; ++i)
    std::printf("position %d: local %.1f, global %.1f\n", i, out[i][0][0], out[i][1][0]);
  std::printf("by %s\n", yore::kernels::chosen_target().c_str());
}
