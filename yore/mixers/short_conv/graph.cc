// The short convolution as a graph.
#include "yore/mixers/common/layer_graph.h"
#include "yore/mixers/short_conv/options.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string short_conv_graph(LayerGraph& g, const std::string& x) {
  const ShortConvOptions o = read_short_conv_options(g.setting().options);
  std::string y = g.conv(x, g.setting().width, o.width, o.silu);
  if (o.gate) {
    const std::string gate = g.linear("gate", x);
    y = g.op("Mul", {y, o.silu ? g.silu(gate) : gate});
  }
  return o.skip ? g.op("Add", {y, x}) : y;
}

}  // namespace yore::mixers
