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

std::string fmt_range(const std::string& option, const std::string& low, const std::string& high,
                      const std::string& found) {
  return option + ": expected a whole number from " + low + " to " + high + ", found \"" + found + "\"";
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

// GMP's numbers, of which this counts with 225 MB, as all others.
TEST(BadInput, MoreThanMemoryHolds) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "AddressSanitizer maps more than the limit that this test sets";
#endif
  const Scratch scratch;
  const auto result =
      shell("ulimit -v 200000; yore sample '(a|b)*' --min-length 60000 --max-length 60000", scratch.path());
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.err, "yore: out of memory\n");
}

// The system refuses such a path wherever it is first looked at.
TEST(BadInput, PathsThatAreTooLong) {
  const std::string name(300, 'x');
  const Scratch scratch;
  const std::string model = scratch / "m", file = scratch / "m.onnx";
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", model}).exit_code, 0);
  ASSERT_EQ(yore({"export", model, "-o", file}).exit_code, 0);
  expect_refused({{"import", file, "--out", name}, {"File name too long"}});
  expect_refused({{"compile", "(ab)*", "-o", name}, {"File name too long"}});
  expect_refused({{"convert", "(ab)*", "--to", "json", "-o", name}, {"File name too long"}});
  expect_refused({{"picture", name}, {"xxx"}});
  expect_refused({{"classify", "--dfa", name}, {"xxx"}});
}

