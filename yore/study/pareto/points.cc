#include "yore/study/pareto/points.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/arch/options.h"

namespace yore::study {

std::vector<std::string> families(std::vector<arch::Model> models) {
  const std::size_t layers = models.empty() ? 0 : models.front().blocks.size();
  const bool as_many = std::all_of(models.begin(), models.end(),
                                   [&](const arch::Model& m) { return m.blocks.size() == layers; });
  std::vector<std::size_t> common;
  for (std::size_t l = 0; as_many && l < layers; ++l)
    if (std::all_of(models.begin(), models.end(), [&](const arch::Model& m) {
          return m.blocks[l].mixer.name == models.front().blocks[l].mixer.name;
        }))
      common.push_back(l);
  if (common.size() == layers) common.clear();
  std::vector<std::string> names;
  for (arch::Model& model : models) {
    for (auto l = common.rbegin(); l != common.rend(); ++l)
      model.blocks.erase(model.blocks.begin() + static_cast<std::ptrdiff_t>(*l));
    names.push_back(arch::mixer_text(model));
  }
  return names;
}

std::vector<StatePoint> StateSet::drawn(const std::string& family) const {
  std::vector<StatePoint> some;
  for (const StatePoint& point : points)
    if (point.family == family && point.best) some.push_back(point);
  return some;
}

std::vector<std::string> StateSet::families() const {
  std::vector<std::string> all;
  for (const StatePoint& point : points)
    if (std::find(all.begin(), all.end(), point.family) == all.end()) all.push_back(point.family);
  return all;
}

bool StateSet::equal(double x, double y) const {
  const double apart = share ? 0.005 : 0.01 * std::max(std::abs(x), std::abs(y));
  // The small addend: 0.995 and 0.990 are half a point apart, but not as doubles.
  return std::abs(x - y) <= apart + 1e-12;
}

bool StateSet::above_chance(double x) const {
  return !chance || (as_good(x, *chance) && !equal(x, *chance));
}

std::string StateSet::text(double value) const {
  return share ? percent(value) : fmt::format("{:.4g}", value);
}

double worst_seed(const StateSet& set, const StatePoint& point) {
  return set.higher_is_better ? point.spread.min : point.spread.max;
}
double best_seed(const StateSet& set, const StatePoint& point) {
  return set.higher_is_better ? point.spread.max : point.spread.min;
}

void rank(StateSet& set) {
  const std::vector<std::string> order = set.families();
  const auto place = [&](const StatePoint& p) {
    return std::pair(std::find(order.begin(), order.end(), p.family) - order.begin(), p.bytes);
  };
  std::stable_sort(set.points.begin(), set.points.end(),
                   [&](const StatePoint& a, const StatePoint& b) { return place(a) < place(b); });
  for (std::size_t from = 0, to; from < set.points.size(); from = to) {
    std::size_t best = from;
    for (to = from; to < set.points.size() && place(set.points[to]) == place(set.points[from]); ++to)
      if (!set.as_good(set.points[best].validation, set.points[to].validation)) best = to;
    for (std::size_t i = from; i < to; ++i) {
      set.points[i].settings = static_cast<int>(to - from);
      set.points[i].best = i == best;
    }
  }
  // Among points that guess, the one with the smallest state would stand on the front for nothing.
  const auto counts = [&](const StatePoint& p) { return p.best && set.above_chance(worst_seed(set, p)); };
  for (StatePoint& point : set.points)
    point.front =
        counts(point) && std::none_of(set.points.begin(), set.points.end(), [&](const StatePoint& other) {
          return counts(other) && other.bytes <= point.bytes &&
                 set.as_good(other.spread.mean, point.spread.mean) &&
                 (other.bytes < point.bytes || other.spread.mean != point.spread.mean);
        });
}

}  // namespace yore::study
