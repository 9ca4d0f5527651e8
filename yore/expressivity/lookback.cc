#include "yore/expressivity/lookback.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/expressivity/bisimilar.h"
#include "yore/expressivity/formula_search.h"
#include "yore/expressivity/search.h"
#include "yore/expressivity/witness.h"

namespace yore::expressivity {
namespace {

// s u^(kn+1) v against t w^(kn+1) z: from their ends, n nested operators of lookback k do not see past the
// loops, and with P they find everything in s and the loop's first rounds in both.
Witness bisimilar_witness(const Dfa& dfa, const BisimilarPair& pair, const ClassifyOptions& options,
                          bool before) {
  Witness witness;
  witness.kind = "bisimilar";
  const std::string power = fmt::format("^({}n+1)", options.lookback);
  const auto recipe = [&](const LoopedWord& word, const char* s, const char* u, const char* v) {
    std::string text;
    if (!word.u.empty()) {
      witness.words.emplace_back(s, *path_word(dfa, dfa.start, word.at_loop));
      witness.words.emplace_back(u, word.u);
      witness.states.push_back(word.at_loop);
      text = std::string(s) + " " + u + power + " ";
    }
    witness.words.emplace_back(v, word.v);
    return text + v;
  };
  witness.recipe_a = recipe(pair.a, "s", "u", "v");
  if (pair.a.u == pair.b.u && pair.a.at_loop == pair.b.at_loop) {
    witness.words.emplace_back("w", pair.b.v);
    witness.recipe_b = (pair.b.u.empty() ? "" : "s u" + power + " ") + "w";
  } else {
    witness.recipe_b = recipe(pair.b, "t", "w", "z");
  }
  return verified(dfa, std::move(witness), {.lookback = options.lookback, .before = before},
                  options.witness_depth);
}

// Turn about: a formula of depth r, or two bisimilar ends with loops up to r, for r = 0, 1, 2, ... The second
// is given more steps for each loop from round to round.
LookbackSearch search(const Dfa& dfa, const ClassifyOptions& options, bool before) {
  if (options.lookback < 2) throw std::invalid_argument("search for lookback k: k must be at least 2");
  LookbackSearch result;
  std::size_t budget = options.max_types, steps = 16;
  try {
    FormulaSearch formulas(dfa, options.lookback, before);
    for (int round = 0;; ++round) {
      std::optional<BisimilarPair> pair;
      switch (formulas.run(round, budget, options.max_types, options.max_formula)) {
        case FormulaSearch::Outcome::Found:
          result.member = Answer::Yes;
          result.formula = formulas.formula();
          return result;
        case FormulaSearch::Outcome::Same:
          pair = {{{}, formulas.pair().first, dfa.start}, {{}, formulas.pair().second, dfa.start}};
          break;
        case FormulaSearch::Outcome::Deeper:
          pair = find_bisimilar_pair(dfa, options.lookback, before, round, steps, budget);
          break;
      }
      if (pair) {
        result.member = Answer::No;
        result.witness = bisimilar_witness(dfa, *pair, options, before);
        return result;
      }
      steps *= 4;
    }
  } catch (const base::BudgetError& error) {
    result.open = fmt::format("{} {}: {}", error.budget(), error.limit(), error.what());
  }
  return result;
}

}  // namespace

LookbackSearch search_local_k(const Dfa& dfa, const ClassifyOptions& options) {
  return search(dfa, options, false);
}
LookbackSearch search_hybrid_k(const Dfa& dfa, const ClassifyOptions& options) {
  return search(dfa, options, true);
}

}  // namespace yore::expressivity
