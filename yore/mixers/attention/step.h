// Attention of a single query over keys that lie in a few pieces of memory: a step of decoding.
#pragma once
#include <cstdint>

#include "yore/mixers/attention/kernel.h"

namespace yore::mixers::kernel {

/// `count` visible keys and values, `k_time` and `v_time` elements apart, the first of them at position
/// `first`.
struct KeyPiece {
  const void* k;
  const void* v;
  std::int64_t k_time, v_time;
  std::int64_t first, count;
};

/// Most pieces a step may have: sinks, the ring before and after its wrap, the token itself.
inline constexpr int kMostPieces = 4;
/// Numbers of scratch memory a step needs beyond one a visible key.
inline constexpr std::int64_t kStepSlack = 64;

template <class T>
struct Step {
  int dim, value_dim;
  Storage storage;  ///< of keys and values
  T scale, slope;
  double soft_cap;        ///< 0 = none
  T sink_logit;           ///< minus infinity = none
  std::int64_t position;  ///< of the query
};

/// Writes out [value_dim]; 0 if nothing is visible. `scratch` has room for all visible keys and kStepSlack
/// more. Checks nothing: AttentionState (decode.h) does.
template <class T>
void step_unchecked(const Step<T>& row, const T* q, const KeyPiece* pieces, int count, T* scratch, T* out);

}  // namespace yore::mixers::kernel
