// The short convolution as a layer of its own. Options: options.cc. What it computes: math.md.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <stdexcept>

#include "yore/mixers/common/linear_map.h"
#include "yore/mixers/common/scan_torch.h"
#include "yore/mixers/short_conv/options.h"

namespace yore::mixers {

const Spec& short_conv_spec();

namespace {

class ShortConvLayer final : public Mixer {
 public:
  explicit ShortConvLayer(const MixerSetting& setting)
      : Mixer(short_conv_spec(), setting),
        options_(read_short_conv_options(this->setting().options)),
        kind_("short_conv " + this->setting().options.dump()) {}

  at::Tensor forward(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const override {
    refuse_gates(context);
    return finished(x, conv_packed(x, value(0), conv_bias(), rows.starts));
  }

  std::unique_ptr<State> start(const StateSetting& wanted) const override {
    return start_conv(setting().width, options_.width, kind_, type(), wanted);
  }

  at::Tensor advance(State& state, const at::Tensor& x, const PackedRows& rows,
                     const MixContext& context) const override {
    refuse_gates(context);
    const at::NoGradGuard no_gradients;
    return finished(x, advance_conv(state, x, value(0), conv_bias(), rows.starts));
  }

 private:
  static void refuse_gates(const MixContext& context) {
    if (context.head_gates.defined())
      throw std::invalid_argument("short_conv: it has no heads, so that there is nothing for head gates");
  }

  at::Tensor conv_bias() const { return options_.conv_bias ? value(1) : at::Tensor(); }
  at::Tensor activated(const at::Tensor& x) const { return options_.silu ? at::silu(x) : x; }

  /// The layer's rows from its input and the convolution of it.
  at::Tensor finished(const at::Tensor& x, const at::Tensor& conv) const {
    at::Tensor y = activated(conv);
    if (options_.gate) {
      const std::size_t gate = options_.conv_bias ? 2 : 1;
      y = y * activated(linear_map(x, value(gate), options_.gate_bias ? value(gate + 1) : at::Tensor()));
    }
    return options_.skip ? y + x : y;
  }

  ShortConvOptions options_;
  std::string kind_;
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::unique_ptr<Mixer> make_short_conv(const MixerSetting& setting) {
  return std::make_unique<ShortConvLayer>(setting);
}

}  // namespace yore::mixers
