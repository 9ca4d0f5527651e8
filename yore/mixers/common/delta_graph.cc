#include "yore/mixers/common/delta_graph.h"

namespace yore::mixers {
namespace {

/// Queries and keys as they leave the convolution.
std::string activated(LayerGraph& g, KeyActivation activation, const std::string& x) {
  switch (activation) {
    case KeyActivation::Silu:
      return g.silu(x);
    case KeyActivation::Relu:
      return g.op("Relu", {x});
    case KeyActivation::EluPlusOne:
      return g.op("Add", {g.op("Elu", {x}), g.real(1)});
    case KeyActivation::None:
      break;
  }
  return x;
}

std::string normed(LayerGraph& g, KeyNorm norm, const std::string& x) {
  if (norm == KeyNorm::None) return x;
  const std::string epsilon = g.real(kKeyNormEpsilon);
  if (norm == KeyNorm::Sum) return g.op("Div", {x, g.op("Add", {g.sum(x), epsilon})});
  return g.op("Div", {x, g.op("Sqrt", {g.op("Add", {g.sum(g.op("Mul", {x, x})), epsilon})})});
}

}  // namespace

std::string delta_graph(LayerGraph& g, const DeltaOptions& o, const std::string& x,
                        const std::string& log_decay) {
  const scan::Setting& s = o.scan;
  const std::int64_t steps = o.access.steps, keys = (1 + steps) * o.keys(),  // queries too
      values = steps * o.values();
  std::string qkv = g.linear("qkv", x);
  // Queries and keys have an activation of their own, so that the operator's SiLU is not for all.
  const bool silu = o.key_activation == KeyActivation::Silu && o.value_silu;
  if (o.conv > 0) qkv = g.conv(qkv, o.channels(), o.conv, silu);
  std::string qk = g.part(qkv, 1, 0, keys), v = g.part(qkv, 1, keys, values);
  if (!(silu && o.conv > 0)) {
    qk = activated(g, o.key_activation, qk);
    if (o.value_silu) v = g.silu(v);
  }
  qk = normed(g, o.key_norm, g.rows(qk, {(1 + steps) * s.key_heads, s.key_dim}));

  GraphScanInput in{g.part(qk, 1, 0, s.key_heads), g.part(qk, 1, s.key_heads, steps * s.key_heads),
                    g.rows(v, {steps * s.heads, s.value_dim}), log_decay, ""};
  if (o.beta) in.beta = g.op("Sigmoid", {g.linear("beta", x)});
  if (o.negative_eigenvalues)
    in.beta = o.beta ? g.op("Mul", {in.beta, g.real(2)})
                     : g.op("Expand", {g.real(2), g.op("Shape", {g.part(in.v, 2, 0, 1)})});
  std::string y = g.scan("scan", in, s, o.access);
  if (o.out_norm) y = g.rms_norm(y, g.parameter("out_norm.weight"), o.norm_epsilon);
  if (o.gate != OutputGate::None) {
    const std::string gate =
        o.gate_rank == 0 ? g.linear("gate", x) : g.linear("gate_out", g.linear("gate_in", x));
    const std::string open = o.gate == OutputGate::Silu ? g.silu(gate) : g.op("Sigmoid", {gate});
    y = g.op("Mul", {y, g.rows(open, {s.heads, s.value_dim})});
  }
  return g.linear("out", g.rows(y, {o.values()}));
}

}  // namespace yore::mixers
