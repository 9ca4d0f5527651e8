// Feed-forward nets in the prover. Hidden units that read the same sum make one piecewise linear function of
// it, whose range over an interval is found at its ends and kinks; that keeps "1 when the sum is large
// enough" exact where the units one by one would say "a large number minus a large number".
#include <cmath>

#include "yore/compiler/walk.h"

namespace yore::compiler {
namespace {

struct Unit {
  double bias = 0, weight = 0;  ///< of the hidden unit, and of what it adds to the coordinate
};

/// Units with one sum in common.
struct Bundle {
  Linear sum;  ///< without the units' biases
  std::vector<Unit> units;
};

/// Numbers whose sums and products with each other stay exact.
bool on_grain(double x) {
  return x * 0x1p8 == std::nearbyint(x * 0x1p8);
}

double height(const std::vector<Unit>& units, double x) {
  double y = 0;
  for (const Unit& u : units) y += u.weight * std::max(0.0, x + u.bias);
  return y;
}

/// Range of slope * x + sum of weight * relu(x + bias) over x in an interval.
Interval range_of(const std::vector<Unit>& units, const Interval& x, double slope) {
  Interval out = kEmpty;
  const auto at = [&](double p) {
    const double y = height(units, p) + slope * p;
    out.join({y, y});
  };
  at(x.low);
  at(x.high);
  for (const Unit& u : units)
    if (-u.bias > x.low && -u.bias < x.high) at(-u.bias);
  return out;
}

bool same_sum(const Linear& a, const Linear& b) {
  return a.terms == b.terms;
}

}  // namespace

void Walk::feed_forward(int block) {
  const runs::ModelConfig& c = file_.model;
  const int stage = mlp_stage(block);
  const std::string name = "layers." + std::to_string(block) + ".mlp.";
  const LinearMap up = linear_of(file_.weights, name + "up"), down = linear_of(file_.weights, name + "down");
  const Matrix scale = norm_weight(name + "norm");
  const Interval factor = norm_factor();
  std::vector<Linear> sums(static_cast<std::size_t>(c.mlp_width));
  for (int j = 0; j < c.mlp_width; ++j) sums[static_cast<std::size_t>(j)].add(up.weight.row(j), scale, 0, 1);

  std::vector<std::pair<int, Cell>> results;  // all read what stood there before the stage
  for (int o = 0; o < c.width && fine(); ++o) {
    std::vector<Bundle> bundles;
    for (int j = 0; j < c.mlp_width; ++j) {
      const double weight = down.weight.at(o, j);
      if (weight == 0) continue;
      const Linear& sum = sums[static_cast<std::size_t>(j)];
      const auto it =
          std::find_if(bundles.begin(), bundles.end(), [&](const Bundle& b) { return same_sum(b.sum, sum); });
      Bundle& bundle = it == bundles.end() ? bundles.emplace_back(Bundle{sum, {}}) : *it;
      bundle.units.push_back({up.bias.at(0, j), weight});
    }
    const double bias = down.bias.at(0, o);
    const std::optional<Cell> claim = claimed(stage, o);
    if (bundles.empty() && bias == 0 && !claim) continue;

    const auto result = [&] {
      Interval x = now(o);
      Interval added{bias, bias};
      double magnitude = x.magnitude() + std::abs(bias), error = 0;
      int summands = bias != 0;
      bool alone = false;
      bool exact = now_exact(o) && on_grain(bias);
      for (const Bundle& bundle : bundles) {
        const Value v = evaluate(bundle.sum, factor);
        // One coordinate's own number, taken away or added: the two are not independent.
        const bool own = !normed_ && bundle.sum.terms.size() == 1 && bundle.sum.terms[0].coordinate == o &&
                         bundle.sum.terms[0].weight == 1;
        const Interval y = range_of(bundle.units, v.range, own ? 1 : 0);
        if (own)
          x = y;
        else
          added += y;
        for (const Unit& u : bundle.units) {
          const double reach = std::max(0.0, v.range.high + u.bias + v.error);
          if (reach == 0) continue;  // 0 exactly
          ++summands;
          exact = exact && v.exact && on_grain(u.bias) && on_grain(u.weight);
          magnitude += std::abs(u.weight) * reach;
          if (!v.exact || !on_grain(u.bias))
            error += std::abs(u.weight) * (v.error + gamma(2) * (std::abs(u.bias) + v.magnitude));
        }
        // What is taken away is the number itself, without any rounding.
        if (own && bundle.units.size() == 1 && x.low == 0 && x.high == 0) {
          exact = on_grain(bias);
          error = 0;
          alone = !now_exact(o);  // x - x is 0 exactly, but x - x + 1 need not be 1
        }
      }
      x += added;
      if (exact && magnitude < kCoarse && !(alone && summands > 1)) return x;
      return summands == 0 ? x : x.widened(error + gamma(summands + 2) * magnitude);
    };

    Cell found = claim.value_or(cell(o));
    found.when = {kEmpty, kEmpty};
    std::vector<NodeId> nodes;
    // Heavy terms first: they decide a gate soonest.
    std::vector<std::pair<double, int>> order;
    for (const Bundle& bundle : bundles)
      for (const Linear::Term& term : bundle.sum.terms)
        order.emplace_back(-std::abs(term.weight), term.coordinate);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    order.emplace_back(0, o);
    for (const auto& [weight, coordinate] : order)
      if (const NodeId id = cell(coordinate).node;
          id >= 0 && std::find(nodes.begin(), nodes.end(), id) == nodes.end())
        nodes.push_back(id);

    Interval worst = kEmpty;
    bool worst_truth = false;
    const bool covered = cases_.split(nodes, options_.max_cases, [&] {
      const Truth t = truth(found.node);
      if (t == Truth::Unknown && !cases_.complete()) return Cases::Next::Split;
      const Interval x = result();
      for (const bool value : {false, true}) {
        if (t == (value ? Truth::False : Truth::True)) continue;
        const bool good =
            found.mean ? x.magnitude() <= 1 + kLargestError : error_of(value, x) <= kLargestError;
        if (!good && !cases_.complete()) return Cases::Next::Split;
        if (!good) {
          worst = x;
          worst_truth = value;
          return Cases::Next::Stop;
        }
        found.when[value].join(x);
      }
      return Cases::Next::Done;
    });
    if (!worst.empty())
      refuse(stage, o, found, worst_truth, worst);
    else if (!covered)
      fail(stage, o, "more cases than max_cases");
    results.emplace_back(o, found);
  }
  for (const auto& [o, found] : results)
    if (fine()) accept(stage, o, found);
}

}  // namespace yore::compiler
