// Memory in slots: M keys and values a head that are written to by weights and fade, and are read by a
// softmax over the slots. Two scans around a softmax; what a mechanism adds is where weights and decays come
// from. No torch. Derivation: math.md.
//
//   K_t = diag(decay_t) K_{t-1} + w_t k_t^T        [slots, key_dim]
//   V_t = diag(decay_t) V_{t-1} + w_t v_t^T        [slots, value_dim]
//   p_t = softmax over m of (scale K_t q_t / z_t + log z_t)[m]
//   o_t = V_t^T (p_t / z_t)
//
// z_t is 1, or how much has been written into each slot (`filled`): then a slot is read as the mean of what
// was written, weighs in by how much that was, and is not seen where it is 0 or less. A token that sees no
// slot gives 0. A `bias` of each slot may be added to the logits.
//
// Instead of fading, slots may be erased as the delta rule does (Erase::Delta), w_t being what a token is
// stored under:
//
//   K_t = K_{t-1} - w_t (w_t^T K_{t-1}) + w_t k_t^T,  V_t likewise
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "yore/mixers/common/scan.h"
#include "yore/mixers/common/scan_state.h"

namespace yore::mixers::slots {

/// How a token makes room for itself: slots fade by log_decay, or lose what they give for its weights.
enum class Erase { Decay, Delta };

struct Setting {
  int heads = 1;
  int key_heads = 1;  ///< of queries and keys, a divisor of heads
  int key_dim = 1, value_dim = 1, slots = 1;
  double scale = 1;
  bool grows = false;  ///< as scan::Setting
  Erase erase = Erase::Decay;

  std::int64_t state_size() const { return std::int64_t{slots} * (key_dim + value_dim); }
  /// The scan of keys, whose state is K transposed and whose outputs are scale K q. For Erase::Delta it takes
  /// keys that what is erased has been taken off from (slots_erase.h).
  scan::Setting keys() const {
    const auto decay = erase == Erase::Delta ? scan::Decay::None : scan::Decay::Value;
    return {heads, key_heads, key_dim, slots, decay, scan::Rule::Add, scale, grows};
  }
  /// The scan of values, asked with weights of slots.
  scan::Setting values() const {
    if (erase == Erase::Delta)
      return {heads, heads, slots, value_dim, scan::Decay::None, scan::Rule::Delta, 1, false};
    return {heads, heads, slots, value_dim, scan::Decay::Key, scan::Rule::Add, 1, grows};
  }
  /// The scan whose outputs are what slots give for a token's weights before it: K^T w, for Erase::Delta.
  scan::Setting erased() const {
    return {heads, heads, slots, key_dim, scan::Decay::None, scan::Rule::Delta, 1, false};
  }
};

/// As scan::Problem. T is float or double.
template <class T>
struct Problem {
  Setting setting;
  std::int64_t batch = 0;
  const std::int64_t* starts = nullptr;  ///< [batch + 1]
  scan::Rows<const T> q, k;              ///< [N, key_heads, key_dim]
  scan::Rows<const T> v;                 ///< [N, heads, value_dim]
  scan::Rows<const T> write, log_decay;  ///< [N, heads, slots]; log_decay is not read for Erase::Delta
  scan::Rows<const T> filled;            ///< [N, heads, slots], constants; not there = 1
  scan::Rows<const T> bias;              ///< [N, heads, slots], constants added to logits; not there = 0
  const T* initial_k = nullptr;          ///< [batch, heads, key_dim, slots]; null = zeros
  const T* initial_v = nullptr;          ///< [batch, heads, slots, value_dim]; null = zeros
  int threads = 0;                       ///< 0 = OpenMP's default
};

/// What forward leaves for backward: states of the two scans at every scan::kKept-th token, from which
/// backward computes logits and weights again; for Erase::Delta also what was taken off keys, [N, heads,
/// key_dim].
template <class T>
struct Saved {
  std::vector<T> kept_k, kept_v, erased;
};

/// Tokens that are gone through at a time, in backward from the end: what is needed beside results, and
/// states kept for backward, is for so many.
inline constexpr std::int64_t kBlock = 8 * scan::kKept;

/// Throws std::invalid_argument for a setting that does not fit together (Erase::Delta wants as many key
/// heads as heads).
void check(const Setting& setting);

/// Writes out [N, heads, value_dim], and the states after the last tokens unless final_k and final_v are
/// null. Throws as scan::forward.
template <class T>
void forward(const Problem<T>& problem, scan::Rows<T> out, T* final_k, T* final_v, Saved<T>& saved);

/// Each is written, not added to; initial_k and initial_v may be null, and write and log_decay (both) not
/// there. For Erase::Delta log_decay is not written.
template <class T>
struct Gradients {
  scan::Rows<T> q, k, v, write, log_decay;
  T *initial_k = nullptr, *initial_v = nullptr;
};

template <class T>
void backward(const Problem<T>& problem, const Saved<T>& saved, scan::Rows<const T> out,
              scan::Rows<const T> grad_out, const T* grad_final_k, const T* grad_final_v,
              const Gradients<T>& gradients);

/// The slots of `batch` sequences before their first tokens: two states, of keys and of values.
template <class T>
std::unique_ptr<StateList> start(const Setting& setting, const std::string& kind, std::int64_t batch,
                                 std::int64_t rollback, std::int64_t max_tokens);
/// Takes the problem's tokens in and writes out. problem.initial_k and initial_v are not read. Throws as
/// scan::advance over a state; nothing has changed then.
template <class T>
void advance(StateList& state, const Problem<T>& problem, scan::Rows<T> out);

}  // namespace yore::mixers::slots
