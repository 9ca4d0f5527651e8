// The chunk scan: every mechanism whose memory is a matrix that decays and is written to runs on it, forward,
// backward and token by token. No torch. What a mechanism adds is where its queries, keys, values and gates
// come from. Derivation: math.md.
//
// Per head, with the state S [key_dim, value_dim] and S_0 the initial one:
//
//   S'_t = decay_t (.) S_{t-1}
//   u_t  = beta_t v_t                        Rule::Add
//   u_t  = beta_t (v_t - S'_t^T k_t)         Rule::Delta: what the state already gives for k_t is taken off
//   S_t  = S'_t + k_t u_t^T
//   o_t  = scale S_t^T q_t
//
// decay_t = exp(log_decay_t) is one factor (Decay::Head), one a row of S (Decay::Key) or one a column
// (Decay::Value, with Rule::Add only).
//
// Numbers must be finite (but for decays of -infinity): many tokens are taken in chunks of 16, in which a
// token is multiplied by 0 for those before it, so that one NaN or infinity makes outputs before it in its
// chunk NaN, too; who cannot promise finite numbers and wants earlier outputs untouched gives advance one
// token a call.
#pragma once
#include <cstdint>
#include <vector>

namespace yore::mixers::scan {

/// What the state is multiplied by before each write.
enum class Decay { None, Head, Key, Value };
/// How it is written to.
enum class Rule { Add, Delta };

/// Largest key_dim and value_dim.
inline constexpr int kMaxDim = 1024;
/// Tokens between two states that forward keeps for backward.
inline constexpr std::int64_t kKept = 64;

/// [token, head, number] with strides in numbers; the last dimension is contiguous. Null data = not there.
template <class T>
struct Rows {
  T* data = nullptr;
  std::int64_t token = 0, head = 0;
};

/// Shapes and constants of a scan.
struct Setting {
  int heads = 1;                   ///< of values, gates, states and outputs
  int key_heads = 1;               ///< of queries and keys, a divisor: head h reads h / (heads / key_heads)
  int key_dim = 1, value_dim = 1;  ///< 1 .. kMaxDim
  Decay decay = Decay::None;
  Rule rule = Rule::Add;
  double scale = 1;
  bool grows = false;  ///< whether log_decay may be above 0 (a little: up to 1), which is refused otherwise

  /// Numbers of one head's state.
  std::int64_t state_size() const { return std::int64_t{key_dim} * value_dim; }
  /// Numbers of one head's log_decay at one token.
  int decays() const {
    switch (decay) {
      case Decay::None:
        return 0;
      case Decay::Head:
        return 1;
      case Decay::Key:
        return key_dim;
      default:
        return value_dim;
    }
  }
  /// The highest log_decay that is taken.
  int most_log_decay() const { return grows ? 1 : 0; }
};

/// A log_decay below which a decay is 0 in every type.
inline constexpr double kForgotten = -1e3;

/// Packed sequences: b owns rows starts[b] .. starts[b+1]-1 of every input. T is float or double.
template <class T>
struct Problem {
  Setting setting;
  std::int64_t batch = 0;
  const std::int64_t* starts = nullptr;  ///< [batch + 1], from 0, never falling
  Rows<const T> q, k;                    ///< [N, key_heads, key_dim]
  Rows<const T> v;                       ///< [N, heads, value_dim]
  /// Natural logarithms, none above 0 (unless Setting::grows); -infinity forgets all. Decay::Head: [N, heads,
  /// 1]; Key: [N, heads, key_dim]; Value: [N, heads, value_dim].
  Rows<const T> log_decay;
  Rows<const T> beta;          ///< [N, heads, 1]; not there = 1
  const T* initial = nullptr;  ///< [batch, heads, key_dim, value_dim]; null = zeros
  int threads = 0;             ///< 0 = OpenMP's default
};

/// Throws std::invalid_argument naming what does not fit: dims, head counts, Value with Delta.
void check(const Setting& setting);

/// Throws what forward and advance throw for a log_decay above setting.most_log_decay().
[[noreturn]] void refuse_decay(const Setting& setting, double log_decay, std::int64_t token,
                               std::int64_t head);

/// Numbers that forward writes for backward: a state a head at every kKept-th token of each sequence.
std::int64_t kept_size(const Setting& setting, std::int64_t batch, const std::int64_t* starts);
/// Where each sequence's begin among them, and their number: [batch + 1].
std::vector<std::int64_t> kept_starts(const Setting& setting, std::int64_t batch, const std::int64_t* starts);

/// Writes out [N, heads, value_dim], the states after the last tokens (unless `final` is null) and, unless
/// `kept` is null, what backward wants. Throws std::invalid_argument for a log_decay that is too high, naming
/// its place; outputs are then undefined.
template <class T>
void forward(const Problem<T>& problem, Rows<T> out, T* final, T* kept);

/// Where gradients go; each is written, not added to. log_decay, beta and initial may be null.
template <class T>
struct Gradients {
  Rows<T> q, k, v, log_decay, beta;
  T* initial = nullptr;
};

/// From the problem, its outputs, what forward kept, and the gradients of out and of the final states (null =
/// zeros), the gradients of the inputs.
template <class T>
void backward(const Problem<T>& problem, Rows<const T> out, const T* kept, Rows<const T> grad_out,
              const T* grad_final, const Gradients<T>& gradients);

/// Goes on from states [batch, heads, key_dim, value_dim], which change, and writes out. q.data and out.data
/// null: only the states. Few tokens are taken one by one, many in chunks.
template <class T>
void advance(const Problem<T>& problem, T* states, Rows<T> out);

}  // namespace yore::mixers::scan
