// Formulas that ask for positions, made from formulas that do not.
#include <fmt/format.h>

#include <stdexcept>

#include "yore/base/error.h"
#include "yore/expressivity/graph_tools.h"
#include "yore/expressivity/synthesis.h"

namespace yore::expressivity {
namespace {

using automata::Dfa;
using automata::State;
using logic::Node;
using logic::Op;
using logic::Symbol;

/// Of an automaton over letters with remainders: more take minutes and gigabytes.
constexpr double kMostMoves = 1'000'000;

// The words in which every letter carries the remainder of its position: letter a * period + r. Words with
// wrong remainders lead to a state of their own.
Dfa with_remainders(const Dfa& dfa, int period) {
  Dfa wide;
  std::vector<std::string> names;
  for (const std::string& name : dfa.alphabet.names())
    for (int r = 0; r < period; ++r) names.push_back(name + "/" + std::to_string(r));
  wide.alphabet = logic::Alphabet(names);
  wide.states = dfa.states * period + 1;
  const State lost = wide.states - 1;
  wide.start = dfa.start * period;
  for (State q = 0; q < dfa.states; ++q)
    for (int phase = 0; phase < period; ++phase) {
      wide.accepting.push_back(dfa.accepting[static_cast<std::size_t>(q)]);
      for (Symbol a = 0; a < dfa.alphabet.size(); ++a)
        for (int r = 0; r < period; ++r)
          wide.next.push_back(r == phase ? dfa.step(q, a) * period + (phase + 1) % period : lost);
    }
  wide.accepting.push_back(0);
  wide.next.insert(wide.next.end(), names.size(), lost);
  return automata::minimise(wide);
}

// The formula with other leaves and windows; `changed` returns -1 for a node that is copied as it is.
template <class Change>
Formula rewritten(const Formula& formula, const logic::Alphabet& alphabet, Change&& changed) {
  FormulaGraph to;
  std::vector<NodeId> moved(static_cast<std::size_t>(formula.graph.size()), -1);
  for (const NodeId id : logic::reachable_nodes(formula.graph, formula.root)) {
    const Node& node = formula.graph.node(id);
    std::vector<NodeId> args;
    for (const NodeId arg : node.args) args.push_back(moved[static_cast<std::size_t>(arg)]);
    NodeId& now = moved[static_cast<std::size_t>(id)];
    now = changed(to, node, args);
    if (now >= 0) continue;
    switch (node.op) {
      case Op::False:
      case Op::True:
        now = to.constant(node.op == Op::True);
        break;
      case Op::Letter:
        now = to.letter(node.value);
        break;
      case Op::Position:
        now = to.position(logic::residue_of(node.value), logic::period_of(node.value));
        break;
      case Op::Not:
        now = to.negation(args[0]);
        break;
      case Op::And:
        now = to.conjunction(args);
        break;
      case Op::Or:
        now = to.disjunction(args);
        break;
      case Op::Before:
        now = to.before(args[0]);
        break;
      case Op::Yesterday:
        now = to.yesterday(args[0], node.value);
        break;
      case Op::Since:
        now = to.since(args[0], args[1]);
        break;
    }
  }
  return compacted(to, moved[static_cast<std::size_t>(formula.root)], alphabet);
}

}  // namespace

Formula synthesise_star_free_with_positions(const Dfa& dfa, int period, std::size_t max_nodes) {
  const double moves = static_cast<double>(dfa.next.size()) * period * period;
  if (moves > kMostMoves)
    throw base::BudgetError("moves", static_cast<std::size_t>(kMostMoves),
                            fmt::format("the automaton over letters that carry remainders modulo {}", period),
                            "a smaller period needs less");
  const Formula wide = synthesise_star_free(with_remainders(dfa, period), max_nodes);
  return rewritten(
      wide, dfa.alphabet, [period](FormulaGraph& to, const Node& node, const std::vector<NodeId>&) {
        if (node.op != Op::Letter) return NodeId{-1};
        return to.conjunction({to.letter(node.value / period), to.position(node.value % period, period)});
      });
}

Formula with_windows(const Formula& formula, int k, int period) {
  if (k > period) throw std::invalid_argument("with_windows: several positions of a window look alike");
  return rewritten(formula, formula.alphabet,
                   [k, period](FormulaGraph& to, const Node& node, const std::vector<NodeId>& args) {
                     if (node.op != Op::Yesterday) return NodeId{-1};
                     std::vector<NodeId> cases;
                     for (int r = 0; r < period; ++r) {
                       const NodeId previous = to.position((r + period - 1) % period, period);
                       cases.push_back(to.conjunction(
                           {to.position(r, period), to.yesterday(to.conjunction({previous, args[0]}), k)}));
                     }
                     return to.disjunction(cases);
                   });
}

}  // namespace yore::expressivity
