// All formulas up to a size over {a, b}, all words up to length 6: the sweep against the definition,
// simplified against unsimplified, printed against read back. Then all short strings of tokens through the
// parser.
#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/logic/formula.h"
#include "yore/logic/small_worlds_test.h"

namespace yore::logic {
namespace {

struct Tree {
  enum Kind { A, B, True, False, Not, Before, Yesterday, Within2, And, Or, Since } kind;
  const Tree* left = nullptr;
  const Tree* right = nullptr;
};

// All trees with exactly 1, 2 .. `max_size` nodes; the inner vectors never grow after use, so pointers hold.
std::vector<std::vector<Tree>> formula_trees(std::size_t max_size) {
  std::vector<std::vector<Tree>> of(max_size + 1);
  of[1] = {{Tree::A}, {Tree::B}, {Tree::True}, {Tree::False}};
  for (std::size_t size = 2; size <= max_size; ++size) {
    for (const Tree& child : of[size - 1])
      for (const auto kind : {Tree::Not, Tree::Before, Tree::Yesterday, Tree::Within2})
        of[size].push_back({kind, &child});
    for (std::size_t left = 1; left + 1 < size; ++left)
      for (const Tree& a : of[left])
        for (const Tree& b : of[size - 1 - left])
          for (const auto kind : {Tree::And, Tree::Or, Tree::Since}) of[size].push_back({kind, &a, &b});
  }
  return of;
}

NodeId build(FormulaGraph& g, const Tree& t) {
  switch (t.kind) {
    case Tree::A:
      return g.letter(0);
    case Tree::B:
      return g.letter(1);
    case Tree::True:
      return g.constant(true);
    case Tree::False:
      return g.constant(false);
    case Tree::Not:
      return g.negation(build(g, *t.left));
    case Tree::Before:
      return g.before(build(g, *t.left));
    case Tree::Yesterday:
      return g.yesterday(build(g, *t.left));
    case Tree::Within2:
      return g.yesterday(build(g, *t.left), 2);
    default:
      break;
  }
  const NodeId left = build(g, *t.left), right = build(g, *t.right);
  return t.kind == Tree::And  ? g.conjunction({left, right})
         : t.kind == Tree::Or ? g.disjunction({left, right})
                              : g.since(left, right);
}

Formula formula_of(const Tree& tree, bool simplify) {
  Formula f{FormulaGraph(simplify), 0, Alphabet::parse("ab")};
  f.root = build(f.graph, tree);
  return f;
}

// The formula's root after building it again, node by node, in a graph that rewrites nothing.
NodeId copy_into(FormulaGraph& target, const Formula& f) {
  std::vector<NodeId> copy(static_cast<std::size_t>(f.graph.size()));
  for (const NodeId id : reachable_nodes(f.graph, f.root)) {
    const Node& node = f.graph.node(id);
    std::vector<NodeId> args;
    for (const NodeId arg : node.args) args.push_back(copy[static_cast<std::size_t>(arg)]);
    NodeId& out = copy[static_cast<std::size_t>(id)];
    switch (node.op) {
      case Op::False:
      case Op::True:
        out = target.constant(node.op == Op::True);
        break;
      case Op::Letter:
        out = target.letter(node.value);
        break;
      case Op::Position:
        out = target.position(residue_of(node.value), period_of(node.value));
        break;
      case Op::Not:
        out = target.negation(args[0]);
        break;
      case Op::And:
        out = target.conjunction(args);
        break;
      case Op::Or:
        out = target.disjunction(args);
        break;
      case Op::Before:
        out = target.before(args[0]);
        break;
      case Op::Yesterday:
        out = target.yesterday(args[0], node.value);
        break;
      case Op::Since:
        out = target.since(args[0], args[1]);
        break;
    }
  }
  return copy[static_cast<std::size_t>(f.root)];
}

void expect_round_trip(const Formula& f, bool simplify) {
  for (const int flat_limit : {0, 60}) {
    const std::string text = format_formula(f, flat_limit);
    const Formula again = parse_formula(text, f.alphabet, simplify);
    FormulaGraph both(false);
    ASSERT_EQ(copy_into(both, again), copy_into(both, f)) << text;
    ASSERT_EQ(format_formula(again, flat_limit), text);
  }
}

void check_all(const std::vector<Tree>& of_size, const std::vector<Word>& words, std::size_t stride = 1) {
  for (std::size_t k = 0; k < of_size.size(); k += stride) {
    const Tree& tree = of_size[k];
    const Formula plain = formula_of(tree, false), simplified = formula_of(tree, true);
    ASSERT_LE(measure(simplified).nodes, measure(plain).nodes) << format_formula(plain);
    ASSERT_NO_FATAL_FAILURE(expect_round_trip(plain, false));
    ASSERT_NO_FATAL_FAILURE(expect_round_trip(simplified, true));
    for (const Word& word : words) {
      const bool truth = accepts_by_definition(plain, word);
      ASSERT_EQ(accepts(plain, word), truth) << format_formula(plain);
      ASSERT_EQ(accepts(simplified, word), truth) << format_formula(plain);
    }
  }
}

TEST(FormulaExhaustive, UpToFiveNodesOnWordsUpToSix) {
  const auto all = formula_trees(5);
  EXPECT_EQ(all[5].size(), 6784U);
  for (std::size_t size = 1; size <= 5; ++size) check_all(all[size], all_words(2, 6), size < 5 ? 1 : kStride);
}

TEST(FormulaExhaustive, SixNodesOnWordsUpToThree) {
  const auto all = formula_trees(6);
  EXPECT_EQ(all[6].size(), 57856U);
  check_all(all[6], all_words(2, 3), kStride);
}

// Every short sequence of tokens: an InputError that points into the text, or a formula that survives
// printing.
TEST(FormulaExhaustive, AllShortTokenStrings) {
  const std::vector<std::string> tokens{"a",  "b",    "!", "P ", "Y ",   "Y<=2 ", "Z ",
                                        "O ", "H ",   "S", "&",  "|",    "->",    "(",
                                        ")",  "let ", "x", "=",  " in ", "true",  "'P'"};
  int accepted = 0, refused = 0;
  for (const Word& word : all_words(static_cast<int>(tokens.size()), 4)) {
    std::string text;
    for (const Symbol s : word) text += tokens[static_cast<std::size_t>(s)];
    try {
      const Formula f = parse_formula(text);
      ASSERT_NO_FATAL_FAILURE(expect_round_trip(f, true)) << text;
      ++accepted;
    } catch (const base::InputError& error) {
      ASSERT_TRUE(error.position().has_value() && *error.position() <= text.size()) << text;
      ++refused;
    }
  }
  EXPECT_GT(accepted, 2000);
  EXPECT_GT(refused, 100000);
}

}  // namespace
}  // namespace yore::logic
