// Attention in the prover. A head of lookback 1 sees one key and hands on its value, whatever the scores. Any
// other head hands on a mean of the values it sees, weighted by its scores: bounded by what the values are
// where the argument of P (or Y<=k) is true and where it is false, and by how much more the former weigh.
#include <cmath>

#include "yore/compiler/walk.h"
#include "yore/mixers/attention/kinds.h"

namespace yore::compiler {
namespace {

/// Roundings of a runtime's exponential and division, with room: 16 units each would do.
constexpr double kSoftmaxRoundings = 64;
/// With one key the exponential is that of 0 and the sum is 1.
constexpr double kOneKeyRoundings = 4;

/// One number, and one that sums of such keep exact. What is rounded comes as a wider interval.
bool known(const Interval& x) {
  return x.low == x.high && x.low * 0x1p8 == std::nearbyint(x.low * 0x1p8);
}

}  // namespace

/// What one head adds to one coordinate: a linear function of the key's position, scored by another.
struct Walk::HeadShare {
  int lookback = 0;
  Linear value;
  std::vector<Linear> queries, keys;  ///< dimension by dimension, where neither is 0 everywhere
};

/// What the head hands on when `visible` keys are seen at most, and one of them has the argument true (or
/// none has).
Interval Walk::keys_seen(const HeadShare& share, NodeId argument, std::int64_t visible, bool some_true,
                         const Interval& factor) {
  std::vector<NodeId> nodes;
  add_nodes(share.value, nodes);
  const auto value = hulls(argument, nodes, [&] { return evaluate(share.value, factor); });
  // Rounding errors are relative to the sum of weight * |value|.
  const double rounding = gamma(2.0 * static_cast<double>(visible) + kSoftmaxRoundings);
  if (!some_true) {
    Interval out{0, 0};  // perhaps nothing is seen
    if (!value[0].empty()) out.join(value[0].widened(rounding * value[0].magnitude()));
    return out;
  }
  if (value[1].empty()) return kEmpty;
  if (value[0].empty()) return value[1].widened(rounding * value[1].magnitude());
  std::vector<Interval> query;
  for (const Linear& q : share.queries) {  // of a position that nothing is known of
    const Value v = evaluate(q, factor);
    query.push_back(v.range.widened(v.error));
  }
  std::vector<NodeId> key_nodes;
  for (const Linear& k : share.keys) add_nodes(k, key_nodes);
  const double scale = 1 / std::sqrt(static_cast<double>(model_.width_of_head()));
  const auto score = hulls(argument, key_nodes, [&] {
    Value sum;
    double magnitude = 0;
    for (std::size_t d = 0; d < share.keys.size(); ++d) {
      const Value k = evaluate(share.keys[d], factor);
      const Interval product = scale * (query[d] * k.range.widened(k.error));
      sum.range += product;
      magnitude += product.magnitude();
    }
    sum.error = gamma(static_cast<double>(share.keys.size()) + 4) * magnitude;
    return sum;
  });
  // Keys where the argument is true weigh together at least this.
  const double others = static_cast<double>(visible - 1);
  const double weight = 1 / (1 + others * std::exp(score[0].high - score[1].low));
  Interval out = kEmpty;
  for (const double w : {weight, 1.0}) {
    const Interval mean{w * value[1].low + (1 - w) * value[0].low,
                        w * value[1].high + (1 - w) * value[0].high};
    out.join(mean.widened(rounding * (w * value[1].magnitude() + (1 - w) * value[0].magnitude())));
  }
  return out;
}

/// The weights of one block's attention.
struct Walk::AttentionWeights {
  LinearMap qkv, out;
  Matrix scale;
  std::vector<int> lookback;  ///< by head
  std::int64_t dim = 0, mixed = 0;

  Linear row(std::int64_t r) const {
    Linear form;
    form.add(qkv.weight.row(r), scale, qkv.bias.at(0, r), 1);
    return form;
  }
  static bool nothing(const Linear& form) { return form.terms.empty() && form.bias_magnitude == 0; }

