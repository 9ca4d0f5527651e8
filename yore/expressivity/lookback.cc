#include "yore/expressivity/lookback.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/expressivity/bisimilar.h"
#include "yore/expressivity/evidence_search.h"
#include "yore/expressivity/formula_search.h"
#include "yore/expressivity/search.h"
#include "yore/expressivity/witness.h"

namespace yore::expressivity {
namespace {

std::string power_past(int lookback) {
  return fmt::format("^({}n+1)", lookback);
}

// s u^(kn+1) v against t w^(kn+1) z: from their ends, n nested operators of lookback k do not see past the
// loops, and with P they find everything in s and the loop's first rounds in both.
Witness bisimilar_witness(const Dfa& dfa, const BisimilarPair& pair, int lookback) {
  Witness witness;
  const auto recipe = [&](const LoopedWord& word, const char* s, const char* u, const char* v) {
    std::string text;
    if (!word.u.empty()) {
      witness.words.emplace_back(s, *path_word(dfa, dfa.start, word.at_loop));
      witness.words.emplace_back(u, word.u);
      witness.states.push_back(word.at_loop);
      text = std::string(s) + " " + u + power_past(lookback) + " ";
    }
    witness.words.emplace_back(v, word.v);
    return text + v;
  };
  witness.recipe_a = recipe(pair.a, "s", "u", "v");
  if (pair.a.u == pair.b.u && pair.a.at_loop == pair.b.at_loop) {
    witness.words.emplace_back("w", pair.b.v);
    witness.recipe_b = (pair.b.u.empty() ? "" : "s u" + power_past(lookback) + " ") + "w";
  } else {
    witness.recipe_b = recipe(pair.b, "t", "w", "z");
  }
  return witness;
}

// With R = u1^(kn+1) x1 u2^(kn+1) x2 .. a way round through all runs that are needed, back to where it began:
// s R^(n+2) u1^(kn+1) v against s R^(n+2) u1^(kn+1) w, or against s R^(n+2) u1^(kn+1) x1 u2^(kn+1) w where
// the second word has another loop. From the n-th round on P finds everything in what came before, and
// operators of lookback k do not see past a loop.
Witness rounds_witness(const Dfa& dfa, const BisimilarPair& pair, int lookback) {
  const auto same_loop = [](const LoopedWord& x, const LoopedWord& y) {
    return x.u == y.u && x.at_loop == y.at_loop;
  };
  const bool one_loop = same_loop(pair.a, pair.b);
  std::vector<LoopedWord> runs{{pair.a.u, {}, pair.a.at_loop}};
  if (!one_loop) runs.push_back({pair.b.u, {}, pair.b.at_loop});
  for (std::size_t i = 0; i < pair.rounds.size(); ++i) {
    const LoopedWord& run = pair.rounds[i];
    const auto begins = [&](const LoopedWord& longer, bool or_is) {
      return same_loop(run, longer) && run.v.size() < longer.v.size() + or_is &&
             std::equal(run.v.begin(), run.v.end(), longer.v.begin());
    };
    bool told = run.v.empty() && (same_loop(run, pair.a) || same_loop(run, pair.b));
    for (std::size_t j = 0; j < pair.rounds.size(); ++j) told = told || begins(pair.rounds[j], j < i);
    if (!told) runs.push_back(run);
  }
  Witness witness;
  witness.words.emplace_back("s", *path_word(dfa, dfa.start, pair.a.at_loop));
  std::string round, to_second;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const std::string number = std::to_string(i + 1);
    Word on = runs[i].v;
    const Word path = *path_word(dfa, dfa.run(runs[i].at_loop, on), runs[(i + 1) % runs.size()].at_loop);
    on.insert(on.end(), path.begin(), path.end());
    witness.words.emplace_back("u" + number, runs[i].u);
    witness.words.emplace_back("x" + number, std::move(on));
    round += (i > 0 ? " u" : "u") + number + power_past(lookback) + " x" + number;
    if (i == 0) to_second = round;
  }
  const std::string begin = "s (" + round + ")^(n+2) ";
  witness.words.emplace_back("v", pair.a.v);
  witness.words.emplace_back("w", pair.b.v);
  witness.states = {pair.a.at_loop};
  if (!one_loop) witness.states.push_back(pair.b.at_loop);
  witness.recipe_a = begin + "u1" + power_past(lookback) + " v";
  witness.recipe_b = begin + (one_loop ? "u1" : to_second + " u2") + power_past(lookback) + " w";
  return witness;
}

Witness witness_of(const Dfa& dfa, const BisimilarPair& pair, const ClassifyOptions& options, bool before) {
  const bool rounds =
      before && (!pair.rounds.empty() || pair.a.u != pair.b.u || pair.a.at_loop != pair.b.at_loop);
  Witness witness = (rounds ? rounds_witness : bisimilar_witness)(dfa, pair, options.lookback);
  witness.kind = "bisimilar";
  return verified(dfa, std::move(witness), {.lookback = options.lookback, .before = before},
                  options.witness_depth);
}

// Longest loops of rounds through a component: all loops are followed at once, and there are many long ones.
constexpr int kLongestOfRounds = 4;

// Four searches turn about, each round deeper and with more steps, until one settles the question or all
// steps are spent.
class Search {
 public:
  Search(const Dfa& dfa, const ClassifyOptions& options, bool before)
      : dfa_(dfa),
        options_(options),
        before_(before),
        formulas_(dfa, options.lookback, before),
        budget_("searching for certificates", {.count = options.max_types, .option = "max-types"}) {}

