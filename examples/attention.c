/* Two heads over a sequence of 6 positions, from C: one sees itself and the position before, one the whole
 * past. */
#include <stdio.h>

#include "yore/mixers/attention/c_api.h"

enum { kTime = 6, kHeads = 2, kDim = 4 };

int main(void) {
  float q[kTime][kHeads][kDim] = {0}, k[kTime][kHeads][kDim] = {0}, v[kTime][kHeads][1],
        out[kTime][kHeads][1];
  for (int i = 0; i < kTime; ++i)
    for (int h = 0; h < kHeads; ++h) v[i][h][0] = (float)i; /* equal scores: a head averages what it sees */
  const int32_t lookback[kHeads] = {1, -1};
  yore_attention a = {
      .size = sizeof a, .type = YORE_F32, .kv_type = YORE_F32, .batch = 1, .queries = kTime, .keys = kTime};
  a.heads = a.kv_heads = kHeads;
  a.dim = kDim;
  a.value_dim = 1;
  a.q.data = q;
  a.k.data = k;
  a.v.data = v;
  a.lookback = lookback;
  if (yore_attention_forward(&a, (yore_output){.data = out}, NULL) != YORE_OK) {
    fprintf(stderr, "%s\n", yore_last_error());
    return 1;
  }
  for (int i = 0; i < kTime; ++i)
    printf("position %d: local %.1f, global %.1f\n", i, out[i][0][0], out[i][1][0]);
  a.kv_heads = 3; /* a mistake, and what is said about it */
  if (yore_attention_forward(&a, (yore_output){.data = out}, NULL) != YORE_OK) puts(yore_last_error());
  return 0;
}
