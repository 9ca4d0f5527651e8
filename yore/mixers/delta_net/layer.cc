// DeltaNet as a layer. Options: options.cc. What it computes: math.md.
#include "yore/mixers/common/delta_layer.h"
#include "yore/mixers/delta_net/options.h"

namespace yore::mixers {

const Spec& delta_net_spec();

namespace {

class DeltaNetLayer final : public DeltaLayer {
 public:
  explicit DeltaNetLayer(const MixerSetting& setting)
      : DeltaLayer(delta_net_spec(), setting, read_delta_net_options(setting)) {}
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_delta_net(const MixerSetting& setting) {
  return std::make_unique<DeltaNetLayer>(setting);
}

}  // namespace yore::mixers
