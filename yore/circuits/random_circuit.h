// Circuits to hold models against: random ones, and all small ones.
#pragma once
#include <functional>

#include "yore/base/random.h"
#include "yore/circuits/circuit.h"

namespace yore::circuits {

struct RandomCircuitOptions {
  int depth = 8;         ///< exactly
  int gates = 200;       ///< exactly, depth + 1 at least
  bool signs = true;     ///< whether there are sign gates
  int most_terms = 8;    ///< of a sum
  bool shuffled = true;  ///< ids and the order of gates are random; else they count from 1
};

/// A circuit of that many gates; every gate that no other reads is an output.
Circuit random_circuit(base::Random& random, const RandomCircuitOptions& options);
/// A value for each input: a quotient of small whole numbers, often whole and often 0.
std::vector<Rational> random_inputs(base::Random& random, const Circuit& circuit);

/// Every circuit of exactly `gates` gates, up to the order of inputs and constants, which come first:
/// constants -1 and 1/2, sums of any set of earlier gates, products of any two and squares, signs. Its last
/// gate is the output. Calls visit(circuit) until it returns false.
void each_circuit(int gates, const std::function<bool(const Circuit&)>& visit);
/// Every choice of values from -2, 0 and 1/2 for the inputs.
std::vector<std::vector<Rational>> small_inputs(const Circuit& circuit);

}  // namespace yore::circuits
