#include <gtest/gtest.h>

#include "yore/logic/formula.h"

namespace yore::logic {
namespace {

class Simplify : public ::testing::Test {
 protected:
  FormulaGraph g;
  const NodeId a = g.letter(0), b = g.letter(1), c = g.letter(2);
  const NodeId yes = g.constant(true), no = g.constant(false);
};

TEST_F(Simplify, SharesEqualNodes) {
  EXPECT_EQ(g.letter(0), a);
  EXPECT_NE(a, b);
  EXPECT_EQ(g.conjunction({a, b}), g.conjunction({b, a, b}));
  EXPECT_EQ(g.before(a), g.before(a));
  EXPECT_NE(g.yesterday(a, 1), g.yesterday(a, 2));
  EXPECT_NE(g.since(a, b), g.since(b, a));
  const int size = g.size();
  g.disjunction({g.before(a), g.yesterday(a, 2)});
  EXPECT_EQ(g.size(), size + 1);
}

TEST_F(Simplify, Negation) {
  EXPECT_EQ(g.negation(g.negation(a)), a);
  EXPECT_EQ(g.negation(yes), no);
  EXPECT_EQ(g.negation(no), yes);
}

TEST_F(Simplify, ConjunctionAndDisjunction) {
  EXPECT_EQ(g.conjunction({}), yes);
  EXPECT_EQ(g.disjunction({}), no);
  EXPECT_EQ(g.conjunction({a}), a);
  EXPECT_EQ(g.conjunction({a, yes, a}), a);
  EXPECT_EQ(g.conjunction({a, no, b}), no);
  EXPECT_EQ(g.disjunction({a, no}), a);
  EXPECT_EQ(g.disjunction({a, yes}), yes);
  EXPECT_EQ(g.conjunction({a, g.negation(a)}), no);
  EXPECT_EQ(g.disjunction({g.negation(a), b, a}), yes);
  const NodeId nested = g.conjunction({a, g.conjunction({b, c})});
  EXPECT_EQ(nested, g.conjunction({a, b, c}));
  EXPECT_EQ(g.node(nested).args, (std::vector<NodeId>{a, b, c}));
  EXPECT_EQ(g.conjunction({a, g.disjunction({a, b})}), a);
  EXPECT_EQ(g.disjunction({a, g.conjunction({a, b})}), a);
  EXPECT_EQ(g.disjunction({a, b, g.conjunction({b, c})}), g.disjunction({a, b}));
}

TEST_F(Simplify, Temporal) {
  EXPECT_EQ(g.before(no), no);
  EXPECT_EQ(g.yesterday(no, 3), no);
  EXPECT_EQ(g.since(a, no), no);
  EXPECT_EQ(g.since(yes, a), g.before(a));
  EXPECT_EQ(g.since(no, a), g.yesterday(a));
  EXPECT_EQ(g.since(a, a), g.yesterday(a));
  EXPECT_EQ(g.since(a, yes), g.yesterday(yes));
  // Equal in meaning, but Y is not in the fragments LTL[P] and LTL[Y<=2].
  EXPECT_NE(g.before(yes), g.yesterday(yes));
  EXPECT_NE(g.yesterday(yes, 2), g.yesterday(yes));
}

TEST_F(Simplify, Sugar) {
  EXPECT_EQ(g.first(), g.negation(g.yesterday(yes)));
  EXPECT_EQ(g.implies(a, b), g.disjunction({g.negation(a), b}));
  EXPECT_EQ(g.iff(a, a), yes);
  EXPECT_EQ(g.iff(a, b), g.iff(b, a));
}

TEST(FormulaGraph, WithoutSimplificationNodesStayAsBuilt) {
  FormulaGraph g(false);
  const NodeId a = g.letter(0), b = g.letter(1), yes = g.constant(true);
  EXPECT_EQ(g.node(g.negation(g.negation(a))).op, Op::Not);
  EXPECT_EQ(g.node(g.conjunction({a, yes})).op, Op::And);
  EXPECT_EQ(g.node(g.conjunction({a, g.conjunction({a, b})})).args.size(), 2U);
  EXPECT_EQ(g.node(g.since(yes, a)).op, Op::Since);
  EXPECT_EQ(g.node(g.before(g.constant(false))).op, Op::Before);
  // The set of arguments is what a node is, so these are not rewritings.
  EXPECT_EQ(g.conjunction({a, a}), a);
  EXPECT_EQ(g.conjunction({b, a}), g.conjunction({a, b}));
}

TEST(FormulaGraph, LookbackMustBePositive) {
  FormulaGraph g;
  EXPECT_THROW(g.yesterday(g.letter(0), 0), std::invalid_argument);
}

TEST(FormulaGraph, ReachableNodesComeArgumentsFirst) {
  FormulaGraph g;
  const NodeId a = g.letter(0), b = g.letter(1);
  const NodeId root = g.disjunction({g.before(b), b});
  g.before(a);
  EXPECT_EQ(reachable_nodes(g, root), (std::vector<NodeId>{b, root - 1, root}));
}

}  // namespace
}  // namespace yore::logic
