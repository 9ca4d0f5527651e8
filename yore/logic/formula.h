// Past LTL with strict operators, as shared graphs. A formula is read at end of string (EOS, the position after the
// last letter, where no letter holds); position i sees the strictly earlier positions 0..i-1.
//
//   P f       f held at some strictly earlier position              Y f     f held at the previous position (false at the first)
//   Y<=k f    f held at one of the previous k positions             Z f     !Y !f: true at the first position
//   f S g     strict since: g held at some earlier j and f at every position strictly between j and now
//   O f       f | P f (once, now included)    H f    !O !f (historically, now included)     first   !Y true
//
// Syntax, loosest first: `let x = f in g`, <->, -> (right), |, &, S (right), unary ! P Y Y<=k Z O H; atoms: letters
// (bare words or 'quoted'), true, false, first, ( f ). A letter spelled like a keyword must be quoted.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "yore/logic/alphabet.h"

namespace yore::logic {

using NodeId = std::int32_t;

enum class Op : std::uint8_t {
  False, True,
  Letter,     ///< value = symbol
  Not,        ///< one argument
  And, Or,    ///< two or more arguments, sorted, distinct
  Before,     ///< P
  Yesterday,  ///< Y<=k, value = k >= 1
  Since,      ///< args = {hold, target}: hold S target
};

struct Node {
  Op op;
  std::int32_t value = 0;
  std::vector<NodeId> args;
  bool operator==(const Node&) const = default;
};

/// An arena of formula nodes in which arguments precede their users and equal nodes are one node. The builders
/// simplify by sound local rules: constants dropped, duplicates and complements absorbed, nested And/Or flattened.
class FormulaGraph {
 public:
  /// With simplify = false nodes are only shared, never rewritten (for tests of the rewriting).
  explicit FormulaGraph(bool simplify = true) : simplify_(simplify) {}

  NodeId constant(bool value);
  NodeId letter(Symbol s);
  NodeId negation(NodeId f);
  NodeId conjunction(std::vector<NodeId> fs);   ///< empty = true
  NodeId disjunction(std::vector<NodeId> fs);   ///< empty = false
  NodeId before(NodeId f);
  NodeId yesterday(NodeId f, int within = 1);
  NodeId since(NodeId hold, NodeId target);
  NodeId first() { return negation(yesterday(constant(true))); }
  NodeId implies(NodeId f, NodeId g) { return disjunction({negation(f), g}); }
  NodeId iff(NodeId f, NodeId g);

  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  int size() const { return static_cast<int>(nodes_.size()); }

 private:
  NodeId intern(Node node);
  bool simplify_;
  std::vector<Node> nodes_;
  std::unordered_map<std::uint64_t, std::vector<NodeId>> by_hash_;
};

/// One formula: a graph, its root, and the alphabet its letters index.
struct Formula {
  FormulaGraph graph;
  NodeId root = 0;
  Alphabet alphabet;
};

/// Sizes and depths of what is reachable from the root.
struct FormulaMeasure {
  int nodes = 0;           ///< shared nodes
  double tree_nodes = 0;   ///< nodes when written without sharing (may be astronomically large)
  int depth = 0;           ///< temporal nesting depth, all operators
  int depth_before = 0;    ///< nesting depth counting P only
  int depth_yesterday = 0; ///< nesting depth counting Y and Y<=k only
  int depth_since = 0;
  bool uses_before = false, uses_yesterday = false, uses_since = false;
  int largest_lookback = 0;///< largest k of a Y<=k
};
FormulaMeasure measure(const Formula& formula);

/// The name of the smallest fragment of the syntax it uses: "LTL[]", "LTL[P]", "LTL[Y]", "LTL[Y<=3]", "LTL[P,Y]", "LTL[P,Y,S]" ...
std::string fragment(const Formula& formula);

/// Parses. Without an alphabet it is inferred (the letters that occur, sorted). Throws InputError ("formula") with the
/// position: syntax, letters outside the alphabet, k < 1, a formula without letters and no alphabet given.
Formula parse_formula(std::string_view text, const std::optional<Alphabet>& alphabet = std::nullopt, bool simplify = true);

/// Text that parses back to an equal formula. Written flat while the tree has at most `flat_limit` nodes or not
/// twice as many as the graph; beyond, shared parts are named with let, so that the length stays linear in the graph.
std::string format_formula(const Formula& formula, int flat_limit = 60);

/// Truth of every node at every position: value[node][i], i = 0..word.size() (the last is EOS). Linear time a node (k-fold for Y<=k).
std::vector<std::vector<char>> evaluate_all(const FormulaGraph& graph, const Word& word);
/// Truth of the root at EOS, by evaluate_all.
bool accepts(const Formula& formula, const Word& word);
/// Truth at EOS straight from the definition of each operator, quantifiers and all. Exponential: the oracle.
bool accepts_by_definition(const Formula& formula, const Word& word);

}  // namespace yore::logic
