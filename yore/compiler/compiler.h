// From a formula of past LTL to a transformer (or another model of this project, targets.h) that recognises
// its language: the weights are computed, not trained, and the result is an ordinary model of this project.
// docs/compiler.md derives what is used here.
//
// The passes, in their order, each in its file: validate (what cannot be built, and why), schedule (which
// block computes what), coordinates (where in the residual stream it stands), heads, pack (the weights).
// What they decide is a Plan that can be printed (explain.h) and is kept beside the weights (manifest.h), so
// that prove.h can check the weights without trusting the compiler.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "yore/arch/model_file.h"
#include "yore/arch/options.h"
#include "yore/compiler/dependence.h"
#include "yore/compiler/targets.h"
#include "yore/logic/formula.h"

namespace yore::compiler {

using logic::Formula;
using logic::FormulaGraph;
using logic::NodeId;

/// How a truth value is written in the residual stream.
enum class Encoding {
  ZeroOne,    ///< 0 and 1, no norm: every sum of truth values is an exact small integer
  PlusMinus,  ///< -1 and +1 under RMSNorm, which then divides by a constant
};

/// How attention computes "f held before" (P f, and Y<=k f for k > 1).
enum class Once {
  Sharp,    ///< one head a node, score c f(j): the output is 0, or close to 1
  Uniform,  ///< one head for all nodes of one reach, the mean of f: 0, or at least 1 / length
};

/// "0/1" and "+-1"; "sharp" and "uniform": as the command line and the manifest spell them.
const char* name(Encoding encoding);
const char* name(Once once);

struct CompileOptions {
  Encoding encoding = Encoding::ZeroOne;
  Once once = Once::Sharp;
  std::int64_t length = 4096;  ///< longest word, in letters, for which the weights are meant
  /// Whose weights: kAttentionMixer or one of recurrent_targets(), for which `once` and `length` say nothing.
  std::string mixer = kAttentionMixer;
  std::int64_t max_parameters = 100'000'000;
};

/// A subformula that no head can compute.
struct Obstacle {
  std::string subformula;
  std::string reason;
};
/// Everything in the formula that stands in the way of heads of attention; empty if they compute it.
std::vector<Obstacle> obstacles(const Formula& formula);
/// The formula without Y<=k for k > 1: Y (f | Y (f | ..)), as latches have it.
Formula without_lookbacks(const Formula& formula);

/// One term of a gate. The node has a coordinate of its own and is no negation.
struct Term {
  NodeId node = 0;
  int weight = 0;
  bool operator==(const Term&) const = default;
};

/// True where sum of weight * truth reaches the threshold; elsewhere the sum is at most threshold - 1.
struct Gate {
  std::vector<Term> terms;
  int threshold = 0;
};

/// How a feed-forward layer computes a node: the sum of gates of which at most one is true, or one minus it.
struct Form {
  std::vector<Gate> gates;
  bool complement = false;
};

/// One attention head.
struct Head {
  int lookback = 1;           ///< -1 = global
  bool sharp = false;         ///< scores follow the only node's argument; else they are all 0
  std::vector<NodeId> nodes;  ///< the Y, Y<=k and P nodes it computes, one value dimension each
};

/// A coordinate that is set back to false.
struct Clearing {
  int coordinate = 0;
  bool rounded = false;  ///< what stands there may be off its ideal by a rounding, to either side
};

/// One block: attention or another mixer, then the feed-forward net.
struct Block {
  std::vector<Head> heads;
  std::vector<NodeId> latches;     ///< of a recurrence: the Y, P and S nodes it computes, a head each
  std::vector<NodeId> thresholds;  ///< nodes that a uniform head left as a mean, made true or false here
  std::vector<NodeId> formed;      ///< And and Or nodes, by their Form
  std::vector<Clearing> cleared;   ///< coordinates set back to false for the next user
};

/// The stages of a node's life: 0 = embedding, 2b + 1 = attention of block b, 2b + 2 = its feed-forward net.
inline constexpr int kNever = -1;
/// The read-out says +-kLogit: sure enough, and not so sure that training from here has no gradient.
inline constexpr float kLogit = 4;
/// Why a recurrence has no encoding but 0/1.
inline constexpr const char* kNoNorm =
    "+-1 puts RMSNorm before every part, whose division rounds: a recurrence keeps what it is given for "
    "ever, and "
    "is exact at every length with 0/1 alone";
inline int attention_stage(int block) {
  return 2 * block + 1;
}
inline int mlp_stage(int block) {
  return 2 * block + 2;
}

/// What is computed where. Indexed by node: `stage`, `coordinate`, `mean`, `form`; kNever = not kept.
struct Machine;  // machine.h

struct Plan {
  /// Of delta steps, which compute an automaton: its letters, and a root that says nothing.
  Formula formula;
  std::shared_ptr<const Machine> machine;  ///< of delta steps; else null
  CompileOptions options;
  int period = 1;               ///< of the positions, which say i modulo it; 1 = there are none
  std::vector<int> stage;       ///< when the node's truth stands in its coordinate
  std::vector<int> coordinate;  ///< where
  std::vector<int> mean;        ///< coordinate of a uniform head's output, before its threshold
  std::vector<Form> form;       ///< of And and Or nodes that depend on the past
  std::vector<int> last_read;   ///< last stage that reads the node; one past the last block = the read-out
  std::vector<NodeId> cut;      ///< And and Or nodes that took more than one feed-forward net
  std::vector<Block> blocks;
  int width = 0, heads = 0, head_width = 0, mlp_width = 0;
  int one = kNever;  ///< the coordinate that is always true (encoding +-1, and recurrences)

