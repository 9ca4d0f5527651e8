#include "yore/expressivity/pair_graph.h"

#include <algorithm>
#include <cstdint>

#include "yore/base/budget.h"

namespace yore::expressivity {
namespace {

using logic::Symbol;

// One component's pairs. Local numbers i > j stand for pair i (i - 1) / 2 + j.
class ComponentWalk {
 public:
  ComponentWalk(const Dfa& dfa, const std::vector<State>& members, const std::vector<int>& local,
                const std::vector<int>& of, const std::vector<int>& group, base::Budget& budget)
      : budget_(budget), letters_(dfa.alphabet.size()), size_(static_cast<int>(members.size())) {
    moves_.reserve(members.size() * static_cast<std::size_t>(letters_));
    for (const State q : members) {
      group_.push_back(group.empty() ? 0 : group[static_cast<std::size_t>(q)]);
      for (Symbol a = 0; a < letters_; ++a) {
        const State to = dfa.step(q, a);
        const bool inside = of[static_cast<std::size_t>(to)] == of[static_cast<std::size_t>(q)];
        moves_.push_back(inside ? local[static_cast<std::size_t>(to)] : -1);
      }
    }
  }

  // True if a cycle was found, then at `i`, `j`; else `longest` is set.
  bool find_cycle(int& longest, int& cycle_i, int& cycle_j) {
    heights_.assign(pairs(size_), 0);
    longest = 0;
    for (int i = 1; i < size_; ++i) {
      budget_.spend(0);
      for (int j = 0; j < i; ++j) {
        if (group_[static_cast<std::size_t>(i)] != group_[static_cast<std::size_t>(j)]) continue;
        if (heights_[pairs(i) + static_cast<std::size_t>(j)] == 0 && search_from(i, j, cycle_i, cycle_j))
          return true;
        longest = std::max(longest, heights_[pairs(i) + static_cast<std::size_t>(j)]);
      }
    }
    return false;
  }

 private:
  static constexpr int kOpen = -1;
  struct Frame {
    int i, j;
    Symbol next;
    int height;
  };
  static std::size_t pairs(int n) {
    return static_cast<std::size_t>(n) * static_cast<std::size_t>(n - 1) / 2;
  }

  bool search_from(int i, int j, int& cycle_i, int& cycle_j) {
    std::vector<Frame> stack{{i, j, 0, 1}};
    heights_[pairs(i) + static_cast<std::size_t>(j)] = kOpen;
    while (!stack.empty()) {
      Frame& top = stack.back();
      if (top.next == letters_) {
        budget_.spend(0);
        const Frame done = top;
        heights_[pairs(done.i) + static_cast<std::size_t>(done.j)] = done.height;
        stack.pop_back();
        if (!stack.empty()) stack.back().height = std::max(stack.back().height, done.height + 1);
        continue;
      }
      const Symbol a = top.next++;
      int x = moves_[static_cast<std::size_t>(top.i) * static_cast<std::size_t>(letters_) +
                     static_cast<std::size_t>(a)];
      int y = moves_[static_cast<std::size_t>(top.j) * static_cast<std::size_t>(letters_) +
                     static_cast<std::size_t>(a)];
      if (x < 0 || y < 0 || x == y) continue;
      if (x < y) std::swap(x, y);
      int& height = heights_[pairs(x) + static_cast<std::size_t>(y)];
      if (height == kOpen) {
        cycle_i = x;
        cycle_j = y;
        return true;
      }
      if (height > 0) {
        top.height = std::max(top.height, height + 1);
      } else {
        height = kOpen;
        stack.push_back({x, y, 0, 1});
      }
    }
    return false;
  }

  base::Budget& budget_;
  int letters_, size_;
  std::vector<int> group_;
  std::vector<int> moves_;    // local state * |A| + letter -> local state, -1 = out of the component
  std::vector<int> heights_;  // 0 = not seen, kOpen = on the stack, else pairs on a longest path from here
};

}  // namespace

PairWalk walk_component_pairs(const Dfa& dfa, const Components& components, std::size_t max_pairs,
                              const std::vector<int>& group) {
  std::size_t total = 0;
  for (const auto& members : components.members) total += members.size() * (members.size() - 1) / 2;
  base::Budget budget("walking the pairs of states", {.count = max_pairs, .option = "max-pairs"});
  budget.spend(total);

  PairWalk walk;
  std::vector<int> local(static_cast<std::size_t>(dfa.states), 0);
  for (const auto& members : components.members) {
    for (std::size_t i = 0; i < members.size(); ++i)
      local[static_cast<std::size_t>(members[i])] = static_cast<int>(i);
    int longest = 0, i = 0, j = 0;
    if (members.size() > 1) {
      if (ComponentWalk(dfa, members, local, components.of, group, budget).find_cycle(longest, i, j)) {
        walk.on_cycle = {members[static_cast<std::size_t>(i)], members[static_cast<std::size_t>(j)]};
        walk.longest.clear();
        return walk;
      }
    }
    walk.longest.push_back(longest);
  }
  return walk;
}

}  // namespace yore::expressivity
