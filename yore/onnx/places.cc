#include "yore/onnx/places.h"

#include <cmath>
#include <numbers>
#include <vector>

#include "yore/mixers/common/layer_graph.h"

namespace yore::onnx {
namespace {

using ::onnx::TensorProto;

constexpr double kQuarterTurn = std::numbers::pi / 2;

/// Angle a place of pair number `pair` of `width` columns; spelled as in yore/mixers/common/positions.cc.
double rate(std::int64_t pair, std::int64_t width) {
  return std::exp(static_cast<double>(pair) * (-2.0 * std::log(10000.0) / static_cast<double>(width)));
}

}  // namespace

Places::Places(Graph& graph, const arch::Embedding& embedding, bool words, const std::string& tokens)
    : g_(graph), e_(embedding), zero_(g_.integers("zero", {1}, {0})), one_(g_.integers("one", {1}, {1})) {
  if (words) {
    find_ends(tokens);
  } else {
    words_ = tokens;
    sequences_.length = g_.node("length", "Gather", {g_.node("tokens.shape", "Shape", {tokens}), one_});
  }
  sequences_.place = g_.node(
      "place", "Range",
      {g_.integers("place.first", {}, {0}), g_.node("place.end", "Squeeze", {sequences_.length, zero_}),
       g_.integers("place.step", {}, {1})});
}

void Places::find_ends(const std::string& tokens) {
  const std::string eos = g_.integers("eos", {}, {e_.vocabulary - 1});
  const std::string is_eos = g_.node("is_eos", "Equal", {tokens, eos});
  const std::string marks = g_.node("is_eos.number", "Cast", {is_eos}, {{"to", TensorProto::FLOAT}});
  end_ = g_.node("end", "ArgMax", {marks}, {{"axis", 1}, {"keepdims", 0}, {"select_last_index", 0}});
  found_ = g_.node("end.found", "Cast", {g_.reduce("end.mark", "ReduceMax", marks, 1, false)},
                   {{"to", TensorProto::BOOL}});
  const std::string last = g_.reduce("end.last", "ReduceMax", end_, 0, true);
  sequences_.length = g_.node("words.length", "Add", {last, one_});
  // Padding beyond the longest word is cut off: learned positions need not reach it.
  words_ = g_.node("words", "Slice", {tokens, zero_, sequences_.length, one_});
}

std::string Places::placed(const std::string& embedding) const {
  if (e_.positions == arch::Positions::Learned)
    return g_.node("embedding.placed", "Add",
                   {embedding, g_.node("positions", "Gather", {"positions.weight", sequences_.place})});
  if (e_.positions == arch::Positions::Periodic) {
    const std::string row = g_.node(
        "positions.row", "Mod", {sequences_.place, g_.integers("positions.period", {}, {e_.max_positions})});
    return g_.node("embedding.placed", "Add",
                   {embedding, g_.node("positions", "Gather", {"positions.weight", row})});
  }
  if (e_.positions != arch::Positions::Sinusoidal) return embedding;
  std::vector<double> rates, phases;
  for (std::int64_t column = 0; column < e_.width; ++column) {
    rates.push_back(rate(column / 2, e_.width));
    phases.push_back(column % 2 == 0 ? 0 : kQuarterTurn);
  }
  return g_.node("embedding.placed", "Add",
                 {embedding, mixers::graph_waves(g_, sequences_, "positions", rates, phases)});
}

}  // namespace yore::onnx
