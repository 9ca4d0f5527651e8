// Causal depthwise convolution over a few tokens, the part that most recurrent mixers put before their
// queries, keys and values. No torch.
//
//   y_t[c] = bias[c] + sum over w < width of weight[w][c] x_{t - width + 1 + w}[c]
//
// x before a sequence's first token is its history: the last width - 1 rows of what came before, or zeros.
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "yore/mixers/common/recurrent_state.h"

namespace yore::mixers::conv {

/// Packed sequences: b owns rows starts[b] .. starts[b+1]-1. T is float or double.
template <class T>
struct Problem {
  std::int64_t batch = 0;
  const std::int64_t* starts = nullptr;  ///< [batch + 1]
  std::int64_t channels = 1, width = 1;
  const T* x = nullptr;  ///< [N, channels], rows x_row apart
  std::int64_t x_row = 0;
  const T* weight = nullptr;   ///< [width, channels]: the last row meets the token itself
  const T* bias = nullptr;     ///< [channels]; null = none
  const T* history = nullptr;  ///< [batch, width - 1, channels]; null = zeros
  int threads = 0;             ///< 0 = OpenMP's default
};

/// Writes y [N, channels], rows y_row apart, and, unless null, the histories after the last tokens. `final`
/// may be problem.history.
template <class T>
void forward(const Problem<T>& problem, T* y, std::int64_t y_row, T* final);

/// Where gradients go; each is written, not added to. bias and history may be null.
template <class T>
struct Gradients {
  T* x = nullptr;  ///< rows x_row apart
  std::int64_t x_row = 0;
  T *weight = nullptr, *bias = nullptr, *history = nullptr;
};

/// From the gradients of y (rows grad_row apart) and of the final histories (null = zeros).
template <class T>
void backward(const Problem<T>& problem, const T* grad_y, std::int64_t grad_row, const T* grad_final,
              const Gradients<T>& gradients);

/// The histories of `batch` sequences before their first tokens: zeros.
template <class T>
std::unique_ptr<RecurrentState<T>> start(std::int64_t channels, std::int64_t width, const std::string& kind,
                                         std::int64_t batch, std::int64_t rollback, std::int64_t max_tokens);
/// Takes the problem's rows in and writes y. problem.history is not read.
template <class T>
void advance(RecurrentState<T>& state, const Problem<T>& problem, T* y, std::int64_t y_row);

}  // namespace yore::mixers::conv
