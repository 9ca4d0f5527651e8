#include "yore/mixers/common/scan_layer.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/common/recurrent_state.h"

namespace yore::mixers {

ScanLayer::ScanLayer(const Spec& spec, MixerSetting setting, const scan::Setting& scan,
                     const Convolution& convolution)
    : Mixer(spec, std::move(setting)), scan_(scan), convolution_(convolution) {
  scan::check(scan_);
  kind_ = spec.name() + " " + this->setting().options.dump();
}

at::Tensor ScanLayer::forward(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const {
  at::Tensor projected = project(x);
  if (convolution_.width > 0)
    projected = activated(conv_packed(projected, conv_weight(), conv_bias(), rows.starts));
  return output(x, projected, scan_packed(placed(input(x, projected), rows), rows.starts, scan_), context);
}

std::unique_ptr<State> ScanLayer::start(const StateSetting& setting) const {
  std::vector<std::unique_ptr<State>> parts;
  parts.push_back(start_scan(scan_, kind_, type(), setting));
  if (convolution_.width > 0)
    parts.push_back(start_conv(convolution_.channels, convolution_.width, kind_, type(), setting));
  return std::make_unique<StateList>(std::move(parts));
}

at::Tensor ScanLayer::advance(State& state, const at::Tensor& x, const PackedRows& rows,
                              const MixContext& context) const {
  const at::NoGradGuard no_gradients;
  auto& parts = dynamic_cast<StateList&>(state);
  at::Tensor projected = project(x);
  if (convolution_.width > 0)
    projected = activated(advance_conv(parts.part(1), projected, conv_weight(), conv_bias(), rows.starts));
  return output(x, projected,
                advance_scan(parts.part(0), placed(input(x, projected), rows), rows.starts, scan_), context);
}

ScanInput ScanLayer::placed(ScanInput input, const PackedRows&) const {
  return input;
}

at::Tensor ScanLayer::activated(const at::Tensor& x) const {
  return convolution_.silu ? at::silu(x) : x;
}

at::Tensor ScanLayer::gated(const at::Tensor& y, const MixContext& context) const {
  return context.head_gates.defined() ? y * context.head_gates.view({1, heads(), 1}) : y;
}

at::Tensor ScanLayer::heads_of(const at::Tensor& x, std::int64_t from, std::int64_t heads, std::int64_t dim) {
  return x.narrow(1, from, heads * dim).view({-1, heads, dim});
}

}  // namespace yore::mixers
