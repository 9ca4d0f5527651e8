// Accuracy against the size of the memory: each kind of a study as a point, its state's bytes and how its
// runs did, by families of mixers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yore/arch/model.h"
#include "yore/study/results.h"

namespace yore::study {

/// The family of each model: its mixers without their options ("gla"), without the layers whose mixer all of
/// the models share, unless none would be left.
std::vector<std::string> families(std::vector<arch::Model> models);

/// One kind on one test set.
struct StatePoint {
  std::string family;
  std::string kind;        ///< its title
  std::int64_t bytes = 0;  ///< of the state after the set's longest sequence
  Spread spread;           ///< of the task's goal, over seeds
  double validation = 0;   ///< the mean there, by which settings of one size are chosen
  int settings = 1;        ///< kinds of this family and size
  bool best = true;        ///< of these the best on validation: the one that is drawn and spoken of
  /// Best, better than guessing with every seed, and no other such point does as well with as little state.
  bool front = false;
};

/// One test set of a study.
struct StateSet {
  std::string set, goal;
  std::int64_t tokens = 0;  ///< of its longest sequence
  bool share = true;        ///< the goal is a share of cases
  bool higher_is_better = true;
  std::optional<double> chance;
  std::vector<std::pair<std::string, double>> baselines;
  std::vector<StatePoint>
      points;  ///< family by family in the order of the kinds, each from the smallest state

  /// The best points of a family, from the smallest state.
  std::vector<StatePoint> drawn(const std::string& family) const;
  /// In the order of the points.
  std::vector<std::string> families() const;
  /// Whether x is at least as good as y.
  bool as_good(double x, double y) const { return higher_is_better ? x >= y : x <= y; }
  /// Whether x and y count as equal: half a point of a share apart, else a hundredth of the larger one.
  bool equal(double x, double y) const;
  /// Whether x is better than chance by more than counts as equal. True where there is no chance.
  bool above_chance(double x) const;
  /// The number as its metric is shown.
  std::string text(double value) const;
};

/// The number of the point's worst and of its best seed.
double worst_seed(const StateSet& set, const StatePoint& point);
double best_seed(const StateSet& set, const StatePoint& point);

/// Sorts the points, and finds out `settings`, `best` and `front`.
void rank(StateSet& set);

}  // namespace yore::study
