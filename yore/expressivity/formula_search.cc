#include "yore/expressivity/formula_search.h"

#include <algorithm>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <unordered_map>

#include "yore/base/error.h"
#include "yore/expressivity/graph_tools.h"
#include "yore/expressivity/types.h"

namespace yore::expressivity {

using logic::Node;
using logic::NodeId;
using logic::Op;
using logic::Symbol;

namespace {

bool is_temporal(const Node& node) {
  return node.op == Op::Before || node.op == Op::Yesterday;
}

// Truth of a node at a position; `arg(f)` is that of an argument there, `seen_for` what update() left for a
// temporal node.
template <class Arg>
bool value(const Node& node, int letter, int seen_for, Arg&& arg) {
  switch (node.op) {
    case Op::False:
      return false;
    case Op::True:
      return true;
    case Op::Letter:
      return node.value == letter;
    case Op::Not:
      return !arg(node.args[0]);
    case Op::And:
      return std::all_of(node.args.begin(), node.args.end(), arg);
    case Op::Or:
      return std::any_of(node.args.begin(), node.args.end(), arg);
    default:
      return seen_for > 0;
  }
}

// What is remembered of a temporal node: for P whether its argument held, for Y<=k how many more positions
// will see that it did.
int updated(const Node& node, int seen_for, bool argument) {
  if (argument) return node.op == Op::Before ? 1 : node.value;
  return node.op == Op::Before ? seen_for : std::max(0, seen_for - 1);
}

// The types of a word take time in the square of its length where windows hold all of it.
constexpr std::size_t kLongestCompared = 4'000;

std::size_t distinct(const std::vector<std::vector<int>>& types) {
  std::set<int> numbers;
  for (const auto& word : types) numbers.insert(word.begin(), word.end());
  return numbers.size();
}

}  // namespace

FormulaSearch::Outcome FormulaSearch::run(int max_depth, base::Budget& budget, std::size_t max_nodes) {
  base::Budget nodes = formula_budget(max_nodes);
  for (;;) {
    if (!pending_) {
      choose();
      auto found = conflict(budget);
      if (!found) return Outcome::Found;
      pair_ = std::move(*found);
      add_example(pair_.first);
      add_example(pair_.second);
      pair_truth_ = {examples_[examples_.size() - 2], examples_.back()};
      if (known_apart(pair_truth_[0], pair_truth_[1])) continue;
      pending_ = true;
      types_.clear();
    }
    const std::vector<Word> words{pair_.first, pair_.second};
    const TypeLogic logic{.lookback = lookback_, .before = before_};
    for (const Word& word : words)
      if (word.size() > kLongestCompared)
        budget.spend(budget.left() + 1);  // too long to compare, at any price
    const Place x{0, static_cast<int>(words[0].size())}, y{1, static_cast<int>(words[1].size())};
    for (;;) {
      const auto levels = static_cast<int>(types_.size());
      if (levels > 0 && type(levels - 1, x) != type(levels - 1, y)) break;
      // Types only ever split; once a level splits none, none will.
      if (levels >= 2 && distinct(types_[levels - 1]) == distinct(types_[levels - 2])) return Outcome::Same;
      if (levels > max_depth) return Outcome::Deeper;
      auto deeper = position_types(words, levels, logic);
      if (!deeper) budget.spend(budget.left() + 1);
      types_.push_back(std::move(*deeper));
    }
    tell_apart(x, y);
    count_nodes(graph_, nodes);
    pool_.clear();
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (is_temporal(graph_.node(id))) pool_.push_back(id);
    }
    pending_ = false;
  }
}

void FormulaSearch::add_example(Word word) {
  examples_.push_back({std::move(word), false, {}});
  examples_.back().accepted = dfa_.accepts(examples_.back().word);
  evaluate(examples_.back());
}

// Nodes are evaluated as the graph grows; arguments come first.
void FormulaSearch::evaluate(Example& example) const {
  for (auto id = static_cast<NodeId>(example.truth.size()); id < graph_.size(); ++id) {
    const Node& node = graph_.node(id);
    std::vector<char> row(example.word.size() + 1);
    int seen_for = 0;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const auto arg = [&](NodeId f) { return example.truth[f][i] != 0; };
      row[i] = value(node, i < example.word.size() ? example.word[i] : -1, seen_for, arg);
      if (is_temporal(node)) seen_for = updated(node, seen_for, arg(node.args[0]));
    }
    example.truth.push_back(std::move(row));
  }
}

bool FormulaSearch::known_apart(const Example& x, const Example& y) {
  return std::any_of(pool_.begin(), pool_.end(),
                     [&](NodeId f) { return x.truth[f].back() != y.truth[f].back(); });
}

