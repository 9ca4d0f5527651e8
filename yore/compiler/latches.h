// A layer of latches: one number a head, s = 1 where the token's target holds, else s where it is to be kept,
// else 0. How each mixer's parameters make that, and how they are read back.
#pragma once
#include <optional>
#include <string>

#include "yore/compiler/compiler.h"
#include "yore/compiler/weights.h"

namespace yore::compiler {

/// What gates are multiplied by: far past where float32 makes 0 and 1 of them, and below what it loses.
inline constexpr float kSaturated = 256;
/// From here on exp(-x) is less than half the least number of float32, and 1 + exp(-x) is 1.
inline constexpr double kEnough = 105;

/// An array [rows, columns].
void put_matrix(base::NamedArrays& arrays, const std::string& name, const Matrix& m);
/// The decay of a delta rule's layer, if the mixer has one, as parameters that make it 1; and whether they
/// do.
void put_no_decay(base::NamedArrays& arrays, const std::string& prefix, const std::string& mixer,
                  std::int64_t width, std::int64_t heads, std::int64_t key_dim);
bool has_no_decay(const base::NamedArrays& arrays, const std::string& prefix, const arch::Mixer& mixer);

/// Linear functions of a token's row, a row a head. They have no biases: constants are read from Plan::one.
struct LatchRows {
  LinearMap target;  ///< 0 or 1: what is written
  LinearMap keep;    ///< at least 1 where the number stays, at most -1 where it is overwritten
  Matrix out;        ///< [width, heads] what a head's number adds to the row
};

/// Makes the parameters of the plan's mixer; `prefix` is "layers.0.gla.".
void put_latches(base::NamedArrays& arrays, const std::string& prefix, const LatchRows& rows,
                 const Plan& plan);

/// Whoever reads such a layer back. Only its weights and options are looked at.
class LatchReader {
 public:
  /// Of block `b`.
  LatchReader(const arch::ModelFile& file, int block);

  int heads() const { return heads_; }
  /// Rows of linear functions of the token's row: what is asked, the key, what is written, and the gate.
  /// Biases are theirs.
  LinearMap query, key, value, gate;
  /// What every output is multiplied by (mamba2's z); no rows where there is none.
  LinearMap factor;
  /// [width, heads]
  Matrix out;
  Matrix out_bias;

  /// What a token does with a head's number: s = (keep ? s : 0) + write.
  struct Effect {
    bool keep = false;
    double write = 0;
  };
  /// In float32, for numbers that the functions above give exactly; nothing if a gate is not saturated, so
  /// that the number would be kept in part.
  std::optional<Effect> effect(int head, double key, double value, double gate) const;
  /// Times the gate: above 0 where a number is kept, in units of the truth values it is made of.
  double gate_scale() const;
  /// What a number s, asked with this query, hands to `out`: times this.
  double asked(double query, double factor) const;

 private:
  std::string mixer_;
  int heads_ = 0;
  double scale_ = 1, divisor_ = 1;
  double dt_least_ = 0, dt_most_ = 0, strength_ = 1;
  bool no_decay_ = true;
  Matrix bias_, rate_;
};

}  // namespace yore::compiler
