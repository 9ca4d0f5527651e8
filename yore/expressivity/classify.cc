// The whole answer: four questions, each put to the automaton and to its semigroup, with formulas and
// witnesses.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "yore/algebra/semigroup.h"
#include "yore/automata/convert.h"
#include "yore/automata/formula_by_state.h"
#include "yore/automata/formula_proof.h"
#include "yore/base/error.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/lookback.h"
#include "yore/expressivity/synthesis.h"

namespace yore::expressivity {
namespace {

std::string spent(const base::BudgetError& error) {
  return fmt::format("{} {}: {}", error.budget(), error.limit(), error.what());
}

class Classifier {
 public:
  Classifier(Dfa dfa, const ClassifyOptions& options)
      : options_(options), dfa_(std::move(dfa)), components_(automata::components(dfa_)) {
    witness_budget_.depth = options.witness_depth;
    witness_budget_.lookback = options.lookback;
    for (const Class c : kClasses) {
      ClassVerdict verdict;
      verdict.of = c;
      verdict.logic = logic_name(c, options.lookback);
      verdicts_.push_back(std::move(verdict));
    }
  }

  Classification run() {
    try {
      semigroup_.emplace(dfa_, options_.max_monoid);
    } catch (const base::BudgetError& error) {
      no_semigroup_ = spent(error);
    }
    global();
    local();
    hybrid();
    star_free();
    std::vector<Class> weakest = sufficient();
    return {std::move(dfa_), options_.lookback, std::move(verdicts_), std::move(weakest)};
  }

 private:
  ClassVerdict& of(Class c) { return verdicts_[static_cast<std::size_t>(c)]; }

  // Records what the automaton says, after asking the semigroup.
  void judge(ClassVerdict& verdict, bool member, bool (*identity)(const algebra::Semigroup&),
             const std::string& how) {
    verdict.member = member ? Answer::Yes : Answer::No;
    if (!semigroup_) {
      verdict.checked_by = how + "; algebraic test not run (" + no_semigroup_ + ")";
      return;
    }
    if (identity(*semigroup_) != member) {
      throw std::logic_error(fmt::format("{}: the automaton test says {}, the algebraic test does not",
                                         name(verdict.of), member ? "yes" : "no"));
    }
    verdict.checked_by = how + " and algebraic test agree";
  }

  template <class Find>
  void explain(ClassVerdict& verdict, Find&& find) {
    if (!options_.witnesses) return;
    try {
      verdict.witness = find();
    } catch (const base::BudgetError& error) {
      verdict.open = "no witness: " + spent(error);
    }
  }

  // Accepts a formula only when it is proven to say exactly what the automaton accepts; does not try if a
  // shorter one is there.
  void prove(ClassVerdict& verdict, const Formula& formula) {
    if (verdict.formula && formula.graph.size() >= verdict.formula->graph.size()) return;
    if (!says_the_language(formula)) {
      throw std::logic_error(
          fmt::format("{}: the synthesised formula is not equivalent to the automaton", name(verdict.of)));
    }
    verdict.formula = formula;
  }

  // By what follows from the automaton's states, else by translating it back, where that is little work, else
  // part by part. Work is counted, so that the answer is the same on every machine, and grows with the budget
  // the user gave. A proof by parts took 5 to 100
  // operations a state of the automaton, node and word of columns on 20 automata of 100 to 1,100 states.
  // Formulas with S come from an induction over other automata, so their parts hardly ever are functions of
  // this one's states.
  bool says_the_language(const Formula& formula) const {
    constexpr std::size_t kTranslating = 1'000, kProving = 500, kProvingEach = 150, kProvingEachSince = 20;
    const std::size_t budget = std::min<std::size_t>(options_.max_states, 1'000'000'000'000);
    const auto letters = static_cast<std::size_t>(dfa_.alphabet.size()), words = letters / 64 + 1;
    const logic::FormulaMeasure size = logic::measure(formula);
    const auto nodes = static_cast<std::size_t>(size.nodes);
    const std::size_t parts = static_cast<std::size_t>(dfa_.states) * nodes * words;
    if (const auto same = automata::says_by_state(formula, dfa_, kProving * budget + parts * kProvingEach))
      return *same;
    std::size_t memories = 0;
    for (const logic::NodeId id : logic::reachable_nodes(formula.graph, formula.root))
      memories += is_temporal(formula.graph.node(id).op);
    try {
      const std::size_t a_state = nodes * words + letters * memories + 1;
      return automata::dfa_from_formula(formula, std::min(budget, kTranslating * budget / a_state)) == dfa_;
    } catch (const base::BudgetError&) {
      const automata::Equivalence same = automata::prove_formula(
          formula, dfa_,
          {.max_states = budget,
           .max_work = kProving * budget + parts * (size.uses_since ? kProvingEachSince : kProvingEach)});
      if (same == automata::Equivalence::OutOfBudget)
        throw base::BudgetError("max-states", options_.max_states, "proving that the formula is right");
      return same == automata::Equivalence::Same;
    }
  }
  template <class Synthesise>
  void build(ClassVerdict& verdict, Synthesise&& synthesise_it) {
    if (!options_.formulas) return;
    try {
      prove(verdict, synthesise_it());
      verdict.open.clear();
    } catch (const base::BudgetError& error) {
      if (!verdict.formula) verdict.open = "no formula: " + spent(error);
    }
  }

