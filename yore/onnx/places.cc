#include "yore/onnx/places.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace yore::onnx {
namespace {

using ::onnx::TensorProto;

constexpr double kQuarterTurn = std::numbers::pi / 2;
// "Global" where heads of one layer differ: no two places lie as far apart.
constexpr std::int64_t kEverywhere = std::numeric_limits<std::int64_t>::max();

/// Angle a place of pair number `pair` of `width` columns; spelled as in yore/model/positions.cc.
double rate(std::int64_t pair, std::int64_t width) {
  return std::exp(static_cast<double>(pair) * (-2.0 * std::log(10000.0) / static_cast<double>(width)));
}

}  // namespace

Places::Places(Graph& graph, const arch::ModelOptions& config, int letters, const std::string& tokens)
    : g_(graph), c_(config) {
  const std::string zero = g_.integers("zero", {1}, {0}), one = g_.integers("one", {1}, {1});
  const std::string is_eos = g_.node("is_eos", "Equal", {tokens, g_.integers("eos", {}, {letters})});
  const std::string marks = g_.node("is_eos.number", "Cast", {is_eos}, {{"to", TensorProto::FLOAT}});
  end_ = g_.node("end", "ArgMax", {marks}, {{"axis", 1}, {"keepdims", 0}, {"select_last_index", 0}});
  found_ = g_.node("end.found", "Cast",
                   {g_.node("end.mark", "ReduceMax", {marks}, {{"axes", Graph::Shape{1}}, {"keepdims", 0}})},
                   {{"to", TensorProto::BOOL}});
  const std::string last =
      g_.node("end.last", "ReduceMax", {end_}, {{"axes", Graph::Shape{0}}, {"keepdims", 1}});
  length_ = g_.node("words.length", "Add", {last, one});
  // Padding beyond the longest word is cut off: learned positions need not reach it.
  words_ = g_.node("words", "Slice", {tokens, zero, length_, one});
  place_ = g_.node("place", "Range",
                   {g_.integers("place.first", {}, {0}), g_.node("place.end", "Squeeze", {length_, zero}),
                    g_.integers("place.step", {}, {1})});
  // How far back key j lies from query i: i - j.
  distance_ = g_.node("distance", "Sub",
                      {g_.node("place.of_query", "Unsqueeze", {place_, one}),
                       g_.node("place.of_key", "Unsqueeze", {place_, zero})});
  past_ = g_.node("past", "Greater", {distance_, g_.integers("past.beyond", {}, {c_.strict ? 0 : -1})});
  if (c_.positions == "rotary") prepare_rotary();
  if (c_.positions == "alibi") prepare_alibi();
}

std::string Places::visible(const std::string& name, const mixers::LayerAttention& kind) const {
  std::vector<std::int64_t> reach;
  for (int lookback : kind.lookback) reach.push_back(lookback < 0 ? kEverywhere : lookback);
  if (std::all_of(reach.begin(), reach.end(), [](std::int64_t r) { return r == kEverywhere; })) return past_;
  const bool same = std::all_of(reach.begin(), reach.end(), [&](std::int64_t r) { return r == reach[0]; });
  if (same) reach.resize(1);
  const std::string lookback =
      g_.integers(name + ".lookback", {static_cast<std::int64_t>(reach.size()), 1, 1}, reach);
  return g_.node(name, "And", {past_, g_.node(name + ".near", "LessOrEqual", {distance_, lookback})});
}

std::string Places::placed(const std::string& embedding) const {
  if (c_.positions == "learned")
    return g_.node("embedding.placed", "Add",
                   {embedding, g_.node("positions", "Gather", {"positions.weight", place_})});
  if (c_.positions != "sinusoidal") return embedding;
  std::vector<double> rates, phases;
  for (std::int64_t column = 0; column < c_.width; ++column) {
    rates.push_back(rate(column / 2, c_.width));
    phases.push_back(column % 2 == 0 ? 0 : kQuarterTurn);
  }
  return g_.node("embedding.placed", "Add", {embedding, waves("positions", rates, phases)});
}

/// sin(place * rate + phase) [n, columns]; in double, because far places lose digits in float.
std::string Places::waves(const std::string& name, const std::vector<double>& rates,
                          const std::vector<double>& phases) const {
  const Graph::Shape columns = {static_cast<std::int64_t>(rates.size())};
  const std::string place = g_.node(name + ".place", "Cast", {place_}, {{"to", TensorProto::DOUBLE}});
  const std::string column =
      g_.node(name + ".column", "Unsqueeze", {place, g_.integers(name + ".column.axis", {1}, {1})});
  const std::string angle =
      g_.node(name + ".angle", "Mul", {column, g_.doubles(name + ".rates", columns, rates)});
  const std::string shifted =
      g_.node(name + ".shifted", "Add", {angle, g_.doubles(name + ".phases", columns, phases)});
  return g_.node(name, "Cast", {g_.node(name + ".sine", "Sin", {shifted})}, {{"to", TensorProto::FLOAT}});
}

void Places::prepare_rotary() {
  const std::int64_t dim = c_.width_of_head();
  std::vector<double> rates;
  for (std::int64_t pair = 0; pair < dim / 2; ++pair) rates.push_back(rate(pair, dim));
  sine_ = waves("rotary.sine", rates, std::vector<double>(rates.size(), 0));
  cosine_ = waves("rotary.cosine", rates, std::vector<double>(rates.size(), kQuarterTurn));
  head_axis_ = g_.integers("rotary.axis", {1}, {3});
  edges_[0] = g_.integers("rotary.first", {1}, {0});
  edges_[1] = g_.integers("rotary.half", {1}, {dim / 2});
  edges_[2] = g_.integers("rotary.end", {1}, {dim});
}

std::string Places::turned(const std::string& x) const {
  if (c_.positions != "rotary") return x;
  const auto part = [&](const char* which, int from) {
    return g_.node(x + which, "Slice", {x, edges_[from], edges_[from + 1], head_axis_});
  };
  const std::string first = part(".first", 0), second = part(".second", 1);
  const auto product = [&](const std::string& half, const char* by, const std::string& wave) {
    return g_.node(half + by, "Mul", {half, wave});
  };
  const std::string front = g_.node(
      first + ".turned", "Sub", {product(first, ".by_cosine", cosine_), product(second, ".by_sine", sine_)});
  const std::string back = g_.node(
      second + ".turned", "Add", {product(first, ".by_sine", sine_), product(second, ".by_cosine", cosine_)});
  return g_.node(x + ".turned", "Concat", {front, back}, {{"axis", 3}});
}

void Places::prepare_alibi() {
  std::vector<float> slopes;
  for (int h = 1; h <= c_.heads; ++h) slopes.push_back(static_cast<float>(std::exp2(-8.0 * h / c_.heads)));
  const std::string distance = g_.node("alibi.distance", "Cast", {distance_}, {{"to", TensorProto::FLOAT}});
  penalty_ = g_.node("alibi", "Mul", {distance, g_.floats("alibi.slopes", {c_.heads, 1, 1}, slopes)});
}

std::string Places::penalised(const std::string& scores) const {
  return penalty_.empty() ? scores : g_.node(scores + ".penalised", "Sub", {scores, penalty_});
}

}  // namespace yore::onnx
