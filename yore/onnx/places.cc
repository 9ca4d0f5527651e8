#include "yore/onnx/places.h"

#include <fmt/format.h>

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
    length_ = g_.node("length", "Gather", {g_.node("tokens.shape", "Shape", {tokens}), one_});
  }
  place_ = g_.node("place", "Range",
                   {g_.integers("place.first", {}, {0}), g_.node("place.end", "Squeeze", {length_, zero_}),
                    g_.integers("place.step", {}, {1})});
  // How far back key j lies from query i: i - j.
  distance_ = g_.node("distance", "Sub",
                      {g_.node("place.of_query", "Unsqueeze", {place_, one_}),
                       g_.node("place.of_key", "Unsqueeze", {place_, zero_})});
}

void Places::find_ends(const std::string& tokens) {
  const std::string eos = g_.integers("eos", {}, {e_.vocabulary - 1});
  const std::string is_eos = g_.node("is_eos", "Equal", {tokens, eos});
  const std::string marks = g_.node("is_eos.number", "Cast", {is_eos}, {{"to", TensorProto::FLOAT}});
  end_ = g_.node("end", "ArgMax", {marks}, {{"axis", 1}, {"keepdims", 0}, {"select_last_index", 0}});
  found_ = g_.node("end.found", "Cast",
                   {g_.node("end.mark", "ReduceMax", {marks}, {{"axes", Graph::Shape{1}}, {"keepdims", 0}})},
                   {{"to", TensorProto::BOOL}});
  const std::string last =
      g_.node("end.last", "ReduceMax", {end_}, {{"axes", Graph::Shape{0}}, {"keepdims", 1}});
  length_ = g_.node("words.length", "Add", {last, one_});
  // Padding beyond the longest word is cut off: learned positions need not reach it.
  words_ = g_.node("words", "Slice", {tokens, zero_, length_, one_});
}

/// Whether a key lies before its query, or under it if the mask is not strict.
std::string Places::past(bool strict) {
  const std::string name = strict ? "past" : "past.and_self";
  if (first(name))
    g_.node(name, "Greater", {distance_, g_.integers(name + ".beyond", {}, {strict ? 0 : -1})});
  return name;
}

std::string Places::visible(const std::string& name, const mixers::AttentionOptions& attention) {
  const std::string all = past(attention.params.strict);
  std::vector<std::int64_t> reach;
  for (int lookback : attention.params.lookback) reach.push_back(lookback < 0 ? kEverywhere : lookback);
  if (std::all_of(reach.begin(), reach.end(), [](std::int64_t r) { return r == kEverywhere; })) return all;
  const bool same = std::all_of(reach.begin(), reach.end(), [&](std::int64_t r) { return r == reach[0]; });
  if (same) reach.resize(1);
  const std::string lookback =
      g_.integers(name + ".lookback", {static_cast<std::int64_t>(reach.size()), 1, 1}, reach);
  return g_.node(name, "And", {all, g_.node(name + ".near", "LessOrEqual", {distance_, lookback})});
}

std::string Places::placed(const std::string& embedding) const {
  if (e_.positions == arch::Positions::Learned)
    return g_.node("embedding.placed", "Add",
                   {embedding, g_.node("positions", "Gather", {"positions.weight", place_})});
  if (e_.positions != arch::Positions::Sinusoidal) return embedding;
  std::vector<double> rates, phases;
  for (std::int64_t column = 0; column < e_.width; ++column) {
    rates.push_back(rate(column / 2, e_.width));
    phases.push_back(column % 2 == 0 ? 0 : kQuarterTurn);
  }
  return g_.node("embedding.placed", "Add", {embedding, waves("positions", rates, phases)});
}

std::string Places::waves(const std::string& name, const std::vector<double>& rates,
                          const std::vector<double>& phases) const {
  const Graph::Shape columns = {static_cast<std::int64_t>(rates.size())};
  const std::string place = g_.node(name + ".place", "Cast", {place_}, {{"to", TensorProto::DOUBLE}});
  const std::string column = g_.node(name + ".column", "Unsqueeze", {place, one_});
  const std::string angle =
      g_.node(name + ".angle", "Mul", {column, g_.doubles(name + ".rates", columns, rates)});
  const std::string shifted =
      g_.node(name + ".shifted", "Add", {angle, g_.doubles(name + ".phases", columns, phases)});
  return g_.node(name, "Cast", {g_.node(name + ".sine", "Sin", {shifted})}, {{"to", TensorProto::FLOAT}});
}

std::string Places::turned(const std::string& x, const mixers::AttentionOptions& attention) {
  if (attention.positions != mixers::AttentionPositions::Rotary) return x;
  const std::int64_t dim = attention.head_width;
  const std::string rotary = fmt::format("rotary.{}", dim), sine = rotary + ".sine",
                    cosine = rotary + ".cosine";
  const std::string edges[] = {rotary + ".first", rotary + ".half", rotary + ".end"}, axis = rotary + ".axis";
  if (first(rotary)) {
    std::vector<double> rates;
    for (std::int64_t pair = 0; pair < dim / 2; ++pair) rates.push_back(rate(pair, dim));
    waves(sine, rates, std::vector<double>(rates.size(), 0));
    waves(cosine, rates, std::vector<double>(rates.size(), kQuarterTurn));
    g_.integers(axis, {1}, {3});
    for (int i = 0; i < 3; ++i) g_.integers(edges[i], {1}, {i * (dim / 2)});
  }
  const auto part = [&](const char* which, int from) {
    return g_.node(x + which, "Slice", {x, edges[from], edges[from + 1], axis});
  };
  const std::string front = part(".first", 0), back = part(".second", 1);
  const auto product = [&](const std::string& half, const char* by, const std::string& wave) {
    return g_.node(half + by, "Mul", {half, wave});
  };
  const std::string turned_front = g_.node(
      front + ".turned", "Sub", {product(front, ".by_cosine", cosine), product(back, ".by_sine", sine)});
  const std::string turned_back = g_.node(
      back + ".turned", "Add", {product(front, ".by_sine", sine), product(back, ".by_cosine", cosine)});
  return g_.node(x + ".turned", "Concat", {turned_front, turned_back}, {{"axis", 3}});
}

std::string Places::penalised(const std::string& scores, const mixers::AttentionOptions& attention) {
  if (attention.params.alibi_slopes.empty()) return scores;
  const std::vector<float> slopes(attention.params.alibi_slopes.begin(), attention.params.alibi_slopes.end());
  const std::string distance = "alibi.distance";
  if (first(distance)) g_.node(distance, "Cast", {distance_}, {{"to", TensorProto::FLOAT}});
  const std::string penalty = g_.node(
      scores + ".penalty", "Mul", {distance, g_.floats(scores + ".slopes", {attention.heads, 1, 1}, slopes)});
  return g_.node(scores + ".penalised", "Sub", {scores, penalty});
}

}  // namespace yore::onnx
