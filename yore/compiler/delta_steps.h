// A layer of delta steps (machine.h): how a mixer's parameters make it, and how they are read back.
#pragma once
#include <string>
#include <vector>

#include "yore/compiler/compiler.h"
#include "yore/compiler/weights.h"

namespace yore::compiler {

/// Makes the parameters of the plan's mixer: `qkv` as the mixer has it, `out` [width, 1]; every step has the
/// strength 1. `prefix` is "layers.0.delta_net.".
void put_steps(base::NamedArrays& arrays, const std::string& prefix, const Matrix& qkv, const Matrix& out,
               const Plan& plan, std::int64_t steps);

/// Whoever reads block 0 of such a model back. Only its weights and options are looked at.
class StepReader {
 public:
  explicit StepReader(const arch::ModelFile& file);

  std::string why;  ///< what is no layer of delta steps about it, or ""
  int dim = 0, steps = 0;
  Matrix qkv, out;
  /// Of a step of the token with this row: 0, 1 or 2, or NaN where it is none of these exactly.
  double strength(int step, const std::vector<double>& row) const;
  /// How many weights of the strengths read a coordinate of the row.
  int strength_weights(std::int64_t coordinate) const;

 private:
  double most_ = 1;
  Matrix beta_;
};

}  // namespace yore::compiler
