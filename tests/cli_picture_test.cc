// yore picture as a user meets it: exit codes, files, and what the page says.
#include <gtest/gtest.h>

#include "tests/program.h"
#include "yore/arch/model_file.h"

namespace yore::tests {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class Picture : public testing::Test {
 protected:
  std::string compile(const std::vector<std::string>& language, const std::string& folder = "model") {
    std::string path = scratch_ / folder;
    std::vector<std::string> arguments = {"compile"};
    arguments.insert(arguments.end(), language.begin(), language.end());
    arguments.insert(arguments.end(), {"-o", path});
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return path;
  }

  static void expect_refused(const std::vector<std::string>& arguments,
                             const std::vector<std::string>& parts) {
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_EQ(result.out, "");
    for (const std::string& part : parts) EXPECT_TRUE(has(result.err, part)) << part << "\n" << result.err;
  }

  static void need_graphviz() {
    if (!base::find_program("dot")) GTEST_SKIP() << "graphviz's dot is not on PATH";
  }

  Scratch scratch_;
};

TEST_F(Picture, DotGoesToStandardOutputOrAFile) {
  const std::string model = compile({"(ab)*"}), file = scratch_ / "ab.dot";
  const auto printed = yore({"picture", model, "--to", "dot"});
  EXPECT_EQ(printed.exit_code, 0) << printed.err;
  EXPECT_TRUE(printed.out.starts_with("digraph network {\n"));
  EXPECT_TRUE(printed.out.ends_with("}\n"));
  const auto written = yore({"picture", model + "/model.safetensors", "--to", "dot", "-o", file});
  EXPECT_EQ(written.exit_code, 0) << written.err;
  EXPECT_EQ(written.out, "written to " + file + "\n");
  EXPECT_EQ(base::read_file(file), printed.out);
}

// Nobody wants a page's source on the screen.
TEST_F(Picture, ATerminalGetsWords) {
  if (!base::find_program("script")) GTEST_SKIP() << "script is not on PATH";
  const std::string model = compile({"(ab)*"}), words = yore({"picture", model, "--to", "text"}).out;
  EXPECT_TRUE(words.starts_with("Embedding\n")) << words;
  const auto seen =
      shell("script -qec '" YORE_PROGRAM " picture " + model + "' /dev/null | tr -d '\\r'", scratch_.path());
  EXPECT_EQ(seen.out, words) << seen.err;
  const auto circuit = shell("script -qec '" YORE_PROGRAM " circuit show " YORE_SOURCE
                             "/examples/circuit.txt --inputs 3 -1/2' /dev/null | tr -d '\\r'",
                             scratch_.path());
  EXPECT_TRUE(has(circuit.out, "x4 = x1 + x2  # 5/2\n")) << circuit.out << circuit.err;
}

TEST_F(Picture, ReplacesAFileOnlyWhenForced) {
  const std::string model = compile({"(ab)*"}), file = scratch_ / "ab.dot";
  base::write_file(file, "mine");
  expect_refused({"picture", model, "--to", "dot", "-o", file}, {file, "exists", "--force"});
  EXPECT_EQ(base::read_file(file), "mine");
  EXPECT_EQ(yore({"picture", model, "--to", "dot", "-o", file, "--force"}).exit_code, 0);
  EXPECT_TRUE(base::read_file(file).starts_with("digraph"));
}

TEST_F(Picture, RefusesWhatIsNoCompiledModel) {
  expect_refused({"picture", scratch_ / "none"}, {"none", "does not exist"});
  expect_refused({"picture"}, {"MODEL"});
  const std::string model = compile({"(ab)*"});
  expect_refused({"picture", model, "--to", "pdf"}, {"pdf"});
  // The same model as if it had been trained: nobody says what its coordinates hold.
  arch::ModelFile file = arch::read_model(model);
  file.compiled = nullptr;
  const std::string trained = scratch_ / "trained";
  arch::write_model(file, trained);
  for (const char* to : {"dot", "html"})
    expect_refused({"picture", trained, "--to", to}, {"no manifest: only compiled models have names"});
  file = arch::read_model(model);
  file.compiled.at("stages").erase(0);
  const std::string broken = scratch_ / "broken";
  arch::write_model(file, broken);
  expect_refused({"picture", broken, "--to", "dot"}, {"manifest is broken", "stages"});
}

TEST_F(Picture, SaysWhichPackageIsMissing) {
  const std::string model = compile({"(ab)*"});
  const std::string page = scratch_ / "ab.html";
  const auto result =
      shell("PATH= " YORE_PROGRAM " picture " + model + " --to html -o " + page, scratch_.path());
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_TRUE(has(result.err, "graphviz")) << result.err;
  EXPECT_FALSE(std::filesystem::exists(page));
  // The text needs no program.
  EXPECT_EQ(shell("PATH= " YORE_PROGRAM " picture " + model + " --to dot", scratch_.path()).exit_code, 0);
}

TEST_F(Picture, ThePageHasPictureNamesTablesWordsAndProof) {
  need_graphviz();
  if (IsSkipped()) return;
  const auto result = yore({"picture", compile({"(ab)*"})});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::string& page = result.out;
  EXPECT_TRUE(page.starts_with("<!DOCTYPE html>"));
  for (const char* part :
       {"<svg ", "id=\"picture\"", "id=\"names\"", "id=\"blocks\"", "id=\"words\"", "id=\"proof\"",
        "<code>(Y b | first) &amp; !P (a &amp; Y a | b &amp; (Y b | first))</code>", "lookback 1", "global",
        "[a + Y a &gt;= 2]", "a &amp; Y a | b &amp; (Y b | first)", "x0 (embedding)",
        "x1 (block 2: attention)", "roven for every word of at most 4096 letters",
        "proven up to 4096 letters", "accepts where", "Graphviz text of this picture"})
    EXPECT_TRUE(has(page, part)) << part;
  // Nothing is fetched: the only addresses are names of XML dialects and data in the page.
  EXPECT_TRUE(has(page, "default-src 'none'"));
  EXPECT_FALSE(has(page, "<script"));
  for (const char* attribute : {"src=\"", "href=\"http", "url(http"})
    EXPECT_FALSE(has(page, attribute)) << attribute;
}

TEST_F(Picture, APageOfChangedWeightsSaysThatTheyAreNotProven) {
  need_graphviz();
  if (IsSkipped()) return;
  const std::string model = compile({"(ab)*"});
  arch::ModelFile file = arch::read_model(model);
  std::string& bytes = file.weights.arrays.at("read_out.weight").bytes;
  std::fill(bytes.begin(), bytes.end(), '\0');
  arch::write_model(file, model);
  const auto result = yore({"picture", model});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_TRUE(has(result.out, ">not proven<"));
  EXPECT_TRUE(has(result.out, "ot proven for words of 4096 letters: read-out: "));
  EXPECT_TRUE(has(result.out, "accepts where -4 &gt; 0"));
  EXPECT_FALSE(has(result.out, "Run again for this page")) << "nothing was proven";
}

// Of delta steps there is no formula, and of other things than attention the page does not speak of it.
TEST_F(Picture, APageOfDeltaStepsSpeaksOfItsAutomaton) {
  need_graphviz();
  if (IsSkipped()) return;
  const std::string page = yore({"picture", compile({"name:parity", "--mixer", "delta_net"})}).out;
  for (const char* part : {"1 head of width 2, no feed-forward net", "at most 1 delta step a letter",
                           "k = s0 &#45; s1, v = &#45;1", "weights follow the automaton above",
                           "<td>x2 (embedding)</td>", "accepted so far", "<td>x3 (block 1: delta_net)</td>"})
    EXPECT_TRUE(has(page, part)) << part;
  for (const char* part : {"attention", "a uniform one", "feed-forward column", "formula", "delta steps a"})
    EXPECT_FALSE(has(page, part)) << part;
  const std::string latches = yore({"picture", compile({"(ab)*", "--mixer", "gla"}, "gla")}).out;
  EXPECT_TRUE(has(latches, "A coloured box is a latch"));
  EXPECT_FALSE(has(latches, "attention head"));
}

TEST_F(Picture, ThePageEscapesNames) {
  need_graphviz();
  if (IsSkipped()) return;
  const std::string model =
      compile({"--ltl", R"(P ('<b>' & Y '&') & Y ('"' | P '</svg>'))", "--alphabet", "<b>,&,\",</svg>"});
  const auto result = yore({"picture", model});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  for (const char* raw : {"<b>", "&</", "& ", "<'", "'\"'"}) EXPECT_FALSE(has(result.out, raw)) << raw;
  for (const char* shown : {"true at &lt;b&gt;", "true at &amp;<", "true at &quot;", "true at &lt;/svg&gt;",
                            "&#39;&lt;b&gt;&#39; &amp; Y &#39;&amp;&#39;"})
    EXPECT_TRUE(has(result.out, shown)) << shown;
  // One picture, opened and closed once.
  EXPECT_EQ(result.out.find("</svg>"), result.out.rfind("</svg>"));
}

}  // namespace
}  // namespace yore::tests
