// Recurrences in the prover. A head's number is a latch if every token, whatever it knows, does one of three
// things: set it to one and the same number, set it to 0, leave it as it is. Then f S g follows by induction
// over the word, whatever its length, if the token sets it exactly where g holds and leaves it exactly where
// f holds and g does not.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/compiler/latches.h"
#include "yore/compiler/walk.h"

namespace yore::compiler {
namespace {

bool is_float(double x) {
  return static_cast<double>(static_cast<float>(x)) == x;
}

}  // namespace

/// The functions of one head, and what it adds to a row.
struct Walk::LatchHead {
  int number = 0;
  Linear query, key, value, gate;
};

Linear Walk::linear_row(const LinearMap& map, std::int64_t row) const {
  Linear form;
  form.add(map.weight.row(row), norm_weight(""), map.bias.at(0, row), 1);
  return form;
}

/// A number that is the same for every token, or NaN.
double Walk::constant(const Linear& form) const {
  const Value v = evaluate(form, {1, 1});
  return v.range.low == v.range.high && v.exact ? v.range.low : std::nan("");
}

/// What the head's number is where the node holds, 0 if it holds nowhere; says why not if it is no latch of
/// the node.
double Walk::latch(const LatchReader& layer, const LatchHead& head, NodeId node, std::string& why) {
  const Since since = as_since(manifest_.formula.graph.node(node));
  const NodeId hold = since.hold ? *since.hold : since.always ? kEverywhere : kNowhere;
  std::vector<NodeId> nodes;
  for (const Linear* form : {&head.key, &head.value, &head.gate}) add_nodes(*form, nodes);
  for (NodeId id : {hold, since.target}) {
    if (id < 0) continue;
    id = literal(manifest_.formula.graph, id).node;
    if (std::find(nodes.begin(), nodes.end(), id) == nodes.end()) nodes.push_back(id);
  }
  double written = 0;
  const auto report = [&](const std::string& what) {
    why = what;
    return Cases::Next::Stop;
  };
  const bool covered = cases_.split(nodes, all_cases_, [&] {
    const Truth target = truth(since.target), held = truth(hold);
    // What is kept does not matter where the number is set.
    if (!cases_.complete() &&
        (target == Truth::Unknown || (target == Truth::False && held == Truth::Unknown)))
      return Cases::Next::Split;
    const Value key = evaluate(head.key, {1, 1}), value = evaluate(head.value, {1, 1}),
                gate = evaluate(head.gate, {1, 1});
    const bool exact =
        key.exact && value.exact && key.range.low == key.range.high && value.range.low == value.range.high;
    const Interval g = gate.range.widened(gate.error);
    const auto low = layer.effect(head.number, key.range.low, value.range.low, g.low),
               high = layer.effect(head.number, key.range.low, value.range.low, g.high);
    const bool settled = exact && low && high && low->keep == high->keep && low->write == high->write;
    if (!settled && !cases_.complete()) return Cases::Next::Split;
    if (!settled) return report("its gate is not saturated, or what it writes is not exact");
    if (target == Truth::Unknown || (target == Truth::False && held == Truth::Unknown))
      return report("the manifest does not say when");
    const bool keep = target == Truth::False && held == Truth::True;
    if (low->keep != keep)
      return report(keep ? "it forgets where it should keep" : "it keeps where it should forget");
    if (target == Truth::False && low->write != 0) return report("it is written to where it should not");
    if (target == Truth::True) {
      if (low->write == 0 || (written != 0 && low->write != written) || !is_float(low->write))
        return report("it is not set to one and the same number");
      written = low->write;
    }
    return Cases::Next::Done;
  });
  if (!covered && why.empty()) {
    proof_.out_of_cases = true;
    why = "more cases than max_cases";
  }
  return written;
}

void Walk::recurrence(int block) {
  const int stage = attention_stage(block);
  const arch::Mixer& mixer = file_.model.blocks[static_cast<std::size_t>(block)].mixer;
  if (const std::string lost = exactness_lost(mixer.name, mixer.options, false); !lost.empty())
    return fail(stage, kNever, fmt::format("the layer's option {}: it is exact for no length", lost));
  const LatchReader layer(file_, block);
  std::vector<std::pair<int, Cell>> results;
  for (int o = 0; o < model_.width && fine(); ++o) {
    const std::optional<Cell> claim = claimed(stage, o);
    std::vector<int> writers;
    for (int h = 0; h < layer.heads(); ++h)
      if (layer.out.at(o, h) != 0) writers.push_back(h);
    const double bias = layer.out_bias.at(0, o);
    if (writers.empty() && bias == 0 && !claim) continue;
    const logic::Node* node =
        claim && claim->node >= 0 ? &manifest_.formula.graph.node(claim->node) : nullptr;
    if (node == nullptr || claim->mean || !is_temporal(*node) ||
        (node->op == logic::Op::Yesterday && node->value != 1))
      return fail(stage, o,
                  claim ? "a recurrence makes no such truth: " + node_text(claim->node)
                        : "it is written to, and nothing is claimed of it");
    if (writers.size() != 1 || bias != 0)
      return fail(stage, o, fmt::format("{} heads write it, expected one alone", writers.size()));
    const int h = writers.front();
    const LatchHead head{h, linear_row(layer.query, h), linear_row(layer.key, h), linear_row(layer.value, h),
                         linear_row(layer.gate, h)};
    std::string why;
    const double written = latch(layer, head, claim->node, why);
    if (!why.empty())
      return fail(stage, o,
                  fmt::format("the number of head {} is no {}: {}", h + 1, node_text(claim->node), why));
    const double factor = layer.factor.weight.values.empty() ? 1 : constant(linear_row(layer.factor, h));
    const double handed = layer.asked(constant(head.query), factor) * written,
                 added = handed * static_cast<double>(layer.out.at(o, h));
    if (!is_float(handed) || !is_float(added))
      return fail(stage, o,
                  fmt::format("what head {} hands on is not exact, or depends on the token", h + 1));
    Cell found = *claim;
    const Interval before = cell(o).hull();
    for (const bool t : {false, true}) {
      if (t && written == 0) {
        found.when[t] = kEmpty;
        continue;
      }
      found.when[t] = before;
      if (t) found.when[t] += {added, added};
      if (found.when[t].magnitude() >= grain_.limit)
        return fail(stage, o, "its number is too large to be exact");
    }
    results.emplace_back(o, found);
  }
  for (const auto& [o, found] : results)
    if (fine()) accept(stage, o, found);
}

}  // namespace yore::compiler