// Greedy: always the formula that tells apart most pairs of an accepted and a rejected example not told apart
// yet; of equals the shallowest. Every such pair is told apart by some formula in the pool.
void FormulaSearch::choose() {
  for (Example& example : examples_) evaluate(example);
  learn_depths();
  chosen_.clear();
  std::vector<std::vector<const Example*>> groups(1);
  for (const Example& example : examples_) groups[0].push_back(&example);
  for (;;) {
    NodeId best = -1;
    std::pair<double, int> best_score{0, 0};
    for (const NodeId f : pool_) {
      double pairs = 0;
      for (const auto& group : groups) {
        double count[2][2] = {{0, 0}, {0, 0}};  // by truth and acceptance
        for (const Example* example : group) count[example->truth[f].back() != 0][example->accepted] += 1;
        pairs += count[0][0] * count[1][1] + count[0][1] * count[1][0];
      }
      const std::pair score{pairs, -depth_[f]};
      if (pairs == 0 || (best >= 0 && score <= best_score)) continue;
      best = f;
      best_score = score;
    }
    if (best < 0) return;
    chosen_.push_back(best);
    std::vector<std::vector<const Example*>> split;
    for (const auto& group : groups) {
      std::vector<const Example*> halves[2];
      for (const Example* example : group) halves[example->truth[best].back() != 0].push_back(example);
      for (auto& half : halves) {
        if (half.size() > 1) split.push_back(std::move(half));
      }
    }
    groups = std::move(split);
  }
}

void FormulaSearch::learn_depths() {
  for (auto id = static_cast<NodeId>(depth_.size()); id < graph_.size(); ++id) {
    const Node& node = graph_.node(id);
    int depth = 0;
    for (const NodeId arg : node.args) depth = std::max(depth, depth_[arg]);
    depth_.push_back(depth + is_temporal(node));
  }
}

std::optional<std::pair<Word, Word>> FormulaSearch::conflict(base::Budget& budget) {
  std::vector<char> needed(graph_.size(), 0);
  for (const NodeId f : chosen_) needed[f] = 1;
  for (NodeId id = graph_.size() - 1; id >= 0; --id) {
    if (!needed[id]) continue;
    for (const NodeId arg : graph_.node(id).args) needed[arg] = 1;
  }
  std::vector<NodeId> nodes;
  std::vector<int> slot(graph_.size(), -1);  // of a temporal node's memory
  int slots = 0;
  for (NodeId id = 0; id < graph_.size(); ++id) {
    if (!needed[id]) continue;
    nodes.push_back(id);
    if (is_temporal(graph_.node(id))) slot[id] = slots++;
  }

  // For how many positions each operator still sees that its argument held, then the state: k may be any int.
  using Memory = std::u32string;
  struct Visit {
    State state;
    const Memory* memory;
    std::size_t parent;
    Symbol letter;
  };
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::unordered_map<Memory, char> seen;
  std::unordered_map<std::string, std::size_t> first_with_end;
  std::vector<Visit> queue;
  ends_.clear();
  const auto word_of = [&](std::size_t i) {
    Word reversed;
    for (; queue[i].parent != kNone; i = queue[i].parent) reversed.push_back(queue[i].letter);
    return Word(reversed.rbegin(), reversed.rend());
  };
  const auto accepts = [&](std::size_t i) { return dfa_.accepting[queue[i].state] != 0; };
  // Queues a place if it is new; gives an earlier one with which it conflicts.
  const auto meet = [&](State state, Memory memory, std::size_t parent,
                        Symbol letter) -> std::optional<std::size_t> {
    memory += static_cast<char32_t>(state);
    const auto [entry, is_new] = seen.emplace(std::move(memory), 0);
    if (!is_new) return std::nullopt;
    queue.push_back({state, &entry->first, parent, letter});
    std::string end;
    for (const NodeId f : chosen_) end += entry->first[slot[f]] != 0 ? '\1' : '\0';
    const std::size_t here = queue.size() - 1;
    const auto [first, is_first] = first_with_end.emplace(end, here);
    if (is_first) ends_.emplace(std::vector<char>(end.begin(), end.end()), accepts(here));
    if (accepts(first->second) != accepts(here)) return first->second;
    return std::nullopt;
  };

  meet(dfa_.start, Memory(slots, 0), kNone, 0);
  std::vector<char> truth(graph_.size());
  for (std::size_t i = 0; i < queue.size(); ++i) {
    budget.spend();
    for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
      Memory memory(*queue[i].memory, 0, slots);
      const auto arg = [&](NodeId f) { return truth[f] != 0; };
      for (const NodeId id : nodes)
        truth[id] = value(graph_.node(id), a, slot[id] < 0 ? 0 : static_cast<int>(memory[slot[id]]), arg);
      for (const NodeId id : nodes) {
        if (slot[id] < 0) continue;
        char32_t& remembered = memory[slot[id]];
        remembered = static_cast<char32_t>(
            updated(graph_.node(id), static_cast<int>(remembered), arg(graph_.node(id).args[0])));
      }
      if (const auto other = meet(dfa_.step(queue[i].state, a), std::move(memory), i, a)) {
        return std::pair{word_of(*other), word_of(queue.size() - 1)};
      }
    }
  }
  return std::nullopt;
}

