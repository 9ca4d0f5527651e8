// Attention with bounded-memory control, described: see spec.h.
#include "yore/mixers/abc/options.h"
#include "yore/mixers/common/slot_spec.h"

namespace yore::mixers {
namespace {

class AbcSpec final : public SlotSpec {
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

 private:
  SlotLayer layer_of(const MixerSetting& setting) const override { return read_abc_options(setting).layer; }
  std::vector<ParameterSpec> own_parameters(std::int64_t width, const SlotLayer& layer) const override {
    return {slot_map("slots.weight", width, layer)};
  }
  /// How much has been written into each slot.
  std::int64_t own_state_bytes(const SlotLayer& layer) const override {
    return std::int64_t{layer.slots.heads} * layer.slots.slots * static_cast<std::int64_t>(sizeof(double));
  }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& abc_spec() {
  static const AbcSpec spec;
  return spec;
}

}  // namespace yore::mixers
