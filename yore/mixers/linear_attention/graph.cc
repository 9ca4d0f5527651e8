// Linear attention as a graph: layer.cc's steps in operators.
#include "yore/mixers/common/layer_graph.h"
#include "yore/mixers/linear_attention/options.h"

namespace yore::mixers {
namespace {

/// x [rows, heads, key] through the feature map; `map` is its learnt one's name.
std::string features(LayerGraph& g, const LinearAttentionOptions& o, const std::string& map, std::string x,
                     bool normed) {
  const std::int64_t key = o.scan.key_dim;
  if (o.map == FeatureMap::Elu) x = g.op("Add", {g.op("Elu", {x}), g.real(1)});
  if (o.map == FeatureMap::Relu) x = g.op("Relu", {x});
  if (o.map == FeatureMap::Hadamard) {
    // Of a name of its own, since queries and keys may share the map.
    const std::string two =
        g.op("Gemm", {g.rows(x, {key}), g.parameter(map + ".weight"), g.parameter(map + ".bias")},
             {{"transB", 1}});
    x = g.rows(g.op("Mul", {g.part(two, 1, 0, key), g.part(two, 1, key, key)}), {o.scan.heads, key});
  }
  if (!normed) return x;
  const std::string sum = g.sum(x);
  return g.op("Div", {x, g.op("Add", {sum, g.real(1e-4)})});
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::string linear_attention_graph(LayerGraph& g, const std::string& x) {
  const LinearAttentionOptions o = read_linear_attention_options(g.setting());
  const std::int64_t heads = o.scan.heads, key = o.scan.key_dim;
  const std::string qkv = g.linear("qkv", x), q_map = o.tied_map ? "map" : "q_map",
                    k_map = o.tied_map ? "map" : "k_map";
  GraphScanInput in;
  in.q = features(g, o, q_map, g.heads_of(qkv, 0, heads, key), o.q_norm);
  in.k = features(g, o, k_map, g.heads_of(qkv, o.keys(), heads, key), o.k_norm);
  in.v = g.heads_of(qkv, 2 * o.keys(), heads, o.value);
  // A column of ones, whose sum is the normaliser.
  if (o.normaliser) in.v = g.op("Pad", {in.v, g.integers({0, 0, 0, 0, 0, 1}), g.real(1)});
  std::string y = g.scan("scan", in, o.scan);
  if (o.normaliser)
    y = g.op("Div", {g.part(y, 2, 0, o.value),
                     g.op("Add", {g.part(y, 2, o.value, 1), g.real(o.normaliser_epsilon)})});
  if (o.output_norm) y = g.rms_norm(y, g.parameter("out_norm.weight"), o.norm_epsilon);
  return g.linear("out", g.rows(y, {o.values()}));
}

}  // namespace yore::mixers
