// Gated linear attention as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/common/scan_layer.h"
#include "yore/mixers/gla/options.h"

namespace yore::mixers {

const Spec& gla_spec();

namespace {

class GlaLayer final : public ScanLayer {
 public:
  explicit GlaLayer(const MixerSetting& setting) : GlaLayer(setting, read_gla_options(setting)) {}

 private:
  GlaLayer(const MixerSetting& setting, const GlaOptions& options)
      : ScanLayer(gla_spec(), setting, options.scan, {options.channels(), options.conv}, options.access),
        options_(options) {}

  // Places in Spec::parameters.
  std::size_t decay_in() const { return options_.conv > 0 ? 2 : 1; }
  std::size_t norm_weight() const { return decay_in() + (options_.output_gate ? 4 : 3); }

  at::Tensor project(const at::Tensor& x) const override { return linear_map(x, value(0)); }
  at::Tensor conv_weight() const override { return value(1); }

  ScanInput input(const at::Tensor& x, const at::Tensor& qkv) const override {
    const std::int64_t keys = options_.keys(), key = scan().key_dim;
    const at::Tensor low = linear_map(x, value(decay_in()));
    const at::Tensor gate = linear_map(low, value(decay_in() + 1), value(decay_in() + 2));
    return {heads_of(qkv, 0, heads(), key),
            heads_of(qkv, keys, heads(), key),
            heads_of(qkv, 2 * keys, heads(), scan().value_dim),
            heads_of(at::log_sigmoid(gate) / options_.gate_divisor, 0, heads(), key),
            {}};
  }

  at::Tensor output(const at::Tensor& x, const at::Tensor&, const at::Tensor& mixed,
                    const MixContext& context) const override {
    at::Tensor y = options_.out_norm ? rms_norm(mixed, value(norm_weight()), options_.norm_epsilon) : mixed;
    if (options_.output_gate)
      y = y * heads_of(at::silu(linear_map(x, value(norm_weight() - 1))), 0, heads(), scan().value_dim);
    return linear_map(gated(y, context).reshape({-1, options_.values()}),
                      value(norm_weight() + (options_.out_norm ? 1 : 0)));
  }

  GlaOptions options_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_gla(const MixerSetting& setting) {
  return std::make_unique<GlaLayer>(setting);
}

}  // namespace yore::mixers
