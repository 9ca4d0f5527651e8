// Attention with bounded-memory control as a graph: sums up to each token say what share of a slot is whose.
#include "yore/mixers/abc/options.h"
#include "yore/mixers/common/slot_graph.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string abc_graph(LayerGraph& g, const std::string& x) {
  const AbcOptions o = read_abc_options(g.setting());
  const slots::Setting& s = o.layer.slots;
  return slot_graph(g, o.layer, x, [&](GraphSlotInput& in) {
    const std::string logits = g.op("Clip", {g.linear("slots", x), g.real(-o.clamp), g.real(o.clamp)});
    const std::string raised = g.in_sequences(g.op("Exp", {logits}), {std::int64_t{s.heads} * s.slots});
    const std::string axis = g.writer().integers(g.named("tokens"), {}, {1});
    // Nothing went before the first token: its decay is e^-infinity = 0.
    const std::string with = g.op("CumSum", {raised, axis});
    const std::string before = g.op("CumSum", {raised, axis}, {{"exclusive", 1}});
    in.write = g.rows(g.op("Div", {raised, with}), {s.heads, s.slots});
    in.log_decay = g.rows(g.op("Sub", {g.op("Log", {before}), g.op("Log", {with})}), {s.heads, s.slots});
    if (!o.rotary) return;
    in.q = g.rotated(in.q, o.turns, s.heads, s.key_dim);
    in.k = g.rotated(in.k, o.turns, s.heads, s.key_dim);
  });
}

}  // namespace yore::mixers
