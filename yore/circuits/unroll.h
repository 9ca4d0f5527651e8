// The converse of construct.h: a transformer with average hard attention, for so many tokens, as one circuit
// of constant depth a block. docs/circuits.md derives the gates of the largest score and of the mean.
#pragma once
#include <cstdint>

#include "yore/circuits/circuit.h"
#include "yore/circuits/transformer.h"

namespace yore::circuits {

struct UnrollOptions {
  int tokens = 3;                     ///< rows that it reads
  std::size_t max_gates = 1'000'000;  ///< budget
};

/// Inputs: the numbers of the rows, row by row. Outputs: the read-out at each row, in the same order. Throws
/// BudgetError("max-gates").
Circuit unroll(const HardTransformer& model, const UnrollOptions& options);

/// What `count` random inputs say, on which model and circuit are evaluated exactly: how often all outputs
/// agree. Inputs are small whole numbers and quotients, so that scores tie often. Throws InputError("model")
/// or InputError("circuit") for numbers that overflow.
struct UnrollCheck {
  int inputs = 0, agree = 0;
};
UnrollCheck check_unrolled(const HardTransformer& model, const Circuit& circuit, int tokens, int count,
                           std::uint64_t seed);

}  // namespace yore::circuits
