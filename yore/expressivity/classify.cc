// The whole answer: four questions, each put to the automaton and to its semigroup, with formulas and
// witnesses.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <stdexcept>
#include <utility>

#include "yore/algebra/semigroup.h"
#include "yore/algebra/stable.h"
#include "yore/automata/convert.h"
#include "yore/automata/formula_by_parts.h"
#include "yore/automata/formula_by_state.h"
#include "yore/automata/formula_proof.h"
#include "yore/base/error.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/families.h"
#include "yore/expressivity/lookback.h"
#include "yore/expressivity/synthesis.h"
#include "yore/expressivity/tier.h"

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
      verdict.logic = logic_name(c, options.lookback, options.period);
      verdicts_.push_back(std::move(verdict));
    }
    witness_budget_.period = options.period;
    if (positions()) {
      product_ = automata::with_length_modulo(dfa_, options.period, kMostPhased);
      product_components_ = automata::components(product_.dfa);
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
    Classification all;
    all.lookback = options_.lookback;
    all.sufficient = sufficient();
    all.period = options_.period;
    if (semigroup_) all.groups = algebra::maximal_subgroups(*semigroup_, options_.period);
    all.families = judge_families({.dfa = &dfa_,
                                   .semigroup = semigroup_ ? &*semigroup_ : nullptr,
                                   .groups = all.groups ? &*all.groups : nullptr,
                                   .star_free = &of(Class::StarFree),
                                   .counter = &counter_,
                                   .no_semigroup = no_semigroup_,
                                   .period = options_.period,
                                   .max_maps = options_.max_monoid,
                                   .max_pairs = witness_budget_.max_pairs,
                                   .witnesses = options_.witnesses});
    all.classes = std::move(verdicts_);
    all.cheapest = cheapest_mixers(all);
    all.dfa = std::move(dfa_);
    return all;
  }

 private:
  // States of the automaton joined with lengths: enough for 2,000 states and every period there is.
  static constexpr std::size_t kMostPhased = 4'000'000;

  bool positions() const { return options_.period > 1; }
  ClassVerdict& of(Class c) { return verdicts_[static_cast<std::size_t>(c)]; }

  // Records what the automaton says, after asking the semigroup.
  void judge(ClassVerdict& verdict, bool member, bool (*identity)(const algebra::Semigroup&),
             bool (*stable_identity)(const algebra::Semigroup&, int), const std::string& how) {
    verdict.member = member ? Answer::Yes : Answer::No;
    if (!semigroup_) {
      verdict.checked_by = how + "; algebraic test not run (" + no_semigroup_ + ")";
      return;
    }
    const bool on_semigroup =
        positions() ? stable_identity(*semigroup_, options_.period) : identity(*semigroup_);
    if (on_semigroup != member) {
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

  // By what follows from the automaton's states, else by translating it back, where that is little work, all
  // operators at once or from part to part, else by what follows from the states with a few memories. Work is
  // counted, so that the answer is the same on every machine, and grows with the budget the user gave. A
  // proof by parts took 5 to 100 operations a state of the automaton, node and word of columns on 20 automata
  // of 100 to 1,100 states. Formulas with S come from an induction over other automata, so their parts hardly
  // ever are functions of this one's states.
  bool says_the_language(const Formula& formula) const {
    constexpr std::size_t kTranslating = 1'000, kProving = 500, kProvingEach = 150, kProvingEachSince = 20,
                          kByParts = 500;
    const std::size_t budget = std::min<std::size_t>(options_.max_states, 1'000'000'000'000);
    const auto letters = static_cast<std::size_t>(dfa_.alphabet.size()), words = letters / 64 + 1;
    const logic::FormulaMeasure size = logic::measure(formula);
    const auto nodes = static_cast<std::size_t>(size.nodes);
    const std::size_t parts = static_cast<std::size_t>(dfa_.states) * nodes * words;
    // A formula that asks for positions follows from the states of the joint automaton.
    const Dfa& proven_on = size.uses_position ? product_.dfa : dfa_;
    if (const auto same =
            automata::says_by_state(formula, proven_on, kProving * budget + parts * kProvingEach))
      return *same;
    std::size_t memories = 0;
    for (const logic::NodeId id : logic::reachable_nodes(formula.graph, formula.root))
      memories += is_temporal(formula.graph.node(id).op);
    try {
      const std::size_t a_state = nodes * words + letters * memories + 1;
      return automata::dfa_from_formula(formula, std::min(budget, kTranslating * budget / a_state)) == dfa_;
    } catch (const base::BudgetError&) {
    }
    if (size.uses_since) {  // such a formula comes from the induction, whose parts are small languages
      try {
        return automata::dfa_by_parts(formula, budget, kByParts * budget) == dfa_;
      } catch (const base::BudgetError&) {
      }
    }
    const automata::Equivalence same = automata::prove_formula(
        formula, proven_on,
        {.max_states = budget,
         .max_work = kProving * budget + parts * (size.uses_since ? kProvingEachSince : kProvingEach)});
    if (same == automata::Equivalence::OutOfBudget)
      throw base::BudgetError("max-states", options_.max_states, "proving that the formula is right");
    return same == automata::Equivalence::Same;
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
    const bool member = positions() ? one_state_a_phase() : is_global(dfa_, components_);
    judge(verdict, member, algebra::is_r_trivial, algebra::is_r_trivial,
          positions() ? "automaton test (no cycle through two states of one phase)"
                      : "automaton test (no cycle through two states)");
    if (member) {
      build(verdict, [&] { return synthesised(Class::Global); });
    } else if (positions()) {
      explain(verdict, [&] {
        return of_minimal(global_witness_with_positions(product_, product_components_, witness_budget_));
      });
    } else {
      explain(verdict, [&] { return global_witness(dfa_, components_, witness_budget_); });
    }
  }

  void local() {
    ClassVerdict& verdict = of(Class::Local);
    const auto apart =
        positions() ? never_merging_pair(product_.dfa, product_.phases) : never_merging_pair(dfa_);
    judge(
        verdict, !apart, algebra::is_definite, algebra::is_definite,
        positions() ? "automaton test (all states of one phase merge)" : "automaton test (all states merge)");
    if (apart) {
      explain(verdict, [&] {
        return positions() ? of_minimal(local_witness(product_.dfa, *apart, witness_budget_, product_.phases))
                           : local_witness(dfa_, *apart, witness_budget_);
      });
      return;
    }
    definite_ = true;
    if (options_.lookback == 1 || windows_are_told_apart()) {
      build(verdict, [&] { return in_windows(synthesised(Class::Local)); });
    } else if (positions()) {
      by_formula_without_windows(verdict);
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
      walk = walk_component_pairs(dfa_, components_, options_.max_pairs,
                                  positions() ? states_of_one_phase() : std::vector<int>{});
    } catch (const base::BudgetError& error) {
      if (!implied) {
        verdict.open = spent(error);
        verdict.checked_by = "nothing: the automaton test went past its budget";
        return;
      }
    }
    const bool in_pure_hybrid = !walk || !walk->on_cycle;
    judge(verdict, in_pure_hybrid, algebra::is_locally_r_trivial, algebra::is_locally_r_trivial,
          walk ? "automaton test (no two states of a component stay apart)"
               : "implied by a smaller class (max-pairs " + std::to_string(options_.max_pairs) + ")");
    if (implied && !in_pure_hybrid)
      throw std::logic_error("hybrid: denied although a smaller class holds the language");
    if (!in_pure_hybrid) {
      explain(verdict, [&] {
        if (!positions()) return hybrid_witness(dfa_, components_.of, *walk->on_cycle, witness_budget_);
        const auto [group, apart] = joint_pair(*walk->on_cycle);
        return of_minimal(hybrid_witness(product_.dfa, group, apart, witness_budget_));
      });
      return;
    }
    in_pure_hybrid_ = true;
    const ClassVerdict *global = &of(Class::Global), *local = &of(Class::Local);
    if (options_.lookback == 1 || windows_are_told_apart()) {
      borrow_formula(verdict, *global);
      borrow_formula(verdict, *local);
      // A global language's formula IS the synthesiser's, and so is a local one's if there is one component;
      // anything else may gain from P and Y together.
      const bool same = global->member == Answer::Yes || (local->formula && components_.members.size() == 1);
      if (!same && walk) {
        build(verdict, [&] { return in_windows(synthesised(Class::Hybrid)); });
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
    if (positions())
      by_formula_without_windows(verdict);
    else
      settle(verdict, search_hybrid_k(dfa_, options_));
  }

  // With positions modulo M a window of k <= M letters holds no two of one remainder, so Y<=k says what Y
  // says.
  bool windows_are_told_apart() const { return positions() && options_.lookback <= options_.period; }
  Formula in_windows(const Formula& formula) const {
    return options_.lookback == 1 ? formula : with_windows(formula, options_.lookback, options_.period);
  }
  // Of longer windows this much is known: a formula that looks at none says the same at every lookback.
  void by_formula_without_windows(ClassVerdict& verdict) {
    try {
      const Formula formula = synthesised(verdict.of);
      if (!logic::measure(formula).uses_yesterday) {
        prove(verdict, formula);
        if (!options_.formulas) verdict.formula.reset();
        verdict.open.clear();
        return;
      }
    } catch (const base::BudgetError&) {
      // then it is not known
    }
    verdict.member = Answer::Unknown;
    verdict.open = fmt::format(
        "lookback {} with positions modulo {}: decided only for lookbacks up to the period (at lookback 1 it "
        "would "
        "be a yes)",
        options_.lookback, options_.period);
    verdict.checked_by = "nothing at this lookback; at lookback 1: " + verdict.checked_by;
  }

  // What is in the class without positions gets the formula that needs none, which no period makes longer.
  Formula synthesised(Class c) const {
    const bool prefer_local = c == Class::Local;
    return positions() && !holds_without_positions(c)
               ? synthesise_with_positions(product_, options_.period, prefer_local, options_.max_formula)
               : synthesise(dfa_, prefer_local, options_.max_formula);
  }
  // As much of the period as tells star-free formulas anything (docs/theory.md, "--period any").
  int telling_period() const {
    const auto of_lengths =
        semigroup_ ? algebra::length_period(*semigroup_, logic::kMaxPeriod) : std::nullopt;
    return of_lengths ? std::gcd(options_.period, *of_lengths) : options_.period;
  }
  bool holds_without_positions(Class c) const {
    if (c == Class::Global) return is_global(dfa_, components_);
    if (c == Class::Local) return !never_merging_pair(dfa_);
    try {
      return !walk_component_pairs(dfa_, components_, options_.max_pairs).on_cycle;
    } catch (const base::BudgetError&) {
      return false;
    }
  }

  // Whether no component of the joint automaton has two states of one phase.
  bool one_state_a_phase() const {
    std::set<std::pair<int, int>> met;
    for (std::size_t i = 0; i < product_.phases.size(); ++i)
      if (!met.emplace(product_components_.of[i], product_.phases[i]).second) return false;
    return true;
  }

  // Two states get one number if they share a component and a phase somewhere in the joint automaton. Turning
  // the phases maps the joint automaton's components over one of the automaton's onto each other, so the
  // first of them tells: a state's number is the least phase that it has there.
  std::vector<int> states_of_one_phase() const {
    std::vector<int> first(components_.members.size(), -1);
    std::vector<int> least(static_cast<std::size_t>(dfa_.states), options_.period);
    for (std::size_t i = 0; i < product_.states.size(); ++i) {
      const auto q = static_cast<std::size_t>(product_.states[i]);
      int& component = first[static_cast<std::size_t>(components_.of[q])];
      if (component < 0) component = product_components_.of[i];
      if (component == product_components_.of[i]) least[q] = std::min(least[q], product_.phases[i]);
    }
    return least;
  }

  // For a pair of states that share a phase: what such states share, as a number for each of the joint
  // automaton, and the two states there.
  std::pair<std::vector<int>, std::pair<State, State>> joint_pair(std::pair<State, State> apart) const {
    std::vector<int> group;
    std::map<int, State> of_first;  // group -> the joint state of apart.first
    std::optional<std::pair<State, State>> found;
    for (std::size_t i = 0; i < product_.states.size(); ++i)
      group.push_back(product_components_.of[i] * options_.period + product_.phases[i]);
    for (std::size_t i = 0; i < product_.states.size(); ++i)
      if (product_.states[i] == apart.first) of_first.emplace(group[i], static_cast<State>(i));
    for (std::size_t i = 0; i < product_.states.size() && !found; ++i)
      if (product_.states[i] == apart.second && of_first.count(group[i]) != 0)
        found = {of_first[group[i]], static_cast<State>(i)};
    if (!found) throw std::logic_error("two states that share a phase do so nowhere");
    return {std::move(group), *found};
  }

  Witness of_minimal(Witness witness) const {
    for (State& q : witness.states) q = product_.states[static_cast<std::size_t>(q)];
    return witness;
  }

  void star_free() {
    ClassVerdict& verdict = of(Class::StarFree);
    counter_ = find_counter(dfa_, options_.max_monoid, options_.period);
    const CounterSearch& search = counter_;
    if (search.outcome == MapSearch::Found) {
      judge(verdict, false, algebra::is_aperiodic, algebra::is_aperiodic,
            "automaton test (a word that permutes states)");
      explain(verdict, [&] { return counter_witness(dfa_, search.map, witness_budget_); });
      if (in_pure_hybrid_) throw std::logic_error("star_free: a counter in a language of LTL[P,Y]");
      return;
    }
    if (search.outcome == MapSearch::Exhausted) {
      judge(verdict, true, algebra::is_aperiodic, algebra::is_aperiodic,
            "automaton test (no word permutes states)");
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
      build(verdict, [&] {
        const bool needed = positions() && !(semigroup_ && algebra::is_aperiodic(*semigroup_));
        return needed ? synthesise_star_free_with_positions(dfa_, telling_period(), options_.max_formula)
                      : synthesise_star_free(dfa_, options_.max_formula);
      });
    } else if (options_.lookback == 1 || hybrid.formula) {
      borrow_formula(verdict, hybrid);
      verdict.open = hybrid.open;
    } else {
      // Outside LTL[P,Y<=k], or its formula was too large: LTL[P,Y] will do.
      build(verdict, [&] { return synthesised(definite_ ? Class::Local : Class::Hybrid); });
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
  automata::Phased product_;  // with the length modulo the period, if there is one
  automata::Components product_components_;
  WitnessBudget witness_budget_;
  std::optional<algebra::Semigroup> semigroup_;
  std::string no_semigroup_;
  bool definite_ = false, in_pure_hybrid_ = false;
  CounterSearch counter_{MapSearch::OutOfBudget, {}};
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

std::string logic_name(Class c, int lookback, int period) {
  const std::string y = lookback == 1 ? "Y" : fmt::format("Y<={}", lookback);
  const std::string end = period == 1 ? "]" : fmt::format(",MOD_{}]", period);
  switch (c) {
    case Class::Global:
      return "LTL[P" + end;
    case Class::Local:
      return "LTL[" + y + end;
    case Class::Hybrid:
      return "LTL[P," + y + end;
    case Class::StarFree:
      return "LTL[P,Y,S" + end;
  }
  throw std::invalid_argument("logic_name: not a class");
}

Classification classify(const Dfa& dfa, const ClassifyOptions& options) {
  if (options.lookback < 1) throw std::invalid_argument("classify: lookback must be at least 1");
  if (options.witness_depth < 0) throw std::invalid_argument("classify: witness_depth must not be negative");
  if (options.period == kAnyPeriod) return classify_any_period(dfa, options);
  if (options.period < 1 || options.period > logic::kMaxPeriod)
    throw std::invalid_argument("classify: no such period");
  Classification all = Classifier(automata::minimise(dfa), options).run();
  all.tier = tier_of(all, options);
  return all;
}

}  // namespace yore::expressivity
