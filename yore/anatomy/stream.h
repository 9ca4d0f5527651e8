// What flows along the residual stream: norms, massive activations, and how far a norm before a part can
// stretch a gradient. Definitions with formulas: math.md.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yore/model/context.h"
#include "yore/model/model.h"

namespace yore::anatomy {

/// ||gamma||_inf / sqrt(mean of x^2 + epsilon) of each row: at most so much longer a gradient becomes by the
/// norm that stands before a part (arXiv 2603.17771).
struct JacobianBound {
  double first = 0;  ///< at token 0
  double median = 0, largest = 0;
};

/// Of the rows [T, width] at one place.
struct StreamStatistics {
  model::Point point = model::Point::Embedded;
  int block = -1;
  std::vector<float> norms;  ///< [T] Euclidean
  double norm_first = 0;     ///< of token 0
  double norm_median = 0;    ///< of all tokens
  /// norm_first over the mean norm of tokens 1..15 (as many of them as there are; none of a single token).
  std::optional<double> first_over_early;
  double largest = 0;  ///< of |x|, over tokens and coordinates
  std::int64_t largest_token = 0, largest_coordinate = 0;
  /// Of |x|; largest / median is what makes an activation massive. Of the stream itself alone, not of what a
  /// part adds.
  std::optional<double> median;
  std::vector<float> by_coordinate;    ///< [width] the largest |x| over tokens
  std::optional<JacobianBound> bound;  ///< of the norm that the next part puts before itself, if any

  std::optional<double> massive() const {
    return median && *median > 0 ? std::optional(largest / *median) : std::nullopt;
  }
};

/// "after block 3", "what the mixer of block 3 adds".
std::string place_text(model::Point point, int block);

/// Whether the rows are the stream itself: embedded, after a mixer, after a block, or behind the final norm.
bool is_stream(model::Point point);

/// Of rows [T, width], T at least 1, in float or double.
StreamStatistics stream_statistics(const at::Tensor& rows, model::Point point, int block);

/// Of the rows before a norm with these weights as the model multiplies by them: gamma, or 1 + weight.
JacobianBound jacobian_bound(const at::Tensor& rows, const at::Tensor& gamma, const arch::Norm& norm);

/// The norm that a model puts before the part that reads the stream at this place, and its gamma: the mixer's
/// behind Embedded and AfterBlock, the feed-forward net's behind AfterMixer, the final one at the end. None
/// where nothing is put (no norm, or norms after the parts).
struct NextNorm {
  arch::Norm norm;
  at::Tensor gamma;
};
std::optional<NextNorm> next_norm(const model::Model& model, model::Point point, int block);

}  // namespace yore::anatomy
