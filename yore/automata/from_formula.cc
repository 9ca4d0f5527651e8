// Past LTL to DFA. The operators are strict, so what P, Y<=k and S say at a position depends only on what
// came before it: on a little memory for each such node. A state is all these memories; a letter updates
// them.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <map>
#include <stdexcept>
#include <unordered_set>

#include "yore/automata/convert.h"
#include "yore/base/budget.h"

namespace yore::automata {
namespace {

using logic::FormulaGraph;
using logic::Node;
using logic::NodeId;
using logic::Op;

// A stretch of bits in a packed state. pos=r/m: the position modulo m, once for each m. P: 1 once its
// argument held. S: its value. Y<=k: how many further positions still see the last position at which the
// argument held, k .. 0: k + 1 cases where a register of k truth values has 2^k.
struct Memory {
  NodeId node;
  std::size_t word;
  int shift;
  std::uint64_t mask;  // unshifted
};

// States as stretches of `stride` words in one array, numbered in the order they were met.
class StateTable {
 public:
  /// Of a formula of so many temporal operators. A state counts as `weight` of `max_states`.
  StateTable(std::size_t operators, std::size_t stride, std::size_t weight, std::size_t max_states)
      : stride_(stride),
        weight_(weight),
        budget_(fmt::format("the automaton of a formula of {} operators", operators),
                {.count = max_states, .option = "max-states"}),
        known_(16, Hash{this}, Equal{this}) {}
  std::size_t size() const { return count_; }
  const std::uint64_t* operator[](std::size_t state) const { return words_.data() + state * stride_; }

  State number(const std::vector<std::uint64_t>& packed) {
    budget_.spend(0);
    words_.insert(words_.end(), packed.begin(), packed.end());
    const auto [it, fresh] = known_.insert(static_cast<State>(count_));
    if (!fresh) {
      words_.resize(count_ * stride_);
    } else {
      ++count_;
      budget_.spend(weight_);
    }
    return *it;
  }

 private:
  struct Hash {
    const StateTable* table;
    std::size_t operator()(State s) const {
      std::uint64_t h = 0x9E3779B97F4A7C15u;
      for (std::size_t i = 0; i < table->stride_; ++i) {
        h = (h ^ (*table)[static_cast<std::size_t>(s)][i]) * 0xBF58476D1CE4E5B9u;
        h ^= h >> 31;
      }
      return h;
    }
  };
  struct Equal {
    const StateTable* table;
    bool operator()(State s, State t) const {
      const std::uint64_t* first = (*table)[static_cast<std::size_t>(s)];
      return std::equal(first, first + table->stride_, (*table)[static_cast<std::size_t>(t)]);
    }
  };
  std::size_t stride_, weight_, count_ = 0;
  base::Budget budget_;
  std::vector<std::uint64_t> words_;
  std::unordered_set<State, Hash, Equal> known_;
};

class Compiler {
 public:
  explicit Compiler(const logic::Formula& formula)
      : graph_(formula.graph), letters_(formula.alphabet.size()), slot_(formula.graph.size(), -1) {
    // Arguments have smaller ids than their users: one downward sweep finds what the root reaches.
    std::vector<char> reached(graph_.size(), 0);
    reached.at(formula.root) = 1;
    for (NodeId id = formula.root; id >= 0; --id) {
      if (!reached[id]) continue;
      for (NodeId arg : graph_.node(id).args) reached[arg] = 1;
    }
    int bit = 0;
    for (NodeId id = 0; id <= formula.root; ++id) {
      if (!reached[id]) continue;
      order_.push_back(id);
      const Node& node = graph_.node(id);
      int width = 1;
      if (node.op == Op::Position) {
        const auto [known, fresh] = counters_.try_emplace(logic::period_of(node.value), memories_.size());
        slot_[id] = static_cast<int>(known->second);
        if (!fresh) continue;
        width = std::bit_width(static_cast<unsigned>(logic::period_of(node.value)) - 1);
      } else if (!is_temporal(node.op)) {
        continue;
      } else if (node.op == Op::Yesterday) {
        width = std::bit_width(static_cast<unsigned>(node.value));
      }
      if (bit % 64 + width > 64) bit += 64 - bit % 64;
      slot_[id] = static_cast<int>(memories_.size());
      memories_.push_back(
          {id, static_cast<std::size_t>(bit / 64), bit % 64, (std::uint64_t{1} << width) - 1});
      bit += width;
    }
    stride_ = static_cast<std::size_t>(bit + 63) / 64;
    truth_.resize(graph_.size());
  }

