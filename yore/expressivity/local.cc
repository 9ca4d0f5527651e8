// 1-local attention: LTL[Y], definite languages.
#include <algorithm>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <unordered_map>

#include "yore/base/budget.h"
#include "yore/expressivity/classes.h"
#include "yore/expressivity/witness.h"

namespace yore::expressivity {
namespace {

// Merges states with equal rows, merged states counting as equal, until no two rows of different classes are
// equal.
class RowMerger {
 public:
  explicit RowMerger(const Dfa& dfa) : dfa_(dfa), class_of_(static_cast<std::size_t>(dfa.states)) {
    const auto n = static_cast<std::size_t>(dfa.states);
    members_.resize(n);
    sources_.resize(n);
    for (State q = 0; q < dfa.states; ++q) {
      class_of_[static_cast<std::size_t>(q)] = q;
      members_[static_cast<std::size_t>(q)] = {q};
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
        sources_[static_cast<std::size_t>(dfa.step(q, a))].push_back(q);
    }
    for (State q = 0; q < dfa.states; ++q) file_row(q);
    base::Budget budget("merging states with equal rows");
    while (!pending_.empty()) {
      budget.spend();
      const auto [p, q] = pending_.back();
      pending_.pop_back();
      merge(class_of(p), class_of(q));
    }
  }

  State class_of(State q) const { return class_of_[static_cast<std::size_t>(q)]; }

 private:
  bool equal_rows(State p, State q) const {
    for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
      if (class_of(dfa_.step(p, a)) != class_of(dfa_.step(q, a))) return false;
    }
    return true;
  }

  // Files q under its row's hash; a state already there with an equal row is to be merged with it.
  void file_row(State q) {
    std::uint64_t hash = 0x9E3779B97F4A7C15u;
    for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
      hash = (hash ^ static_cast<std::uint64_t>(class_of(dfa_.step(q, a)))) * 0xFF51AFD7ED558CCDu;
      hash ^= hash >> 32;
    }
    auto& shelf = rows_[hash];
    for (const State other : shelf) {
      if (!equal_rows(other, q)) continue;
      if (class_of(other) != class_of(q)) pending_.emplace_back(other, q);
      return;
    }
    shelf.push_back(q);
  }

  // The smaller class takes the larger one's name, so that a state is renamed at most log2(n) times.
  void merge(State a, State b) {
    if (a == b) return;
    const bool a_is_smaller =
        members_[static_cast<std::size_t>(a)].size() < members_[static_cast<std::size_t>(b)].size();
    const State from = a_is_smaller ? a : b, into = a_is_smaller ? b : a;
    const std::vector<State> moved = std::move(members_[static_cast<std::size_t>(from)]);
    members_[static_cast<std::size_t>(from)].clear();
    for (const State q : moved) class_of_[static_cast<std::size_t>(q)] = into;
    auto& members = members_[static_cast<std::size_t>(into)];
    members.insert(members.end(), moved.begin(), moved.end());
    for (const State q : moved) {
      for (const State p : sources_[static_cast<std::size_t>(q)]) file_row(p);
    }
  }

  const Dfa& dfa_;
  std::vector<State> class_of_;
  std::vector<std::vector<State>> members_, sources_;
  std::unordered_map<std::uint64_t, std::vector<State>> rows_;
  std::vector<std::pair<State, State>> pending_;
};

}  // namespace

std::optional<std::pair<State, State>> never_merging_pair(const Dfa& dfa, const std::vector<int>& phases) {
  const RowMerger merger(dfa);
  // States of different phases never merge: their successors' phases differ too.
  std::unordered_map<int, State> first_of_phase;
  State p = 0, q = 0;
  for (; q < dfa.states; ++q) {
    p = first_of_phase.emplace(phases.empty() ? 0 : phases[static_cast<std::size_t>(q)], q).first->second;
    if (merger.class_of(q) != merger.class_of(p)) break;
  }
  if (q == dfa.states) return std::nullopt;
  // Different classes have different rows, so some letter keeps the two apart; walking on, a pair comes back.
  // The first such letter may take as many steps as there are pairs (where it permutes the states); letters
  // that seem drawn by chance take about the square root of that.
  constexpr std::size_t kFirstLetters = 4096;
  std::set<std::pair<State, State>> seen;
  std::vector<Symbol> keeping;
  while (seen.emplace(p, q).second) {
    keeping.clear();
    for (Symbol a = 0; a < dfa.alphabet.size() && (keeping.empty() || seen.size() > kFirstLetters); ++a)
      if (merger.class_of(dfa.step(p, a)) != merger.class_of(dfa.step(q, a))) keeping.push_back(a);
    const auto drawn = static_cast<std::uint64_t>(p) * 0x9E3779B97F4A7C15u + static_cast<std::uint64_t>(q);
    const Symbol a = keeping[(drawn * 0xFF51AFD7ED558CCDu >> 33) % keeping.size()];
    p = dfa.step(p, a);
    q = dfa.step(q, a);
  }
  return std::pair{p, q};
}

LoopPair find_loop_pair(const Dfa& dfa, const std::vector<int>& group, std::pair<State, State> apart,
                        const WitnessBudget& budget) {
  LoopPair best{apart.first, apart.second, {}};
  // The first two fixed states of one group: states are numbered breadth-first, so these are reached by short
  // words.
  const auto fixed_pair = [&](const std::vector<State>& image) {
    std::unordered_map<int, State> first_of_group;
    for (State q = 0; q < dfa.states; ++q) {
      if (image[static_cast<std::size_t>(q)] != q) continue;
      const auto [entry, is_new] = first_of_group.emplace(group[static_cast<std::size_t>(q)], q);
      if (is_new) continue;
      best.p = entry->second;
      best.q = q;
      return true;
    }
    return false;
  };
  StateMap map;
  // An automaton joined with lengths is as many times larger.
  if (search_maps(dfa, budget.max_maps / static_cast<std::size_t>(budget.period), fixed_pair, map) ==
      MapSearch::Found) {
    best.u = map.word;
    return best;
  }
  // Too many maps: the pair at hand. If the walk only brought it back swapped, twice the way brings it back
  // in order.
  auto u = common_loop(dfa, best.p, best.q, budget.max_pairs);
  if (!u) throw std::invalid_argument("find_loop_pair: the pair is on no cycle");
  best.u = std::move(*u);
  return best;
}

Witness local_witness(const Dfa& dfa, std::pair<State, State> apart, const WitnessBudget& budget,
                      const std::vector<int>& phases) {
  const std::vector<int> one_group(static_cast<std::size_t>(dfa.states), 0);
  const auto [p, q, u] = find_loop_pair(dfa, phases.empty() ? one_group : phases, apart, budget);
  Witness witness;
  witness.kind = "suffix";
  witness.words = {{"s", *path_word(dfa, dfa.start, p)},
                   {"t", *path_word(dfa, dfa.start, q)},
                   {"u", u},
                   {"z", separator(dfa, p, q, budget.max_pairs)}};
  witness.states = {p, q};
  const std::string power = power_of_n(budget.lookback);
  witness.recipe_a = "s u^" + power + " z";
  witness.recipe_b = "t u^" + power + " z";
  return verified(dfa, std::move(witness), {.lookback = budget.lookback, .period = budget.period},
                  budget.depth);
}

}  // namespace yore::expressivity
