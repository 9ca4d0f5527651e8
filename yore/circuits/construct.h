// The transformer that evaluates every circuit of a depth, which it is given as input: the front end of
// `yore circuit compile`. Its passes are those of the formulas' compiler in small: validate (the depth),
// assign (basis.h: which coordinate means what), lower (Lowered: maps as sums of named coordinates) and pack
// (compiler/weights.h, shared). docs/circuits.md has the construction and why it is right.
#pragma once
#include <string>
#include <vector>

#include "yore/arch/model_file.h"
#include "yore/circuits/basis.h"

namespace yore::circuits {

/// weight * coordinate.
struct Reading {
  std::int64_t coordinate = 0;
  float weight = 1;
};
using LinearSum = std::vector<Reading>;

/// One head: queries and keys of two numbers, whose product is the score, and two values, each added to a
/// coordinate.
struct LoweredHead {
  std::string purpose;
  std::array<LinearSum, 2> query, key, value;
  std::array<std::int64_t, 2> to{-1, -1};  ///< -1: the value is not used
};
/// A hidden unit: weight * left * right, or weight * sign(left) * right, added to a coordinate.
struct LoweredUnit {
  std::string purpose;
  LinearSum left, right;
  bool sign = false;
  std::int64_t to = 0;
  float weight = 1;
};
/// One block.
struct LoweredLayer {
  LoweredHead head;
  std::vector<LoweredUnit> units;
};
/// The two blocks of which every level has a copy: edges read, gates compute.
struct Lowered {
  LoweredLayer read, compute;
};
Lowered lower();

/// Levels a model may have: two blocks each, of at most 4,096.
inline constexpr int kLargestDepth = 2048;

/// The model for circuits of at most this depth. Throws InputError("depth") unless it is 1 to kLargestDepth.
arch::ModelFile construct(int depth);

/// The depth that construct() was given; throws InputError(`source`) for another model.
int depth_of(const arch::ModelFile& file, const std::string& source);
/// Whether it is a model that construct() made, by its manifest.
bool is_circuit_model(const arch::ModelFile& file);

/// The construction in words, coordinate by coordinate and unit by unit.
std::string explain(const arch::ModelFile& file, const std::string& source);

}  // namespace yore::circuits
