// Bad input: exit code 2, the place and the reason on standard error, nothing on standard output, nothing
// left behind.
#include <gtest/gtest.h>

#include "tests/program.h"

namespace yore::tests {
namespace {

struct Case {
  std::vector<std::string> arguments;
  std::vector<std::string> expected;  // all must occur in the message
};

void expect_refused(const Case& c) {
  const auto result = yore(c.arguments);
  std::string line;
  for (const std::string& a : c.arguments) line += a + " ";
  EXPECT_EQ(result.exit_code, 2) << line << "\n" << result.err;
  EXPECT_EQ(result.out, "") << line;
  for (const std::string& text : c.expected)
    EXPECT_NE(result.err.find(text), std::string::npos)
        << line << "\nexpected: " << text << "\ngot: " << result.err;
}

TEST(BadInput, Patterns) {
  expect_refused({{"classify", "(ab"}, {"regex", "^"}});
  expect_refused({{"classify", "ab)"}, {"regex", "^"}});
  expect_refused({{"classify", ""}, {"regex", "()"}});
  expect_refused({{"classify", "abc", "--alphabet", "ab"}, {"regex", "c", "^"}});
  expect_refused({{"classify", "a{3,1}"}, {"regex", "^"}});
  expect_refused({{"classify", "[a"}, {"regex", "^"}});
  expect_refused({{"classify", "--ltl", "P (a"}, {"formula", "^"}});
  expect_refused({{"classify", "--ltl", "Y<=0 a"}, {"formula", "^"}});
  expect_refused({{"classify", "--ltl", ""}, {"formula"}});
}

TEST(BadInput, LanguagesAndAlphabets) {
  expect_refused({{"classify"}, {"language", "--regex"}});
  expect_refused({{"classify", "a", "--ltl", "a"}, {"several"}});
  expect_refused({{"classify", "a", "--alphabet", "aa"}, {"alphabet"}});
  expect_refused({{"classify", "--name", "dyk-2"}, {"dyck-2"}});
  expect_refused({{"classify", "--dfa", "/no/such/file.json"}, {"/no/such/file.json"}});
}

TEST(BadInput, AutomatonFiles) {
  const Scratch scratch;
  const auto with = [&](const std::string& text, std::vector<std::string> expected) {
    const std::string file = scratch / "m.json";
    base::write_file(file, text);
    expected.push_back("m.json");
    expect_refused({{"classify", "--dfa", file}, expected});
  };
  with("{", {"JSON", "^"});
  with(R"({"alphabet":["a"],"states":1,"start":0,"accept":[0]})", {"transitions"});
  with(R"({"alphabet":["a"],"states":1,"start":0,"accept":[0],"transitions":[[3]]})", {"transitions"});
  with(R"({"alphabet":["a"],"states":1,"start":0,"accept":[0],"transitions":[[0,0]]})", {"transitions"});
  with(R"({"alphabet":["a","a"],"states":1,"start":0,"accept":[0],"transitions":[[0,0]]})", {"alphabet"});
  with(R"({"alphabet":["a"],"states":1,"start":0,"accept":[0],"transitions":[[0]],"extra":1})", {"extra"});
  const std::string att = scratch / "m.att";
  base::write_file(att, "0 1 a\n1 x b\n");
  expect_refused({{"classify", "--dfa", att}, {"m.att", "line 2"}});
}

TEST(BadInput, BudgetsAreNamed) {
  expect_refused({{"classify", "(a|b)*a(a|b){14}", "--max-states", "1000"}, {"--max-states", "1000"}});
}

TEST(BadInput, OptionsAndCommands) {
  expect_refused({{"clasify", "a"}, {"classify"}});
  expect_refused({{"classify", "a", "--jsn"}, {"--json"}});
  expect_refused({{"classify", "a", "b"}, {"b"}});
  expect_refused({{"convert", "a", "--to", "pdf"}, {"pdf"}});
  expect_refused(
      {{"sample", "(ab)*", "--min-length", "3", "--max-length", "3", "--only", "positive"}, {"length"}});
  const auto nothing = yore({});
  EXPECT_EQ(nothing.exit_code, 2);
  EXPECT_NE(nothing.err.find("Usage"), std::string::npos);
}

TEST(BadInput, ConfigurationFiles) {
  const Scratch scratch;
  const std::string file = scratch / "c.toml", out = scratch / "run";
  base::write_file(file, "lerning-rate = 0.1\n");
  expect_refused({{"train", "(ab)*", "--out", out, "--config", file}, {"lerning-rate", "learning-rate"}});
  base::write_file(file, "learning-rate = \"fast\"\n");
  expect_refused({{"train", "(ab)*", "--out", out, "--config", file}, {"learning-rate", "fast"}});
  expect_refused({{"train", "(ab)*", "--out", out, "--config", scratch / "none.toml"}, {"none.toml"}});
  expect_refused({{"train", "(ab)*", "--out", out, "--width", "30", "--heads", "4"}, {"width", "heads"}});
  expect_refused({{"train", "(ab)*", "--out", out, "--attention", "locl"}, {"attention"}});
  expect_refused(
      {{"train", "(ab)*", "--out", out, "--test-buckets", "100-41"}, {"--test-buckets", "100-41"}});
  expect_refused({{"train", "(ab)*"}, {"--out"}});
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(BadInput, AFolderThatHoldsSomethingElse) {
  const Scratch scratch;
  base::write_file(scratch / "letter.txt", "mine");
  expect_refused({{"train", "(ab)*", "--out", scratch.path().string()}, {scratch.path().string()}});
  // Without the tensor half a study is refused before it looks.
  expect_refused({{"study", "(ab)*", "--out", scratch.path().string()},
                  {YORE_HAS_TENSOR ? scratch.path().string() : "yore-tensor"}});
  EXPECT_EQ(base::read_file(scratch / "letter.txt"), "mine");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(scratch.path()), {}), 1);
}

}  // namespace
}  // namespace yore::tests
