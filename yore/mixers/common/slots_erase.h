// Erase::Delta of slots.h, on the delta rule of the scan. Derivation: math.md.
#pragma once
#include <vector>

#include "yore/mixers/common/slots.h"

namespace yore::mixers::slots {

/// What slots give for each token's weights before it, K^T w: [N, heads, key_dim]. `few` = a few tokens over
/// a state, which are then taken one by one.
template <class T>
std::vector<T> erased_keys(const Problem<T>& problem, bool few);

/// The keys k - erased, [N, heads, key_dim].
template <class T>
std::vector<T> without_erased(const Problem<T>& problem, const std::vector<T>& erased);

/// From the gradients of logits those of q and k, and of write and initial_k unless they are null in `to`.
template <class T>
void erased_gradients(const Problem<T>& problem, scan::Rows<const T> to_logits, const T* grad_final_k,
                      const Gradients<T>& to);

}  // namespace yore::mixers::slots
