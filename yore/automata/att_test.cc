// Reading and writing AT&T text.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/automata/test_support.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using base::InputError;

std::string att_complaint(const std::string& text, const std::optional<Alphabet>& alphabet = std::nullopt,
                          std::size_t max_states = 100) {
  try {
    dfa_from_att(text, "x", alphabet, max_states);
  } catch (const InputError& error) {
    EXPECT_EQ(error.source(), "x");
    return error.what();
  }
  return "(accepted)";
}

TEST(Att, ReadsTransitionsFinalStatesWeightsAndEmptyMoves) {
  EXPECT_EQ(dfa_from_att("0 1 a\n1\t0\tb\t0\n0 0.0\n", "x"), testing::dfa_of("(ab)*"));
  // State numbers are names: gaps are fine; blank lines and carriage returns too.
  EXPECT_EQ(dfa_from_att("\r\n700 12 a\r\n12 700 b\r\n\r\n700", "x"), testing::dfa_of("(ab)*"));
  // The start is the source of the first line, be it a final state.
  EXPECT_EQ(dfa_from_att("5\n0 1 a\n5 0 <eps>\n1 5 @0@\n", "x"), testing::dfa_of("a*", "a"));
  // Nondeterministic: the last letter but one is an a.
  EXPECT_EQ(dfa_from_att("0 0 a\n0 0 b\n0 1 a\n1 2 a\n1 2 b\n2\n", "x"), testing::dfa_of(".*a."));
  EXPECT_EQ(dfa_from_att("0 1 b\n1\n", "x", Alphabet::parse("ab")), testing::dfa_of("b"));
  EXPECT_EQ(dfa_from_att("0\n", "x", Alphabet::parse("ab")), testing::dfa_of("()"));
  EXPECT_EQ(dfa_from_att("0 0 a\n", "x", Alphabet::parse("ab")), testing::dfa_of("[]"));
}

TEST(Att, AlphabetIsInferredInOrderOfAppearance) {
  EXPECT_EQ(dfa_from_att("0 1 b\n1 0 open\n0 0 a\n0\n", "x").alphabet, Alphabet({"b", "open", "a"}));
}

TEST(Att, RoundTripKeepsAlphabetAndStart) {
  base::Random random({7, 1});
  for (int round = 0; round < 300; ++round) {
    const Dfa dfa = testing::random_dfa(random, 1 + static_cast<int>(random.below(8)), 3);  // start anywhere
    for (const AttColumns columns : {AttColumns::InputOutput, AttColumns::OneLabel})
      ASSERT_EQ(dfa_from_att(att_from_dfa(dfa, columns), "x"), minimise(dfa));
  }
  // Digits as symbols do not make outputs of weights, or weights of outputs.
  for (const AttColumns columns : {AttColumns::InputOutput, AttColumns::OneLabel})
    EXPECT_EQ(dfa_from_att(att_from_dfa(testing::dfa_of("0(1|0)*", "01"), columns), "x"),
              testing::dfa_of("0(1|0)*", "01"));
  for (const char* alphabet : {"<eps>,a", "<epsilon>,a", "@0@,a", "@_EPSILON_SYMBOL_@,a",
                               "@_IDENTITY_SYMBOL_@,a", "@_UNKNOWN_SYMBOL_@,a", "@P.case.acc@,a"})
    EXPECT_THROW((void)att_from_dfa(testing::dfa_of(".*", alphabet)), InputError) << alphabet;
}

TEST(Att, ComplaintsNameLineAndPlace) {
  struct Case {
    std::string text, says, at;  // at: the first occurrence is where the caret must be
  };
  for (const Case& c : {
           Case{"0 1 a\n1 x b\n", "line 2: expected a state (a number from 0), got \"x\"", "x"},
           {"0 1 a\n-1\n", "line 2: expected a state", "-1"},
           {"0 1 a\n1.5\n", "line 2: expected a state", "1.5"},
           {"0 1 a\n99999999999999999999\n", "line 2: expected a state", "9999"},
           {"0 1 a 0.5\n", "line 1: expected the weight 0", "0.5"},
           {"0 1 a b\n", "line 1: the input is \"a\", the output \"b\": transducers are not supported", "b"},
           {"0 1 a a\n1 0 b c\n", "line 2: the input is \"b\", the output \"c\"", "c"},
           {"0 1 a @0@\n", "line 1: the input is \"a\", the output \"@0@\"", "@0@"},
           {"0 1 a a\n1 0 b 0\n", "line 2: the input is \"b\", the output \"0\"", "0\n"},
           {"0 1 a a 0.5\n", "line 1: expected the weight 0, got \"0.5\" (weights are not", "0.5"},
           {"0 1 a 0\n1 0 b 2\n", "line 2: expected the weight 0, got \"2\"", "2"},
           {"0 1 a\n1 0 b 2\n", "line 2: expected the weight 0, got \"2\"", "2"},
           {"0 1 a\n1 inf\n", "line 2: expected the weight 0 of a final state", "inf"},
           {"0 1 @_IDENTITY_SYMBOL_@ @_IDENTITY_SYMBOL_@\n", "line 1: @_IDENTITY_SYMBOL_@ stands for every",
            "@"},
           {"0 1 a a\n0 0 @_UNKNOWN_SYMBOL_@ a\n", "line 2: @_UNKNOWN_SYMBOL_@ stands for every", "@"},
           {"0\t1\t@U.num.sg@\t@U.num.sg@\n", "line 1: @U.num.sg@ is a flag diacritic", "@"},
           {"0\t1\t \t \n1\n", "line 1: nothing, or a blank, stands after a tab", " "},
           {"0\t0\t\t\t\t\t0.0\n", "line 1: nothing, or a blank, stands after a tab", "\t\t"},
           {"0\t1\ta\t \r\n1\n", "line 1: nothing, or a blank, stands after a tab", " "},
           {"0 1 a\n1\n--\n0 1 b\n", "line 3: a line of dashes separates automata", "--"},
           {"0 7\n", "line 1: expected the weight 0 of a final state", "7"},
           {"0 1 a a 0 z\n", "line 1: expected at most 5 fields", "z"},
           {"0 1 a\n0 1 p,q\n", "line 2: ", "p,q"},
       }) {
    const std::string said = att_complaint(c.text);
    EXPECT_NE(said.find(c.says), std::string::npos) << said;
    try {
      dfa_from_att(c.text, "x");
    } catch (const InputError& error) {
      EXPECT_EQ(error.position(), c.text.find(c.at) + (c.at == "\t\t" ? 1 : 0)) << said;
    }
  }
  EXPECT_NE(att_complaint("").find("no line with"), std::string::npos);
  EXPECT_NE(att_complaint(" \n\n").find("no line with"), std::string::npos);
  EXPECT_NE(att_complaint("0\n").find("alphabet must be given"), std::string::npos);
  EXPECT_NE(att_complaint("0 1 c\n", Alphabet::parse("ab")).find("\"c\" is not in the alphabet"),
            std::string::npos);
  EXPECT_NE(att_complaint("0 1 a\n1 2 a\n2\n", std::nullopt, 2).find("line 2: more than 2 states"),
            std::string::npos);
}