  std::size_t stride() const { return stride_; }
  std::size_t operators() const { return memories_.size(); }
  /// Operations that one state costs.
  std::size_t cost() const {
    const auto letters = static_cast<std::size_t>(letters_);
    return 1 + order_.size() * (letters / 64 + 1) + memories_.size() * letters;
  }

  // Truth of every reached node in the given state, for 64 columns at once: bit i of the result stands for
  // the letter first_column + i, and the column after the last letter for EOS.
  void evaluate(const std::uint64_t* state, int first_column) {
    for (NodeId id : order_) truth_[id] = value(id, state, first_column);
  }
  bool truth(NodeId id, int bit) const { return (truth_[id] >> bit & 1) != 0; }

  // The state after the letter whose column is `bit` of the last evaluation.
  void step(const std::uint64_t* state, int bit, std::vector<std::uint64_t>& after) const {
    after.assign(stride_, 0);
    for (const Memory& memory : memories_) {
      const std::uint64_t before = state[memory.word] >> memory.shift & memory.mask;
      after[memory.word] |= updated(graph_.node(memory.node), before, bit) << memory.shift;
    }
  }

 private:
  std::uint64_t updated(const Node& node, std::uint64_t before, int bit) const {
    switch (node.op) {
      case Op::Before:
        return before | (truth_[node.args[0]] >> bit & 1);
      case Op::Since:
        return (truth_[node.args[1]] >> bit & 1) | ((truth_[node.args[0]] >> bit & 1) & before);
      case Op::Position:
        return (before + 1) % static_cast<std::uint64_t>(logic::period_of(node.value));
      default:  // Yesterday
        if (truth(node.args[0], bit)) return static_cast<std::uint64_t>(node.value);
        return before == 0 ? 0 : before - 1;
    }
  }

  std::uint64_t value(NodeId id, const std::uint64_t* state, int first_column) const {
    const Node& node = graph_.node(id);
    std::uint64_t result = 0;
    switch (node.op) {
      case Op::False:
        return 0;
      case Op::True:
        return ~std::uint64_t{0};
      case Op::Letter:
        return node.value >= first_column && node.value < first_column + 64 && node.value < letters_
                   ? std::uint64_t{1} << (node.value - first_column)
                   : 0;
      case Op::Not:
        return ~truth_[node.args[0]];
      case Op::And:
        result = ~std::uint64_t{0};
        for (NodeId arg : node.args) result &= truth_[arg];
        return result;
      case Op::Or:
        for (NodeId arg : node.args) result |= truth_[arg];
        return result;
      case Op::Position: {
        const Memory& memory = memories_[slot_[id]];
        const std::uint64_t at = state[memory.word] >> memory.shift & memory.mask;
        return at == static_cast<std::uint64_t>(logic::residue_of(node.value)) ? ~std::uint64_t{0} : 0;
      }
      case Op::Before:
      case Op::Yesterday:
      case Op::Since: {
        const Memory& memory = memories_[slot_[id]];
        return (state[memory.word] >> memory.shift & memory.mask) != 0 ? ~std::uint64_t{0} : 0;
      }
    }
    throw std::invalid_argument("dfa_from_formula: no such operator");
  }

  const FormulaGraph& graph_;
  int letters_;
  std::vector<int> slot_;                // index into memories_ of a temporal node
  std::map<int, std::size_t> counters_;  // period -> memory
  std::vector<NodeId> order_;            // reached nodes, arguments first
  std::vector<Memory> memories_;
  std::size_t stride_ = 0;
  std::vector<std::uint64_t> truth_;
};

}  // namespace

Dfa dfa_from_formula(const logic::Formula& formula, std::size_t max_states) {
  Compiler compiler(formula);
  // max_states is meant for formulas of up to some thousand nodes; a state of a larger one counts as several.
  constexpr std::size_t kWorkAState = 3'000;
  StateTable table(compiler.operators(), compiler.stride(),
                   std::max<std::size_t>(1, compiler.cost() / kWorkAState), max_states);
  const int letters = formula.alphabet.size();
  std::vector<std::uint64_t> state(compiler.stride(), 0), after;
  Dfa result{formula.alphabet, 0, table.number(state), {}, {}};
  for (std::size_t q = 0; q < table.size(); ++q) {
    state.assign(table[q], table[q] + compiler.stride());
    // Columns 0 .. letters-1 are the letters, column `letters` is EOS.
    for (int column = 0; column <= letters; ++column) {
      const int bit = column % 64;
      if (bit == 0) compiler.evaluate(state.data(), column);
      if (column == letters) {
        result.accepting.push_back(compiler.truth(formula.root, bit));
      } else {
        compiler.step(state.data(), bit, after);
        result.next.push_back(table.number(after));
      }
    }
  }
  result.states = static_cast<State>(table.size());
  return minimise(result);
}

}  // namespace yore::automata
