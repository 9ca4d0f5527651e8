// Gated slot attention as a graph: what is kept fades, and what fades makes room for what is written.
#include "yore/mixers/common/slot_graph.h"
#include "yore/mixers/gsa/options.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string gsa_graph(LayerGraph& g, const std::string& x) {
  const GsaOptions o = read_gsa_options(g.setting());
  return slot_graph(g, o.layer, x, [&](GraphSlotInput& in) {
    const std::string fade = g.rows(g.linear("fade", x), {o.layer.slots.heads, o.layer.slots.slots});
    in.log_decay = g.op("Div", {g.log_sigmoid(fade), g.real(o.gate_divisor)});
    in.write = g.one_minus_exp(in.log_decay);
  });
}

}  // namespace yore::mixers
