#include "yore/expressivity/formula_search.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>

#include "yore/base/error.h"
#include "yore/expressivity/graph_tools.h"
#include "yore/expressivity/types.h"

namespace yore::expressivity {

using logic::Node;
using logic::Op;
using logic::Symbol;

namespace {

// Truth of a node at a position, given its arguments there and the value of a temporal node itself.
bool value(const Node& node, int letter, bool remembered, const std::vector<char>& truth) {
  switch (node.op) {
    case Op::False:
      return false;
    case Op::True:
      return true;
    case Op::Letter:
      return node.value == letter;
    case Op::Not:
      return !truth[node.args[0]];
    case Op::And:
      return std::all_of(node.args.begin(), node.args.end(), [&](auto arg) { return truth[arg]; });
    case Op::Or:
      return std::any_of(node.args.begin(), node.args.end(), [&](auto arg) { return truth[arg]; });
    default:
      return remembered;
  }
}

int distinct(const std::vector<std::vector<int>>& types) {
  std::set<int> numbers;
  for (const auto& word : types) numbers.insert(word.begin(), word.end());
  return static_cast<int>(numbers.size());
}

}  // namespace

void FormulaSearch::refresh_temporal_nodes() {
  temporal_.clear();
  for (NodeId id = 0; id < graph_.size(); ++id) {
    const Op op = graph_.node(id).op;
    if (op == Op::Before || op == Op::Yesterday) temporal_.push_back(id);
  }
}

std::optional<std::pair<Word, Word>> FormulaSearch::conflict(std::size_t& budget, std::size_t limit) {
  // What is remembered of a temporal node, one byte: for P whether it held, for Y<=k how many more positions
  // will see that it did.
  struct Visit {
    State state;
    const std::string* memory;
    std::size_t parent;
    Symbol letter;
  };
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  refresh_temporal_nodes();
  ends_.clear();
  std::unordered_map<std::string, char> seen;  // memory, then the state's four bytes
  std::map<std::vector<char>, std::size_t> first_with_end;
  std::vector<Visit> queue;
  const auto word_of = [&](std::size_t i) {
    Word reversed;
    for (; queue[i].parent != kNone; i = queue[i].parent) reversed.push_back(queue[i].letter);
    return Word(reversed.rbegin(), reversed.rend());
  };
  const auto accepts = [&](std::size_t i) { return dfa_.accepting[queue[i].state] != 0; };
  // Queues a place if it is new; says whether it conflicts with an earlier one.
  const auto meet = [&](State state, std::string memory, std::size_t parent,
                        Symbol letter) -> std::optional<std::size_t> {
    for (int byte = 0; byte < 4; ++byte) memory += static_cast<char>(state >> (8 * byte) & 0xFF);
    const auto [entry, is_new] = seen.emplace(std::move(memory), 0);
    if (!is_new) return std::nullopt;
    queue.push_back({state, &entry->first, parent, letter});
    std::vector<char> end(temporal_.size());
    for (std::size_t t = 0; t < temporal_.size(); ++t) end[t] = entry->first[t] != 0;
    const std::size_t here = queue.size() - 1;
    ends_.emplace(end, accepts(here));
    const std::size_t other = first_with_end.emplace(std::move(end), here).first->second;
    if (accepts(other) != accepts(here)) return other;
    return std::nullopt;
  };

  meet(dfa_.start, std::string(temporal_.size(), '\0'), kNone, 0);
  std::vector<char> truth(graph_.size());
  for (std::size_t i = 0; i < queue.size(); ++i) {
    if (budget == 0) throw base::BudgetError("max-types", limit, "searching for a formula");
    --budget;
    for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
      std::string memory(*queue[i].memory, 0, temporal_.size());
      std::size_t t = 0;
      for (NodeId id = 0; id < graph_.size(); ++id) {
        const bool is_temporal = t < temporal_.size() && temporal_[t] == id;
        truth[id] = value(graph_.node(id), a, is_temporal && memory[t] != 0, truth);
        t += is_temporal;
      }
      for (t = 0; t < temporal_.size(); ++t) {
        const Node& node = graph_.node(temporal_[t]);
        if (truth[node.args[0]]) {
          memory[t] = static_cast<char>(node.op == Op::Before ? 1 : node.value);
        } else if (node.op == Op::Yesterday && memory[t] != 0) {
          --memory[t];
        }
      }
      if (const auto other = meet(dfa_.step(queue[i].state, a), std::move(memory), i, a)) {
        return std::pair{word_of(*other), word_of(queue.size() - 1)};
      }
    }
  }
  return std::nullopt;
}

FormulaSearch::Outcome FormulaSearch::run(int max_depth, std::size_t& budget, std::size_t limit,
                                          std::size_t max_nodes) {
  for (;;) {
    if (!pending_) {
      auto found = conflict(budget, limit);
      if (!found) return Outcome::Found;
      pair_ = std::move(*found);
      pending_ = true;
      words_ = {pair_.first, pair_.second};
      types_.clear();
      truth_.assign(2, {});
      told_.clear();
    }
    const TypeLogic logic{.lookback = lookback_, .before = before_};
    const Place x{0, static_cast<int>(words_[0].size())}, y{1, static_cast<int>(words_[1].size())};
    while (types_.empty() ||
           type(static_cast<int>(types_.size()) - 1, x) == type(static_cast<int>(types_.size()) - 1, y)) {
      // Types only ever split; once a level splits none, none will.
      const std::size_t levels = types_.size();
      if (levels >= 2 && distinct(types_[levels - 1]) == distinct(types_[levels - 2])) return Outcome::Same;
      if (static_cast<int>(levels) > max_depth) return Outcome::Deeper;
      auto deeper = position_types(words_, static_cast<int>(levels), logic);
      if (!deeper) throw base::BudgetError("max-types", limit, "comparing two long words");
      types_.push_back(std::move(*deeper));
    }
    tell_apart(x, y);
    check_size(graph_, max_nodes);
    pending_ = false;
  }
}

