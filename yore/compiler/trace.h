// What a compiled model thinks: the truth of every subformula at every position, read from its own numbers.
#pragma once
#include <functional>
#include <vector>

#include "yore/compiler/manifest.h"

namespace yore::compiler {

/// One subformula over one word.
struct TraceRow {
  /// Of the manifest's formula; kNever: whether what was read so far is a word of its automaton.
  logic::NodeId node = 0;
  int stage = 0, coordinate = 0;
  std::vector<float> numbers;  ///< as they stand in the residual stream, positions 0 .. word size (EOS)
  std::vector<char> read;      ///< the nearer of false and true
  std::vector<char> truth;     ///< by the formula's definition
};

struct Trace {
  std::vector<TraceRow> rows;  ///< in the order of their stages
  float logit = 0;
  double error = 0;    ///< the largest distance of a number from its truth, false = 0 and true = 1
  bool agrees = true;  ///< whether every number says what the definition says
};

/// The number in a coordinate of the residual stream after a stage, at a position of the word.
using NumberAt = std::function<float(int stage, int coordinate, std::size_t position)>;

/// Reads every truth value that the manifest claims, from whoever ran the model on `word`.
Trace read_trace(const Manifest& manifest, const logic::Word& word, const NumberAt& number, float logit);

}  // namespace yore::compiler
