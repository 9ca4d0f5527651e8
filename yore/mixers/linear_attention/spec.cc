// Linear attention's description: see spec.h.
#include "yore/mixers/common/scan_cost.h"
#include "yore/mixers/linear_attention/options.h"

namespace yore::mixers {
namespace {

class LinearAttentionSpec final : public Spec {
 public:
  std::string name() const override { return "linear_attention"; }
  std::string summary() const override {
    return "linear attention; a state a head that adds up keys times values and forgets nothing";
  }
  std::string source() const override { return "Katharopoulos et al. 2020, arXiv 2006.16236"; }
  std::vector<base::OptionSpec> options() const override { return linear_attention_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_linear_attention_options(width, given);
  }

  /// The order is that of layer.cc's places.
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const LinearAttentionOptions o = read_linear_attention_options(setting);
    const std::int64_t width = setting.width, key = o.scan.key_dim;
    std::vector<ParameterSpec> list = {
        {"qkv.weight", {2 * o.keys() + o.values(), width}, Start::FanIn, true}};
    if (o.map == FeatureMap::Hadamard)
      for (const std::string& of :
           o.tied_map ? std::vector<std::string>{""} : std::vector<std::string>{"q_", "k_"}) {
        list.push_back({of + "map.weight", {2 * key, key}, Start::FanIn, true});
        list.push_back({of + "map.bias", {2 * key}, Start::Zero});
      }
    if (o.output_norm) list.push_back({"out_norm.weight", {o.value}, Start::One});
    list.push_back({"out.weight", {width, o.values()}, Start::FanIn, true});
    return list;
  }

  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t) const override {
    return scan_state_bytes(read_linear_attention_options(setting).scan);
  }
  double flops(const MixerSetting& setting, std::int64_t) const override {
    const LinearAttentionOptions o = read_linear_attention_options(setting);
    double maps = 0;  // each head's queries and keys pass them
    if (o.map == FeatureMap::Hadamard)
      maps = 2.0 * o.scan.heads * 2 * 2.0 * static_cast<double>(o.scan.key_dim) * o.scan.key_dim;
    std::vector<ParameterSpec> once;
    for (const ParameterSpec& p : parameters(setting))
      if (p.name == "qkv.weight" || p.name == "out.weight") once.push_back(p);
    return matrix_flops(once) + maps + scan_flops(o.scan);
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& linear_attention_spec() {
  static const LinearAttentionSpec spec;
  return spec;
}

}  // namespace yore::mixers
