// Kimi delta attention as a graph.
#include "yore/mixers/common/delta_graph.h"
#include "yore/mixers/kda/options.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string kda_graph(LayerGraph& g, const std::string& x) {
  const KdaOptions o = read_kda_options(g.setting());
  const std::string step =
      g.rows(g.linear("decay_out", g.linear("decay_in", x)), {o.scan.heads, o.scan.key_dim});
  const std::string rate = g.op("Reshape", {g.parameter("log_rate"), g.integers({o.scan.heads, 1})});
  return delta_graph(
      g, o, x,
      o.lower_bound == 0 ? g.softplus_decay(rate, step) : g.bounded_decay(rate, step, o.lower_bound));
}

}  // namespace yore::mixers
