// slot_layer.h as a graph.
#pragma once
#include <functional>
#include <string>

#include "yore/mixers/common/layer_graph.h"
#include "yore/mixers/common/slot_options.h"

namespace yore::mixers {

/// Weights, decays and perhaps fillings into an input whose q, k and v are there, [rows, heads, slots].
using SlotGates = std::function<void(GraphSlotInput& input)>;

/// The layer of x [rows, width].
std::string slot_graph(LayerGraph& graph, const SlotLayer& layer, const std::string& x,
                       const SlotGates& gates);

}  // namespace yore::mixers
