// Formulas at random, for tests.
#pragma once
#include <string>
#include <vector>

#include "yore/base/random.h"
#include "yore/logic/formula.h"

namespace yore::automata {

/// Which nodes there are beside letters, "first", negations, conjunctions, disjunctions, P and Y.
struct FormulaKinds {
  bool truth = false;  ///< the constant true among the leaves
  bool never = false;  ///< conjunctions with "not before", in the place of a second Y
  bool since = true;
};

/// Random nodes over random earlier ones; the letters are named 0, 1, ..
inline logic::Formula random_formula(base::Random& random, int letters, int nodes,
                                     const FormulaKinds& kinds) {
  logic::Formula formula;
  std::vector<std::string> names;
  for (int a = 0; a < letters; ++a) names.push_back(std::to_string(a));
  formula.alphabet = logic::Alphabet(names);
  logic::FormulaGraph& g = formula.graph;
  std::vector<logic::NodeId> pool;
  if (kinds.truth) pool.push_back(g.constant(true));
  pool.push_back(g.first());
  for (logic::Symbol a = 0; a < letters; ++a) pool.push_back(g.letter(a));
  const auto any = [&] { return pool[random.below(pool.size())]; };
  for (int i = 0; i < nodes; ++i) {
    switch (random.below(kinds.since ? 7 : 6)) {
      case 0:
        pool.push_back(g.negation(any()));
        break;
      case 1:
        pool.push_back(g.conjunction({any(), any(), any()}));
        break;
      case 2:
        pool.push_back(g.disjunction({any(), any()}));
        break;
      case 3:
        pool.push_back(g.before(any()));
        break;
      case 4:
        pool.push_back(g.yesterday(any(), 1 + static_cast<int>(random.below(3))));
        break;
      case 5:
        pool.push_back(kinds.never ? g.conjunction({any(), g.negation(g.before(any()))})
                                   : g.yesterday(any()));
        break;
      default:
        pool.push_back(g.since(any(), any()));
    }
  }
  formula.root = g.disjunction({pool.back(), g.conjunction({any(), pool[pool.size() - 2]})});
  return formula;
}

}  // namespace yore::automata
