#include <gtest/gtest.h>

#include "yore/logic/formula.h"

namespace yore::logic {
namespace {

TEST(FormulaMeasure, CountsAndDepths) {
  const Formula f = parse_formula("P (a & Y P b) | Y<=3 (b S Y a) | P (a & Y P b) & b");
  const FormulaMeasure m = measure(f);
  // a, b, P b, Y P b, the conjunction and its P (shared), Y a, S, Y<=3, the root's two disjuncts (one
  // absorbed).
  EXPECT_EQ(m.nodes, 10);
  EXPECT_EQ(m.tree_nodes, 12);
  EXPECT_EQ(m.depth, 3);
  EXPECT_EQ(m.depth_before, 2);
  EXPECT_EQ(m.depth_yesterday, 2);
  EXPECT_EQ(m.depth_since, 1);
  EXPECT_TRUE(m.uses_before && m.uses_yesterday && m.uses_since);
  EXPECT_EQ(m.largest_lookback, 3);
  // The largest, wherever it stands.
  EXPECT_EQ(measure(parse_formula("Y Y<=4 Y<=2 a")).largest_lookback, 4);
}

TEST(FormulaMeasure, TreeSizeMayBeAstronomical) {
  FormulaGraph g;
  NodeId f = g.letter(0);
  for (int k = 0; k < 200; ++k) f = g.since(g.before(f), g.yesterday(f));
  const FormulaMeasure m = measure({g, f, Alphabet::parse("a")});
  EXPECT_EQ(m.nodes, 601);
  EXPECT_GT(m.tree_nodes, 1e60);
  EXPECT_EQ(m.depth, 400);
}

TEST(FormulaMeasure, OnlyWhatIsReachableCounts) {
  FormulaGraph g;
  const NodeId a = g.letter(0);
  g.since(g.before(a), g.letter(1));
  const FormulaMeasure m = measure({g, a, Alphabet::parse("ab")});
  EXPECT_EQ(m.nodes, 1);
  EXPECT_FALSE(m.uses_since || m.uses_before);
}

TEST(FormulaMeasure, Fragment) {
  const std::pair<const char*, const char*> kTable[] = {
      {"a | !b", "LTL[]"},     {"P a", "LTL[P]"},           {"O a", "LTL[P]"},
      {"first & a", "LTL[Y]"}, {"Z a", "LTL[Y]"},           {"Y<=3 a", "LTL[Y<=3]"},
      {"P Y a", "LTL[P,Y]"},   {"Y<=2 Y a", "LTL[Y,Y<=2]"}, {"P a & (a S b) & Y a", "LTL[P,Y,S]"},
      {"a S b", "LTL[S]"},     {"true S b", "LTL[P]"},      {"P a & Y<=4 b & Y<=2 b", "LTL[P,Y<=2,Y<=4]"},
  };
  for (const auto& [text, expected] : kTable)
    EXPECT_EQ(fragment(parse_formula(text, Alphabet::parse("ab"))), expected) << text;
}

}  // namespace
}  // namespace yore::logic
