#include "yore/automata/formula_proof.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <map>
#include <optional>
#include <stdexcept>
#include <utility>

#include "yore/automata/lengths.h"
#include "yore/base/budget.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using logic::FormulaGraph;
using logic::Node;
using logic::NodeId;
using logic::Op;

// Truth of something for every state of the DFA and every column: a row of words a state; the columns are the
// letters and, after them, EOS.
using Table = std::vector<std::uint64_t>;

// All tables together.
constexpr std::size_t kMaxTableBytes = 256'000'000;

std::uint64_t combine(Op op, std::uint64_t a, std::uint64_t b) {
  return op == Op::And ? a & b : a | b;
}

// Fixed-length rows of words, numbered in the order they were met.
class Rows {
 public:
  explicit Rows(std::size_t stride) : stride_(stride), slots_(256, -1) {}
  std::size_t size() const { return count_; }
  const std::uint64_t* operator[](std::size_t i) const { return words_.data() + i * stride_; }
  void add(const std::uint64_t* row) {
    if (2 * (count_ + 1) > slots_.size()) grow();
    std::int32_t& slot = find(row);
    if (slot >= 0) return;
    slot = static_cast<std::int32_t>(count_++);
    words_.insert(words_.end(), row, row + stride_);
  }

 private:
  std::int32_t& find(const std::uint64_t* row) {
    std::uint64_t h = 0x9E3779B97F4A7C15u;
    for (std::size_t i = 0; i < stride_; ++i) {
      h = (h ^ row[i]) * 0xBF58476D1CE4E5B9u;
      h ^= h >> 31;
    }
    for (std::size_t at = h & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1))
      if (slots_[at] < 0 || std::equal(row, row + stride_, (*this)[static_cast<std::size_t>(slots_[at])]))
        return slots_[at];
  }
  void grow() {
    slots_.assign(2 * slots_.size(), -1);
    for (std::size_t i = 0; i < count_; ++i) find((*this)[i]) = static_cast<std::int32_t>(i);
  }
  std::size_t stride_, count_ = 0;
  std::vector<std::uint64_t> words_;
  std::vector<std::int32_t> slots_;
};

class Prover {
 public:
  Prover(const logic::Formula& formula, const Dfa& dfa, const ProofBudget& budget)
      : graph_(formula.graph),
        root_(formula.root),
        dfa_(dfa),
        max_states_(budget.max_states),
        budget_("proving a formula part by part", {.count = budget.max_work, .bytes = kMaxTableBytes}),
        letters_(dfa.alphabet.size()),
        width_(static_cast<std::size_t>(letters_ / 64 + 1)),
        order_(logic::reachable_nodes(graph_, root_)),
        kinds_(graph_.size(), Kind::Open),
        users_(graph_.size(), 0),
        tables_(graph_.size()),
        hopeless_(graph_.size(), 0),
        value_(graph_.size(), 0),
        moves_(dfa.states) {
    std::sort(order_.begin(), order_.end());
    for (const NodeId id : order_)
      for (const NodeId arg : graph_.node(id).args) ++users_[arg];
    // Letters that lead from a state to the same one are handled together.
    for (State q = 0; q < dfa.states; ++q) {
      std::map<std::pair<std::size_t, State>, std::uint64_t> masks;
      for (Symbol a = 0; a < letters_; ++a)
        masks[{static_cast<std::size_t>(a / 64), dfa.step(q, a)}] |= std::uint64_t{1} << a % 64;
      for (const auto& [key, mask] : masks) moves_[q].push_back({key.first, key.second, mask});
    }
  }

  Equivalence run() {
    try {
      for (const NodeId id : order_) {
        settle(id);
        if (kinds_[id] == Kind::Open) continue;  // its users will look its arguments up
        for (const NodeId arg : graph_.node(id).args)
          if (--users_[arg] == 0) drop(arg);
      }
      return judge_root();
    } catch (const base::BudgetError&) {
      return Equivalence::OutOfBudget;
    }
  }

 private:
  // Fixed: a letter or constant. Known: a table says it. Open: depends on more than state and letter, as far
  // as is known.
  enum class Kind : char { Fixed, Known, Open };
  struct Move {
    std::size_t word;  // of the columns
    State to;
    std::uint64_t mask;  // the letters, within that word
  };
  // The memory of a temporal operator within a packed row. P: 1 once its argument held. S: its value. Y<=k:
  // for how many more positions its argument's last truth counts.
  struct Memory {
    NodeId node;
    std::size_t word;
    int shift;
    std::uint64_t mask;
  };

