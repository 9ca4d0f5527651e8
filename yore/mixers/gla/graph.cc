// Gated linear attention as a graph: layer.cc's steps in operators.
#include "yore/mixers/common/layer_graph.h"
#include "yore/mixers/gla/options.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string gla_graph(LayerGraph& g, const std::string& x) {
  const GlaOptions o = read_gla_options(g.setting());
  const std::int64_t heads = o.scan.heads, key = o.scan.key_dim, value = o.scan.value_dim;
  const std::string qkv = g.projected(x, o.channels(), o.conv);
  const std::string gate = g.log_sigmoid(g.linear("decay_out", g.linear("decay_in", x)));
  GraphScanInput in;
  in.q = g.heads_of(qkv, 0, heads, key);
  in.k = g.heads_of(qkv, o.keys(), heads, key);
  in.v = g.heads_of(qkv, 2 * o.keys(), heads, value);
  in.log_decay = g.op("Div", {gate, g.real(o.gate_divisor)});
  std::string y = g.scan("scan", in, o.scan, o.access);
  if (o.out_norm) y = g.rms_norm(y, g.parameter("out_norm.weight"), o.norm_epsilon);
  if (o.output_gate) y = g.op("Mul", {y, g.rows(g.silu(g.linear("gate", x)), {heads, value})});
  return g.linear("out", g.rows(y, {o.values()}));
}

}  // namespace yore::mixers
