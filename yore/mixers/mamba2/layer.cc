// Mamba-2 as a layer. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/mixers/common/decay.h"
#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/common/scan_layer.h"
#include "yore/mixers/mamba2/options.h"

namespace yore::mixers {

const Spec& mamba2_spec();

namespace {

/// Where the parameters stand in Spec::parameters.
struct Mamba2Places {
  std::size_t in_weight = 0, in_bias, conv_weight, conv_bias, dt_bias, a_log, skip, norm, out_weight,
              out_bias;
  explicit Mamba2Places(const Mamba2Options& o) {
    std::size_t next = 1;
    const auto take = [&](bool there) { return there ? next++ : kAbsent; };
    in_bias = take(o.bias);
    conv_weight = take(o.conv > 0);
    conv_bias = take(o.conv_bias);
    dt_bias = take(true);
    a_log = take(true);
    skip = take(true);
    norm = take(o.norm != Mamba2Options::Norm::None);
    out_weight = take(true);
    out_bias = take(o.bias);
  }
  static constexpr std::size_t kAbsent = static_cast<std::size_t>(-1);
};

class Mamba2Layer final : public ScanLayer {
 public:
  explicit Mamba2Layer(const MixerSetting& setting) : Mamba2Layer(setting, read_mamba2_options(setting)) {}

 private:
  Mamba2Layer(const MixerSetting& setting, const Mamba2Options& options)
      : ScanLayer(mamba2_spec(), setting, options.scan, {options.channels(), options.conv}, options.access),
        options_(options),
        places_(options) {}

  at::Tensor parameter(std::size_t place) const {
    return place == Mamba2Places::kAbsent ? at::Tensor() : value(place);
  }
  /// Columns from .. from + count - 1 of the product z, x, B, C, steps.
  at::Tensor product(const at::Tensor& x, std::int64_t from, std::int64_t count) const {
    const at::Tensor weight = value(places_.in_weight).narrow(0, from, count),
                     bias = parameter(places_.in_bias);
    return linear_map(x, weight, bias.defined() ? bias.narrow(0, from, count) : bias);
  }

  at::Tensor project(const at::Tensor& x) const override {
    return product(x, options_.inner(), options_.channels());
  }
  at::Tensor conv_weight() const override { return value(places_.conv_weight); }
  at::Tensor conv_bias() const override { return parameter(places_.conv_bias); }

  ScanInput input(const at::Tensor& x, const at::Tensor& xbc) const override {
    const std::int64_t inner = options_.inner(), states = options_.states();
    at::Tensor raw = product(x, inner + options_.channels(), heads()) + value(places_.dt_bias);
    if (options_.dt_least > 0) raw = at::clamp_min(raw, before_softplus(options_.dt_least));
    if (options_.dt_most > 0) raw = at::clamp_max(raw, before_softplus(options_.dt_most));
    // The decay does not come out of the step, which may be rounded to 0 where the rate is beyond all
    // numbers.
    const at::Tensor log_decay = softplus_decay(value(places_.a_log), raw), step = -at::log_sigmoid(-raw);
    return {heads_of(xbc, inner + states, scan().key_heads, scan().key_dim),
            heads_of(xbc, inner, scan().key_heads, scan().key_dim),
            heads_of(xbc, 0, heads(), scan().value_dim), log_decay.unsqueeze(2), step};
  }

  at::Tensor output(const at::Tensor& x, const at::Tensor& xbc, const at::Tensor& mixed,
                    const MixContext& context) const override {
    using Norm = Mamba2Options::Norm;
    const at::Tensor skip = value(places_.skip).view({heads(), -1});
    at::Tensor y = mixed + heads_of(xbc, 0, heads(), scan().value_dim) * skip;
    const at::Tensor gate = heads_of(at::silu(product(x, 0, options_.inner())), 0, heads(), scan().value_dim);
    if (!options_.norm_before_gate) y = y * gate;
    if (options_.norm != Norm::None) {
      const std::int64_t groups = options_.norm_groups();
      y = rms_norm(y.reshape({-1, groups, options_.inner() / groups}), value(places_.norm).view({groups, -1}),
                   options_.norm_epsilon)
              .view({-1, heads(), scan().value_dim});
    }
    if (options_.norm_before_gate) y = y * gate;
    return linear_map(gated(y, context).reshape({-1, options_.inner()}), value(places_.out_weight),
                      parameter(places_.out_bias));
  }

  Mamba2Options options_;
  Mamba2Places places_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_mamba2(const MixerSetting& setting) {
  return std::make_unique<Mamba2Layer>(setting);
}

}  // namespace yore::mixers