  /// What the heads add to coordinate `o`; heads that add nothing are left out.
  std::vector<HeadShare> shares(std::int64_t o) const {
    std::vector<HeadShare> list;
    for (std::size_t h = 0; h < lookback.size(); ++h) {
      HeadShare share;
      share.lookback = lookback[h];
      const std::int64_t first = static_cast<std::int64_t>(h) * dim;
      for (std::int64_t d = first; d < first + dim; ++d) {
        const double weight = out.weight.at(o, d);
        if (weight == 0) continue;
        share.value.add(qkv.weight.row(2 * mixed + d), scale, qkv.bias.at(0, 2 * mixed + d), weight);
        ++share.value.products;
      }
      if (nothing(share.value)) continue;
      for (std::int64_t d = first; d < first + dim; ++d) {
        Linear q = row(d), k = row(mixed + d);
        if (nothing(q) || nothing(k)) continue;
        share.queries.push_back(std::move(q));
        share.keys.push_back(std::move(k));
      }
      list.push_back(std::move(share));
    }
    return list;
  }
};

/// What heads of lookback 1 hand on together, where the argument is false at the position before (or there is
/// none), and where it is true.
std::array<Interval, 2> Walk::last_key(const std::vector<HeadShare>& shares, NodeId argument,
                                       const Interval& factor) {
  std::vector<NodeId> nodes;
  for (const HeadShare& share : shares) add_nodes(share.value, nodes);
  auto value = hulls(argument, nodes, [&] {
    Value all;
    for (const HeadShare& share : shares) {
      const Value v = evaluate(share.value, factor);
      all.range += v.range;
      all.error += v.error + (v.exact ? 0 : gamma(kOneKeyRoundings) * v.range.magnitude());
    }
    return all;
  });
  value[0].join({0, 0});  // the first position
  return value;
}

void Walk::attention(int block) {
  const arch::ModelOptions& c = model_;
  const int stage = attention_stage(block);
  const std::string name = "layers." + std::to_string(block) + ".attention.";
  const std::int64_t dim = c.width_of_head();
  const AttentionWeights weights{
      linear_of(file_.weights, name + "qkv"),
      linear_of(file_.weights, name + "out"),
      norm_weight(name + "norm"),
      mixers::parse_attention(c.attention, c.layers, c.heads)[static_cast<std::size_t>(block)].lookback,
      dim,
      c.heads * dim};
  const Interval factor = norm_factor();

  std::vector<std::pair<int, Cell>> results;  // all read what stood there before the stage
  for (int o = 0; o < c.width && fine(); ++o) {
    const double bias = weights.out.bias.at(0, o);
    std::vector<HeadShare> shares = weights.shares(o);
    const std::optional<Cell> claim = claimed(stage, o);
    if (shares.empty() && bias == 0 && !claim) continue;
    const logic::Node* node =
        claim && claim->node >= 0 ? &manifest_.formula.graph.node(claim->node) : nullptr;
    if (claim && (node == nullptr || !is_temporal(*node) || node->op == logic::Op::Since))
      return fail(stage, o, "attention makes no such truth: " + node_text(claim->node));
    const int reach = node == nullptr ? 0 : node->op == logic::Op::Before ? -1 : node->value;

    // What was there, and what heads add that do not look where the claim looks: anything they may hand on.
    const auto others = std::stable_partition(shares.begin(), shares.end(), [&](const HeadShare& share) {
      return reach != 0 && share.lookback == reach;
    });
    Interval rest{bias, bias};
    double magnitude = std::abs(bias);
    for (auto it = others; it != shares.end(); ++it) {
      const Value v = evaluate(it->value, factor);
      Interval any = v.range.widened(v.error);
      any.join({0, 0});
      any =
          any.widened(gamma(2.0 * static_cast<double>(proof_.length) + kSoftmaxRoundings) * any.magnitude());
      rest += any;
      magnitude += any.magnitude();
    }
    const std::vector<HeadShare> ours(shares.begin(), others);

    std::array<Interval, 2> added = {Interval{0, 0}, Interval{0, 0}};
    if (reach == 1) {
      added = last_key(ours, node->args[0], factor);
    } else if (reach != 0) {
      const std::int64_t visible = reach < 0 ? proof_.length : std::min<std::int64_t>(reach, proof_.length);
      for (const bool t : {false, true})
        for (const HeadShare& share : ours) {
          const Interval one = keys_seen(share, node->args[0], std::max<std::int64_t>(1, visible), t, factor);
          if (one.empty()) added[t] = kEmpty;
          if (!added[t].empty()) added[t] += one;
        }
    }
    Cell found = claim.value_or(cell(o));
    const double roundings = static_cast<double>(shares.size()) * static_cast<double>(dim) + 2;
    for (const bool t : {false, true}) {
      const Interval before = claim ? cell(o).hull() : cell(o).when[t];
      Interval x = added[t];
      found.when[t] = kEmpty;
      if (x.empty() || before.empty()) continue;
      const double all = magnitude + x.magnitude() + before.magnitude();
      const bool exact = known(x) && known(rest) && known(before) && all < grain_.limit;
      x += rest;
      x += before;
      found.when[t] = exact ? x : x.widened(gamma(roundings) * all);
    }
    results.emplace_back(o, found);
  }
  for (const auto& [o, found] : results)
    if (fine()) accept(stage, o, found);
}

}  // namespace yore::compiler
