#include "yore/mixers/mixer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <stdexcept>

namespace yore::mixers {

Mixer::Mixer(const Spec& spec, MixerSetting setting)
    : setting_(std::move(setting)), parameters_(spec.parameters(setting_)) {}

void Mixer::bind(std::vector<at::Tensor> values) {
  const std::vector<ParameterSpec>& specs = parameters_;
  std::optional<at::ScalarType> computed;
  if (values.size() != specs.size())
    throw std::invalid_argument(
        fmt::format("mixer: expected {} parameters, got {}", specs.size(), values.size()));
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const auto refuse = [&](const std::string& expected, const std::string& found) {
      throw std::invalid_argument(
          fmt::format("mixer: {}: expected {}, got {}", specs[i].name, expected, found));
    };
    if (!values[i].defined()) refuse("a tensor", "none");
    if (values[i].sizes() != specs[i].shape)
      refuse(fmt::format("[{}]", fmt::join(specs[i].shape, ", ")),
             fmt::format("[{}]", fmt::join(values[i].sizes(), ", ")));
    const at::ScalarType type = values[i].scalar_type();
    if (type == at::kBFloat16 && specs[i].decays) continue;
    if (type != at::kFloat && type != at::kDouble) refuse("float or double", at::toString(type));
    if (computed && type != *computed) refuse(at::toString(*computed), at::toString(type));
    computed = type;
  }
  type_ = computed.value_or(at::kFloat);
  values_ = std::move(values);
}

at::Tensor Mixer::forward_last(const at::Tensor& x, const PackedRows& rows, const MixContext& context) const {
  return forward(x, rows, context).index_select(0, rows.last);
}

at::Tensor Mixer::forward_some(const at::Tensor&, const PackedRows&, const MixContext&) const {
  throw std::invalid_argument("mixer: this mechanism mixes whole sequences only");
}

#define YORE_MECHANISM(name) std::unique_ptr<Mixer> make_##name(const MixerSetting& setting);
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM

std::unique_ptr<Mixer> make_mixer(const std::string& mechanism, const MixerSetting& setting) {
  const Spec& spec = find_spec(mechanism);
  const MixerSetting full{setting.width, spec.complete(setting.width, setting.options)};
#define YORE_MECHANISM(name) \
  if (mechanism == #name) return make_##name(full);
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM
  throw std::logic_error("mixer " + mechanism + " is not named as its folder is");
}

}  // namespace yore::mixers
