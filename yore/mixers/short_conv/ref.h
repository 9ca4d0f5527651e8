// The short convolution as its definition says it (math.md), one scalar at a time. The judge of the kernel;
// shares nothing with it.
#pragma once
#include <complex>
#include <cstddef>
#include <vector>

namespace yore::mixers::ref {

/// One sequence: x [tokens, channels], weight [width, channels] whose last row meets the token itself, bias
/// [channels] or empty; history [width - 1, channels], the oldest row first, goes on from what it holds.
/// Returns the outputs [tokens, channels].
template <class Number>
std::vector<Number> short_conv(std::size_t channels, std::size_t width, const std::vector<Number>& x,
                               const std::vector<Number>& weight, const std::vector<Number>& bias,
                               std::vector<Number>& history) {
  std::vector<Number> all = history, out;
  all.insert(all.end(), x.begin(), x.end());
  for (std::size_t t = 0; t * channels < x.size(); ++t)
    for (std::size_t c = 0; c < channels; ++c) {
      Number sum = 0;
      for (std::size_t w = 0; w < width; ++w) sum += weight[w * channels + c] * all[(t + w) * channels + c];
      if (!bias.empty()) sum += bias[c];
      out.push_back(sum);
    }
  history.assign(all.end() - static_cast<std::ptrdiff_t>((width - 1) * channels), all.end());
  return out;
}

}  // namespace yore::mixers::ref
