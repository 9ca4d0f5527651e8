// DeltaNet's description: see spec.h.
#include "yore/mixers/delta_net/options.h"

namespace yore::mixers {
namespace {

class DeltaNetSpec final : public DeltaSpec {
 public:
  std::string name() const override { return "delta_net"; }
  std::string summary() const override {
    return "the delta rule; a write replaces what the state gives for its key";
  }
  std::string source() const override {
    return "Schlag et al. 2021, arXiv 2102.11174; Yang et al. 2024, arXiv 2406.06484";
  }
  std::vector<base::OptionSpec> options() const override { return delta_net_option_specs(); }
  base::Json complete(std::int64_t width, const base::Json& given) const override {
    return complete_delta_net_options(width, given);
  }

 protected:
  DeltaOptions read(const MixerSetting& setting) const override { return read_delta_net_options(setting); }
};

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
const Spec& delta_net_spec() {
  static const DeltaNetSpec spec;
  return spec;
}

}  // namespace yore::mixers
