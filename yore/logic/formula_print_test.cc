#include <gtest/gtest.h>

#include "yore/base/random.h"
#include "yore/logic/formula.h"

namespace yore::logic {
namespace {

TEST(FormulaPrint, Table) {
  const std::pair<const char*, const char*> kTable[] = {
      {"a", "a"},
      {"b&a", "a & b"},
      {"(a)", "a"},
      {"true", "true"},
      {"a & !a", "false"},
      {"! a", "!a"},
      {"P(a)", "P a"},
      {"Y <= 3 a", "Y<=3 a"},
      {"Y<=1 a", "Y a"},
      {"!Y true", "first"},
      {"!Y<=2 true", "!Y<=2 true"},
      {"Z a", "Z a"},
      {"!Y !a", "Z a"},
      {"!Y a", "!Y a"},
      {"O a", "O a"},
      {"P a | a", "O a"},
      {"P a | b", "b | P a"},
      {"H a", "H a"},
      {"H (a | b)", "H (a | b)"},
      {"H !a", "!O a"},
      {"a S b", "a S b"},
      {"a S (b S c)", "a S (b S c)"},
      {"(a S b) S c", "(a S b) S c"},
      {"a & (b | c)", "a & (b | c)"},
      {"(a & b) | c", "c | a & b"},
      {"(a | b) S (a & c)", "(a | b) S (a & c)"},
      {"!(a | b)", "!(a | b)"},
      {"P (a S b)", "P (a S b)"},
      {"P !Y (a & b)", "P !Y (a & b)"},
      {"a S b & c", "c & a S b"},
      {"a -> b", "b | !a"},
      {"Y a & Y<=2 a & P a & !a & a S b", "!a & P a & Y a & Y<=2 a & a S b"},
  };
  const Alphabet alphabet = Alphabet::parse("abc");
  for (const auto& [text, expected] : kTable)
    EXPECT_EQ(format_formula(parse_formula(text, alphabet)), expected) << text;
}

TEST(FormulaPrint, LettersThatNeedQuotes) {
  const Alphabet alphabet({"P", "let", "it's", "Pa", "-", "é", "open", "+", "a", "=", "x-y", "éé"});
  std::string printed;
  for (Symbol s = 0; s < alphabet.size(); ++s) {
    Formula formula{FormulaGraph(), 0, alphabet};
    formula.root = formula.graph.letter(s);
    const std::string text = format_formula(formula);
    printed += text + " ";
    const Formula again = parse_formula(text, alphabet);
    EXPECT_EQ(again.graph.node(again.root), formula.graph.node(formula.root)) << text;
    // Also read without the alphabet it is that letter.
    EXPECT_EQ(parse_formula(text).alphabet.names(), std::vector{alphabet.name(s)});
  }
  EXPECT_EQ(printed, "'P' 'let' 'it\\'s' 'Pa' '-' é open + a '=' 'x-y' 'éé' ");
}

TEST(FormulaPrint, EqualFormulasPrintAlikeWhateverTheOrderOfBuilding) {
  const Alphabet alphabet = Alphabet::parse("abc");
  const std::string one = format_formula(parse_formula("P (a & Y b) | Y (c S a) | c & Y a", alphabet));
  const std::string two =
      format_formula(parse_formula("(let x = Y a in c & x) | Y (c S a) | P (Y b & a)", alphabet));
  EXPECT_EQ(one, two);
}

TEST(FormulaPrint, SharedPartsAreNamedOnceTheTreeIsLarge) {
  const Alphabet alphabet = Alphabet::parse("ab");
  Formula f{FormulaGraph(), 0, alphabet};
  NodeId x = f.graph.since(f.graph.letter(0), f.graph.letter(1));
  for (int k = 0; k < 3; ++k) x = f.graph.since(f.graph.before(x), f.graph.yesterday(x));
  f.root = x;
  EXPECT_EQ(format_formula(f, 1000),
            "P (P (P (a S b) S Y (a S b)) S Y (P (a S b) S Y (a S b))) S "
            "Y (P (P (a S b) S Y (a S b)) S Y (P (a S b) S Y (a S b)))");
  EXPECT_EQ(format_formula(f, 10), "let x1 = P (a S b) S Y (a S b) in let x2 = P x1 S Y x1 in P x2 S Y x2");
  // Names that no letter has.
  f.alphabet = Alphabet({"x1", "x_7"});
  EXPECT_TRUE(format_formula(f, 10).starts_with("let x__1 = "));
}

// A formula that is deep, shared, or both, must be read back; its text must stay linear in the graph.
void expect_round_trip(const Formula& formula) {
  const FormulaMeasure before = measure(formula);
  const std::string text = format_formula(formula);
  EXPECT_LT(text.size(), 40U * static_cast<std::size_t>(before.nodes) + 100);
  const Formula again = parse_formula(text, formula.alphabet);
  const FormulaMeasure after = measure(again);
  EXPECT_EQ(after.nodes, before.nodes);
  EXPECT_EQ(after.tree_nodes, before.tree_nodes);
  EXPECT_EQ(after.depth, before.depth);
  EXPECT_EQ(format_formula(again), text);
}

TEST(FormulaPrint, DeepChainsReadBack) {
  Formula f{FormulaGraph(), 0, Alphabet::parse("ab")};
  f.root = f.graph.letter(0);
  for (int k = 0; k < 5000; ++k) f.root = f.graph.yesterday(f.graph.conjunction({f.root, f.graph.letter(1)}));
  expect_round_trip(f);
}

TEST(FormulaPrint, DeepSharingReadsBack) {
  Formula f{FormulaGraph(), 0, Alphabet::parse("ab")};
  f.root = f.graph.letter(0);
  for (int k = 0; k < 2000; ++k) f.root = f.graph.since(f.graph.before(f.root), f.graph.yesterday(f.root, 2));
  expect_round_trip(f);
}

TEST(FormulaPrint, RandomGraphsReadBack) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    base::Random random(seed);
    Formula f{FormulaGraph(), 0, Alphabet::parse("abc")};
    std::vector<NodeId> pool{f.graph.letter(0), f.graph.letter(1), f.graph.letter(2), f.graph.constant(true)};
    const auto pick = [&] {
      return pool[pool.size() - 1 - random.below(std::min<std::size_t>(pool.size(), 8))];
    };
    const int steps = 5 + static_cast<int>(random.below(120));
    for (int k = 0; k < steps; ++k) {
      switch (random.below(7)) {
        case 0:
          pool.push_back(f.graph.negation(pick()));
          break;
        case 1:
          pool.push_back(f.graph.conjunction({pick(), pick(), pick()}));
          break;
        case 2:
          pool.push_back(f.graph.disjunction({pick(), pick()}));
          break;
        case 3:
          pool.push_back(f.graph.before(pick()));
          break;
        case 4:
          pool.push_back(f.graph.yesterday(pick(), 1 + static_cast<int>(random.below(3))));
          break;
        case 5:
          pool.push_back(f.graph.since(pick(), pick()));
          break;
        default:
          pool.push_back(f.graph.iff(pick(), pick()));
          break;
      }
    }
    f.root = pool.back();
    const FormulaMeasure before = measure(f);
    for (const int flat_limit : {0, 60}) {
      const std::string text = format_formula(f, flat_limit);
      const Formula again = parse_formula(text, f.alphabet);
      ASSERT_EQ(measure(again).nodes, before.nodes) << text;
      ASSERT_EQ(measure(again).tree_nodes, before.tree_nodes) << text;
      ASSERT_EQ(format_formula(again, flat_limit), text);
      for (const Word& word : {Word{}, Word{0, 1}, Word{2, 1, 1, 0}, Word{0, 0, 1, 2, 1, 0, 2}})
        ASSERT_EQ(accepts(again, word), accepts(f, word)) << text;
    }
  }
}

}  // namespace
}  // namespace yore::logic
