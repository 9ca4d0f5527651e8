// What recurrent layers are made of, on torch tensors: the scan and the short convolution as differentiable
// functions and over states, norms and gates. Rows of packed sequences, on the CPU (other devices are refused
// by name: there is no slower path that would be taken in silence).
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "yore/mixers/common/scan.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {

/// What goes into a scan: q and k [N, key_heads, key_dim], v [N, heads, value_dim], log_decay [N, heads, 1 or
/// key_dim or value_dim], beta [N, heads]; all float or all double, any strides. log_decay and beta are
/// undefined where the setting has none.
struct ScanInput {
  at::Tensor q, k, v, log_decay, beta;
};

/// out [N, heads, value_dim], differentiable. Throws std::invalid_argument naming what was expected and what
/// came.
at::Tensor scan_packed(const ScanInput& input, const std::vector<std::int64_t>& starts,
                       const scan::Setting& setting);
/// The same with states: `initial` [B, heads, key_dim, value_dim] (undefined = zeros) before the first
/// tokens; second is the state after the last ones. Differentiable in everything.
std::pair<at::Tensor, at::Tensor> scan_packed(const ScanInput& input, const at::Tensor& initial,
                                              const std::vector<std::int64_t>& starts,
                                              const scan::Setting& setting);

/// A state for scans of this type, and going on in it. Not differentiable.
std::unique_ptr<State> start_scan(const scan::Setting& setting, const std::string& kind, at::ScalarType type,
                                  const StateSetting& wanted);
at::Tensor advance_scan(State& state, const ScanInput& input, const std::vector<std::int64_t>& starts,
                        const scan::Setting& setting);

/// Causal depthwise convolution (short_conv.h) of x [N, channels] with weight [channels, width], and bias
/// [channels] if defined; differentiable.
at::Tensor conv_packed(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                       const std::vector<std::int64_t>& starts);
std::unique_ptr<State> start_conv(std::int64_t channels, std::int64_t width, const std::string& kind,
                                  at::ScalarType type, const StateSetting& wanted);
at::Tensor advance_conv(State& state, const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                        const std::vector<std::int64_t>& starts);

/// x [.., D] divided by the root of its mean square plus epsilon, times weight [D] if defined.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon);
/// x [.., D] divided by the root of its sum of squares plus epsilon: 0 stays 0, with finite gradients.
at::Tensor l2_norm(const at::Tensor& x, double epsilon);

}  // namespace yore::mixers
