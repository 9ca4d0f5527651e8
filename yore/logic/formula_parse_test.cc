#include <fmt/format.h>
#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/logic/formula.h"
#include "yore/logic/small_worlds_test.h"

namespace yore::logic {
namespace {

// The tree in prefix notation, independent of format_formula; arguments in the order of building.
std::string shape(const Formula& formula, NodeId id) {
  const Node& node = formula.graph.node(id);
  const auto with = [&](const std::string& op) {
    std::string out = fmt::format("({}", op);
    for (const NodeId arg : node.args) out += fmt::format(" {}", shape(formula, arg));
    return out += ")";
  };
  switch (node.op) {
    case Op::False:
      return "0";
    case Op::True:
      return "1";
    case Op::Letter:
      return formula.alphabet.name(node.value);
    case Op::Position:
      return fmt::format("{}/{}", residue_of(node.value), period_of(node.value));
    case Op::Not:
      return with("!");
    case Op::And:
      return with("&");
    case Op::Or:
      return with("|");
    case Op::Before:
      return with("P");
    case Op::Yesterday:
      return with(fmt::format("Y{}", node.value));
    case Op::Since:
      return with("S");
  }
  return "?";
}
std::string shape(const char* text, const std::optional<Alphabet>& alphabet, bool simplify = false) {
  const Formula formula = parse_formula(text, alphabet, simplify);
  return shape(formula, formula.root);
}

TEST(FormulaParse, Shapes) {
  const Alphabet alphabet = Alphabet::parse("abc");
  const std::pair<const char*, const char*> kTable[] = {
      {"a", "a"},
      {"true", "1"},
      {"false", "0"},
      {"first", "(! (Y1 1))"},
      {"!a", "(! a)"},
      {"! !a", "(! (! a))"},
      {"P a", "(P a)"},
      {"Y a", "(Y1 a)"},
      {"Y<=1 a", "(Y1 a)"},
      {"Y<=3 a", "(Y3 a)"},
      {"Y <= 3 a", "(Y3 a)"},
      {"Z a", "(! (Y1 (! a)))"},
      {"O a", "(| a (P a))"},
      {"H a", "(! (| (! a) (P (! a))))"},
      {"P Y !a", "(P (Y1 (! a)))"},
      {"a & b & c", "(& a b c)"},
      {"(a & b) & c", "(& c (& a b))"},
      {"a | b | c", "(| a b c)"},
      {"a | b & c", "(| a (& b c))"},
      {"a & b | c", "(| c (& a b))"},
      {"a & b S c", "(& a (S b c))"},
      {"a S b & c", "(& c (S a b))"},
      {"a S b S c", "(S a (S b c))"},
      {"(a S b) S c", "(S (S a b) c)"},
      {"P a S b", "(S (P a) b)"},
      {"P (a S b)", "(P (S a b))"},
      {"!a S !b", "(S (! a) (! b))"},
      {"a -> b", "(| b (! a))"},
      {"a -> b -> c", "(| (| c (! b)) (! a))"},
      {"(a -> b) -> c", "(| c (! (| b (! a))))"},
      {"a | b -> c", "(| c (! (| a b)))"},
      {"a <-> b", "(& (| b (! a)) (| a (! b)))"},
      {"let x = P a in x", "(P a)"},
      {"let x = a in let y = P x in y & b", "(& b (P a))"},
      {"let x = let y = a in P y in Y x", "(Y1 (P a))"},
      {"(let x = a in P x) & b", "(& b (P a))"},
      {"let x = a | b in !x", "(! (| a b))"},
      {"let x = a in (let x = b in P x) & x", "(& a (P b))"},
      {"let a = P b in a & 'a'", "(& a (P b))"},
      {"let c = a in P c", "(P a)"},
      {"'a'&'b'", "(& a b)"},
      {"a\n&\tb\r\n", "(& a b)"},
      {"!(a)", "(! a)"},
      {"!P(a)", "(! (P a))"},
  };
  for (const auto& [text, expected] : kTable) {
    // Arguments of & and | are sorted by age; the prefix builds the letters first, in order.
    const std::string with_letters = std::string("let all = a & b & c in ") + text;
    EXPECT_EQ(shape(with_letters.c_str(), alphabet), expected) << text;
  }
}

TEST(FormulaParse, IffLeansLeftAndImpliesBindsTighter) {
  const Alphabet alphabet = Alphabet::parse("abc");
  EXPECT_EQ(shape("a <-> b <-> c", alphabet), shape("(a <-> b) <-> c", alphabet));
  EXPECT_NE(shape("a <-> b <-> c", alphabet), shape("a <-> (b <-> c)", alphabet));
  EXPECT_EQ(shape("a -> b <-> b -> a", alphabet), shape("(a -> b) <-> (b -> a)", alphabet));
}

TEST(FormulaParse, LetterSpellings) {
  const Alphabet alphabet({"P", "S", "true", "open", "é", "+", "0", "x_1", "it's", "-", "Pa"});
  const std::pair<const char*, const char*> kTable[] = {
      {"'P' S 'S'", "(S P S)"}, {"'true'", "true"},   {"P open", "(P open)"}, {"éSé", "(S é é)"},
      {"P é", "(P é)"},         {"Pé", "(P é)"},      {"!+", "(! +)"},        {"0", "0"},
      {"x_1", "x_1"},           {"'it\\'s'", "it's"}, {"'-'", "-"},           {"Pa", "Pa"},
  };
  for (const auto& [text, expected] : kTable) EXPECT_EQ(shape(text, alphabet), expected) << text;
}

TEST(FormulaParse, InfersTheAlphabet) {
  using Names = std::vector<std::string>;
  const auto names = [](const char* text) { return parse_formula(text).alphabet.names(); };
  EXPECT_EQ(names("P (b & Y a)"), (Names{"a", "b"}));
  EXPECT_EQ(names("open S 'P'"), (Names{"P", "open"}));
  EXPECT_EQ(names("let x = b in a"), (Names{"a", "b"}));
  EXPECT_EQ(names("'Pa' | Open | λ"), (Names{"Open", "Pa", "λ"}));
  EXPECT_EQ(names("a & false"), (Names{"a"}));
}

TEST(FormulaParse, Errors) {
  struct Case {
    const char* text;
    std::size_t position;
    const char* part;
  };
  const Case kTable[] = {
      {"", 0, "the formula is empty"},
      {"  ", 2, "the formula is empty"},
      {"a b", 2, "expected an operator or the end, found 'b'"},
      {"a 'b'", 2, "expected an operator or the end, found 'b'"},
      {"a !b", 2, "expected an operator or the end, found '!'"},
      {"a &", 3, "expected a letter, a constant, a prefix operator or '(', found the end"},
      {"& a", 0, "found '&'"},
      {"a | | b", 4, "found '|'"},
      {"a S", 3, "found the end"},
      {"S a", 0, "found 'S'"},
      {"P", 1, "found the end"},
      {"P & a", 2, "found '&'"},
      {"!", 1, "found the end"},
      {"()", 1, "found ')'"},
      {"(a", 0, "this '(' is not closed"},
      {"b & (a | (b)", 4, "this '(' is not closed"},
      {"(a b)", 3, "expected an operator or ')', found 'b'"},
      {"a)", 1, "unbalanced ')': nothing is open here"},
      {")", 0, "found ')'"},
      {"Y<= a", 4, "expected a whole number after 'Y<=', as in Y<=2 a, found 'a'"},
      {"Y<=0 a", 3, "the lookback of Y<= must be from 1 to 1000000, found 0"},
      {"Y<=1000001 a", 3, "the lookback of Y<= must be from 1 to 1000000"},
      {"Y<=99999999999999999999 a", 3, "the lookback of Y<= must be"},
      {"Y<=2a", 3, "found '2a'"},
      {"Y<=-1 a", 3, "stray '-'"},
      {"Y<='2' a", 3, "expected a whole number"},
      {"P<=2 a", 1, "found '<='"},
      {"Y<=2", 4, "found the end"},
      {"Y < 2 a", 2, "stray '<'"},
      {"a - b", 2, "stray '-'; the arrows are -> and <->"},
      {"a => b", 3, "stray '>'; the arrows are -> and <->"},
      {"a = b", 2, "expected an operator or the end, found '='"},
      {"a \\ b", 2, "stray '\\'"},
      {"a , b", 2, "it has a comma"},
      {"a \x01", 2, "it has a control character (U+0001)"},
      {"a \xFF", 2, "it is not UTF-8"},
      {"'a", 0, "this quote is not closed"},
      {"a & ''", 4, "the quoted symbol is empty"},
      {"'a b'", 0, "the quoted symbol has a blank"},
      {"true", 0, "no letter occurs in the formula, so the alphabet must be given"},
      {"P first", 0, "no letter occurs in the formula"},
      {"Pa", 0, "write 'P a', or quote the letter 'Pa'"},
      {"a & YPb", 4, "write 'Y P b'"},
      {"let", 3, "expected a name after 'let', as in let x = P a in x, found the end"},
      {"let P = a in a", 4, "expected a name after 'let'"},
      {"let 'x' = a in a", 4, "expected a name after 'let'"},
      {"let x a in a", 6, "expected '=' after 'let x', found 'a'"},
      {"let x = a", 9, "expected an operator or the 'in' of 'let x', found the end"},
      {"let x = a b", 10, "expected an operator or the 'in' of 'let x', found 'b'"},
      {"let x = a in", 12, "found the end"},
      {"let x = in a", 8, "found 'in'"},
      {"a & let x = b in x", 4, "found 'let'"},
      {"a in b", 2, "expected an operator or the end, found 'in'"},
  };
  for (const Case& c : kTable) {
    SCOPED_TRACE(c.text);
    expect_input_error([&] { parse_formula(c.text); }, "formula", c.position, c.part);
  }
}

TEST(FormulaParse, LettersOutsideAGivenAlphabet) {
  const Alphabet ab = Alphabet::parse("ab");
  const auto parse = [](const char* text, const Alphabet& alphabet) {
    return [=] { parse_formula(text, alphabet); };
  };
  expect_input_error(parse("a & c", ab), "formula", 4, "'c' is not in the alphabet a, b");
  expect_input_error(parse("P ab", ab), "formula", 2,
                     "'ab' is not in the alphabet a, b; every letter here is one character, and operators "
                     "stand between letters");
  expect_input_error(parse("P Ya", ab), "formula", 2, "'Ya' is not in the alphabet a, b; write 'Y a'");
  expect_input_error(parse("opn", Alphabet({"open", "x"})), "formula", 0,
                     "'opn' is not in the alphabet open, x");
  expect_input_error(parse("(let x = a in x) & x", ab), "formula", 19, "'x' is not in the alphabet");
  expect_input_error(parse("let x = x in x", ab), "formula", 8, "'x' is not in the alphabet");
  EXPECT_NO_THROW(parse_formula("true", ab));
}

TEST(FormulaParse, DeepNestingIsRefusedNotACrash) {
  const auto times = [](std::size_t n, const std::string& text) {
    std::string out;
    for (std::size_t k = 0; k < n; ++k) out += text;
    return out;
  };
  EXPECT_NO_THROW(parse_formula(times(1000, "(") + "a" + times(1000, ")")));
  EXPECT_NO_THROW(parse_formula(times(1000, "let x = ") + "a" + times(1000, " in x")));
  for (const std::string& text :
       {times(1001, "(") + "a" + times(1001, ")"), times(100000, "("), times(100000, "P(b & "),
        times(100000, "let x = "), times(100000, "!(let x = (")})
    try {
      parse_formula(text);
      ADD_FAILURE() << text.substr(0, 12);
    } catch (const base::InputError& error) {
      EXPECT_NE(error.message().find("nests deeper than 1000 levels"), std::string::npos) << error.what();
    }
  // Chains are loops, however long.
  EXPECT_EQ(measure(parse_formula(times(100000, "!") + "a")).nodes, 1);
  EXPECT_EQ(measure(parse_formula(times(50000, "Y ") + "a")).depth_yesterday, 50000);
  EXPECT_EQ(measure(parse_formula("a" + times(50000, " & Y a & b"))).nodes, 4);
  EXPECT_EQ(measure(parse_formula(times(20000, "a S ") + "b")).depth_since, 20000);
  EXPECT_EQ(measure(parse_formula("let x = a in " + times(20000, "let x = P x in ") + "x")).depth_before,
            20000);
}

TEST(FormulaParse, OperatorsOfOtherLogicsAreNamed) {
  const auto said = [](const char* text, const std::optional<Alphabet>& alphabet) -> std::string {
    try {
      parse_formula(text, alphabet);
    } catch (const base::InputError& error) {
      return error.message();
    }
    return "(read)";
  };
  for (const std::optional<Alphabet>& alphabet :
       {std::optional<Alphabet>{}, std::optional{Alphabet::parse("ab")}}) {
    for (const char* text :
         {"F a", "G a", "X a", "a U b", "(a W b)", "P (a & G b)", "F (a & b)", "(a & F b) | a"})
      EXPECT_NE(said(text, alphabet).find("future operators are not supported"), std::string::npos)
          << text << ": " << said(text, alphabet);
    EXPECT_NE(said("a && b", alphabet).find("& is written once"), std::string::npos);
    EXPECT_NE(said("a || b", alphabet).find("| is written once"), std::string::npos);
    EXPECT_EQ(said("a & | b", alphabet).find("written once"), std::string::npos);
    EXPECT_NE(said("~a", alphabet).find("; not is written !"), std::string::npos);
    EXPECT_NE(said("a & ¬ b", alphabet).find("; not is written !"), std::string::npos);
    EXPECT_NE(said("a and b", alphabet).find("; and is written &"), std::string::npos);
    EXPECT_NE(said("a → b", alphabet).find("; implies is written ->"), std::string::npos);
    EXPECT_NE(said("a ∧ b", alphabet).find("; and is written &"), std::string::npos);
  }
  // Letters of these names are letters.
  EXPECT_EQ(said("P F & Y G", std::nullopt), "(read)");
  EXPECT_EQ(said("F & ~", Alphabet({"F", "~"})), "(read)");
  EXPECT_EQ(said("F F", Alphabet({"F"})).find("future"), std::string::npos);
}

TEST(FormulaParse, ReadsPositionsAndPrintsThemBack) {
  const Alphabet ab = Alphabet::parse("ab");
  for (const std::string text : {"pos=0/2", "P (a & pos=2/3)", "pos=1/2 S pos=0/2 | Y pos=5/1024"}) {
    const Formula formula = parse_formula(text, ab);
    EXPECT_EQ(format_formula(parse_formula(format_formula(formula), ab)), format_formula(formula)) << text;
  }
  EXPECT_EQ(format_formula(parse_formula("pos = 0 / 1", ab)), "true");
  EXPECT_EQ(fragment(parse_formula("P (a & pos=2/3) | pos=0/2", ab)), "LTL[P,MOD_2,MOD_3]");
  // A letter or a name of that spelling stays one.
  EXPECT_EQ(format_formula(parse_formula("pos & P pos", Alphabet({"pos", "b"}))), "pos & P pos");
  EXPECT_EQ(format_formula(parse_formula("let pos = P a in pos | pos=1/2", ab)), "pos=1/2 | P a");
  expect_input_error([&] { parse_formula("pos=0/0", ab); }, "formula", 6, "from 1 to 1024, found 0");
  expect_input_error([&] { parse_formula("pos=0/2000", ab); }, "formula", 6, "from 1 to 1024, found 2000");
  expect_input_error([&] { parse_formula("pos=2/2", ab); }, "formula", 4, "must be from 0 to 1, found 2");
  expect_input_error([&] { parse_formula("pos=a/2", ab); }, "formula", 4, "expected a remainder");
  expect_input_error([&] { parse_formula("pos=1", ab); }, "formula", 5, "expected '/'");
}

}  // namespace
}  // namespace yore::logic