  std::size_t rows() const { return static_cast<std::size_t>(dfa_.states) * width_; }
  void keep(Table& where, Table table) {
    budget_.hold(table.size() * sizeof(std::uint64_t));
    where = std::move(table);
  }
  void drop(NodeId id) {
    budget_.release(tables_[id].size() * sizeof(std::uint64_t));
    Table().swap(tables_[id]);
  }

  std::uint64_t column(NodeId id, State q, std::size_t word) const {
    if (kinds_[id] == Kind::Known) return tables_[id][static_cast<std::size_t>(q) * width_ + word];
    if (kinds_[id] == Kind::Open) return value_[id];
    const Node& node = graph_.node(id);
    if (node.op == Op::Letter)
      return static_cast<std::size_t>(node.value / 64) == word ? std::uint64_t{1} << node.value % 64 : 0;
    return node.op == Op::True ? ~std::uint64_t{0} : 0;
  }

  // Finds out what a node is, after its arguments.
  void settle(NodeId id) {
    const Node& node = graph_.node(id);
    if (node.op == Op::Position) {
      // Known where it follows from the state; the memories of this walk do not hold it otherwise.
      const auto lengths = length_by_state(dfa_, logic::period_of(node.value));
      if (!lengths)
        throw base::BudgetError("max-states", max_states_, "proving a formula that asks for positions");
      Table table;
      for (const int length : *lengths)
        table.insert(table.end(), width_, length == logic::residue_of(node.value) ? ~std::uint64_t{0} : 0);
      learn(id, std::move(table));
      return;
    }
    if (node.args.empty()) {
      kinds_[id] = Kind::Fixed;
      return;
    }
    std::vector<NodeId> open;
    for (const NodeId arg : node.args) {
      if (kinds_[arg] != Kind::Open) continue;
      open.push_back(arg);
      hopeless_[id] = hopeless_[id] || hopeless_[arg];
    }
    if (is_temporal(node.op)) {
      // With an open argument it is hardly ever known, and its users are tried anyway.
      if (open.empty())
        learn(id, explore(
                      {id}, [&](State q, std::size_t w) { return column(id, q, w); }, false));
      return;
    }
    if (node.op == Op::Not) {
      if (open.empty())
        tabulate(
            id, [&](State q, std::size_t w) { return ~column(node.args[0], q, w); }, 1);
      return;
    }
    const auto all_of = [&](const std::vector<NodeId>& args) {
      return [this, &args, op = node.op](State q, std::size_t w) {
        std::uint64_t value = op == Op::And ? ~std::uint64_t{0} : 0;
        for (const NodeId arg : args) value = combine(op, value, column(arg, q, w));
        return value;
      };
    };
    if (open.empty()) {
      tabulate(id, all_of(node.args), node.args.size());
      return;
    }
    if (hopeless_[id]) return;
    // The open part alone occurs again and again, with one letter or another.
    if (open.size() < node.args.size()) {
      std::vector<NodeId> known;
      for (const NodeId arg : node.args)
        if (kinds_[arg] != Kind::Open) known.push_back(arg);
      const auto [part, fresh] = parts_.try_emplace({node.op, open});
      if (fresh) {
        if (auto found = explore(open, all_of(open), false)) keep(part->second.table, std::move(*found));
        part->second.too_many = too_many_;
      }
      if (part->second.too_many) {
        hopeless_[id] = 1;
        return;
      }
      if (const Table& table = part->second.table; !table.empty()) {
        const auto rest = all_of(known);
        tabulate(
            id,
            [&](State q, std::size_t w) {
              return combine(node.op, rest(q, w), table[static_cast<std::size_t>(q) * width_ + w]);
            },
            known.size());
        return;
      }
    }
    learn(id, explore(open, all_of(node.args), false));
  }

  template <class Value>
  void tabulate(NodeId id, Value&& value, std::size_t cost) {
    budget_.spend(rows() * (1 + cost));
    Table table(rows());
    for (State q = 0; q < dfa_.states; ++q)
      for (std::size_t w = 0; w < width_; ++w) table[static_cast<std::size_t>(q) * width_ + w] = value(q, w);
    learn(id, std::move(table));
  }
  void learn(NodeId id, std::optional<Table> table) {
    if (!table) {
      hopeless_[id] = hopeless_[id] || too_many_;
      return;
    }
    keep(tables_[id], std::move(*table));
    kinds_[id] = Kind::Known;
  }

