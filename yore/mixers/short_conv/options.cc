#include "yore/mixers/short_conv/options.h"

#include "yore/mixers/common/layer_options.h"

namespace yore::mixers {

std::vector<base::OptionSpec> short_conv_option_specs() {
  return {
      {"width", 3, "Tokens that a row sees, itself included"},
      {"gate", true, "The convolution is multiplied by a linear map of the row"},
      {"skip", true, "The row is added (beside what the model's block adds)"},
      {"activation", "none", "What each factor passes: none or silu"},
      {"conv_bias", true, "The convolution adds a learnt number to each channel"},
      {"gate_bias", true, "The linear map of the gate adds one"},
  };
}

base::Json complete_short_conv_options(const base::Json& given) {
  LayerOptions o("short_conv", given, short_conv_option_specs());
  o.whole("width", 2, 64);
  o.word("activation", {"none", "silu"});
  o.require(o.flag("gate") || o.flag("gate_bias"), "gate_bias",
            "true with gate=false, which has no use for it");
  return o.json;
}

ShortConvOptions read_short_conv_options(const base::Json& options) {
  const base::Json all = complete_short_conv_options(options);
  ShortConvOptions read;
  read.width = all["width"].get<std::int64_t>();
  read.gate = all["gate"].get<bool>();
  read.skip = all["skip"].get<bool>();
  read.silu = all["activation"] == "silu";
  read.conv_bias = all["conv_bias"].get<bool>();
  read.gate_bias = read.gate && all["gate_bias"].get<bool>();
  return read;
}

}  // namespace yore::mixers