// What a mixer cannot be is said before anything is planned or trained. (A state of another mechanism or
// setting, and a log gate above 0, cannot be said on a command line: the conformance suite and scan_test have
// them.)
TEST(BadInput, Mixers) {
  const auto refused = [](const std::string& mixer, const std::vector<std::string>& expected) {
    expect_refused({{"plan", "(ab)*", "--mixer", mixer}, expected});
  };
  refused("gated_deltanet", {"did you mean gated_delta_net?"});
  refused("3*gla/blury_window", {"did you mean blurry_window?"});
  refused("gla:gate_ranks=3", {"mixer gla", "did you mean gate_rank?"});
  refused("blurry_window:kernel=main_lob", {"kernel", "did you mean main_lobe?"});
  refused("blurry_window:stretch=[1000003/1000001],heads=1", {"stretch", "1000003/1000001", "denominators"});
  refused("blurry_window:stretch=1.00001", {"stretch", "at most four decimals", "1.00001"});
  refused("blurry_window:erase=delt", {"erase", "did you mean delta?"});
  refused("blurry_window:age_bias=-1", {"age_bias", "a number from 0 to 1e6"});
  refused("blurry_window:kernel=signed,age_bias=alibi", {"age_bias", "kernel=signed"});
  refused("blurry_window:slots=0", {"slots: expected 1 to 1024, found 0"});
  refused("gsa:slots=0", {"slots: expected 1 to 1024, found 0"});
  refused("gla:heads=3",
          {"width 32: expand_k = 0.5 of it are 16, which 3 heads do not divide; expected a width that "
           "is a multiple of 6, or heads=1 or 2 or 4 or 8 or 16"});
  refused("mamba2:head_width=7", {"width 32: expand = 2 of it are 64 channels", "head_width 7"});
  expect_refused({{"plan", "(ab)*", "--mixer", "mamba2", "--width", "7"},
                  {"mixer mamba2: width 7: expand = 2 of it are 14, which 4 heads do not divide; expected a "
                   "width that is a multiple of 2, or heads=1 or 2 or 7 or 14"}});
  refused("gated_delta_net:heads=4,key_heads=3", {"key_heads", "a divisor of the 4 heads"});
  refused("retention:heads=2,decays=[1.5,0.5]", {"decays", "at most 1"});
  refused("kda:lower_bound=1", {"lower_bound", "less than 0"});
  expect_refused(
      {{"plan", "--task", "mqar:train=[64:17:100]"}, {"train", "at least 4 tokens a pair", "64:17:100"}});
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

TEST(BadInput, MisspeltOptionsAreNamedNotTheirValues) {
  expect_refused(
      {{"study", "(ab)*", "--atention", "hybrid"}, {"unknown option \"--atention\"", "--attention"}});
  expect_refused({{"study", "--atention", "hybrid"}, {"unknown option \"--atention\"", "--attention"}});
  expect_refused({{"sample", "--coutn=3", "(ab)*"}, {"unknown option \"--coutn=3\"", "--count"}});
  // Before anything that is missing, or wrong besides.
  expect_refused({{"export", "--too", "onnx", "model"}, {"unknown option \"--too\"", "--to?"}});
  expect_refused({{"sample", "(ab)*", "--seed", "-1", "--coutn", "3"}, {"unknown option \"--coutn\""}});
  expect_refused({{"sample", "--", "a", "b"}, {"one argument too many: \"b\""}});
  expect_refused({{"sample", "a", "--", "--count"}, {"one argument too many: \"--count\""}});
}

TEST(BadInput, NumbersAreRefusedWithTheirRange) {
  const std::string unsigned_range = "expected a whole number from 0 to 18446744073709551615";
  for (const char* seed : {"-1", "18446744073709551616", "1e3", "0x10", " 1", "+1", "1.0", "", "one"})
    expect_refused({{"sample", "(ab)*", "--seed", seed}, {"--seed: " + unsigned_range, seed}});
  expect_refused(
      {{"classify", "a", "--max-states", "0"}, {"--max-states: expected a whole number from 1 to"}});
  expect_refused({{"sample", "a", "--count", "99999999999"},
                  {"--count: expected a whole number of at most 2147483647"}});
  expect_refused({{"study", "a", "--steps", "99999999999999999999"}, {"--steps: expected a whole number"}});
  // An option of a run, and what a number from a word, a sign or its size makes of it.
  for (const char* command : {"plan", "train", "study"})
    for (const char* steps : {"x", "-1", "0", "1e99", "1.5", "99999999999999999999", ""})
      expect_refused(
          {{command, "a", "--steps", steps}, {fmt_range("--steps", "1", "9223372036854775807", steps)}});
  expect_refused({{"plan", "a", "--batch", "x"}, {fmt_range("--batch", "1", "2147483647", "x")}});
  expect_refused({{"plan", "a", "--early-stop", "-1"}, {fmt_range("--early-stop", "0", "2147483647", "-1")}});
  expect_refused({{"classify", "a", "--witness-depth", "9"}, {fmt_range("--witness-depth", "0", "8", "9")}});
  expect_refused({{"classify", "a", "--witness-depth", "x"}, {fmt_range("--witness-depth", "0", "8", "x")}});
  expect_refused(
      {{"sample", "a", "--count", "x"}, {"--count: expected a whole number of at least 1, found"}});
  expect_refused({{"plan", "a", "--threads", "1025"}, {"training.threads: expected 1 to 1024, found 1025"}});
  expect_refused({{"plan", "a", "--learning-rate", "-1"},
                  {"training.learning_rate: expected a positive number, found -1"}});
  expect_refused({{"study", "a", "--budget", "1s"},
                  {"--budget: expected a number of hours that is not negative, found \"1s\""}});
  expect_refused({{"study", "a", "--learning-rate", "1e999"}, {"--learning-rate: expected a number"}});
  expect_refused({{"study", "a", "--learning-rate", "nan"}, {"--learning-rate: expected a number"}});
  expect_refused({{"study", "a", "--strict", "2"}, {"--strict: expected true or false"}});
  // Decimal, whatever stands in front.
  EXPECT_EQ(yore({"sample", "(ab)*", "--seed", "010"}).out, yore({"sample", "(ab)*", "--seed", "10"}).out);
  EXPECT_EQ(yore({"sample", "(ab)*", "--seed", "18446744073709551615"}).exit_code, 0);
}

// Every option that its help calls INT or UINT, of every command that answers without torch.
TEST(BadInput, NoNumberIsTakenForAnother) {
  int options = 0;
  for (const std::string command : {"classify", "equivalent", "convert", "sample", "compile", "study"}) {
    std::istringstream help(yore({command, "--help"}).out);
    for (std::string line; std::getline(help, line);) {
      const auto dashes = line.find("--");
      const auto type = line.find("INT");
      if (dashes == std::string::npos || type == std::string::npos) continue;
      const std::string option = line.substr(dashes, line.find_first_of(" ,", dashes) - dashes);
      ++options;
      for (const char* value :
           {"99999999999999999999", "-99999999999999999999", "99999999999999999999999999"}) {
        const auto result = yore({command, "a", option, value});
        EXPECT_EQ(result.exit_code, 2) << command << " " << option << " " << value;
        EXPECT_NE(result.err.find(option), std::string::npos) << result.err;
        EXPECT_LT(result.err.size(), 250u) << result.err;
      }
    }
  }
  EXPECT_GT(options, 30);
}

TEST(BadInput, OptionsThatWouldDoNothing) {
  expect_refused(
      {{"classify", "a", "--no-formula", "--max-formula", "9"}, {"--max-formula", "--no-formula"}});
  for (const std::string period : {"0", "-3"})
    expect_refused(
        {{"classify", "a", "--period", period}, {"--period", "from 1 to 1024", "the nearest is 1"}});
  for (const std::string period : {"1025", "99999999999999999999"})
    expect_refused({{"classify", "a", "--period", period}, {"--period", "the nearest is 1024"}});
  for (const std::string period : {"some", "2x", ""})
    for (const std::string command : {"classify", "compile"})
      expect_refused({{command, "a", "--period", period}, {"--period", "or any", "\"" + period + "\""}});
  expect_refused({{"classify", "a", "--is", "gated_diagnal"}, {"--is", "gated_diagonal"}});
  expect_refused({{"classify", "a", "--max-types", "9"}, {"--max-types", "--lookback 1"}});
  expect_refused({{"convert", "a", "--to", "json", "--max-regex", "9"}, {"--max-regex", "--to json"}});
  expect_refused({{"convert", "a", "--to", "regex", "--max-formula", "9"}, {"--max-formula", "--to regex"}});
  expect_refused({{"sample", "a*", "--only", "positive", "--near-miss-edits", "2"}, {"--near-miss-edits"}});
  for (const std::string option : {"--alphabet", "--max-states"})
    expect_refused({{"plan", "--model", "/", option, "5"}, {"--model: is described already"}});
  expect_refused({{"compile", "(ab)*", "--explain", "--json"}, {"--explain", "--json"}});
  for (const std::string path : {"models/gemma", "gemma-3.gguf", "./automaton", "s.toml", "a.att"})
    expect_refused({{"classify", path}, {"language", path + " reads like a path", "regex:" + path}});
  if (!YORE_HAS_TENSOR) return;  // a study is refused before
  const Scratch scratch;
  expect_refused({{"study", "--axis", "language=a*,b*", "--alphabet", "ab", "--out", scratch / "s"},
                  {"--alphabet", "several languages"}});
  expect_refused(
      {{"study", "c*", "--axis", "language=a*,b*", "--out", scratch / "s"}, {"language", "given twice"}});
  expect_refused({{"study", "c*", "--width", "8", "--axis", "width=8,16", "--out", scratch / "s"},
                  {"--axis", "width varies"}});
  expect_refused({{"train", ".*a.{12}", "--alphabet", "ab", "--max-states", "100", "--out", scratch / "s"},
                  {"budget of 100"}});
  EXPECT_FALSE(std::filesystem::exists(scratch / "s"));
}

TEST(BadInput, AShardIsTwoNumbers) {
  if (!YORE_HAS_TENSOR) return;  // a study is refused before
  const Scratch scratch;
  for (const std::string shard :
       {"4294967297/4294967298", " 1/2", "+1/2", "1/2 ", "1", "1/", "/2", "2/1", "0/1"})
    expect_refused({{"study", "a*", "--shard", shard, "--out", scratch / "s"},
                    {"--shard: \"" + shard + "\"; expected i/n"}});
  const auto slurm =
      shell("SLURM_ARRAY_TASK_ID=abc SLURM_ARRAY_TASK_COUNT=2 yore study 'a*' --out s", scratch.path());
  EXPECT_EQ(slurm.exit_code, 2);
  EXPECT_NE(slurm.err.find("SLURM_ARRAY_TASK_ID: \"abc\"; expected a whole number"), std::string::npos)
      << slurm.err;
  EXPECT_FALSE(std::filesystem::exists(scratch / "s"));
}

TEST(BadInput, AFolderOfAutomataTakesNoMoreThanItUses) {
  const Scratch scratch;
  const std::vector<std::string> begin = {"classify", "--dfa-folder", scratch.path(), "--csv"};
  const auto with = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = begin;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  expect_refused({with({"--max-formula", "5"}), {"--max-formula", "no --formula"}});
  expect_refused({with({"--max-types", "5"}), {"--max-types", "--lookback 1"}});
  expect_refused({with({"--witness-depth", "3"}), {"--witness-depth", "--csv"}});
}

TEST(BadInput, AnEmptyValueIsAValue) {
  expect_refused({{"classify", "a", "--is", ""}, {"--is", "\"\" is no class"}});
  expect_refused({{"classify", "--dfa-folder", ""}, {"--dfa-folder", "is empty"}});
  expect_refused({{"import", "", "-o", "q"}, {"PATH", "is empty"}});
  expect_refused({{"plan", "--config="}, {"--config", "is empty"}});
  for (const std::string option : {"--language", "--task", "--data", "--measure"})
    expect_refused({{"evaluate", "/", option, ""}, {option, "is empty"}});
  expect_refused({{"inspect", "/", "--text", ""}, {"--text", "is empty"}});
  expect_refused({{"localise", "/", "--text", ""}, {"--text", "is empty"}});
  expect_refused({{"generate", "/", "--prompt-file", ""}, {"--prompt-file", "is empty"}});
  expect_refused({{"classify", "--alphabet=", "a"}, {"alphabet: expected at least one symbol"}});
  expect_refused({{"classify", "--alphabet", "", "a"}, {"alphabet: expected at least one symbol"}});
}

TEST(BadInput, TrainingConfigurations) {
  if (!YORE_HAS_TENSOR) GTEST_SKIP() << "this build trains nothing";
  const Scratch scratch;
  const std::string out = scratch / "run";
  expect_refused({{"train", "(ab)*", "--out", out, "--width", "30", "--heads", "4"}, {"width", "heads"}});
  expect_refused({{"train", "(ab)*", "--out", out, "--attention", "locl"}, {"attention"}});
  expect_refused({{"train", "(ab)*", "--out", out, "--test-buckets", "100-41"}, {"test_buckets", "100-41"}});
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