  void borrow_formula(ClassVerdict& to, const ClassVerdict& from) {
    if (!from.formula) return;
    if (!to.formula || from.formula->graph.size() < to.formula->graph.size()) to.formula = from.formula;
    to.open.clear();
  }

  void global() {
    ClassVerdict& verdict = of(Class::Global);
    const bool member = is_global(dfa_, components_);
    judge(verdict, member, algebra::is_r_trivial, "automaton test (no cycle through two states)");
    if (member) {
      build(verdict, [&] { return synthesise(dfa_, false, options_.max_formula); });
    } else {
      explain(verdict, [&] { return global_witness(dfa_, components_, witness_budget_); });
    }
  }

  void local() {
    ClassVerdict& verdict = of(Class::Local);
    const auto apart = never_merging_pair(dfa_);
    judge(verdict, !apart, algebra::is_definite, "automaton test (all states merge)");
    if (apart) {
      explain(verdict, [&] { return local_witness(dfa_, *apart, witness_budget_); });
      return;
    }
    definite_ = true;
    if (options_.lookback == 1) {
      build(verdict, [&] { return synthesise(dfa_, true, options_.max_formula); });
    } else {
      settle(verdict, search_local_k(dfa_, options_));
    }
  }

  // Takes over what a search for certificates at lookback k >= 2 found.
  void settle(ClassVerdict& verdict, LookbackSearch search) {
    verdict.member = search.member;
    verdict.witness = std::move(search.witness);
    verdict.open = std::move(search.open);
    verdict.checked_by = "certificates searched for on both sides; at lookback 1: " + verdict.checked_by;
    if (!search.formula) return;
    verdict.open.clear();
    build(verdict, [&] { return *search.formula; });
  }

  void hybrid() {
    ClassVerdict& verdict = of(Class::Hybrid);
    const bool implied = of(Class::Global).member == Answer::Yes || definite_;
    std::optional<PairWalk> walk;
    try {
      walk = walk_component_pairs(dfa_, components_, options_.max_pairs);
    } catch (const base::BudgetError& error) {
      if (!implied) {
        verdict.open = spent(error);
        verdict.checked_by = "nothing: the automaton test went past its budget";
        return;
      }
    }
    const bool in_pure_hybrid = !walk || !walk->on_cycle;
    judge(verdict, in_pure_hybrid, algebra::is_locally_r_trivial,
          walk ? "automaton test (no two states of a component stay apart)"
               : "implied by a smaller class (max-pairs " + std::to_string(options_.max_pairs) + ")");
    if (implied && !in_pure_hybrid)
      throw std::logic_error("hybrid: denied although a smaller class holds the language");
    if (!in_pure_hybrid) {
      explain(verdict, [&] { return hybrid_witness(dfa_, components_, *walk->on_cycle, witness_budget_); });
      return;
    }
    in_pure_hybrid_ = true;
    const ClassVerdict *global = &of(Class::Global), *local = &of(Class::Local);
    if (options_.lookback == 1) {
      borrow_formula(verdict, *global);
      borrow_formula(verdict, *local);
      // A global language's formula IS the synthesiser's, and so is a local one's if there is one component;
      // anything else may gain from P and Y together.
      const bool same = global->member == Answer::Yes || (local->formula && components_.members.size() == 1);
      if (!same && walk) {
        build(verdict, [&] { return synthesise(dfa_, false, options_.max_formula); });
      } else if (!verdict.formula) {
        verdict.open = global->open + local->open;
      }
      return;
    }
    for (const ClassVerdict* smaller : {global, local}) {
      if (smaller->member != Answer::Yes) continue;
      verdict.checked_by = fmt::format("implied by {}; {}", name(smaller->of), verdict.checked_by);
      borrow_formula(verdict, *smaller);
      if (!verdict.formula) verdict.open = smaller->open;
      return;
    }
    settle(verdict, search_hybrid_k(dfa_, options_));
  }

