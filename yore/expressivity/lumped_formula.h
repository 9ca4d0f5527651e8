// From local types to formulas: types are lumped as far as a question allows, and lumps are told apart by
// decision trees.
#pragma once
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

#include "yore/expressivity/graph_tools.h"
#include "yore/logic/formula.h"

namespace yore::expressivity {

/// How a position looks: its letter (-1 at EOS), some bits known there, and the SET of types in its window,
/// sorted.
struct Look {
  logic::Symbol letter;
  int bits;
  std::vector<int> window;
  auto operator<=>(const Look&) const = default;
};

/// Local types by level, as met: a type of level r is a letter with bits and the set of level r - 1 types in
/// its window.
class TypeLevels {
 public:
  struct Type {
    Look look;  ///< window: types one level lower; empty at level 0
    int lower;  ///< the same position's type one level lower; -1 at level 0
  };
  const std::vector<Type>& level(int r) const { return levels_[static_cast<std::size_t>(r)]; }
  /// The level-r type of a position with this letter and bits after a window of level-r types.
  int number(int r, logic::Symbol letter, int bits, const std::vector<int>& window);

 private:
  std::vector<std::vector<Type>> levels_;
  std::vector<std::map<Look, int>> numbers_;
};

/// A look and the label it should get.
struct LabelledLook {
  Look look;
  int label;
  auto operator<=>(const LabelledLook&) const = default;
};

/// Writes formulas over Y<=lookback. bit_formulas[i] says that bit i is set.
class LumpedFormula {
 public:
  LumpedFormula(logic::FormulaGraph& graph, const TypeLevels& types, int lookback,
                std::vector<logic::NodeId> bit_formulas, int letters, std::size_t max_nodes)
      : graph_(graph),
        types_(types),
        lookback_(lookback),
        bit_formulas_(std::move(bit_formulas)),
        letters_(letters),
        nodes_(formula_budget(max_nodes)) {}

  /// For each label 0 .. labels-1 a formula that says which of the cases have it; windows hold types of
  /// `level` (-1: are empty). Equal looks must have equal labels. Throws base::BudgetError("max-formula").
  std::vector<logic::NodeId> formulas(const std::vector<LabelledLook>& cases, int level, int labels);

 private:
  logic::FormulaGraph& graph_;
  const TypeLevels& types_;
  int lookback_;
  std::vector<logic::NodeId> bit_formulas_;
  int letters_;
  base::Budget nodes_;
};

}  // namespace yore::expressivity
