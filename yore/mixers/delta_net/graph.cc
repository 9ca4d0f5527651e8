// DeltaNet as a graph.
#include "yore/mixers/common/delta_graph.h"
#include "yore/mixers/delta_net/options.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string delta_net_graph(LayerGraph& g, const std::string& x) {
  return delta_graph(g, read_delta_net_options(g.setting()), x, "");
}

}  // namespace yore::mixers
