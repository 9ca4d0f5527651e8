// An arithmetic circuit: gates that add, multiply and take signs, read by transformers of construct.h as
// input.
//
//   x1 = input                {"gates": [{"id": 1, "op": "input"},
//   x2 = input                           {"id": 2, "op": "input"},
//   x3 = x1 * x2                         {"id": 3, "op": "product", "inputs": [1, 2]},
//   x4 = x3 + x1 + x1                    {"id": 4, "op": "sum", "inputs": [3, 1, 1]},
//   x5 = sign(x4)                        {"id": 5, "op": "sign", "inputs": [4]}],
//   output x4, x5              "outputs": [4, 5]}
//
// Both forms may name a gate before it is defined. In text, x3 is the gate with the id 3; `x6 = -2/3` is a
// constant, `x7 = x1` a sum of one, `x8 = sum()` the empty sum, 0; # begins a comment.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "yore/base/files.h"
#include "yore/circuits/number.h"

namespace yore::circuits {

/// Sum takes any number of inputs, Product two, Sign one; sign(0) = 0.
enum class Op { Input, Constant, Sum, Product, Sign };
inline std::array<const char*, 5> enum_names(Op) {
  return {"input", "constant", "sum", "product", "sign"};
}

/// Ids are from 0 to this: (id + 1)^2 is at most 2^53, so that double holds it.
inline constexpr std::int64_t kLargestId = 94'906'264;

struct Gate {
  std::int64_t id = 0;
  Op op = Op::Input;
  std::vector<int> inputs;  ///< indices into Circuit::gates, in order; one may stand there twice
  Rational value;           ///< of a constant
};

/// Ids are distinct and in range, inputs are there and as many as the operation takes, nothing depends on
/// itself: complete() has seen to it.
struct Circuit {
  std::vector<Gate> gates;   ///< as they were written
  std::vector<int> outputs;  ///< indices of gates, at least one
  std::vector<int>
      level;  ///< of each gate: 0 of inputs and constants, else one more than its deepest input's
  std::vector<int> order;  ///< all gates, by rising level

  const Gate& gate(int index) const { return gates[static_cast<std::size_t>(index)]; }
  int depth() const;                ///< the largest level
  int width() const;                ///< most gates of one level above 0
  std::int64_t edges() const;       ///< inputs of all gates
  std::vector<int> inputs() const;  ///< the input gates, in the order of their values
};

/// "x3".
std::string name_of(const Gate& gate);
/// "x3 = x1 * x2".
std::string definition(const Circuit& circuit, int gate);

/// Fills level and order. Throws InputError(`source`) naming the gate for ids out of range or twice, inputs
/// that are not there or too many or few, a cycle (its first 12 gates named), and a circuit without outputs.
Circuit complete(std::vector<Gate> gates, std::vector<int> outputs, const std::string& source);

/// Either form, told apart by the first character. Throws InputError(`source`) with the place: a key path, or
/// the line with a caret.
Circuit parse_circuit(const std::string& text, const std::string& source);
Circuit parse_circuit_text(const std::string& text, const std::string& source);
Circuit circuit_from_json(const base::Json& json, const std::string& source);
/// The inverses. `values` of all gates, or none, stand behind them as comments.
std::string to_text(const Circuit& circuit, const std::vector<std::string>& values = {});
base::Json to_json(const Circuit& circuit);

}  // namespace yore::circuits
