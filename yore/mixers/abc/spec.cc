// Attention with bounded-memory control, described: see spec.h.
#include "yore/mixers/abc/options.h"
#include "yore/mixers/common/scan_cost.h"

namespace yore::mixers {
namespace {

class AbcSpec final : public Spec {
 public:
  std::string name() const override { return "abc"; }
  std::string summary() const override {
    return "attention with bounded-memory control; softmax over slots that share out all tokens";
  }
  std::string source() const override { return "Peng et al. 2022, arXiv 2110.02488"; }
  std::vector<base::OptionSpec> options() const override { return abc_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_abc_options(width, given);
  }
  std::vector<ParameterSpec> parameters(const MixerSetting& setting) const override {
    const SlotLayer layer = read_abc_options(setting).layer;
    std::vector<ParameterSpec> list = slot_parameters_before(setting.width, layer);
    list.push_back({"slots.weight",
                    {std::int64_t{layer.slots.heads} * layer.slots.slots, setting.width},
                    Start::FanIn,
                    true});
    for (ParameterSpec& p : slot_parameters_after(setting.width, layer)) list.push_back(std::move(p));
    return list;
  }
  /// The slots, and how much has been written into each.
  std::int64_t state_bytes(const MixerSetting& setting, std::int64_t) const override {
    const SlotLayer layer = read_abc_options(setting).layer;
    return slot_state_bytes(layer) +
           std::int64_t{layer.slots.heads} * layer.slots.slots * static_cast<std::int64_t>(sizeof(float));
  }
  double flops(const MixerSetting& setting, std::int64_t) const override {
    return matrix_flops(parameters(setting)) + slot_flops(read_abc_options(setting).layer);
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& abc_spec() {
  static const AbcSpec spec;
  return spec;
}

}  // namespace yore::mixers
