// Retention as a graph: layer.cc's steps in operators.
#include <cmath>

#include "yore/mixers/common/layer_graph.h"
#include "yore/mixers/retention/options.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string retention_graph(LayerGraph& g, const std::string& x) {
  const RetentionOptions o = read_retention_options(g.setting());
  const std::int64_t heads = o.scan.heads, key = o.scan.key_dim, value = o.scan.value_dim;
  const std::string qkv = g.projected(x, o.channels(), o.conv);
  GraphScanInput in;
  in.q = g.heads_of(qkv, 0, heads, key);
  in.k = g.heads_of(qkv, o.keys(), heads, key);
  in.v = g.heads_of(qkv, 2 * o.keys(), heads, value);
  if (o.rotary) {
    in.q = g.rotated(in.q, o.turns, heads, key);
    in.k = g.rotated(in.k, o.turns, heads, key);
  }
  std::vector<float> logs;
  for (const double decay : o.decays) logs.push_back(static_cast<float>(std::log(decay)));
  const std::string each = g.writer().floats(g.named("log_decay"), {1, heads, 1}, logs);
  in.log_decay = g.op("Expand", {each, g.op("Shape", {g.part(in.v, 2, 0, 1)})});
  std::string y = g.rms_norm(g.scan("scan", in, o.scan), g.parameter("out_norm.weight"), o.norm_epsilon);
  if (o.output_gate) y = g.op("Mul", {y, g.rows(g.silu(g.linear("gate", x)), {heads, value})});
  return g.linear("out", g.rows(y, {o.values()}));
}

}  // namespace yore::mixers
