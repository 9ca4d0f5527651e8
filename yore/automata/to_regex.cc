// DFA to regex by state elimination: paths through a state become labels between its neighbours, until one
// label is left.
#include <map>
#include <set>
#include <utility>

#include "yore/automata/convert.h"
#include "yore/automata/regex_builder.h"

namespace yore::automata {
namespace {

using Id = RegexBuilder::Id;

// A graph whose edges carry expressions. Nodes 0..n-1 are the states, n the way in, n + 1 the way out.
class Elimination {
 public:
  Elimination(const Dfa& dfa, std::size_t max_length)
      : builder_(max_length), states_(dfa.states), out_(dfa.states + 2), in_(dfa.states + 2) {
    for (State q = 0; q < states_; ++q) {
      std::map<State, std::vector<Symbol>> moves;
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a) moves[dfa.step(q, a)].push_back(a);
      for (auto& [r, symbols] : moves) connect(q, r, builder_.letters(std::move(symbols)));
      if (dfa.accepting[q]) connect(q, states_ + 1, builder_.epsilon());
    }
    connect(states_, dfa.start, builder_.epsilon());
  }

  logic::RegexPtr run() {
    std::vector<double> cost;
    std::set<std::pair<double, State>> left;
    for (State q = 0; q < states_; ++q) {
      cost.push_back(cost_of(q));
      left.emplace(cost[q], q);
    }
    while (!left.empty()) {
      const State cheapest = left.extract(left.begin()).value().second;
      for (State q : eliminate(cheapest)) {
        if (q >= states_) continue;
        left.erase({cost[q], q});
        cost[q] = cost_of(q);
        left.emplace(cost[q], q);
      }
    }
    const auto last = out_[states_].find(states_ + 1);
    return builder_.build(last == out_[states_].end() ? builder_.none() : last->second);
  }

 private:
  void connect(State from, State to, Id label) {
    const auto [it, fresh] = out_[from].try_emplace(to, label);
    if (!fresh) it->second = builder_.unite(it->second, label);
    in_[to][from] = it->second;
  }

  // Letters that eliminating q would add (Delgado & Morais 2004): every label in is copied once for each way
  // out, and so on. States that lead nowhere or are never entered cost nothing and so go first.
  double cost_of(State q) const {
    const bool loops = out_[q].contains(q);
    const auto ways_in = static_cast<double>(in_[q].size()) - loops,
               ways_out = static_cast<double>(out_[q].size()) - loops;
    double cost = 0;
    for (const auto& [from, label] : in_[q])
      cost += builder_.length(label) * (from == q ? ways_in * ways_out - 1 : ways_out - 1);
    for (const auto& [to, label] : out_[q])
      if (to != q) cost += builder_.length(label) * (ways_in - 1);
    return ways_in == 0 || ways_out == 0 ? -1 : cost;
  }

  // Removes q; returns the nodes it was connected to.
  std::vector<State> eliminate(State q) {
    const auto in = std::exchange(in_[q], {});
    const auto out = std::exchange(out_[q], {});
    std::vector<State> neighbours;
    Id loop = builder_.epsilon();
    for (const auto& [from, label] : in) {
      if (from == q) {
        loop = builder_.star(label);
        continue;
      }
      out_[from].erase(q);
      neighbours.push_back(from);
    }
    for (const auto& [to, label] : out) {
      if (to == q) continue;
      in_[to].erase(q);
      neighbours.push_back(to);
    }
    for (const auto& [from, before] : in) {
      if (from == q) continue;
      const Id entered = builder_.concat(before, loop);
      for (const auto& [to, after] : out)
        if (to != q) connect(from, to, builder_.concat(entered, after));
    }
    return neighbours;
  }

  RegexBuilder builder_;
  State states_;
  std::vector<std::map<State, Id>> out_, in_;
};

}  // namespace

logic::RegexPtr regex_from_dfa(const Dfa& dfa, std::size_t max_length) {
  return Elimination(minimise(dfa), max_length).run();
}

}  // namespace yore::automata