TEST(Att, SubsetBlowUpMeetsTheBudget) {
  std::string text = "0 0 a\n0 0 b\n0 1 a\n";
  for (int q = 1; q < 12; ++q)
    for (const char* a : {"a", "b"}) text += std::to_string(q) + " " + std::to_string(q + 1) + " " + a + "\n";
  text += "12\n";
  EXPECT_EQ(dfa_from_att(text, "x").states, 4096);
  EXPECT_THROW(dfa_from_att(text, "x", std::nullopt, 4095), base::BudgetError);
}

// One automaton, (ab)*, as each program prints it.
TEST(Att, ReadsWhatOtherProgramsPrint) {
  for (const char* text : {
           "0\t1\ta\ta\n1\t0\tb\tb\n0\n",                                      // foma, MLRegTest
           "0\t1\ta\ta\t0.000000\n0\t0.000000\n1\t0\tb\tb\t0.000000\n",        // HFST
           "0\t1\ta\ta\n0\n1\t0\tb\tb\n",                                      // OpenFst, pyfoma
           "0\t1\ta\n0\n1\t0\tb\n",                                            // OpenFst --acceptor
           "0\t1\ta\t0\n0\t0\n1\t0\tb\t0.0\n",                                 // with weights
           "0 1 a a\n1 2 @0@ <eps> 0\n2 0 b b\n0\n",                           // empty moves
           "0 1 a a\r\n1 2 @_EPSILON_SYMBOL_@ <epsilon>\r\n2 0 b b\r\n0\r\n",  // CR LF
           "\xEF\xBB\xBF"
           "0 1 a\n1 0 b\n0",  // byte order mark
       })
    EXPECT_EQ(dfa_from_att(text, "x"), testing::dfa_of("(ab)*")) << text;
}

TEST(Att, AFourthColumnOfNumbersIsReadByTheWholeFile) {
  // The same both ways: the symbol 0, once as output, once with the weight 0.
  EXPECT_EQ(dfa_from_att("0 1 0 0\n1\n", "x"), testing::dfa_of("0", "0"));
  // Outputs, since every line repeats its input.
  EXPECT_EQ(dfa_from_att("0 1 0 0\n1 0 1 1\n0\n", "x"), testing::dfa_of("(01)*", "01"));
  EXPECT_EQ(dfa_from_att("0 1 0 0 0\n1 0 1 1 0\n0 0\n", "x"), testing::dfa_of("(01)*", "01"));
  // Weights, since one line does not.
  EXPECT_EQ(dfa_from_att("0 1 0 0\n1 0 1 0\n0\n", "x"), testing::dfa_of("(01)*", "01"));
  // Weights, since a line has none: the symbol 2 with the weight 2.
  EXPECT_NE(att_complaint("0 1 0\n1 0 2 2\n0\n").find("line 2: expected the weight 0, got \"2\""),
            std::string::npos);
  // Neither.
  EXPECT_NE(att_complaint("0 1 0 0\n1 0 1 1\n0 0 1 0\n").find("line 2: expected the weight 0, got \"1\""),
            std::string::npos);
}

TEST(Att, ManySymbolsMeetALimitAndNotTheMemory) {
  std::string text;
  for (int q = 0; q < 20'000; ++q) text += fmt::format("{} {} s{}\n", q, q + 1, q);
  EXPECT_NE(att_complaint(text + "20000\n", std::nullopt, 100'000).find("expected at most 5000 states"),
            std::string::npos);
}

}  // namespace
}  // namespace yore::automata
