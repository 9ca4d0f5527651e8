#include "yore/automata/formats.h"

#include <gtest/gtest.h>

#include "yore/automata/convert.h"
#include "yore/automata/test_support.h"
#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/process.h"
#include "yore/base/test_scratch.h"

namespace yore::automata {
namespace {

using base::InputError;

// The whole complaint about a text that must be refused.
template <class Read>
std::string complaint(Read&& read) {
  try {
    read();
  } catch (const InputError& error) {
    EXPECT_EQ(error.source(), "x");
    return error.what();
  }
  return "(accepted)";
}

std::string json_complaint(const std::string& text, std::size_t max_states = 100) {
  return complaint([&] { dfa_from_json(text, "x", max_states); });
}

constexpr const char* kAbStar =
    R"({"alphabet":["a","b"],"states":3,"start":0,"accept":[0],"transitions":[[1,2],[2,0],[2,2]]})";

TEST(Json, ReadsTheDocumentedExample) {
  EXPECT_EQ(dfa_from_json(kAbStar, "x"), testing::dfa_of("(ab)*"));
  EXPECT_EQ(json_from_dfa(testing::dfa_of("(ab)*")), std::string(kAbStar) + "\n");
}

TEST(Json, MissingMovesRejectAndTheResultIsMinimal) {
  EXPECT_EQ(dfa_from_json(R"({"alphabet":["a","b"],"states":4,"start":2,"accept":[2],
                              "transitions":[[-1,2],[3,3],[0,-1],[-1,-1]]})",
                          "x"),
            testing::dfa_of("(ab)*"));
  EXPECT_EQ(dfa_from_json(
                R"({"transitions":[[-1]],"accept":[],"start":0,"states":1,"alphabet":["long-name"]})", "x")
                .states,
            1);
}

TEST(Json, SymbolsOfSeveralCharacters) {
  const Dfa dfa = testing::dfa_of("'open'.*", "open,close,é");
  EXPECT_EQ(dfa_from_json(json_from_dfa(dfa), "x"), dfa);
}

// The documented example with one piece replaced.
std::string with(const std::string& piece, const std::string& by) {
  std::string text = kAbStar;
  const std::size_t at = text.find(piece);
  EXPECT_NE(at, std::string::npos) << piece;
  return text.replace(at, piece.size(), by);
}

TEST(Json, ComplaintsNameTheKey) {
  struct Case {
    std::string text, says;
  };
  for (const Case& c : {
           Case{"[1]", "expected an object"},
           {with("\"start\":0,", ""), "start: this key is missing"},
           {with("\"start\":0", "\"start\":0,\"strat\":0"), "strat: unknown key"},
           {with("\"start\":0", "\"start\":0,\"start\":1"), "start: this key stands twice"},
           {with("[\"a\",\"b\"]", "\"ab\""), "alphabet: expected an array of symbol names, got \"ab\""},
           {with("[\"a\",\"b\"]", "[]"), "alphabet: expected at least one symbol"},
           {with("\"b\"", "7"), "alphabet[1]: expected a symbol name, got 7"},
           {with("\"b\"", "\"a\""), "alphabet: "},
           {with("\"b\"", "\"\""), "alphabet: "},
           {with(":3", ":0"), "states: expected the number of states"},
           {with(":3", ":101"), "(1..100), got 101"},
           {with(":3", ":3.0"), "got 3.0"},
           {with(":3", ":\"3\""), "got \"3\""},
           {with(":3", ":18446744073709551615"), "got 18446744073709551615"},
           {with("\"start\":0", "\"start\":3"), "start: expected a state (0..2), got 3"},
           {with("\"start\":0", "\"start\":-1"), "start: expected a state (0..2), got -1"},
           {with("\"accept\":[0]", "\"accept\":0"), "accept: expected an array of states, got 0"},
           {with("\"accept\":[0]", "\"accept\":[1,3]"), "accept[1]: expected a state (0..2), got 3"},
           {with("\"accept\":[0]", "\"accept\":[1,0,1]"), "accept[2]: state 1 is listed twice"},
           {with(",[2,2]]", "]"), "transitions: expected 3 rows, one a state, got 2"},
           {with("[2,0]", "2"), "transitions[1]: expected an array of targets, one a symbol, got 2"},
           {with("[2,0]", "[2]"), "transitions[1]: expected 2 targets, one a symbol, got 1"},
           {with("[2,0]", "[3,0]"), "transitions[1][0]: expected a state or -1 for no move (-1..2), got 3"},
           {with("[2,0]", "[2,-2]"), "transitions[1][1]: expected a state or -1 for no move (-1..2), got -2"},
           {with("[2,0]", "[2,null]"),
            "transitions[1][1]: expected a state or -1 for no move (-1..2), got null"},
           {with("[2,0]", "[2,[0]]"), "got an array"},
       })
    EXPECT_NE(json_complaint(c.text).find(c.says), std::string::npos)
        << c.text << "\nsays:   " << json_complaint(c.text) << "\nwanted: " << c.says;
}

