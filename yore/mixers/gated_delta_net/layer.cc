// The gated delta rule as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>

#include "yore/mixers/common/decay.h"
#include "yore/mixers/common/delta_layer.h"
#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/gated_delta_net/options.h"

namespace yore::mixers {

const Spec& gated_delta_net_spec();

namespace {

class GatedDeltaNetLayer final : public DeltaLayer {
 public:
  explicit GatedDeltaNetLayer(const MixerSetting& setting)
      : DeltaLayer(gated_delta_net_spec(), setting, read_gated_delta_net_options(setting)) {}

 private:
  at::Tensor log_decay(const at::Tensor& x) const override {
    const at::Tensor step = linear_map(x, named("decay.weight"), named("decay.bias"));
    return softplus_decay(named("log_rate"), step).unsqueeze(-1);
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_gated_delta_net(const MixerSetting& setting) {
  return std::make_unique<GatedDeltaNetLayer>(setting);
}

}  // namespace yore::mixers