  // The open nodes at and below these, arguments first, and the memories of the temporal ones.
  void gather(const std::vector<NodeId>& from) {
    region_.clear();
    memories_.clear();
    std::vector<NodeId> stack = from;
    std::vector<char>& seen = seen_;
    seen.assign(graph_.size(), 0);
    for (const NodeId id : from) seen[id] = 1;
    cost_ = 0;
    while (!stack.empty()) {
      const NodeId id = stack.back();
      stack.pop_back();
      region_.push_back(id);
      for (const NodeId arg : graph_.node(id).args) {
        ++cost_;
        if (kinds_[arg] != Kind::Open || seen[arg]) continue;
        seen[arg] = 1;
        stack.push_back(arg);
      }
    }
    std::sort(region_.begin(), region_.end());
    int bit = 0;
    for (const NodeId id : region_) {
      const Node& node = graph_.node(id);
      if (!is_temporal(node.op)) continue;
      const int bits = node.op == Op::Yesterday ? std::bit_width(static_cast<unsigned>(node.value)) : 1;
      if (bit % 64 + bits > 64) bit += 64 - bit % 64;
      memories_.push_back(
          {id, 1 + static_cast<std::size_t>(bit / 64), bit % 64, (std::uint64_t{1} << bits) - 1});
      bit += bits;
    }
    stride_ = 1 + static_cast<std::size_t>((bit + 63) / 64);
    budget_.spend(static_cast<std::size_t>(graph_.size()) / 64 + cost_);
  }

  void evaluate(const std::vector<std::uint64_t>& row, State q, std::size_t w) {
    auto memory = memories_.begin();
    for (const NodeId id : region_) {
      const Node& node = graph_.node(id);
      if (is_temporal(node.op)) {
        value_[id] = (row[memory->word] >> memory->shift & memory->mask) != 0 ? ~std::uint64_t{0} : 0;
        ++memory;
      } else if (node.op == Op::Not) {
        value_[id] = ~column(node.args[0], q, w);
      } else {
        std::uint64_t value = node.op == Op::And ? ~std::uint64_t{0} : 0;
        for (const NodeId arg : node.args) value = combine(node.op, value, column(arg, q, w));
        value_[id] = value;
      }
    }
  }

  // Walks through the DFA and the memories of the open nodes at and below `from` together. Without `at_end`:
  // the table of `value`, if it is the same wherever state and column are; nothing if not, or if more rows
  // were met than a part is worth (too_many_). With `at_end`: a table, if at EOS the value always is the
  // state's acceptance.
  template <class Value>
  std::optional<Table> explore(const std::vector<NodeId>& from, Value&& value, bool at_end) {
    gather(from);
    too_many_ = false;
    // What a part may take; the whole formula may take all there is.
    const std::size_t a_part = 16 * static_cast<std::size_t>(dfa_.states) + 4096;
    base::Budget met_rows("exploring a formula together with the automaton",
                          {.count = at_end ? max_states_ : std::min(max_states_, a_part)});
    Table table(at_end ? 1 : rows());
    std::vector<char> met(dfa_.states, 0);
    budget_.spend(table.size() / 8);
    Rows known(stride_);
    std::vector<std::uint64_t> row(stride_, 0);
    row[0] = static_cast<std::uint64_t>(dfa_.start);
    known.add(row.data());
    for (std::size_t i = 0; i < known.size(); ++i) {
      row.assign(known[i], known[i] + stride_);
      const auto q = static_cast<State>(row[0]);
      auto move = moves_[q].begin();
      for (std::size_t w = 0; w < width_; ++w) {
        budget_.spend(2 + cost_);
        evaluate(row, q, w);
        if (at_end) {
          const bool last = w == static_cast<std::size_t>(letters_ / 64);
          if (last && (value(q, w) >> letters_ % 64 & 1) != (dfa_.accepting[q] != 0 ? 1u : 0u))
            return std::nullopt;
        } else {
          std::uint64_t& expected = table[static_cast<std::size_t>(q) * width_ + w];
          const std::uint64_t found = value(q, w);
          if (met[q] && expected != found) return std::nullopt;
          expected = found;
        }
        for (; move != moves_[q].end() && move->word == w; ++move) spread(row, *move, known);
      }
      met[q] = 1;
      if (!met_rows.afford(known.size() - met_rows.count())) {
        if (at_end) met_rows.spend();
        too_many_ = true;
        return std::nullopt;
      }
    }
    return table;
  }

