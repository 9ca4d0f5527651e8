// What a scan and the parts around it hold and cost, for Spec. No torch.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "yore/mixers/common/scan.h"
#include "yore/mixers/spec.h"

namespace yore::mixers {

/// Bytes of one sequence's states.
inline std::int64_t scan_state_bytes(const scan::Setting& s) {
  return s.heads * s.state_size() * static_cast<std::int64_t>(sizeof(float));
}
/// Bytes of a convolution's history; width 0 = no convolution.
inline std::int64_t conv_state_bytes(std::int64_t channels, std::int64_t width) {
  return std::max<std::int64_t>(0, width - 1) * channels * static_cast<std::int64_t>(sizeof(float));
}

/// Operations of a scan at one token: decay, write and read each pass the state once, the delta rule reads it
/// a second time.
inline double scan_flops(const scan::Setting& s) {
  const double decay = s.decay == scan::Decay::None ? 0 : 1, erase = s.rule == scan::Rule::Delta ? 2 : 0;
  return static_cast<double>(s.heads * s.state_size()) * (4 + decay + erase);
}
/// Of a token through all the matrices of a layer: 2 a weight.
inline double matrix_flops(const std::vector<ParameterSpec>& parameters) {
  double sum = 0;
  for (const ParameterSpec& p : parameters) {
    if (p.shape.size() < 2) continue;
    double weights = 2;
    for (const std::int64_t n : p.shape) weights *= static_cast<double>(n);
    sum += weights;
  }
  return sum;
}

}  // namespace yore::mixers