  LookbackSearch run() {
    std::size_t share = 500;
    for (int round = 0; result_.member == Answer::Unknown && budget_.left() > 0; ++round, share *= 2) {
      learn(round, share);
      if (result_.member == Answer::Unknown && before_) gather_evidence(share);
      if (result_.member == Answer::Unknown) look_for_bisimilar_ends(round, share);
    }
    if (result_.member == Answer::Unknown) {
      result_.open =
          fmt::format("max-types {}: neither a formula nor two bisimilar words were found in so many steps",
                      options_.max_types);
    }
    return std::move(result_);
  }

 private:
  // Runs `search` with at most `share` of the remaining steps.
  template <class Run>
  void with_share(std::size_t share, Run&& search) {
    const std::size_t granted = std::min(share, budget_.left());
    base::Budget part("searching for certificates", {.count = granted, .option = "max-types"});
    search(part);
    budget_.spend(std::min(granted, part.count()));
  }

  void learn(int round, std::size_t share) {
    with_share(share, [&](base::Budget& part) {
      try {
        const auto outcome = formulas_.run(round, part, options_.max_formula);
        if (outcome == FormulaSearch::Outcome::Found) yes(formulas_.formula());
        if (outcome == FormulaSearch::Outcome::Same) {
          no({{{}, formulas_.pair().first, dfa_.start}, {{}, formulas_.pair().second, dfa_.start}, {}});
        }
      } catch (const base::BudgetError&) {
        // This round's share is spent, or the formulas became too large: a larger share comes.
        part.take(part.left());
      }
    });
  }

  // One depth after the other; one that ran out of steps is tried again next round, with twice as many.
  void gather_evidence(std::size_t share) {
    with_share(share, [&](base::Budget& part) {
      try {
        while (part.left() > 0 && !result_.formula) {
          auto formula =
              find_by_evidence(dfa_, options_.lookback, evidence_depth_, part, options_.max_formula);
          if (formula) yes(std::move(*formula));
          if (part.left() > 0) ++evidence_depth_;
        }
      } catch (const base::BudgetError& error) {
        result_.member = Answer::Yes;
        result_.open = fmt::format("no formula: {} {}: {}", error.budget(), error.limit(), error.what());
      }
    });
  }

  void look_for_bisimilar_ends(int round, std::size_t share) {
    with_share(4 * share, [&](base::Budget& part) {
      const std::size_t steps_a_loop = std::size_t{16} << std::min(2 * round, 40);
      const auto pair = find_bisimilar_pair(dfa_, options_.lookback, before_, round, steps_a_loop, part);
      if (pair) no(*pair);
    });
    if (!before_ || result_.member != Answer::Unknown) return;
    with_share(share, [&](base::Budget& part) {
      const auto pair =
          find_pair_in_component(dfa_, options_.lookback, std::min(round, kLongestOfRounds), share, part);
      if (pair) no(*pair);
    });
  }

  void yes(Formula formula) {
    result_.member = Answer::Yes;
    result_.formula = std::move(formula);
  }
  void no(const BisimilarPair& pair) {
    result_.member = Answer::No;
    result_.witness = witness_of(dfa_, pair, options_, before_);
  }

  const Dfa& dfa_;
  const ClassifyOptions& options_;
  bool before_;
  int evidence_depth_ = 1;
  FormulaSearch formulas_;
  base::Budget budget_;
  LookbackSearch result_;
};

LookbackSearch search(const Dfa& dfa, const ClassifyOptions& options, bool before) {
  if (options.lookback < 2) throw std::invalid_argument("search for lookback k: k must be at least 2");
  return Search(dfa, options, before).run();
}

}  // namespace

LookbackSearch search_local_k(const Dfa& dfa, const ClassifyOptions& options) {
  return search(dfa, options, false);
}
LookbackSearch search_hybrid_k(const Dfa& dfa, const ClassifyOptions& options) {
  return search(dfa, options, true);
}

}  // namespace yore::expressivity
