// delta_layer.h as a graph.
#pragma once
#include <string>

#include "yore/mixers/common/delta_options.h"
#include "yore/mixers/common/layer_graph.h"

namespace yore::mixers {

/// The layer of x [rows, width]; log_decay [rows, heads, 1 or key_dim], empty where the scan does not decay.
std::string delta_graph(LayerGraph& graph, const DeltaOptions& options, const std::string& x,
                        const std::string& log_decay);

}  // namespace yore::mixers
