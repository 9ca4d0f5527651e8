// The least period of positions that helps.
#include <algorithm>
#include <functional>
#include <map>
#include <numeric>
#include <set>

#include "yore/algebra/stable.h"
#include "yore/automata/lengths.h"
#include "yore/base/error.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/verdict.h"

namespace yore::expressivity {
namespace {

// The least common multiple of the components' periods (greatest common divisors of their cycles' lengths);
// nothing past `limit`. No other remainder of a length can be told from the states of one component.
std::optional<int> period_of_components(const Dfa& dfa, const automata::Components& components, int limit) {
  long long period = 1;
  for (const auto& members : components.members) {
    std::map<State, long long> distance{{members.front(), 0}};
    std::vector<State> queue{members.front()};
    long long divisor = 0;
    for (std::size_t i = 0; i < queue.size(); ++i)
      for (logic::Symbol a = 0; a < dfa.alphabet.size(); ++a) {
        const State to = dfa.step(queue[i], a);
        if (components.of[static_cast<std::size_t>(to)] != components.of[static_cast<std::size_t>(queue[i])])
          continue;
        const long long after = distance[queue[i]] + 1;
        const auto [known, fresh] = distance.emplace(to, after);
        if (fresh)
          queue.push_back(to);
        else
          divisor = std::gcd(divisor, after - known->second);
      }
    if (divisor != 0) period = std::lcm(period, divisor);
    if (period > limit) return std::nullopt;
  }
  return static_cast<int>(period);
}

// The least period for a class whose windows hold k > 1 letters. Of M >= k it is what it is with windows of
// one letter (docs/theory.md, "Positions"), which depends on the common divisor of M and the components'
// period alone; each smaller M is asked by itself. `with_one` and `with` answer for windows of one letter and
// of k.
void least_for_windows(int k, int components_period, const std::function<Answer(int)>& with_one,
                       const std::function<Answer(int)>& with, std::optional<int>& least, char& known) {
  for (int period = 2; period < k && !least; ++period) {
    const Answer answer = with(period);
    if (answer == Answer::Unknown) known = 0;
    if (answer == Answer::Yes) least = period;
  }
  const int last = std::min(logic::kMaxPeriod, k + components_period - 1);
  for (int period = k; period <= last && !least; ++period) {
    const Answer answer = with_one(std::gcd(period, components_period));
    if (answer == Answer::Unknown) known = 0;
    if (answer == Answer::Yes) least = period;
  }
}

int period_to_answer_at(const PeriodSearch& search, const std::optional<Class>& asked) {
  const auto of = [&](Class c) { return search.least[static_cast<std::size_t>(c)].value_or(1); };
  if (asked && of(*asked) > 1) return of(*asked);
  if (of(Class::Hybrid) > 1) return of(Class::Hybrid);
  const int global = of(Class::Global), local = of(Class::Local);
  if (std::max(global, local) > 1) return global == 1 ? local : local == 1 ? global : std::min(global, local);
  return of(Class::StarFree);
}

}  // namespace

Classification classify_any_period(const Dfa& given, const ClassifyOptions& options) {
  ClassifyOptions plain = options;
  plain.period = 1;
  const Dfa dfa = automata::minimise(given);
  Classification without = classify(dfa, plain);
  PeriodSearch search;
  search.least.resize(std::size(kClasses));
  search.known.assign(std::size(kClasses), 1);

  // The candidates: divisors of the components' common period for attention, of the semigroup's for
  // star-free.
  const auto components = automata::components(dfa);
  const auto of_components = period_of_components(dfa, components, logic::kMaxPeriod);
  std::optional<int> of_semigroup;
  try {
    of_semigroup = algebra::length_period(algebra::Semigroup(dfa, options.max_monoid), logic::kMaxPeriod);
  } catch (const base::BudgetError&) {
    // star-free stays open unless it needs no positions
  }
  ClassifyOptions verdicts = options;
  verdicts.witnesses = verdicts.formulas = false;
  std::map<std::pair<int, int>, Classification> tried;
  const auto at_lookback = [&](int lookback, int period) -> const Classification& {
    const std::pair key{lookback, period};
    auto found = tried.find(key);
    if (found == tried.end()) {
      verdicts.lookback = lookback;
      verdicts.period = period;
      found = tried.emplace(key, classify(dfa, verdicts)).first;
    }
    return found->second;
  };
  const auto with = [&](int period) -> const Classification& {
    return at_lookback(options.lookback, period);
  };
  for (const Class c : kClasses) {
    const auto at = static_cast<std::size_t>(c);
    if (without.of(c).member == Answer::Yes) {
      search.least[at] = 1;
      continue;
    }
    const std::optional<int>& last = c == Class::StarFree ? of_semigroup : of_components;
    if (last && options.lookback > 1 && (c == Class::Local || c == Class::Hybrid)) {
      search.known[at] = without.of(c).member == Answer::No;
      least_for_windows(
          options.lookback, *last, [&](int period) { return at_lookback(1, period).of(c).member; },
          [&](int period) { return with(period).of(c).member; }, search.least[at], search.known[at]);
      continue;
    }
    if (!last || without.of(c).member == Answer::Unknown) {
      search.known[at] = 0;
      continue;
    }
    // What the largest does not do, none does.
    const Answer best = *last == 1 ? Answer::No : with(*last).of(c).member;
    if (best == Answer::Unknown) search.known[at] = 0;
    if (best != Answer::Yes) continue;
    for (int period = 2; period <= *last && !search.least[at]; ++period)
      if (*last % period == 0 && with(period).of(c).member == Answer::Yes) search.least[at] = period;
  }
  search.used = period_to_answer_at(search, options.asked);
  Classification answer = std::move(without);
  if (search.used > 1) {
    ClassifyOptions best = options;
    best.period = search.used;
    answer = classify(dfa, best);
  }
  answer.periods = std::move(search);
  return answer;
}

}  // namespace yore::expressivity
