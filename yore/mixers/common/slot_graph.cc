#include "yore/mixers/common/slot_graph.h"

namespace yore::mixers {

std::string slot_graph(LayerGraph& g, const SlotLayer& layer, const std::string& x, const SlotGates& gates) {
  const slots::Setting& s = layer.slots;
  const auto mapped = [&](const std::string& y, const std::string& map) {
    return map == "silu" ? g.silu(y) : y;
  };
  const std::string qkv = g.projected(x, layer.channels(), layer.conv);
  GraphSlotInput in;
  in.q = mapped(g.heads_of(qkv, 0, s.heads, s.key_dim), layer.feature_map);
  in.k = mapped(g.heads_of(qkv, layer.keys(), s.heads, s.key_dim), layer.feature_map);
  in.v = mapped(g.heads_of(qkv, 2 * layer.keys(), s.heads, s.value_dim), layer.value_map);
  gates(in);
  std::string y = mapped(g.slots(in, s), layer.output_map);
  const GraphWriter::Shape heads = {s.heads, s.value_dim};
  if (layer.norm == "head") y = g.rms_norm(y, g.parameter("out_norm.weight"), layer.norm_epsilon);
  if (layer.norm == "layer")
    y = g.rows(g.rms_norm(g.rows(y, {layer.values()}), g.parameter("out_norm.weight"), layer.norm_epsilon),
               heads);
  if (layer.output_gate) y = g.op("Mul", {y, g.rows(g.silu(g.linear("gate", x)), heads)});
  return g.linear("out", g.rows(y, {layer.values()}));
}

}  // namespace yore::mixers