TEST(Json, MayBeginWithAByteOrderMarkAndNotNestDeeply) {
  EXPECT_EQ(dfa_from_json("\xEF\xBB\xBF" + std::string(kAbStar), "x"), testing::dfa_of("(ab)*"));
  // Ten megabytes of brackets are refused before they become a gigabyte of arrays.
  EXPECT_NE(json_complaint(std::string(10'000'000, '[')).find("nothing deeper"), std::string::npos);
  EXPECT_NE(json_complaint("{\"a\":" + std::string(100, '{')).find("not valid JSON"), std::string::npos);
}

TEST(Json, SyntaxErrorsCarryTheirPlace) {
  const std::string text = "{\"alphabet\": [\"a\" \"b\"]}";
  try {
    dfa_from_json(text, "x");
    FAIL();
  } catch (const InputError& error) {
    ASSERT_TRUE(error.position().has_value());
    EXPECT_NEAR(static_cast<double>(*error.position()), static_cast<double>(text.find("\"b\"")), 3);
  }
}

TEST(Json, RandomAutomataReadBack) {
  base::Random random({7, 2});
  for (int round = 0; round < 300; ++round) {
    const Dfa dfa = testing::random_dfa(random, 1 + static_cast<int>(random.below(8)), 3);  // start anywhere
    ASSERT_EQ(dfa_from_json(json_from_dfa(dfa), "x"), minimise(dfa));
  }
}

TEST(Text, IsJsonByItsNameOrItsBrace) {
  const std::string json = kAbStar, att = "0 1 a\n1 0 b\n0\n";
  for (const char* name : {"x.json", "x.JSON", "x.Json", "x.txt", "x"})
    EXPECT_EQ(dfa_from_text(" \n" + json, name), testing::dfa_of("(ab)*")) << name;
  for (const char* name : {"x.att", "x.ATT", "x.txt", "x"})
    EXPECT_EQ(dfa_from_text(att, name), testing::dfa_of("(ab)*")) << name;
  EXPECT_EQ(dfa_from_text("\xEF\xBB\xBF" + json, "x"), testing::dfa_of("(ab)*"));
  EXPECT_EQ(complaint([&] { dfa_from_text(att, "x"), dfa_from_text("", "x"); }),
            "x: no line with a transition or a final state");
  EXPECT_THROW(dfa_from_text(att, "x.JSON"), InputError);
}

TEST(File, HasAnEnd) {
  const base::Scratch scratch;
  const std::string path = scratch / "ab.JSON";
  base::write_file(path, kAbStar);
  EXPECT_EQ(dfa_from_file(path), testing::dfa_of("(ab)*"));
  try {
    (void)dfa_from_file("/dev/zero");
    FAIL();
  } catch (const InputError& error) {
    EXPECT_EQ(std::string(error.what()), "/dev/zero: is a device, expected a file or a pipe");
  }
}

TEST(Dot, SharesLabelsMarksAcceptanceAndHidesTheSink) {
  const std::string text = dot_from_dfa(testing::dfa_of("a(a|b)a*"));
  EXPECT_NE(text.find("1 -> 3 [label=\"a, b\"];"), std::string::npos) << text;
  EXPECT_NE(text.find("3 [shape=doublecircle];"), std::string::npos) << text;
  EXPECT_EQ(text.find("  2 ["), std::string::npos) << text;
  EXPECT_EQ(text.find("-> 2 "), std::string::npos) << text;
  EXPECT_NE(text.find("lead to a rejecting sink"), std::string::npos) << text;
  const std::string whole = dot_from_dfa(testing::dfa_of("a(a|b)a*"), {false, "a title"});
  EXPECT_NE(whole.find("2 -> 2 [label=\"a, b\"];"), std::string::npos) << whole;
  EXPECT_NE(whole.find("label=\"a title\";"), std::string::npos) << whole;
  EXPECT_EQ(whole.find("sink"), std::string::npos) << whole;
  // A start is shown even if nothing is ever accepted.
  EXPECT_NE(dot_from_dfa(testing::dfa_of("[]")).find("0 -> 0"), std::string::npos);
}

TEST(Dot, GraphvizReadsItNeedsGraphviz) {
  if (!base::find_program("dot"))
    GTEST_SKIP() << "the program `dot` is not installed (Debian package graphviz)";
  const Dfa dfa = dfa_from_regex({logic::parse_regex(".*", Alphabet({"\"", "\\", "é", "->"})).root,
                                  Alphabet({"\"", "\\", "é", "->"}), false});
  for (const Dfa& each : {dfa, testing::dfa_of("(ab)*"), testing::dfa_of("[]")}) {
    const base::ProcessResult result =
        base::run_process({"dot", "-Tsvg"}, dot_from_dfa(each, {true, "say \"hi\" \\ there"}));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(result.err, "");
    EXPECT_NE(result.out.find("</svg>"), std::string::npos);
  }
  const std::string svg = base::run_process({"dot", "-Tsvg"}, dot_from_dfa(dfa)).out;
  // &quot;, \, é, -> as SVG writes them
  EXPECT_NE(svg.find("&quot;, \\, é, &#45;&gt;"), std::string::npos) << svg;
}

}  // namespace
}  // namespace yore::automata
