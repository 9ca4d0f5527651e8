// What the descriptions of slot mechanisms have in common: a mechanism says its options, and what it learns
// and keeps beside the slots. No torch.
#pragma once
#include <utility>

#include "yore/mixers/common/scan_cost.h"
#include "yore/mixers/common/slot_options.h"

namespace yore::mixers {

class SlotSpec : public Spec {
 public:
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const final {
    const SlotLayer layer = layer_of(setting);
    std::vector<ParameterSpec> list = slot_parameters_before(setting.width, layer);
    for (ParameterSpec& p : own_parameters(setting.width, layer)) list.push_back(std::move(p));
    for (ParameterSpec& p : slot_parameters_after(setting.width, layer)) list.push_back(std::move(p));
    return list;
  }
  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t) const final {
    const SlotLayer layer = layer_of(setting);
    return slot_state_bytes(layer) + own_state_bytes(layer);
  }
  double flops(const MixerSetting& setting, std::int64_t) const final {
    return matrix_flops(parameters(setting)) + slot_flops(layer_of(setting));
  }

 protected:
  virtual SlotLayer layer_of(const MixerSetting& setting) const = 0;
  /// What it learns beside queries, keys, values, convolution, gate, norm and output.
  virtual std::vector<ParameterSpec> own_parameters(std::int64_t, const SlotLayer&) const { return {}; }
  /// What it keeps beside slots and convolution.
  virtual std::int64_t own_state_bytes(const SlotLayer&) const { return 0; }
};

/// The one parameter of mechanisms that give each slot a number a token: a linear map of the row.
inline ParameterSpec slot_map(const std::string& name, std::int64_t width, const SlotLayer& layer) {
  return {name, {std::int64_t{layer.slots.heads} * layer.slots.slots, width}, Start::FanIn, true};
}

}  // namespace yore::mixers
