// Hopcroft's partition refinement, then a numbering that depends on the language alone.
#include <algorithm>
#include <utility>

#include "yore/automata/dfa.h"
#include "yore/base/budget.h"

namespace yore::automata {
namespace {

// The part that can be reached, states renumbered breadth-first from the start in symbol order (start = 0).
Dfa breadth_first(const Dfa& dfa) {
  std::vector<State> number(dfa.states, -1), order{dfa.start};
  number[dfa.start] = 0;
  Dfa result{dfa.alphabet, 0, 0, {}, {}};
  for (std::size_t head = 0; head < order.size(); ++head) {
    const State q = order[head];
    result.accepting.push_back(dfa.accepting[q] != 0);
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      const State r = dfa.step(q, a);
      if (number[r] < 0) {
        number[r] = static_cast<State>(order.size());
        order.push_back(r);
      }
      result.next.push_back(number[r]);
    }
  }
  result.states = static_cast<State>(order.size());
  return result;
}

// A partition of 0..n-1 into blocks; each block is a stretch of `elements`, its marked members first.
class Partition {
 public:
  explicit Partition(int n) : elements(n), place_(n), block_(n, 0), begin_{0}, end_{n}, marked_{0} {
    for (int i = 0; i < n; ++i) elements[i] = place_[i] = i;
  }
  int block_of(int element) const { return block_[element]; }
  int blocks() const { return static_cast<int>(begin_.size()); }
  int size(int block) const { return end_[block] - begin_[block]; }
  std::pair<int, int> stretch(int block) const { return {begin_[block], end_[block]}; }

  // Marks an element; true if it is the first one marked in its block.
  bool mark(int element) {
    const int block = block_[element];
    const int target = begin_[block] + marked_[block];
    if (place_[element] < target) return false;
    const int other = elements[target];
    std::swap(elements[place_[element]], elements[target]);
    std::swap(place_[element], place_[other]);
    return marked_[block]++ == 0;
  }

  // Separates the marked members of a block from the others and unmarks them. The smaller half becomes the
  // new block, whose number is returned; -1 if all were marked.
  int split(int block) {
    const int marked = std::exchange(marked_[block], 0);
    if (marked == size(block)) return -1;
    const int fresh = blocks(), middle = begin_[block] + marked;
    if (marked <= size(block) - marked) {
      begin_.push_back(begin_[block]);
      end_.push_back(middle);
      begin_[block] = middle;
    } else {
      begin_.push_back(middle);
      end_.push_back(end_[block]);
      end_[block] = middle;
    }
    marked_.push_back(0);
    for (int i = begin_[fresh]; i < end_[fresh]; ++i) block_[elements[i]] = fresh;
    return fresh;
  }

  std::vector<int> elements;

 private:
  std::vector<int> place_, block_, begin_, end_, marked_;
};

// predecessors of (state, symbol): sources[first[cell]] .. sources[first[cell + 1] - 1], cell = symbol *
// states + state.
struct Predecessors {
  explicit Predecessors(const Dfa& dfa) : states(static_cast<std::size_t>(dfa.states)) {
    const auto letters = static_cast<std::size_t>(dfa.alphabet.size());
    first.assign(states * letters + 1, 0);
    sources.assign(dfa.next.size(), 0);
    const auto cell = [&](std::size_t i) {
      return (i % letters) * states + static_cast<std::size_t>(dfa.next[i]);
    };
    for (std::size_t i = 0; i < dfa.next.size(); ++i) ++first[cell(i)];
    for (std::size_t c = 1; c < first.size(); ++c) first[c] += first[c - 1];
    // Filled from the back, so that first[] ends up at each cell's begin.
    for (std::size_t i = dfa.next.size(); i-- > 0;)
      sources[--first[cell(i)]] = static_cast<State>(i / letters);
  }
  std::size_t states;
  std::vector<std::size_t> first;
  std::vector<State> sources;
};

// The coarsest partition that respects acceptance and moves.
Partition refine(const Dfa& dfa) {
  Partition partition(dfa.states);
  bool some = false;
  for (State q = 0; q < dfa.states; ++q)
    if (dfa.accepting[q]) some = partition.mark(q) || some;
  if (!some || partition.split(0) < 0) return partition;

  const Predecessors predecessors(dfa);
  // Blocks still to split by, for all symbols at once. Every fresh block waits once: if the block it was cut
  // from waits too, both halves do; if not, the smaller half is enough. That is what makes it n log n.
  std::vector<int> waiting{1}, touched;
  std::vector<State> splitter;
  base::Budget budget("minimising an automaton");
  while (!waiting.empty()) {
    budget.spend();
    const int block = waiting.back();
    waiting.pop_back();
    // A copy: the block may itself be split by one symbol, yet the others must see all of it.
    const auto [begin, end] = partition.stretch(block);
    splitter.assign(partition.elements.begin() + begin, partition.elements.begin() + end);
    for (std::size_t a = 0; a < static_cast<std::size_t>(dfa.alphabet.size()); ++a) {
      touched.clear();
      for (State r : splitter) {
        const std::size_t cell = a * predecessors.states + static_cast<std::size_t>(r);
        for (std::size_t i = predecessors.first[cell]; i < predecessors.first[cell + 1]; ++i) {
          const State q = predecessors.sources[i];
          if (partition.mark(q)) touched.push_back(partition.block_of(q));
        }
      }
      for (int split_block : touched) {
        const int fresh = partition.split(split_block);
        if (fresh >= 0) waiting.push_back(fresh);
      }
    }
  }
  return partition;
}

}  // namespace

Dfa minimise(const Dfa& dfa) {
  Dfa reachable = breadth_first(dfa);
  const Partition partition = refine(reachable);
  const int blocks = partition.blocks();
  if (blocks == reachable.states) return reachable;
  Dfa quotient{dfa.alphabet, blocks, partition.block_of(0), {}, {}};
  for (int block = 0; block < blocks; ++block) {
    const State q = partition.elements[partition.stretch(block).first];
    quotient.accepting.push_back(reachable.accepting[q]);
    for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
      quotient.next.push_back(partition.block_of(reachable.step(q, a)));
  }
  return breadth_first(quotient);
}

}  // namespace yore::automata
