#include "yore/compiler/cases.h"

#include <algorithm>
#include <map>
#include <set>

namespace yore::compiler {

using logic::Node;
using logic::Op;

Cases::Cases(const logic::Formula& formula)
    : graph_(formula.graph),
      dependence_(dependences(formula.graph)),
      by_token_(truth_by_letter(formula)),
      by_remainder_(truth_by_remainder(formula, common_period(formula).value())),
      assumed_(static_cast<std::size_t>(formula.graph.size()), Truth::Unknown),
      derived_(assumed_.size()) {}

Truth Cases::truth(NodeId id) const {
  if (const Dependence& on = dependence_[static_cast<std::size_t>(id)]; on.embedded()) {
    if (on.position && group_ >= 0) return in_group(id);
    if (!on.position && token_ >= 0)
      return by_token_[static_cast<std::size_t>(token_)][static_cast<std::size_t>(id)] != 0 ? Truth::True
                                                                                            : Truth::False;
  }
  if (const Truth known = assumed_[static_cast<std::size_t>(id)]; known != Truth::Unknown) return known;
  return derived(id);
}

Truth Cases::in_group(NodeId id) const {
  bool some = false, all = true;
  for (const int remainder : groups_[static_cast<std::size_t>(group_)]) {
    const bool holds = by_remainder_[static_cast<std::size_t>(remainder)][static_cast<std::size_t>(id)] != 0;
    some = some || holds;
    all = all && holds;
  }
  return some == all ? (all ? Truth::True : Truth::False) : Truth::Unknown;
}

void Cases::group_remainders(const std::vector<NodeId>& nodes) {
  // What the nodes have of positions: the largest parts that look at nothing else.
  std::vector<NodeId> parts, open = nodes;
  std::set<NodeId> seen;
  while (!open.empty()) {
    const NodeId id = open.back();
    open.pop_back();
    const Dependence& on = dependence_[static_cast<std::size_t>(id)];
    if (on.past || !on.position || !seen.insert(id).second) continue;
    if (on.embedded())
      parts.push_back(id);
    else
      open.insert(open.end(), graph_.node(id).args.begin(), graph_.node(id).args.end());
  }
  std::map<std::vector<char>, std::vector<int>> groups;
  for (std::size_t r = 0; r < by_remainder_.size(); ++r) {
    std::vector<char> told;
    for (const NodeId id : parts) told.push_back(by_remainder_[r][static_cast<std::size_t>(id)]);
    groups[std::move(told)].push_back(static_cast<int>(r));
  }
  ++case_;
  groups_.clear();
  for (auto& [told, remainders] : groups) groups_.push_back(std::move(remainders));
}

Truth Cases::derived(NodeId id) const {
  const Node& node = graph_.node(id);
  switch (node.op) {
    case Op::False:
      return Truth::False;
    case Op::True:
      return Truth::True;
    case Op::Not: {
      const Truth t = truth(node.args[0]);
      return t == Truth::Unknown ? t : t == Truth::True ? Truth::False : Truth::True;
    }
    case Op::And:
    case Op::Or: {
      Derived& known = derived_[static_cast<std::size_t>(id)];
      if (known.in_case != case_) known = {case_, junction(node)};
      return known.truth;
    }
    default:
      return Truth::Unknown;
  }
}

Truth Cases::junction(const Node& node) const {
  const Truth decisive = node.op == Op::And ? Truth::False : Truth::True;
  Truth all = decisive == Truth::False ? Truth::True : Truth::False;
  for (const NodeId arg : node.args) {
    const Truth t = truth(arg);
    if (t == decisive) return decisive;
    if (t == Truth::Unknown) all = Truth::Unknown;
  }
  return all;
}

bool Cases::impossible() const {
  return std::any_of(junctions_.begin(), junctions_.end(), [&](NodeId id) {
    const Truth below = derived(id);
    return below != Truth::Unknown && below != assumed_[static_cast<std::size_t>(id)];
  });
}

bool Cases::split(std::vector<NodeId> nodes, base::Budget& cases, const std::function<Next()>& visit,
                  const std::function<std::optional<NodeId>()>& prefer) {
  const auto any_here = [&](bool Dependence::*what) {
    return std::any_of(nodes.begin(), nodes.end(), [&](NodeId id) {
      return here(id) && dependence_[static_cast<std::size_t>(id)].*what;
    });
  };
  needs_token_ = any_here(&Dependence::letter);
  needs_remainder_ = any_here(&Dependence::position);
  if (needs_remainder_) group_remainders(nodes);
  std::erase_if(nodes, [&](NodeId id) { return here(id); });
  nodes_ = std::move(nodes);
  const bool fine = descend(0, cases, visit, prefer);
  ++case_;
  return fine;
}

bool Cases::descend(std::size_t next, base::Budget& cases, const std::function<Next()>& visit,
                    const std::function<std::optional<NodeId>()>& prefer) {
  ++case_;  // on the way down; what is above is not asked again on the way up
  if (impossible()) return true;
  if (!cases.afford()) return false;
  while (next < nodes_.size() && truth(nodes_[next]) != Truth::Unknown) ++next;
  const bool by_token = needs_token_ && token_ < 0, by_group = needs_remainder_ && group_ < 0;
  complete_ = !by_token && !by_group && next == nodes_.size();
  const Next answer = visit();
  if (answer == Next::Stop) return false;
  if (answer == Next::Done || complete()) return true;
  bool fine = true;
  if (by_token) {
    const auto tokens = static_cast<int>(by_token_.size());
    for (token_ = 0; fine && token_ < tokens; ++token_) fine = descend(next, cases, visit, prefer);
    token_ = -1;
    return fine;
  }
  if (by_group) {
    const auto groups = static_cast<int>(groups_.size());
    for (group_ = 0; fine && group_ < groups; ++group_) fine = descend(next, cases, visit, prefer);
    group_ = -1;
    return fine;
  }
  const NodeId id = (prefer ? prefer() : std::nullopt).value_or(nodes_[next]);
  Truth& value = assumed_[static_cast<std::size_t>(id)];
  const bool junction = graph_.node(id).op == Op::And || graph_.node(id).op == Op::Or;
  if (junction) junctions_.push_back(id);
  for (const Truth t : {Truth::False, Truth::True}) {
    if (!fine) break;
    value = t;
    fine = descend(next, cases, visit, prefer);
  }
  value = Truth::Unknown;
  if (junction) junctions_.pop_back();
  return fine;
}

}  // namespace yore::compiler
