// Kimi delta attention as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/common/decay.h"
#include "yore/mixers/common/delta_layer.h"
#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/kda/options.h"

namespace yore::mixers {

const Spec& kda_spec();

namespace {

class KdaLayer final : public DeltaLayer {
 public:
  explicit KdaLayer(const MixerSetting& setting) : KdaLayer(setting, read_kda_options(setting)) {}

 private:
  KdaLayer(const MixerSetting& setting, const KdaOptions& options)
      : DeltaLayer(kda_spec(), setting, options), lower_bound_(options.lower_bound) {}

  at::Tensor log_decay(const at::Tensor& x) const override {
    const at::Tensor low = linear_map(x, named("decay_in.weight"));
    const at::Tensor step = heads_of(linear_map(low, named("decay_out.weight"), named("decay_out.bias")), 0,
                                     heads(), scan().key_dim);
    const at::Tensor log_rate = named("log_rate").unsqueeze(-1);
    if (lower_bound_ == 0) return softplus_decay(log_rate, step);
    return bounded_decay(log_rate, step, lower_bound_);
  }

  double lower_bound_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_kda(const MixerSetting& setting) {
  return std::make_unique<KdaLayer>(setting);
}

}  // namespace yore::mixers
