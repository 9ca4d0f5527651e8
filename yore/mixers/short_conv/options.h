// The options of a layer that is a short convolution, read once, without torch.
#pragma once
#include "yore/mixers/spec.h"

namespace yore::mixers {

struct ShortConvOptions {
  std::int64_t width = 3;  ///< tokens that a row sees, itself included
  bool gate = true;        ///< times a linear map of the row
  bool skip = true;        ///< plus the row
  bool silu = false;       ///< over each factor
  bool conv_bias = true, gate_bias = true;
};

std::vector<base::OptionSpec> short_conv_option_specs();
base::Json complete_short_conv_options(const base::Json& given);
/// Of complete options.
ShortConvOptions read_short_conv_options(const base::Json& options);

}  // namespace yore::mixers
