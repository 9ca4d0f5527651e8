// The gated delta rule as a graph.
#include "yore/mixers/common/delta_graph.h"
#include "yore/mixers/gated_delta_net/options.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string gated_delta_net_graph(LayerGraph& g, const std::string& x) {
  return delta_graph(g, read_gated_delta_net_options(g.setting()), x,
                     g.softplus_decay(g.parameter("log_rate"), g.linear("decay", x)));
}

}  // namespace yore::mixers
