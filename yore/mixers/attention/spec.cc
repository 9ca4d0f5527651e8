// Attention's description: see spec.h.
#include <algorithm>

#include "yore/mixers/attention/options.h"

namespace yore::mixers {
namespace {

class AttentionSpec final : public Spec {
 public:
  std::string name() const override { return "attention"; }
  std::string summary() const override {
    return "softmax attention; each head global or with a lookback";
  }
  std::string source() const override { return "Vaswani et al. 2017, arXiv 1706.03762"; }
  std::vector<base::OptionSpec> options() const override { return attention_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_attention_options(width, given);
  }

  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const std::int64_t width = setting.width, mixed = read_attention_options(setting).mixed_width();
    return {{"qkv.weight", {3 * mixed, width}, Start::FanIn, true},
            {"qkv.bias", {3 * mixed}, Start::Zero},
            {"out.weight", {width, mixed}, Start::FanIn, true},
            {"out.bias", {width}, Start::Zero}};
  }

  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t tokens) const override {
    const AttentionOptions o = read_attention_options(setting);
    std::int64_t entries = 0;
    for (int k : o.params.lookback) entries += k < 0 ? tokens : std::min<std::int64_t>(tokens, k);
    return entries * 2 * o.head_width * static_cast<std::int64_t>(sizeof(float));
  }

  double flops(const MixerSetting& setting, std::int64_t position) const override {
    const AttentionOptions o = read_attention_options(setting);
    const double linear = 2.0 * static_cast<double>(setting.width) * 4.0 * static_cast<double>(o.mixed_width());
    double keys = 0;
    for (int k : o.params.lookback)
      keys += static_cast<double>(k < 0 ? position : std::min<std::int64_t>(position, k)) +
              (o.params.strict ? 0 : 1);
    return linear + keys * 4.0 * o.head_width;
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& attention_spec() {
  static const AttentionSpec spec;
  return spec;
}

}  // namespace yore::mixers
