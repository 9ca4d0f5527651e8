// The prover at work (prove.h): what is known of every coordinate at one stage, and how the next stage
// follows.
#pragma once
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "yore/arch/options.h"
#include "yore/compiler/cases.h"
#include "yore/compiler/interval.h"
#include "yore/compiler/prove.h"
#include "yore/compiler/weights.h"

namespace yore::compiler {

class LatchReader;  // latches.h

/// Stand-ins for nodes: false everywhere, true everywhere.
inline constexpr NodeId kNowhere = -1, kEverywhere = -2;

/// Where a coordinate's number lies when its node is false ([0]) and when it is true ([1]).
struct Cell {
  NodeId node = kNowhere;
  bool mean = false;  ///< its number need not be near one of two ideals
  /// Whether the number is known exactly, and fits the grain.
  std::array<bool, 2> exact = {false, false};
  std::array<Interval, 2> when = {kEmpty, kEmpty};

  Interval hull() const {
    Interval all = when[0];
    all.join(when[1]);
    return all;
  }
};

/// A linear function of the coordinates of one position, before the norm's common factor.
struct Linear {
  struct Term {
    int coordinate = 0;
    double weight = 0;
    double magnitude = 0;  ///< sum of the magnitudes that were added up to the weight
    bool operator==(const Term&) const = default;
  };
  std::vector<Term> terms;
  double bias = 0, bias_magnitude = 0;
  int products = 0;

  /// Adds factor * (row . scaled coordinates + bias).
  void add(std::span<const float> row, const Matrix& scale, double bias, double factor);
};

/// A range, and how far float32 arithmetic may take the number out of it.
struct Value {
  Interval range;
  double error = 0;
  double magnitude = 0;  ///< of all that was added up
  bool exact = false;    ///< computed without rounding, fits the grain
};

/// Numbers whose sums float32 computes exactly in any order: multiples of 1 / inverse^2 below `limit`, such
/// as products of two multiples of 1 / inverse. Attention's means and scales want fine ones; a recurrence has
/// halves and whole numbers alone, and gates of larger weights.
struct Grain {
  double inverse = 0x1p8, limit = 0x1p7;
  /// Whether x is a factor of such products.
  bool fits(double x) const { return std::abs(x) < 0x1p14 && x * inverse == std::nearbyint(x * inverse); }
};
inline constexpr Grain kHalves{0x1p4, 0x1p15};

class Walk {
 public:
  Walk(const arch::ModelFile& file, const Manifest& manifest, std::int64_t length,
       const ProveOptions& options);
  Proof run();

 private:
  // What is known, and how it is judged.
  bool fine() const { return proof_.failure.empty(); }
  void fail(int stage, int coordinate, const std::string& what);
  void refuse(int stage, int coordinate, const Cell& cell, bool truth, const Interval& x);
  std::string node_text(NodeId id) const;
  Truth truth(NodeId id) const;
  Interval now(int coordinate) const;
  bool now_exact(int coordinate) const;
  Cell& cell(int coordinate) { return cells_[static_cast<std::size_t>(coordinate)]; }
  const Cell& cell(int coordinate) const { return cells_[static_cast<std::size_t>(coordinate)]; }
  /// What this stage's claims say of a coordinate, with nothing known yet; nothing if they do not name it.
  std::optional<Cell> claimed(int stage, int coordinate) const;
  /// Distance from the ideal, in units of the distance between false and true.
  double error_of(bool truth, const Interval& x) const;
  /// Takes over what was found for a coordinate, or fails.
  void accept(int stage, int coordinate, const Cell& found);
  void embed();
  void read_out();

  // Norms and linear maps.
  Interval norm_factor() const;
  Matrix norm_weight(const std::string& name) const;
  Value evaluate(const Linear& form, const Interval& factor) const;
  void add_nodes(const Linear& form, std::vector<NodeId>& nodes) const;
  /// What decides the node beside these: the temporal nodes, letters and positions below it down to them. A
  /// part that cancels out, as P a in (P a | !P a), no gate need read.
  void add_leaves(NodeId id, std::vector<NodeId>& nodes) const;
  /// Where value() lies when `node` is false and when it is true, over all cases.
  template <class F>
  std::array<Interval, 2> hulls(NodeId node, const std::vector<NodeId>& nodes, const F& value);

  // The kinds of parts of a block.
  struct HeadShare;
  struct AttentionWeights;
  void attention(int block);
  std::array<Interval, 2> last_key(const std::vector<HeadShare>& shares, NodeId argument,
                                   const Interval& factor);
  Interval keys_seen(const HeadShare& share, NodeId argument, std::int64_t visible, bool some_true,
                     const Interval& factor);
  void feed_forward(int block);
  struct LatchHead;
  void recurrence(int block);
  double latch(const LatchReader& layer, const LatchHead& head, NodeId node, std::string& why);
  double constant(const Linear& form) const;
  Linear linear_row(const LinearMap& map, std::int64_t row) const;

  const arch::ModelFile& file_;
  arch::ModelOptions model_;  ///< of file_
  const Manifest& manifest_;
  Cases cases_;
  base::Budget all_cases_;  ///< of all coordinates together
  bool normed_;
  Grain grain_;
  double base_, range_;
  std::vector<Cell> cells_;
  Proof proof_;
};

/// Cases that are told apart to bound what one linear function can be.
inline constexpr std::size_t kHullCases = 4096;

template <class F>
std::array<Interval, 2> Walk::hulls(NodeId node, const std::vector<NodeId>& nodes, const F& value) {
  std::array<Interval, 2> found = {kEmpty, kEmpty};
  // Past kHullCases the cases in hand are taken as they are, so the limit is not reached but by error.
  base::Budget cases("bounding a linear function", {.count = 8 * kHullCases});
  const bool covered = cases_.split(nodes, cases, [&] {
    if (!cases_.complete() && cases.count() < kHullCases) return Cases::Next::Split;
    const Value v = value();
    const Truth t = truth(node);
    if (t != Truth::True) found[0].join(v.range.widened(v.error));
    if (t != Truth::False) found[1].join(v.range.widened(v.error));
    return Cases::Next::Done;
  });
  all_cases_.afford(cases.count());
  if (!covered) found = {kAnything, kAnything};
  return found;
}

}  // namespace yore::compiler
