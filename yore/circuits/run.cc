#include "yore/circuits/run.h"

#include <fmt/format.h>

#include <limits>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/circuits/construct.h"
#include "yore/circuits/evaluate.h"

namespace yore::circuits {
namespace {

/// Largest id whose square the type holds: that of id + 1 is at most 2^digits.
template <class T>
std::int64_t largest_id() {
  return kLargestId;
}
template <>
std::int64_t largest_id<float>() {
  return (std::int64_t{1} << (std::numeric_limits<float>::digits / 2)) - 1;
}

}  // namespace

template <class T>
Rows<T> tokens_of(const Circuit& circuit, const std::vector<Rational>& inputs) {
  const auto gates = static_cast<std::int64_t>(circuit.gates.size());
  auto rows = Rows<T>::zeros(gates + circuit.edges(), kWidth);
  const auto number = [](std::int64_t x) { return static_cast<T>(x); };
  std::size_t given = 0;
  std::int64_t edge = gates;
  for (std::int64_t g = 0; g < gates; ++g) {
    const Gate& gate = circuit.gates[static_cast<std::size_t>(g)];
    T* row = rows.row(g);
    const std::int64_t id = gate.id + 1;
    row[kOne] = number(1);
    row[kId] = number(id);
    row[kIdSquare] = number(id * id);
    if (!gate.inputs.empty()) row[kLooksFor] = number(id);
    if (gate.op == Op::Sum) row[kFanIn] = number(static_cast<std::int64_t>(gate.inputs.size()));
    if (gate.op == Op::Sign) row[kIsSign] = number(1);
    if (gate.op == Op::Input) row[kGiven] = nearest<T>(inputs[given++]);
    if (gate.op == Op::Constant) row[kGiven] = nearest<T>(gate.value);
    for (std::size_t i = 0; i < gate.inputs.size(); ++i, ++edge) {
      T* reads = rows.row(edge);
      reads[kOne] = number(1);
      reads[kSource] = number(circuit.gate(gate.inputs[i]).id + 1);
      reads[kTarget] = number(id);
      reads[kTargetSquare] = number(id * id);
      reads[gate.op == Op::Product && i == 1 ? kIsSecond : kIsFirst] = number(1);
    }
  }
  return rows;
}

CircuitModel::CircuitModel(const arch::ModelFile& file, const std::string& source)
    : depth_(depth_of(file, source)), transformer_(hard_transformer(file, source)) {}

template <class T>
Answer<T> CircuitModel::ask(const Circuit& circuit, const std::vector<Rational>& inputs,
                            const std::string& source, bool levels, Search search, const Watch& watch) const {
  if (circuit.depth() > depth_)
    throw base::InputError(
        source,
        fmt::format(
            "the circuit has depth {}, the model is for depth {}; {}", circuit.depth(), depth_,
            circuit.depth() <= kLargestDepth
                ? fmt::format("yore circuit compile --depth {} makes one that is enough", circuit.depth())
                : fmt::format("no model is for more than {}", kLargestDepth)));
  if (const std::size_t expected = circuit.inputs().size(); expected != inputs.size())
    throw base::InputError(source, fmt::format("the circuit has {}, found {}",
                                               base::counted(static_cast<std::int64_t>(expected), "input"),
                                               base::counted(std::ssize(inputs), "value")));
  for (const Gate& gate : circuit.gates)
    if (gate.id > largest_id<T>())
      throw base::InputError(source,
                             fmt::format("gate {}: fp32 tells ids apart up to {} only, beyond which their "
                                         "squares are rounded",
                                         name_of(gate), largest_id<T>()));
  // An exact number keeps its digits beside itself.
  constexpr std::size_t kNumber = sizeof(T) + (std::is_same_v<T, Rational> ? 4 * sizeof(void*) : 0);
  const auto tokens = static_cast<double>(circuit.gates.size()) + static_cast<double>(circuit.edges());
  base::require_memory(source, tokens * static_cast<double>(kWidth) * kNumber,
                       fmt::format("{:.0f} tokens, one a gate and one an input of a gate,", tokens));
  Answer<T> answer;
  const auto gates = static_cast<int>(circuit.gates.size());
  const auto held = [&](const Rows<T>& rows, int g) {
    return T(rows.row(g)[kGiven] + rows.row(g)[kComputed]);
  };
  Rows<T> rows = tokens_of<T>(circuit, inputs);
  std::vector<std::size_t> read_by(circuit.gates.size(), 0);
  for (const Gate& gate : circuit.gates)
    for (const int input : gate.inputs) ++read_by[static_cast<std::size_t>(input)];
  BitsInAll now_held(circuit, source), kept(circuit, source);
  // Each edge is about to read its source.
  const auto hold = [&](const Rows<T>& now) {
    now_held.release();
    for (const int g : circuit.order)
      now_held.hold(bits_of(held(now, g)), g, 1 + read_by[static_cast<std::size_t>(g)]);
  };
  for (int g = 0; g < gates; ++g) require_fits(held(rows, g), circuit, g, source);
  hold(rows);
  const AfterBlock<T> after = [&](int block, const Rows<T>& now) {
    if (block % 2 == 0) return;
    const int level = block / 2 + 1;
    for (const int g : circuit.order) {
      const T value = held(now, g);
      if (fits(value)) continue;
      const bool final_already = circuit.level[static_cast<std::size_t>(g)] <= level;
      require_fits(value, circuit, g, source,
                   final_already
                       ? ""
                       : fmt::format(" after level {}, before all that it depends on is computed", level));
    }
    hold(now);
    if (!levels) return;
    for (const int g : circuit.order) kept.hold(bits_of(held(now, g)), g);
    std::vector<T>& values = answer.levels.emplace_back();
    for (int g = 0; g < gates; ++g) values.push_back(held(now, g));
  };
  const Rows<T> read =
      read_out(transformer_, run_blocks<T>(transformer_, std::move(rows), after, search, watch));
  for (int g = 0; g < gates; ++g) answer.values.push_back(read.row(g)[0]);
  return answer;
}

#define YORE_FOR_NUMBERS(T)                                                                              \
  template Rows<T> tokens_of(const Circuit&, const std::vector<Rational>&);                              \
  template Answer<T> CircuitModel::ask(const Circuit&, const std::vector<Rational>&, const std::string&, \
                                       bool, Search, const Watch&) const;
YORE_FOR_NUMBERS(Rational)
YORE_FOR_NUMBERS(double)
YORE_FOR_NUMBERS(float)
#undef YORE_FOR_NUMBERS

}  // namespace yore::circuits