std::vector<FormulaSearch::Place> FormulaSearch::earlier(Place x, bool window) const {
  std::vector<Place> places;
  for (int i = window ? std::max(0, x.position - lookback_) : 0; i < x.position; ++i)
    places.push_back({x.word, i});
  return places;
}

// Formulas that hold at x and not at y, of the least depth there is: one for each operator and each of the
// two that may see a type (one level down) which the other does not.
std::vector<NodeId> FormulaSearch::tell_apart(Place x, Place y) {
  int depth = 0;
  while (type(depth, x) == type(depth, y)) ++depth;
  const auto letter_at = [&](Place p) { return graph_.letter(pair_truth_[p.word].word[p.position]); };
  if (depth == 0) {
    const bool has_letter = x.position < static_cast<int>(pair_truth_[x.word].word.size());
    return {has_letter ? letter_at(x) : graph_.negation(letter_at(y))};
  }
  std::vector<NodeId> ways;
  for (const bool window : {false, true}) {
    if (!window && !before_) continue;
    for (const bool from_y : {false, true}) {
      const auto here = earlier(from_y ? y : x, window), there = earlier(from_y ? x : y, window);
      std::set<int> types_there;
      for (const Place p : there) types_there.insert(type(depth - 1, p));
      const auto unseen = std::find_if(here.begin(), here.end(),
                                       [&](Place p) { return types_there.count(type(depth - 1, p)) == 0; });
      if (unseen == here.end()) continue;
      const NodeId inside = tell_from_all(*unseen, there, depth - 1);
      const NodeId way = window ? graph_.yesterday(inside, lookback_) : graph_.before(inside);
      ways.push_back(from_y ? graph_.negation(way) : way);
    }
  }
  if (ways.empty()) throw std::logic_error("FormulaSearch: types differ but nothing seen does");
  return ways;
}

// A formula of at most that depth which holds at x and at none of the others: a conjunction of known formulas
// or their negations, always the one that excludes most; new ones are made only where those do not suffice.
NodeId FormulaSearch::tell_from_all(Place x, std::vector<Place> others, int depth) {
  std::vector<NodeId> conditions;
  while (!others.empty()) {
    for (Example& word : pair_truth_) evaluate(word);
    learn_depths();
    NodeId best = -1;
    std::size_t most = 0;
    for (NodeId f = 0; f < graph_.size(); ++f) {
      if (depth_[f] > depth) continue;
      const bool at_x = holds(f, x);
      const auto excluded = static_cast<std::size_t>(
          std::count_if(others.begin(), others.end(), [&](Place y) { return holds(f, y) != at_x; }));
      if (excluded <= most) continue;
      best = f;
      most = excluded;
    }
    NodeId condition = best;
    if (best < 0) {
      condition = tell_apart(x, others.front()).front();
    } else if (!holds(best, x)) {
      condition = graph_.negation(best);
    }
    conditions.push_back(condition);
    for (Example& word : pair_truth_) evaluate(word);
    std::erase_if(others, [&](Place y) { return !holds(condition, y); });
  }
  return graph_.conjunction(conditions);
}

Formula FormulaSearch::formula() {
  std::vector<const Ends::value_type*> ends;
  for (const auto& end : ends_) ends.push_back(&end);
  const NodeId root = tree(ends);
  return compacted(graph_, root, dfa_.alphabet);
}

NodeId FormulaSearch::tree(const std::vector<const Ends::value_type*>& ends) {
  const auto accepted =
      static_cast<std::size_t>(std::count_if(ends.begin(), ends.end(), [](auto end) { return end->second; }));
  if (accepted == 0 || accepted == ends.size()) return graph_.constant(accepted != 0);
  // Split where the halves are purest, then most even.
  std::size_t best = chosen_.size();
  std::pair<double, double> best_cost;
  for (std::size_t c = 0; c < chosen_.size(); ++c) {
    double count[2] = {0, 0}, yes[2] = {0, 0};
    for (const auto* end : ends) {
      count[end->first[c] != 0] += 1;
      yes[end->first[c] != 0] += end->second;
    }
    if (count[0] == 0 || count[1] == 0) continue;
    double impurity = 0;
    for (const int side : {0, 1}) impurity += yes[side] * (count[side] - yes[side]) / count[side];
    const std::pair cost{impurity, std::max(count[0], count[1])};
    if (best < chosen_.size() && best_cost <= cost) continue;
    best = c;
    best_cost = cost;
  }
  std::vector<const Ends::value_type*> halves[2];
  for (const auto* end : ends) halves[end->first.at(best) != 0].push_back(end);
  const NodeId if_no = tree(halves[0]), if_yes = tree(halves[1]), question = chosen_[best];
  return graph_.disjunction(
      {graph_.conjunction({question, if_yes}), graph_.conjunction({graph_.negation(question), if_no})});
}

}  // namespace yore::expressivity
