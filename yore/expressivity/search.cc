#include "yore/expressivity/search.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <unordered_map>
#include <utility>

#include "yore/base/budget.h"

namespace yore::expressivity {
namespace {

// Breadth-first search over ordered pairs of states from `begin`; `goal` is asked of every pair stepped to
// (and of `begin` itself if `begin_counts`). Pairs of equal states are never entered.
template <class Goal>
std::optional<Word> search_pairs(const Dfa& dfa, std::pair<State, State> begin, bool begin_counts,
                                 std::size_t max_pairs, Goal&& goal) {
  struct Visit {
    State p, q;
    std::size_t parent;
    Symbol letter;
  };
  constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();
  std::vector<Visit> queue{{begin.first, begin.second, kNone, 0}};
  auto word_to = [&queue](std::size_t i) {
    Word reversed;
    for (; queue[i].parent != kNone; i = queue[i].parent) reversed.push_back(queue[i].letter);
    return Word(reversed.rbegin(), reversed.rend());
  };
  if (begin_counts && goal(begin.first, begin.second)) return Word{};

  // A bit for each pair while that fits in 64 MiB; a hash set for larger automata.
  const auto n = static_cast<std::uint64_t>(dfa.states);
  const bool dense = n <= 20'000;
  std::vector<bool> seen(dense ? n * n : 0, false);
  std::unordered_map<std::uint64_t, bool> seen_sparse;
  auto first_visit = [&](State p, State q) {
    const std::uint64_t key = static_cast<std::uint64_t>(p) * n + static_cast<std::uint64_t>(q);
    if (!dense) return seen_sparse.emplace(key, true).second;
    if (seen[key]) return false;
    seen[key] = true;
    return true;
  };
  first_visit(begin.first, begin.second);
  base::Budget budget("searching the pairs of states", {.count = max_pairs, .option = "max-pairs"});
  budget.spend();
  for (std::size_t i = 0; i < queue.size(); ++i) {
    budget.spend(0);
    const State p = queue[i].p, q = queue[i].q;
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      const State p2 = dfa.step(p, a), q2 = dfa.step(q, a);
      if (p2 == q2) continue;
      if (goal(p2, q2)) {
        Word word = word_to(i);
        word.push_back(a);
        return word;
      }
      if (!first_visit(p2, q2)) continue;
      budget.spend();
      queue.push_back({p2, q2, i, a});
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<Word> path_word(const Dfa& dfa, State from, State to) {
  if (from == to) return Word{};
  std::vector<std::pair<State, Symbol>> parent(static_cast<std::size_t>(dfa.states), {-1, 0});
  std::vector<State> queue{from};
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      const State q = dfa.step(queue[i], a);
      if (q == from || parent[static_cast<std::size_t>(q)].first >= 0) continue;
      parent[static_cast<std::size_t>(q)] = {queue[i], a};
      if (q != to) {
        queue.push_back(q);
        continue;
      }
      Word reversed;
      for (State at = to; at != from; at = parent[static_cast<std::size_t>(at)].first) {
        reversed.push_back(parent[static_cast<std::size_t>(at)].second);
      }
      return Word(reversed.rbegin(), reversed.rend());
    }
  }
  return std::nullopt;
}

std::optional<Word> separating_word(const Dfa& dfa, State p, State q, std::size_t max_pairs) {
  return search_pairs(dfa, {p, q}, true, max_pairs, [&dfa](State x, State y) {
    return dfa.accepting[static_cast<std::size_t>(x)] != dfa.accepting[static_cast<std::size_t>(y)];
  });
}

std::optional<Word> common_loop(const Dfa& dfa, State p, State q, std::size_t max_pairs) {
  return search_pairs(dfa, {p, q}, false, max_pairs, [p, q](State x, State y) { return x == p && y == q; });
}

MapSearch search_maps(const Dfa& dfa, std::size_t max_maps,
                      const std::function<bool(const std::vector<State>&)>& wanted, StateMap& found,
                      int period) {
  struct Visit {
    const std::vector<State>* image;
    std::size_t parent;  // index + 1, 0 = none
    Symbol letter;
  };
  struct Hash {
    std::size_t operator()(const std::vector<State>& image) const {
      std::uint64_t h = 1469598103934665603u;
      for (const State q : image) h = (h ^ static_cast<std::uint64_t>(q) ^ h >> 29) * 1099511628211u;
      return static_cast<std::size_t>(h);
    }
  };
  std::unordered_map<std::vector<State>, char, Hash> seen;  // node-based: pointers to keys stay valid
  std::vector<Visit> queue;
  // Behind the images of the states stands, for a period, the length of the word modulo it.
  const auto states = static_cast<std::size_t>(dfa.states);
  std::vector<State> image(states + (period > 1 ? 1 : 0)), map;
  base::Budget budget("searching the state maps", {.count = max_maps});
  // The empty word is expanded first but never offered: it permutes nothing and is no loop.
  for (std::size_t i = 0; i <= queue.size(); ++i) {
    budget.afford(0);
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      for (State q = 0; q < dfa.states; ++q) {
        const State from = i == 0 ? q : (*queue[i - 1].image)[static_cast<std::size_t>(q)];
        image[static_cast<std::size_t>(q)] = dfa.step(from, a);
      }
      if (period > 1) image[states] = ((i == 0 ? 0 : (*queue[i - 1].image)[states]) + 1) % period;
      const auto [where, is_new] = seen.emplace(image, 0);
      if (!is_new) continue;
      if (!budget.afford()) return MapSearch::OutOfBudget;
      queue.push_back({&where->first, i, a});
      if (period > 1 && image[states] != 0) continue;
      if (period > 1) map.assign(image.begin(), image.begin() + dfa.states);
      const std::vector<State>& offered = period > 1 ? map : image;
      if (wanted(offered)) {
        Word reversed;
        for (std::size_t at = queue.size(); at != 0; at = queue[at - 1].parent)
          reversed.push_back(queue[at - 1].letter);
        found = {Word(reversed.rbegin(), reversed.rend()), offered};
        return MapSearch::Found;
      }
    }
  }
  return MapSearch::Exhausted;
}

}  // namespace yore::expressivity
