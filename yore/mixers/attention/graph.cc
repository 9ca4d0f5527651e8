// Attention as a graph: all scores of all pairs, masked.
#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "yore/base/error.h"
#include "yore/mixers/attention/options.h"
#include "yore/mixers/common/layer_graph.h"

namespace yore::mixers {
namespace {

// "Global" where heads of one layer differ: no two places lie as far apart.
constexpr std::int64_t kEverywhere = std::numeric_limits<std::int64_t>::max();

/// int64 [n, n]: how far back key j lies from query i, i - j; one for all layers.
std::string distance(LayerGraph& g) {
  GraphWriter& w = g.writer();
  const std::string name = "distance", &place = g.sequences().place;
  if (w.first(name))
    w.node(name, "Sub",
           {w.node(name + ".query", "Unsqueeze", {place, w.integers(name + ".columns", {1}, {1})}),
            w.node(name + ".key", "Unsqueeze", {place, w.integers(name + ".rows", {1}, {0})})});
  return name;
}

/// bool [heads or 1, n, n]: whether a query (row) sees a key (column). Row 0 of a strict mask sees none.
std::string visible(LayerGraph& g, const AttentionParams& params) {
  GraphWriter& w = g.writer();
  const std::string past = params.strict ? "past" : "past.and_self";
  if (w.first(past))
    w.node(past, "Greater", {distance(g), w.integers(past + ".beyond", {}, {params.strict ? 0 : -1})});
  std::vector<std::int64_t> reach;
  for (const int lookback : params.lookback) reach.push_back(lookback < 0 ? kEverywhere : lookback);
  if (std::all_of(reach.begin(), reach.end(), [](std::int64_t r) { return r == kEverywhere; })) return past;
  if (std::all_of(reach.begin(), reach.end(), [&](std::int64_t r) { return r == reach[0]; })) reach.resize(1);
  std::string near = g.op(
      "LessOrEqual",
      {distance(g), w.integers(g.named("lookback"), {static_cast<std::int64_t>(reach.size()), 1, 1}, reach)});
  if (params.sinks > 0)
    near = g.op(
        "Or", {near, g.op("Less", {g.sequences().place, w.integers(g.named("sinks"), {}, {params.sinks})})});
  return g.node("visible", "And", {past, near});
}

/// Scores [batch, heads, n, n] less a slope times the distance.
std::string penalised(LayerGraph& g, const std::string& scores, const std::vector<double>& slopes) {
  GraphWriter& w = g.writer();
  const std::string far = "distance.real";
  constexpr std::int64_t kFloat = 1;  // TensorProto's number of the type
  if (w.first(far)) w.node(far, "Cast", {distance(g)}, {{"to", kFloat}});
  const std::string each = w.floats(g.named("slopes"), {static_cast<std::int64_t>(slopes.size()), 1, 1},
                                    std::vector<float>(slopes.begin(), slopes.end()));
  return g.op("Sub", {scores, g.op("Mul", {far, each})});
}

/// Values [rows, kv_heads, dim] times r / (r + C), r their squared norms.
std::string scaled(LayerGraph& g, const std::string& v, const AttentionOptions& o) {
  const std::string constant = g.op(
      "Mul", {g.op("Exp", {g.op("Reshape", {g.parameter("value_scale.theta"), g.integers({o.kv_heads, 1})})}),
              g.real(o.value_scale_constant)});
  const std::string r = g.sum(g.op("Mul", {v, v}));
  return g.op("Mul", {v, g.op("Div", {r, g.op("Add", {r, constant})})});
}

}  // namespace

/// Named in CMakeLists.txt's list of mechanisms.
std::string attention_graph(LayerGraph& g, const std::string& x) {
  const AttentionOptions o = read_attention_options(g.setting());
  if (o.encoder) throw base::InputError("mixer attention", "with mask=none it is not written as a graph");
  const std::int64_t heads = o.heads, kv_heads = o.kv_heads, dim = o.head_width;
  const std::string qkv = g.linear("qkv", x);
  /// [batch, heads, ..] of [rows, count, dim], each repeated for the heads that read it; the last two axes n
  /// and dim, or exchanged.
  const auto by_head = [&](std::string y, std::int64_t count, bool across) {
    if (count < heads) y = g.op("Expand", {g.rows(y, {count, 1, dim}), g.integers({1, 1, heads / count, 1})});
    return g.op("Transpose", {g.in_sequences(y, {heads, dim})},
                {{"perm", across ? GraphWriter::Shape{0, 2, 3, 1} : GraphWriter::Shape{0, 2, 1, 3}}});
  };
  /// Queries or keys, normed and turned by their places.
  const auto ready = [&](std::int64_t from, std::int64_t count, const char* norm) {
    std::string y = g.heads_of(qkv, from, count, dim);
    if (o.qk_norm != QkNorm::None) {
      std::string weight = g.parameter(norm);
      if (o.qk_norm == QkNorm::RmsPlusOne) weight = g.op("Add", {weight, g.real(1)});
      y = g.rms_norm(y, weight, o.qk_norm_epsilon);
    }
    return o.positions == AttentionPositions::Rotary ? g.rotated(y, o.rotary, count, dim) : y;
  };
  const std::string q = by_head(ready(0, heads, "q_norm.weight"), heads, false);
  const std::string k = by_head(ready(o.mixed_width(), kv_heads, "k_norm.weight"), kv_heads, true);
  std::string values = g.heads_of(qkv, o.mixed_width() + o.kv_width(), kv_heads, dim);
  // backward_only is about gradients, which no graph has.
  if (o.value_scale == ValueScale::On) values = scaled(g, values, o);
  const std::string v = by_head(values, kv_heads, false);

  std::string scores = g.node("scores", "Mul", {g.op("MatMul", {q, k}), g.real(*o.params.scale)});
  if (o.params.soft_cap != 0) {
    const std::string cap = g.real(o.params.soft_cap);
    scores = g.op("Mul", {g.op("Tanh", {g.op("Div", {scores, cap})}), cap});
  }
  if (!o.params.alibi_slopes.empty()) scores = penalised(g, scores, o.params.alibi_slopes);
  const std::string seen = visible(g, o.params);
  // Finite, so that a row that sees nothing is no 0/0; its weights are set to zero all the same.
  std::string masked = g.op("Where", {seen, scores, g.real(std::numeric_limits<float>::lowest())});
  if (o.sink_logits) {
    // A column in front that takes its share and hands on nothing.
    const std::string sink = g.op("Reshape", {g.parameter("sink_logits"), g.integers({heads, 1, 1})});
    masked = g.op("Concat", {g.op("Expand", {sink, g.op("Shape", {g.part(scores, 3, 0, 1)})}), masked},
                  {{"axis", 3}});
  }
  std::string shares = g.op("Softmax", {masked}, {{"axis", -1}});
  if (o.sink_logits)
    shares = g.op("Slice", {shares, g.integers({1}), g.integers({kEverywhere}), g.integers({3})});
  const std::string weights = g.node("weights", "Where", {seen, shares, g.real(0)});
  const std::string mixed =
      g.op("Transpose", {g.op("MatMul", {weights, v})}, {{"perm", GraphWriter::Shape{0, 2, 1, 3}}});
  return g.linear("out", g.rows(mixed, {o.mixed_width()}));
}

}  // namespace yore::mixers
