// Past LTL with strict operators, as shared graphs. A formula is read at end of string (EOS, the position
// after the last letter, where no letter holds); position i sees the strictly earlier positions 0..i-1.
//
//   P f      f held at some strictly earlier position
//   Y f      f held at the previous position (false at the first)
//   Y<=k f   f held at one of the previous k positions
//   f S g    strict since: g held at some earlier position, and f at every position strictly between
//   Z f      !Y !f: f held at the previous position, or there is none
//   O f      f | P f: once, now included
//   H f      !O !f: historically, now included
//   first    !Y true
//   pos=r/m  the position, counted from 0, leaves r when it is divided by m; EOS stands at the word's length.
//            What a model knows whose positions tell i mod m; the other operators cannot say it.
//
// Syntax, loosest first: `let x = f in g` (any number of lets in a row), <-> (left), -> (right), |, &,
// S (right), prefix ! P Y Y<=k Z O H. Atoms: letters, names bound by let, true, false, first, pos=r/m, ( f ).
// A letter is a bare word of ASCII letters, digits and _, a single other character that is no sign of the
// syntax, or 'quoted'. Letters spelled like a keyword must be quoted; so must those like Pa or YYb when no
// alphabet is given, since P a and Y Y b were surely meant. A name bound by let hides a letter of the same
// spelling (the quoted letter is still the letter).
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
  False,      ///< holds nowhere
  True,       ///< holds everywhere, EOS included
  Letter,     ///< value = symbol
  Not,        ///< one argument
  And,        ///< two or more arguments, sorted, distinct
  Or,         ///< two or more arguments, sorted, distinct
  Before,     ///< P
  Yesterday,  ///< Y<=k, value = k >= 1
  Since,      ///< args = {hold, target}: hold S target
  Position,   ///< value = residue_value(r, m), m >= 2: the position leaves r modulo m
};

/// The largest m of a pos=r/m.
inline constexpr int kMaxPeriod = 1024;
/// r and m of a Position node, in its value and back.
constexpr std::int32_t residue_value(int residue, int period) {
  return period * (kMaxPeriod + 1) + residue;
}
constexpr int period_of(std::int32_t value) {
  return value / (kMaxPeriod + 1);
}
constexpr int residue_of(std::int32_t value) {
  return value % (kMaxPeriod + 1);
}

/// Whether its value depends on earlier positions: P, Y<=k or S.
constexpr bool is_temporal(Op op) {
  return op == Op::Before || op == Op::Yesterday || op == Op::Since;
}

struct Node {
  Op op;
  std::int32_t value = 0;
  std::vector<NodeId> args;
  bool operator==(const Node&) const = default;
};

/// An arena of formula nodes in which arguments precede their users and equal nodes are one node. The
/// builders simplify by sound local rules: constants dropped, duplicates and complements absorbed, nested
/// And/Or flattened, a & (a | b) = a, and S replaced where it says no more than P or Y. No rule needs a
/// stronger operator or a smaller k than the formula has.
class FormulaGraph {
 public:
  /// With simplify = false nodes are only shared, never rewritten (for tests of the rewriting).
  explicit FormulaGraph(bool simplify = true) : simplify_(simplify) {}

  NodeId constant(bool value);
  NodeId letter(Symbol s);
  NodeId negation(NodeId f);
  NodeId conjunction(std::vector<NodeId> fs);  ///< empty = true
  NodeId disjunction(std::vector<NodeId> fs);  ///< empty = false
  NodeId before(NodeId f);
  NodeId yesterday(NodeId f, int within = 1);  ///< Y<=within; std::invalid_argument if within < 1
  NodeId since(NodeId hold, NodeId target);
  /// pos=residue/period; true for period 1. std::invalid_argument unless 0 <= residue < period <= kMaxPeriod.
  NodeId position(int residue, int period);
  /// True at the first position only (at EOS: for the empty word).
  NodeId first() { return negation(yesterday(constant(true))); }
  NodeId implies(NodeId f, NodeId g) { return disjunction({negation(f), g}); }
  NodeId iff(NodeId f, NodeId g);

  /// A node; the reference holds until the next one is built.
  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  int size() const { return static_cast<int>(nodes_.size()); }

 private:
  NodeId intern(Node node);
  NodeId junction(Op op, std::vector<NodeId> fs);
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

/// The nodes reachable from `root`, arguments before their users.
std::vector<NodeId> reachable_nodes(const FormulaGraph& graph, NodeId root);

/// Sizes and depths of what is reachable from the root.
struct FormulaMeasure {
  int nodes = 0;            ///< shared nodes
  double tree_nodes = 0;    ///< nodes when written without sharing (may be astronomically large)
  int depth = 0;            ///< temporal nesting depth, all operators
  int depth_before = 0;     ///< nesting depth counting P only
  int depth_yesterday = 0;  ///< nesting depth counting Y and Y<=k only
  int depth_since = 0;      ///< nesting depth counting S only
  bool uses_before = false, uses_yesterday = false, uses_since = false;
  int largest_lookback = 0;    ///< largest k of a Y<=k
  bool uses_position = false;  ///< some pos=r/m
};
FormulaMeasure measure(const Formula& formula);

/// The name of the smallest fragment of the syntax it uses: "LTL[]", "LTL[P]", "LTL[Y]", "LTL[Y<=3]",
/// "LTL[P,Y]", "LTL[P,Y,S]", "LTL[P,MOD_2]" (with pos=r/2) ...
std::string fragment(const Formula& formula);

/// Parses. Without an alphabet it is inferred (the letters that occur, sorted). Throws InputError ("formula")
/// with the position: syntax, letters outside the alphabet, k < 1, a formula without letters and no alphabet
/// given, parentheses or definitions nested deeper than 1,000 levels.
Formula parse_formula(std::string_view text, const std::optional<Alphabet>& alphabet = std::nullopt,
                      bool simplify = true);

/// Text that parses back to an equal formula, by structure alone: equal formulas print alike. Written flat
/// while the tree has at most `flat_limit` nodes or not twice as many as the graph; beyond, shared parts are
/// named with let, so that the length stays linear in the graph. Parts that nest very deeply are named in any
/// case, so that the text stays within what parse_formula accepts.
std::string format_formula(const Formula& formula, int flat_limit = 60);

/// Truth of every node at every position: value[node][i], i = 0..word.size() (the last is EOS). Linear time a
/// node, whatever the k of a Y<=k.
std::vector<std::vector<char>> evaluate_all(const FormulaGraph& graph, const Word& word);
/// Truth of the root at EOS, by evaluate_all.
bool accepts(const Formula& formula, const Word& word);
/// Truth at EOS straight from the definition of each operator, quantifiers and all. Exponential: the oracle.
/// Throws std::invalid_argument for graphs too deep to recurse through (5,000 levels).
bool accepts_by_definition(const Formula& formula, const Word& word);

}  // namespace yore::logic
