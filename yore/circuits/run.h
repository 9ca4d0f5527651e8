// A circuit through the model that construct() made, in numbers of a choice.
#pragma once
#include <vector>

#include "yore/circuits/circuit.h"
#include "yore/circuits/transformer.h"

namespace yore::circuits {

/// The rows of basis.h for a circuit: its gates in order, then the inputs of each gate in order.
template <class T>
Rows<T> tokens_of(const Circuit& circuit, const std::vector<Rational>& inputs);

/// What the model says.
template <class T>
struct Answer {
  std::vector<T> values;  ///< of each gate, as the read-out has them
  /// levels[l - 1]: of each gate, what its row holds after level l; empty unless asked for.
  std::vector<std::vector<T>> levels;
};

/// A model for circuits of at most `depth`, ready to be asked.
class CircuitModel {
 public:
  /// Throws InputError(`source`) for what is no model for circuits.
  CircuitModel(const arch::ModelFile& file, const std::string& source);

  int depth() const { return depth_; }
  const HardTransformer& transformer() const { return transformer_; }

  /// Throws InputError(`source`) for a circuit deeper than the model, a wrong number of inputs, a gate that
  /// overflows (named; by itself or with the others; also while what it depends on is not final yet), and, in
  /// float, ids whose squares are beyond 2^24.
  template <class T>
  Answer<T> ask(const Circuit& circuit, const std::vector<Rational>& inputs, const std::string& source,
                bool levels = false, Search search = Search::Sorted, const Watch& watch = {}) const;

 private:
  int depth_;
  HardTransformer transformer_;
};

}  // namespace yore::circuits
