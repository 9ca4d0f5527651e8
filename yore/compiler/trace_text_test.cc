#include "yore/compiler/trace_text.h"

#include <gtest/gtest.h>

namespace yore::compiler {
namespace {

// Y a over a word, its last number wrong, without any model.
struct TracedExample {
  Manifest manifest;
  Trace trace;
};

TracedExample traced_example(const std::string& letters) {
  TracedExample e;
  e.manifest.formula = logic::parse_formula("Y a", logic::Alphabet::parse(letters));
  TraceRow row;
  row.node = e.manifest.formula.root;
  row.stage = 1;
  row.coordinate = 12;
  row.numbers = {0, 1, 0.25F};
  row.read = {0, 1, 0};
  row.truth = {0, 1, 1};
  e.trace.rows = {row};
  e.trace.agrees = false;
  return e;
}

TEST(TraceText, IsARowASubformula) {
  TracedExample e = traced_example("ab");
  EXPECT_EQ(to_text(e.trace, e.manifest, {0, 0}),
            "                   a a  EOS\n"
            "  Y a       x12    . 1  !\n"
            "  ! = the model's number says the opposite of what the formula's definition says\n");
  e.trace.rows[0].truth.back() = 0;
  e.trace.agrees = true;
  EXPECT_EQ(to_text(e.trace, e.manifest, {0, 0}),
            "                   a a  EOS\n"
            "  Y a       x12    . 1  .\n");
}

TEST(TraceText, ColumnsAreAsWideAsTheLettersNames) {
  const TracedExample e = traced_example("a,end");
  EXPECT_TRUE(to_text(e.trace, e.manifest, {0, 1})
                  .starts_with("                     a end  EOS\n"
                               "  Y a       x12      .   1  !\n"))
      << to_text(e.trace, e.manifest, {0, 1});
}

TEST(TraceText, LongFormulasGetNames) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  TracedExample e = traced_example("ab");
  // Two rows that begin alike, the second made of the first.
  std::string text = "a";
  for (int i = 0; i < 60; ++i) text = "Y " + text;
  e.manifest.formula = logic::parse_formula("P (b & " + text + ")", ab);
  const logic::FormulaGraph& graph = e.manifest.formula.graph;
  TraceRow row = e.trace.rows[0];
  row.node = graph.node(e.manifest.formula.root).args[0];
  e.trace.rows.assign(2, row);
  e.trace.rows[1].node = e.manifest.formula.root;
  const std::string table = to_text(e.trace, e.manifest, {0, 0});
  EXPECT_NE(table.find("  f1        x12    . 1  !\n  f2        x12 "), std::string::npos) << table;
  EXPECT_NE(table.find("\n  f1 = b & " + text + "\n  f2 = P f1\n"), std::string::npos) << table;
  EXPECT_EQ(to_json(e.trace, e.manifest)[0]["formula"], "b & " + text) << "programs get all of it";
}

TEST(TraceText, ARowOfAcceptanceDoesNotReadLikeALetter) {
  TracedExample e = traced_example("ab");
  e.trace.rows[0].node = kNever;
  EXPECT_NE(to_text(e.trace, e.manifest, {0, 0}).find("\n  accepted so far  x12 "), std::string::npos);
}

TEST(TraceText, JsonHasEveryNumber) {
  const TracedExample e = traced_example("ab");
  EXPECT_EQ(
      to_json(e.trace, e.manifest).dump(),
      R"([{"formula":"Y a","stage":1,"coordinate":12,"numbers":[0.0,1.0,0.25],"read":[0,1,0],"truth":[0,1,1]}])");
}

}  // namespace
}  // namespace yore::compiler
