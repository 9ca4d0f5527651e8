// Gated slot attention as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/common/slot_layer.h"
#include "yore/mixers/gsa/options.h"

namespace yore::mixers {

const Spec& gsa_spec();

namespace {

class GsaLayer final : public SlotMixer {
 public:
  explicit GsaLayer(const MixerSetting& setting) : GsaLayer(setting, read_gsa_options(setting)) {}

 private:
  GsaLayer(const MixerSetting& setting, const GsaOptions& options)
      : SlotMixer(gsa_spec(), setting, options.layer, 1), divisor_(options.gate_divisor) {}

  void gates(const at::Tensor& x, const PackedRows&, SlotInput& input) const override {
    const at::Tensor fade = linear_map(x, own(0)).view({-1, layer().slots.heads, layer().slots.slots});
    input.log_decay = at::log_sigmoid(fade) / divisor_;
    input.write = -at::expm1(input.log_decay);
  }

  double divisor_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_gsa(const MixerSetting& setting) {
  return std::make_unique<GsaLayer>(setting);
}

}  // namespace yore::mixers