  // Adds the rows that follow by the letters of a move. Each memory has two possible next values, so the
  // letters are split by them.
  void spread(const std::vector<std::uint64_t>& row, const Move& move, Rows& known) {
    // A group: its letters, then the row they lead to.
    const std::size_t size = 1 + stride_;
    groups_.assign(size, 0);
    groups_[0] = move.mask;
    groups_[1] = static_cast<std::uint64_t>(move.to);
    const auto q = static_cast<State>(row[0]);
    for (const Memory& memory : memories_) {
      const Node& node = graph_.node(memory.node);
      const std::uint64_t before = row[memory.word] >> memory.shift & memory.mask;
      std::uint64_t holds = column(node.args.back(), q, move.word), if_so = 1, if_not = 0;
      if (node.op == Op::Before && before != 0) holds = ~std::uint64_t{0};
      if (node.op == Op::Since && before != 0) holds |= column(node.args[0], q, move.word);
      if (node.op == Op::Yesterday) {
        if_so = static_cast<std::uint64_t>(node.value);
        if_not = before == 0 ? 0 : before - 1;
      }
      const std::size_t end = groups_.size();
      budget_.spend(end / size);
      for (std::size_t g = 0; g < end; g += size) {
        const std::uint64_t yes = groups_[g] & holds, no = groups_[g] & ~holds;
        if (yes != 0 && no != 0) {
          const std::size_t other = groups_.size();
          groups_.resize(other + size);
          std::copy_n(groups_.begin() + static_cast<std::ptrdiff_t>(g), size,
                      groups_.begin() + static_cast<std::ptrdiff_t>(other));
          groups_[g] = yes;
          groups_[other] = no;
          groups_[other + 1 + memory.word] |= if_not << memory.shift;
        }
        groups_[g + 1 + memory.word] |= (yes != 0 ? if_so : if_not) << memory.shift;
      }
    }
    for (std::size_t g = 0; g < groups_.size(); g += size) known.add(groups_.data() + g + 1);
  }

  Equivalence judge_root() {
    const auto truth = [this](State q, std::size_t w) { return column(root_, q, w); };
    if (kinds_[root_] == Kind::Open)
      return explore({root_}, truth, true) ? Equivalence::Same : Equivalence::Different;
    const auto eos = static_cast<std::size_t>(letters_ / 64);
    for (State q = 0; q < dfa_.states; ++q)
      if ((truth(q, eos) >> letters_ % 64 & 1) != (dfa_.accepting[q] != 0 ? 1u : 0u))
        return Equivalence::Different;
    return Equivalence::Same;
  }

  const FormulaGraph& graph_;
  NodeId root_;
  const Dfa& dfa_;
  std::size_t max_states_;
  base::Budget budget_;
  int letters_;
  std::size_t width_;  // words a row of columns
  std::vector<NodeId> order_;
  std::vector<Kind> kinds_;
  std::vector<int> users_;  // those that may still look a node's table up
  std::vector<Table> tables_;
  struct Part {
    Table table;  // empty: tried in vain
    bool too_many = false;
  };
  std::map<std::pair<Op, std::vector<NodeId>>, Part> parts_;
  std::vector<char> hopeless_;  // exploring it met too many rows, so will exploring its users
  std::vector<std::uint64_t> value_;
  std::vector<std::vector<Move>> moves_;
  // Of the exploration under way.
  std::vector<NodeId> region_;
  std::vector<Memory> memories_;
  std::vector<char> seen_;
  std::size_t cost_ = 0, stride_ = 1;
  bool too_many_ = false;
  std::vector<std::uint64_t> groups_;
};

}  // namespace

Equivalence prove_formula(const logic::Formula& formula, const Dfa& dfa, const ProofBudget& budget) {
  check(dfa);
  if (formula.alphabet != dfa.alphabet)
    throw std::invalid_argument("prove_formula: formula and automaton have different alphabets");
  return Prover(formula, dfa, budget).run();
}

}  // namespace yore::automata