std::vector<FormulaSearch::Place> FormulaSearch::earlier(Place x, bool window) const {
  std::vector<Place> places;
  for (int i = window ? std::max(0, x.position - lookback_) : 0; i < x.position; ++i)
    places.push_back({x.word, i});
  return places;
}

// A formula that holds at x and not at y, of the least depth there is.
logic::NodeId FormulaSearch::tell_apart(Place x, Place y) {
  if (const auto found = told_.find({x, y}); found != told_.end()) return found->second;
  int depth = 0;
  while (type(depth, x) == type(depth, y)) ++depth;
  if (depth == 0) {
    return told_[{x, y}] = x.position < static_cast<int>(words_[x.word].size())
                               ? graph_.letter(words_[x.word][x.position])
                               : graph_.negation(graph_.letter(words_[y.word][y.position]));
  }
  // Some type one level down is seen from one of the two only: by an operator, say it was (or was not) there.
  // Of several ways the one with the fewest types to be told from, then the one with P: P remembers a bit,
  // Y<=k a number.
  struct Way {
    std::size_t others;
    bool window, from_y;
    Place seen;
  };
  std::optional<Way> best;
  for (const bool window : {false, true}) {
    if (!window && !before_) continue;
    for (const bool from_y : {false, true}) {
      const auto here = earlier(from_y ? y : x, window), there = earlier(from_y ? x : y, window);
      std::set<int> types_there;
      for (const Place p : there) types_there.insert(type(depth - 1, p));
      if (best && best->others <= types_there.size()) continue;
      for (const Place p : here) {
        if (types_there.count(type(depth - 1, p)) != 0) continue;
        best = Way{types_there.size(), window, from_y, p};
        break;
      }
    }
  }
  if (!best) throw std::logic_error("FormulaSearch: types differ but nothing seen does");
  const NodeId inside = tell_from_all(best->seen, earlier(best->from_y ? x : y, best->window));
  NodeId result = best->window ? graph_.yesterday(inside, lookback_) : graph_.before(inside);
  if (best->from_y) result = graph_.negation(result);
  return told_[{x, y}] = result;
}

// A formula that holds at x and at none of the others.
logic::NodeId FormulaSearch::tell_from_all(Place x, std::vector<Place> others) {
  std::vector<NodeId> conditions;
  while (!others.empty()) {
    const NodeId condition = tell_apart(x, others.front());
    conditions.push_back(condition);
    std::erase_if(others, [&](Place y) { return !holds(condition, y); });
  }
  return graph_.conjunction(conditions);
}

bool FormulaSearch::holds(NodeId f, Place x) {
  // Nodes are evaluated as the graph grows; arguments come first.
  auto& truth = truth_[x.word];
  const Word& word = words_[x.word];
  for (auto id = static_cast<NodeId>(truth.size()); id <= f; ++id) {
    const Node& node = graph_.node(id);
    std::vector<char> row(word.size() + 1), arguments(static_cast<std::size_t>(id));
    int seen_for = 0;
    for (std::size_t i = 0; i <= word.size(); ++i) {
      for (const NodeId arg : node.args) arguments[arg] = truth[arg][i];
      row[i] = value(node, i < word.size() ? word[i] : -1, seen_for > 0, arguments);
      if (node.op != Op::Before && node.op != Op::Yesterday) continue;
      if (arguments[node.args[0]]) {
        seen_for = node.op == Op::Before ? 1 : node.value;
      } else if (node.op == Op::Yesterday) {
        seen_for = std::max(0, seen_for - 1);
      }
    }
    truth.push_back(std::move(row));
  }
  return truth[f][x.position] != 0;
}

Formula FormulaSearch::formula() {
  std::vector<const Ends::value_type*> ends;
  for (const auto& end : ends_) ends.push_back(&end);
  const NodeId root = tree(ends);
  return compacted(graph_, root, dfa_.alphabet);
}

logic::NodeId FormulaSearch::tree(const std::vector<const Ends::value_type*>& ends) {
  const auto accepted =
      static_cast<std::size_t>(std::count_if(ends.begin(), ends.end(), [](auto end) { return end->second; }));
  if (accepted == 0 || accepted == ends.size()) return graph_.constant(accepted != 0);
  // Split where the halves are purest, then most even.
  std::size_t best = temporal_.size();
  std::pair<double, double> best_cost;
  for (std::size_t t = 0; t < temporal_.size(); ++t) {
    double count[2] = {0, 0}, yes[2] = {0, 0};
    for (const auto* end : ends) {
      const int side = end->first[t];
      count[side] += 1;
      yes[side] += end->second;
    }
    if (count[0] == 0 || count[1] == 0) continue;
    double impurity = 0;
    for (const int side : {0, 1}) impurity += yes[side] * (count[side] - yes[side]) / count[side];
    const std::pair cost{impurity, std::max(count[0], count[1])};
    if (best < temporal_.size() && best_cost <= cost) continue;
    best = t;
    best_cost = cost;
  }
  std::vector<const Ends::value_type*> halves[2];
  for (const auto* end : ends) halves[static_cast<int>(end->first.at(best))].push_back(end);
  const NodeId if_no = tree(halves[0]), if_yes = tree(halves[1]), question = temporal_[best];
  return graph_.disjunction(
      {graph_.conjunction({question, if_yes}), graph_.conjunction({graph_.negation(question), if_no})});
}

}  // namespace yore::expressivity
