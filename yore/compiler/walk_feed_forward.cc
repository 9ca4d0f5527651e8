// Feed-forward nets in the prover. Hidden units that read the same sum make one piecewise linear function of
// it, whose range over an interval is found at its ends and kinks; that keeps "1 when the sum is large
// enough" exact where the units one by one would say "a large number minus a large number".
#include <cmath>

#include "yore/compiler/walk.h"

namespace yore::compiler {
namespace {

/// What a hidden unit adds to the coordinate: weight * relu(slope * sum + bias).
struct Unit {
  double slope = 1, bias = 0, weight = 0;
};

/// Units with one sum in common.
struct Bundle {
  Linear sum;        ///< without the units' biases
  bool own = false;  ///< the sum is the coordinate's own number: what it adds is not independent of that
  std::vector<Unit> units;

  double at(double x) const {
    double y = own ? x : 0;
    for (const Unit& u : units) y += u.weight * std::max(0.0, u.slope * x + u.bias);
    return y;
  }
  /// Range over all sums in an interval.
  Interval range(const Interval& x) const {
    Interval out = kEmpty;
    const auto join = [&](double p) {
      const double y = at(p);
      out.join({y, y});
    };
    join(x.low);
    join(x.high);
    for (const Unit& u : units)
      if (const double kink = -u.bias / u.slope; kink > x.low && kink < x.high) join(kink);
    return out;
  }
};

/// A bundle whose contribution is known to this part of the distance between false and true is settled.
constexpr double kSettled = 1.0 / 64;

/// The units that write coordinate `o`, by what they read.
std::vector<Bundle> bundles_of(int o, const std::vector<Linear>& sums, const LinearMap& up,
                               const LinearMap& down, bool normed) {
  std::vector<Bundle> bundles;
  for (std::size_t j = 0; j < sums.size(); ++j) {
    const auto unit = static_cast<std::int64_t>(j);
    const double weight = down.weight.at(o, unit), bias = up.bias.at(0, unit);
    if (weight == 0) continue;
    Linear sum = sums[j];
    double slope = 1;
    const bool own = !normed && sum.terms.size() == 1 && sum.terms[0].coordinate == o &&
                     std::abs(sum.terms[0].weight) == 1;
    if (own) std::swap(slope, sum.terms[0].weight);
    const auto it = std::find_if(bundles.begin(), bundles.end(),
                                 [&](const Bundle& b) { return b.own == own && b.sum.terms == sum.terms; });
    Bundle& bundle = it == bundles.end() ? bundles.emplace_back(Bundle{std::move(sum), own, {}}) : *it;
    bundle.units.push_back({slope, bias, weight});
  }
  return bundles;
}

/// A sum in float32: what it comes to, and whether it was rounded.
struct Sum {
  Interval range;
  double magnitude = 0, error = 0;
  int summands = 0;
  bool exact = true;
};

/// What a bundle adds; for the coordinate's own bundle: what it leaves there.
Interval add(Sum& sum, const Bundle& bundle, const Value& v, const Grain& grain) {
  const Interval y = bundle.range(v.range);
  // What a unit hands on is a product of two grained numbers; times a third only if it is grained itself.
  const bool point = v.range.low == v.range.high && grain.fits(v.range.low);
  const bool grained = v.exact && (point || std::all_of(bundle.sum.terms.begin(), bundle.sum.terms.end(),
                                                        [](const Linear::Term& term) {
                                                          return term.weight == std::nearbyint(term.weight);
                                                        }));
  Sum more;
  for (const Unit& u : bundle.units) {
    const double reach = std::max(u.slope * v.range.low, u.slope * v.range.high) + u.bias + v.error;
    if (reach <= 0) continue;  // 0 exactly
    ++more.summands;
    more.exact = more.exact && grained && grain.fits(u.bias) && grain.fits(u.weight);
    more.magnitude += std::abs(u.weight) * reach;
    if (!v.exact || !grain.fits(u.bias))
      more.error += std::abs(u.weight) * (v.error + gamma(2) * (std::abs(u.bias) + v.magnitude));
  }
  // x - x is 0 exactly, whatever x is.
  const bool cancels =
      bundle.own && y.low == 0 && y.high == 0 &&
      std::all_of(bundle.units.begin(), bundle.units.end(), [](const Unit& u) { return u.bias == 0; });
  if (cancels) more.error = 0;
  sum.exact = sum.exact && more.exact;
  sum.summands += more.summands;
  sum.magnitude += more.magnitude;
  sum.error += more.error;
  return y;
}

}  // namespace

void Walk::feed_forward(int block) {
  const arch::ModelOptions& c = model_;
  const int stage = mlp_stage(block);
  const std::string name = "layers." + std::to_string(block) + ".mlp.";
  const LinearMap up = linear_of(file_.weights, name + "up"), down = linear_of(file_.weights, name + "down");
  const Matrix scale = norm_weight(name + "norm");
  const Interval factor = norm_factor();
  std::vector<Linear> sums(static_cast<std::size_t>(c.mlp_width));
  for (int j = 0; j < c.mlp_width; ++j) sums[static_cast<std::size_t>(j)].add(up.weight.row(j), scale, 0, 1);

  std::vector<std::pair<int, Cell>> results;  // all read what stood there before the stage
  for (int o = 0; o < c.width && fine(); ++o) {
    const std::vector<Bundle> bundles = bundles_of(o, sums, up, down, normed_);
    const double bias = down.bias.at(0, o);
    const std::optional<Cell> claim = claimed(stage, o);
    if (bundles.empty() && bias == 0 && !claim) continue;

    std::vector<char> settled(bundles.size());  // by bundle: what it adds in this case is known
    const auto result = [&] {
      Interval x = now(o), added{bias, bias};
      bool others = bias != 0;  // whether anything but its own number is added
      Sum sum;
      sum.magnitude = x.magnitude() + std::abs(bias);
      sum.summands = bias != 0;
      sum.exact = now_exact(o) && grain_.fits(bias);
      for (std::size_t b = 0; b < bundles.size(); ++b) {
        const Bundle& bundle = bundles[b];
        const int before = sum.summands;
        const Interval y = add(sum, bundle, evaluate(bundle.sum, factor), grain_);
        settled[b] = y.high - y.low < kSettled * range_;
        if (bundle.own)
          x = y;
        else
          added += y;
        others = others || (!bundle.own && sum.summands > before);
      }
      // Alone, x - x is 0 exactly; x - x + 1 need not be 1.
      const bool cleared = x.low == 0 && x.high == 0 && sum.error == 0 && sum.summands <= 2 && !others;
      x += added;
      if (cleared || (sum.exact && sum.magnitude < grain_.limit) || sum.summands == 0) return x;
      return x.widened(sum.error + gamma(sum.summands + 2) * sum.magnitude);
    };

    Cell found = claim.value_or(cell(o));
    found.when = {kEmpty, kEmpty};
    Interval worst = kEmpty;
    bool worst_truth = false;
    std::vector<Linear::Term> all;
    std::vector<std::vector<Linear::Term>> read;  // by bundle, heavy terms first: they decide a gate soonest
    for (const Bundle& bundle : bundles) {
      read.push_back(bundle.sum.terms);
      std::stable_sort(read.back().begin(), read.back().end(),
                       [](const auto& x, const auto& y) { return std::abs(x.weight) > std::abs(y.weight); });
      all.insert(all.end(), read.back().begin(), read.back().end());
    }
    all.push_back({o, 0, 0});
    Linear order;
    order.terms = std::move(all);
    std::vector<NodeId> nodes;
    add_nodes(order, nodes);
    if (claim) add_leaves(found.node, nodes);
    // What gates read that this case has settled already is not told apart: of gates of which one is open at
    // a time (a & g | b & h, once the letter is known) each costs its own cases, not times the others'.
    const auto undecided = [&]() -> std::optional<NodeId> {
      for (std::size_t b = 0; b < bundles.size(); ++b) {
        if (settled[b]) continue;
        for (const Linear::Term& term : read[b])
          if (const NodeId id = cell(term.coordinate).node; id >= 0 && truth(id) == Truth::Unknown) return id;
      }
      return std::nullopt;
    };
    const bool covered = cases_.split(
        nodes, all_cases_,
        [&] {
          const Truth t = truth(found.node);
          const Interval x = result();
          if (t == Truth::Unknown && !cases_.complete()) return Cases::Next::Split;
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
        },
        undecided);
    if (!worst.empty()) {
      refuse(stage, o, found, worst_truth, worst);
    } else if (!covered) {
      proof_.out_of_cases = true;
      fail(stage, o, "more cases than max_cases");
    }
    results.emplace_back(o, found);
  }
  for (const auto& [o, found] : results)
    if (fine()) accept(stage, o, found);
}

}  // namespace yore::compiler