  void star_free() {
    ClassVerdict& verdict = of(Class::StarFree);
    const CounterSearch search = find_counter(dfa_, options_.max_monoid);
    if (search.outcome == MapSearch::Found) {
      judge(verdict, false, algebra::is_aperiodic, "automaton test (a word that permutes states)");
      explain(verdict, [&] { return counter_witness(dfa_, search.map, witness_budget_); });
      if (in_pure_hybrid_) throw std::logic_error("star_free: a counter in a language of LTL[P,Y]");
      return;
    }
    if (search.outcome == MapSearch::Exhausted) {
      judge(verdict, true, algebra::is_aperiodic, "automaton test (no word permutes states)");
    } else if (in_pure_hybrid_) {
      verdict.member = Answer::Yes;
      verdict.checked_by = fmt::format("implied by LTL[P,Y] (max-monoid {})", options_.max_monoid);
    } else {
      verdict.open =
          fmt::format("max-monoid {}: no counter among the first {} state maps", options_.max_monoid,
                      algebra::affordable_elements(options_.max_monoid, dfa_.states));
      verdict.checked_by = "nothing: the state maps went past their budget";
      return;
    }
    const ClassVerdict& hybrid = of(Class::Hybrid);
    if (!in_pure_hybrid_) {
      build(verdict, [&] { return synthesise_star_free(dfa_, options_.max_formula); });
    } else if (options_.lookback == 1 || hybrid.formula) {
      borrow_formula(verdict, hybrid);
      verdict.open = hybrid.open;
    } else {
      // Outside LTL[P,Y<=k], or its formula was too large: LTL[P,Y] will do.
      build(verdict, [&] { return synthesise(dfa_, definite_, options_.max_formula); });
    }
  }

  std::vector<Class> sufficient() {
    std::vector<Class> weakest;
    weakest.reserve(2);  // also spares GCC 14 a false warning about the memory of what grows
    for (const Class c : {Class::Global, Class::Local}) {
      if (of(c).member == Answer::Yes) weakest.push_back(c);
    }
    if (weakest.empty() && of(Class::Hybrid).member == Answer::Yes) weakest.push_back(Class::Hybrid);
    return weakest;
  }

  const ClassifyOptions& options_;
  Dfa dfa_;
  automata::Components components_;
  WitnessBudget witness_budget_;
  std::optional<algebra::Semigroup> semigroup_;
  std::string no_semigroup_;
  bool definite_ = false, in_pure_hybrid_ = false;
  std::vector<ClassVerdict> verdicts_;
};

}  // namespace

const char* name(Class c) {
  switch (c) {
    case Class::Global:
      return "global";
    case Class::Local:
      return "local";
    case Class::Hybrid:
      return "hybrid";
    case Class::StarFree:
      return "star_free";
  }
  throw std::invalid_argument("name: not a class");
}

std::string logic_name(Class c, int lookback) {
  const std::string y = lookback == 1 ? "Y" : fmt::format("Y<={}", lookback);
  switch (c) {
    case Class::Global:
      return "LTL[P]";
    case Class::Local:
      return "LTL[" + y + "]";
    case Class::Hybrid:
      return "LTL[P," + y + "]";
    case Class::StarFree:
      return "LTL[P,Y,S]";
  }
  throw std::invalid_argument("logic_name: not a class");
}

Classification classify(const Dfa& dfa, const ClassifyOptions& options) {
  if (options.lookback < 1) throw std::invalid_argument("classify: lookback must be at least 1");
  if (options.witness_depth < 0) throw std::invalid_argument("classify: witness_depth must not be negative");
  return Classifier(automata::minimise(dfa), options).run();
}

}  // namespace yore::expressivity
