// A compiled model as it stands on disk: what reads what, and with which weight. Taken from the weights
// alone; the manifest only says what the coordinates are called. So a picture of it shows what the model
// does, even if somebody changed its weights.
//
// Norm weights are taken to undo the norm, as the compiler makes them; prove() is what finds out if they do
// not.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "yore/arch/options.h"
#include "yore/compiler/manifest.h"

namespace yore::compiler {

/// A weight that is not 0, and the place whose number it multiplies.
struct Read {
  int place = 0;      ///< index into Network::places
  double weight = 0;  ///< as in the file
};

/// A sum of truth values (0, 1) and means instead of the numbers that encode them.
struct TruthSum {
  std::vector<Read> terms;  ///< without the coordinate that is always true
  double constant = 0;
};

/// Hidden units that read the same sum, and what they add to one coordinate.
struct Part {
  enum class Kind {
    Gate,      ///< factor where sum of weight * truth reaches the threshold, else 0
    Positive,  ///< where the mean that it reads is above 0
    Forget,    ///< minus the truth value that stood there
    Other,     ///< anything else: sum over units of weight * relu(sum + bias)
  };
  struct Unit {
    double bias = 0, weight = 0;  ///< in truth values: 1 takes a coordinate from false to true
  };
  Kind kind = Kind::Other;
  std::vector<Read> reads;
  TruthSum sum;             ///< of a gate: halved, so that it is the weighted sum of its Form
  std::vector<Unit> units;  ///< biases include the sum's constant
  double factor = 1, threshold = 0;
};

/// What stands in a coordinate from a stage on, until something else is written into it.
struct Place {
  enum class Kind {
    Truth,      ///< of the node
    Mean,       ///< of the node's argument
    Cleared,    ///< false
    Always,     ///< true, always (encoding +-1, and recurrences)
    Accepted,   ///< whether what was read so far is a word of the manifest's automaton
    Unclaimed,  ///< written or read, and not in the manifest
  };
  int stage = 0, coordinate = 0;
  Kind kind = Kind::Unclaimed;
  NodeId node = kNever;
  std::vector<int> letters;     ///< in the embedding: where it is true; the alphabet's size stands for EOS
  std::vector<int> remainders;  ///< and of which positions, modulo the period of the model's
  double constant = 0;          ///< added in any case, in truth values
  std::vector<Part> parts;      ///< added by the feed-forward net
};

/// One dimension of a head's queries, keys or values.
struct HeadRow {
  int dimension = 0;
  std::vector<Read> reads;
  double bias = 0;
};

/// What a head adds to a coordinate: weight * the mean of a value dimension.
struct Write {
  int dimension = 0;
  int place = 0;
  double weight = 0;  ///< in truth values
};

/// What a coordinate that is 1 adds to a head of delta steps, s <- s - k (k . s - v) each and then q . s.
struct StepRow {
  using Vector = std::vector<std::pair<int, double>>;  ///< place in s and number, where it is not 0
  struct Step {
    Vector key;
    double value = 0;
  };
  int place = 0;  ///< index into Network::places
  Vector query;
  std::vector<Step> steps;  ///< without those at the end that are all 0
  bool strength = false;    ///< it also says how strong the steps are
  int weights = 0;          ///< so many are not 0
};

/// A head with a weight that is not 0: of attention, or of a recurrence.
struct HeadView {
  /// Latch: its value is what is written where it is not kept, its key what must be above 0 where it is kept.
  /// Steps: delta steps of an automaton, whose rows are `step_rows`.
  enum class Kind { Attention, Latch, Steps };
  Kind of = Kind::Attention;
  int steps = 0;  ///< of Kind::Steps: most of a letter
  int block = 0, number = 0;
  int lookback = 1;    ///< -1 = global
  bool sharp = false;  ///< scores differ from key to key; else all keys seen count alike
  std::vector<HeadRow> queries, keys, values;
  std::vector<StepRow> step_rows;
  std::vector<Write> writes;
};

/// Hidden units that read something and write nowhere.
struct IdleUnits {
  int stage = 0;
  std::vector<Read> reads;
};

struct Network {
  Manifest manifest;
  arch::ModelOptions model;
  std::vector<std::string> names;  ///< short ones (names.h), by node
  std::vector<Place> places;       ///< in the order of their stages
  std::vector<HeadView> heads;
  std::vector<IdleUnits> idle;
  std::vector<Read> read_out;
  double read_out_bias = 0;

  int read_out_stage() const { return 2 * model.layers + 1; }
  const Place& place(const Read& read) const { return places[static_cast<std::size_t>(read.place)]; }
  /// The reads with the bias, in truth values.
  TruthSum in_truths(const std::vector<Read>& reads, double bias) const;
  /// "x3", and what it holds: a short name, "mean of a so far", "cleared" ...
  static std::string coordinate_name(const Place& place);
  std::string content(const Place& place) const;
  /// The shortest unambiguous name of what stands there, for use in sums.
  std::string operand(const Place& place) const;
};

/// Reads the weights. The file must be one that check_weights() and manifest_from_json() accept.
Network network_of(const Manifest& manifest, const arch::ModelFile& file);

}  // namespace yore::compiler
