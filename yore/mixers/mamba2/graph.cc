// Mamba-2 as a graph: layer.cc's steps in operators. The step multiplies what is written, so that the
// operator's rule is that of linear attention with a decay a head.
#include "yore/mixers/common/layer_graph.h"
#include "yore/mixers/mamba2/options.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string mamba2_graph(LayerGraph& g, const std::string& x) {
  using Norm = Mamba2Options::Norm;
  const Mamba2Options o = read_mamba2_options(g.setting());
  const std::int64_t heads = o.scan.heads, groups = o.scan.key_heads, state = o.scan.key_dim,
                     value = o.scan.value_dim, inner = o.inner();
  const std::string all = g.linear("in", x);  // z, x, B, C, steps
  std::string xbc = g.part(all, 1, inner, o.channels());
  if (o.conv > 0) xbc = g.conv(xbc, o.channels(), o.conv, true);

  std::string raw = g.op("Add", {g.part(all, 1, inner + o.channels(), heads), g.parameter("dt.bias")});
  if (o.dt_least > 0) raw = g.op("Max", {raw, g.real(before_softplus(o.dt_least))});
  if (o.dt_most > 0) raw = g.op("Min", {raw, g.real(before_softplus(o.dt_most))});
  GraphScanInput in;
  in.v = g.heads_of(xbc, 0, heads, value);
  in.k = g.heads_of(xbc, inner, groups, state);
  in.q = g.heads_of(xbc, inner + o.states(), groups, state);
  in.log_decay = g.softplus_decay(g.parameter("a_log"), raw);
  in.beta = g.softplus(raw);
  const std::string skip = g.op("Reshape", {g.parameter("skip"), g.integers({heads, -1})});
  std::string y = g.op("Add", {g.scan("scan", in, o.scan, o.access), g.op("Mul", {in.v, skip})});

  const std::string gate = g.rows(g.silu(g.part(all, 1, 0, inner)), {heads, value});
  if (!o.norm_before_gate) y = g.op("Mul", {y, gate});
  if (o.norm != Norm::None) {
    const std::int64_t parts = o.norm_groups();
    const std::string weight = g.op("Reshape", {g.parameter("out_norm.weight"), g.integers({parts, -1})});
    y = g.rows(g.rms_norm(g.rows(y, {parts, inner / parts}), weight, o.norm_epsilon), {heads, value});
  }
  if (o.norm_before_gate) y = g.op("Mul", {y, gate});
  return g.linear("out", g.rows(y, {inner}));
}

}  // namespace yore::mixers