  const logic::Node& node(NodeId id) const { return formula.graph.node(id); }
  bool recurrent() const { return options.mixer != kAttentionMixer; }
  /// Stage of the read-out.
  int end() const { return 2 * static_cast<int>(blocks.size()) + 1; }
  arch::ModelOptions config() const;
  /// The same in full.
  arch::Model model() const;
  std::int64_t parameters() const;
};

/// The node without the negations around it, and whether their number is odd.
struct Literal {
  NodeId node = 0;
  bool negated = false;
};
Literal literal(const FormulaGraph& graph, NodeId id);
/// f S g as a latch has it, with P g = true S g and Y g = false S g. nullopt: true or false of everywhere.
struct Since {
  std::optional<NodeId> hold;
  bool always = false;  ///< without `hold`: what stands in its place
  NodeId target = 0;
};
/// Of a Y (not Y<=k for k > 1), P or S node.
Since as_since(const logic::Node& node);

inline bool is_constant(const logic::Node& node) {
  return node.op == logic::Op::True || node.op == logic::Op::False;
}
inline bool is_temporal(const logic::Node& node) {
  return logic::is_temporal(node.op);
}
/// Whether it is computed by a mean over more than one position: P, and Y<=k for k > 1.
inline bool is_once(const logic::Node& node) {
  return node.op == logic::Op::Before || (node.op == logic::Op::Yesterday && node.value > 1);
}

/// The passes. plan() runs the first four; throws InputError("formula") with the obstacles or where the
/// periods of its positions have none in common, and BudgetError("max-parameters").
Plan plan(const Formula& formula, const CompileOptions& options);
/// Fills stage, form, cut and the blocks' nodes.
void schedule(Plan& plan);
/// The formula with these And and Or nodes told by cases of their newest temporal operators, so that one net
/// forms each from what older operators left for it; nodes for which that is too large stay as they are.
Formula expanded(const Formula& formula, const std::vector<NodeId>& junctions);
/// Fills heads and head_width.
void assign_heads(Plan& plan);
/// Fills coordinate, mean, cleared, width and mlp_width.
void assign_coordinates(Plan& plan);
/// The model. `language` is its specification; the manifest goes into ModelFile::compiled.
arch::ModelFile pack(const Plan& plan, const std::string& language);

}  // namespace yore::compiler
