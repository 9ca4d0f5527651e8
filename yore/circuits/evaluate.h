// What a circuit says, gate by gate: the definition that transformers are held against.
#pragma once
#include <fmt/format.h>

#include <stdexcept>

#include "yore/base/error.h"
#include "yore/base/text.h"
#include "yore/circuits/circuit.h"

namespace yore::circuits {

/// Throws InputError(`source`) for a value that does not fit its type.
template <class T>
void require_fits(const T& value, const Circuit& circuit, int gate, const std::string& source,
                  const std::string& when = "") {
  if (!fits(value))
    throw base::InputError(source, fmt::format("overflow at {}{}: its value is {}",
                                               base::shortened(definition(circuit, gate), 200), when,
                                               std::is_same_v<T, Rational>
                                                   ? fmt::format("longer than {} bits", kMostBits)
                                                   : std::string("beyond the largest number of its type")));
}

/// Counts the bits of exact numbers that are held at a time.
class BitsInAll {
 public:
  BitsInAll(const Circuit& circuit, const std::string& source) : circuit_(circuit), source_(source) {}
  /// The value of a gate is held `times` times more. Throws InputError naming the gate past kMostBitsInAll.
  void hold(std::size_t bits, int gate, std::size_t times = 1) {
    if (bits != 0 && times > (kMostBitsInAll - held_) / bits)
      throw base::InputError(
          source_, fmt::format("overflow at {}: the values up to there are longer than {} bits in all",
                               base::shortened(definition(circuit_, gate), 200), kMostBitsInAll));
    held_ += bits * times;
  }
  void release() { held_ = 0; }

 private:
  const Circuit& circuit_;
  const std::string& source_;
  std::size_t held_ = 0;
};

/// The value of each gate, for these values of circuit.inputs(), in the arithmetic of T; sums are added in
/// the order of their inputs. Throws InputError(`source`) naming the gate that overflows, by itself or with
/// those before it, std::invalid_argument for another number of inputs.
template <class T>
std::vector<T> evaluate(const Circuit& circuit, const std::vector<Rational>& inputs,
                        const std::string& source) {
  const std::vector<int> places = circuit.inputs();
  if (inputs.size() != places.size()) throw std::invalid_argument("evaluate: a value for each input");
  std::vector<T> values(circuit.gates.size());
  const auto value = [&](int gate) -> T& { return values[static_cast<std::size_t>(gate)]; };
  BitsInAll bits(circuit, source);
  for (std::size_t i = 0; i < places.size(); ++i) value(places[i]) = nearest<T>(inputs[i]);
  for (const int g : circuit.order) {
    const Gate& gate = circuit.gate(g);
    switch (gate.op) {
      case Op::Input:
        break;
      case Op::Constant:
        value(g) = nearest<T>(gate.value);
        break;
      case Op::Sum:
        for (const int input : gate.inputs) value(g) += value(input);
        break;
      case Op::Product:
        value(g) = value(gate.inputs[0]) * value(gate.inputs[1]);
        break;
      case Op::Sign:
        value(g) = sign_of(value(gate.inputs[0]));
        break;
    }
    require_fits(value(g), circuit, g, source);
    bits.hold(bits_of(value(g)), g);
  }
  return values;
}

}  // namespace yore::circuits
