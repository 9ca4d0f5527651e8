#include "yore/mixers/graph.h"

#include <stdexcept>

#include "yore/mixers/common/layer_graph.h"

namespace yore::mixers {

#define YORE_MECHANISM(name) std::string name##_graph(LayerGraph& layer, const std::string& x);
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM

std::string write_graph(const std::string& mechanism, const MixerSetting& setting, const std::string& name,
                        const GraphSequences& sequences, const std::string& x, GraphWriter& graph) {
  LayerGraph layer(graph, find_spec(mechanism), setting, name, sequences);
#define YORE_MECHANISM(folder) \
  if (mechanism == #folder) return folder##_graph(layer, x);
#include "yore/mixers/mechanisms.inc"
#undef YORE_MECHANISM
  throw std::logic_error("no graph of " + mechanism);  // find_spec knows the same list
}

}  // namespace yore::mixers
