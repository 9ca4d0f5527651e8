// Blurry window attention as a graph: the tables of table.h are constants, read by place.
#include "yore/mixers/blurry_window/options.h"
#include "yore/mixers/common/slot_graph.h"

namespace yore::mixers {

/// Named in CMakeLists.txt's list of mechanisms.
std::string blurry_window_graph(LayerGraph& g, const std::string& x) {
  const BlurryOptions o = read_blurry_window_options(g.setting());
  const slots::Setting& s = o.layer.slots;
  const std::shared_ptr<const blurry::Table> shared = blurry::table_of(o.blur);
  const blurry::Table& table = *shared;
  const std::int64_t row = std::int64_t{s.heads} * s.slots;
  return slot_graph(g, o.layer, x, [&](GraphSlotInput& in) {
    const std::string& place = g.sequences().place;
    const std::string period = g.integers({table.period()}), warm = g.integers({table.warm()});
    const std::string late = g.op("Sub", {place, warm});
    const std::string turn = g.op("Mod", {place, period});
    const std::string filled =
        g.op("Where", {g.op("Less", {place, warm}), place, g.op("Add", {g.op("Mod", {late, period}), warm})});
    // [batch, 1, 1], with which a table's rows [n, row] become every sequence's.
    const std::string batch = g.op("Shape", {g.in_sequences(in.q, {o.layer.keys()})});
    const std::string sequences = g.op("Concat", {g.part(batch, 0, 0, 1), g.integers({1, 1})}, {{"axis", 0}});
    const auto rows = [&](const char* name, const std::vector<double>& numbers, const std::string& at) {
      const std::string all =
          g.writer().floats(g.named(name), {static_cast<std::int64_t>(numbers.size()) / row, row},
                            std::vector<float>(numbers.begin(), numbers.end()));
      return g.rows(g.op("Expand", {g.op("Gather", {all, at}), sequences}), {s.heads, s.slots});
    };
    in.write = rows("write", table.write(), turn);
    if (s.erase == slots::Erase::Decay) in.log_decay = rows("log_decay", table.log_decay(), turn);
    in.filled = rows("filled", table.filled(), filled);
    if (!table.bias().empty()) in.bias = rows("bias", table.bias(), filled);
  });
}

}  // namespace yore::mixers
