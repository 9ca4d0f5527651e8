#include "yore/mixers/common/slot_layer.h"
#include "yore/mixers/common/linear_map.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/common/scan_torch.h"

namespace yore::mixers {
namespace {

at::Tensor mapped(const at::Tensor& x, const std::string& map) {
  return map == "silu" ? at::silu(x) : x;
}

}  // namespace

SlotMixer::SlotMixer(const Spec& spec, MixerSetting setting, SlotLayer layer, std::size_t own)
    : Mixer(spec, std::move(setting)), layer_(std::move(layer)), own_(own) {
  slots::check(layer_.slots);
  kind_ = spec.name() + " " + this->setting().options.dump();
}

SlotInput SlotMixer::input_of(const at::Tensor& qkv) const {
  const slots::Setting& s = layer_.slots;
  const auto part = [&](std::int64_t from, std::int64_t dim, const std::string& map) {
    return mapped(qkv.narrow(1, from, s.heads * dim).view({-1, s.heads, dim}), map);
  };
  SlotInput input;
  input.q = part(0, s.key_dim, layer_.feature_map);
  input.k = part(layer_.keys(), s.key_dim, layer_.feature_map);
  input.v = part(2 * layer_.keys(), s.value_dim, layer_.value_map);
  return input;
}

at::Tensor SlotMixer::forward(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const {
  at::Tensor qkv = linear_map(x, value(0));
  if (layer_.conv > 0) qkv = at::silu(conv_packed(qkv, value(1), {}, rows.starts));
  SlotInput input = input_of(qkv);
  gates(x, rows, input);
  return output(x, slots_packed(input, rows.starts, layer_.slots), context);
}

std::unique_ptr<State> SlotMixer::start(const StateSetting& setting) const {
  std::vector<std::unique_ptr<State>> parts;
  parts.push_back(start_slots(layer_.slots, kind_, type(), setting));
  if (layer_.conv > 0) parts.push_back(start_conv(layer_.channels(), layer_.conv, kind_, type(), setting));
  if (auto its = own_state(setting); its != nullptr) parts.push_back(std::move(its));
  return std::make_unique<StateList>(std::move(parts));
}

at::Tensor SlotMixer::advance(State& state, const at::Tensor& x, const PackedRows& rows,
                              const MixContext& context) const {
  const at::NoGradGuard no_gradients;
  auto& parts = dynamic_cast<StateList&>(state);
  at::Tensor qkv = linear_map(x, value(0));
  if (layer_.conv > 0) qkv = at::silu(advance_conv(parts.part(1), qkv, value(1), {}, rows.starts));
  SlotInput input = input_of(qkv);
  const std::size_t before = layer_.conv > 0 ? 2 : 1;
  gates_on(parts.parts() > before ? &parts.part(before) : nullptr, x, rows, input);
  return output(x, advance_slots(parts.part(0), input, rows.starts, layer_.slots), context);
}

at::Tensor SlotMixer::output(const at::Tensor& x, at::Tensor mixed, const MixContext& context) const {
  const slots::Setting& s = layer_.slots;
  std::size_t next = (layer_.conv > 0 ? 2 : 1) + own_;
  const at::Tensor gate = layer_.output_gate
                              ? at::silu(linear_map(x, value(next++))).view({-1, s.heads, s.value_dim})
                              : at::Tensor();
  mixed = mapped(mixed, layer_.output_map);
  if (layer_.norm == "head") mixed = rms_norm(mixed, value(next++), layer_.norm_epsilon);
  if (layer_.norm == "layer")
    mixed = rms_norm(mixed.reshape({-1, layer_.values()}), value(next++), layer_.norm_epsilon)
                .view({-1, s.heads, s.value_dim});
  if (gate.defined()) mixed = mixed * gate;
  if (context.head_gates.defined()) mixed = mixed * context.head_gates.view({1, s.heads, 1});
  return linear_map(mixed.reshape({-1, layer_.values()}), value(next));
}

}  // namespace yore::mixers
