// compile, verify, run and extract as a user runs them.
#include <gtest/gtest.h>

#include "tests/program.h"

namespace yore::tests {
namespace {

base::Json json_of(const base::ProcessResult& result) {
  return base::parse_json(result.out, "output");
}

TEST(CompileCommand, WritesAModelThatEveryCommandTakes) {
  const Scratch scratch;
  const std::string folder = scratch / "ab";
  const auto compiled = yore({"compile", "(ab)*", "--out", folder});
  ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
  EXPECT_NE(compiled.out.find("proven for every word of at most 4096 letters"), std::string::npos);
  const auto verified =
      yore({"verify", folder, "--exhaustive", "10", "--random", "100", "--length", "300", "--json"});
  ASSERT_EQ(verified.exit_code, 0) << verified.err;
  const base::Json json = json_of(verified);
  EXPECT_EQ(json["right"], true);
  EXPECT_EQ(json["proof"]["proven"], true);
  EXPECT_EQ(json["proof"]["formula_is_the_language"], true);
  EXPECT_EQ(json["exhaustive"]["words"], 2047);
  EXPECT_EQ(json["exhaustive"]["right_to_length"], 10);
  EXPECT_EQ(json["drawn"]["wrong"], 0);
  EXPECT_GT(json["drawn"]["witness_strings"], 10);
  const auto answers = yore({"run", folder}, "abab\n\nabba\n");
  ASSERT_EQ(answers.exit_code, 0) << answers.err;
  EXPECT_EQ(answers.out,
            "accept     +4.000  abab\n"
            "accept     +4.000  ()\n"
            "reject     -4.000  abba\n");
  const auto extracted = yore({"extract", folder, "--json"});
  ASSERT_EQ(extracted.exit_code, 0) << extracted.err;
  EXPECT_EQ(json_of(extracted)["states"], 3);
  EXPECT_EQ(json_of(extracted)["same"], true);
  EXPECT_EQ(yore({"evaluate", folder, "--buckets", "41-60", "--words-per-bucket", "20"}).exit_code, 0);
}

// Budgets are named as the option that raises them is, and nothing is said of words that were not asked.
TEST(ExtractCommand, NamesTheBudgetThatItSpent) {
  const Scratch scratch;
  const std::string folder = scratch / "ab";
  ASSERT_EQ(yore({"compile", "(ab)*", "--out", folder}).exit_code, 0);
  const auto unfinished = [&](const std::vector<std::string>& budget, const std::string& says) {
    std::vector<std::string> arguments = {"extract", folder};
    arguments.insert(arguments.end(), budget.begin(), budget.end());
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 1) << result.err;
    EXPECT_NE(result.out.find("NOT finished: " + says), std::string::npos) << result.out;
    EXPECT_NE(result.out.find("(raise it with " + budget[0] + ")"), std::string::npos) << result.out;
  };
  unfinished({"--max-automaton", "2"}, "max-automaton 2: the number of states");
  unfinished({"--max-queries", "1"}, "max-queries 1: the number of words");
  // Of a learner that saw too little it is said what the model itself does.
  const auto short_sighted =
      yore({"extract", folder, "--length", "1", "--random", "0", "--exhaustive-words", "0"});
  EXPECT_EQ(short_sighted.exit_code, 1) << short_sighted.err;
  EXPECT_NE(short_sighted.out.find("which the automaton accepts and the model rejects"), std::string::npos)
      << short_sighted.out;
  const auto no_short_words = yore({"extract", folder, "--exhaustive-words", "0"});
  EXPECT_EQ(no_short_words.exit_code, 0) << no_short_words.err;
  EXPECT_EQ(no_short_words.out.find(" -1"), std::string::npos) << no_short_words.out;
  const auto long_words = yore({"extract", folder, "--length", "2000000000"});
  EXPECT_EQ(long_words.exit_code, 2);
  EXPECT_NE(long_words.err.find("100000"), std::string::npos) << long_words.err;
}

// Every command that reads a model says so of what is none; one that writes a file says at once that it
// cannot.
TEST(ModelCommands, WhatIsNoModelIsNamed) {
  const Scratch scratch;
  const std::string folder = scratch / "m", text = scratch / "f.txt", empty = scratch / "empty";
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", folder}).exit_code, 0);
  base::write_file(text, "hi");
  std::filesystem::create_directory(empty);
  const auto refused = [](const std::vector<std::string>& arguments, const std::string& message) {
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments[0];
    EXPECT_EQ(result.out, "") << arguments[0];
    EXPECT_NE(result.err.find(message), std::string::npos) << result.err;
  };
  for (const char* command : {"extract", "verify", "evaluate"}) {
    refused({command, scratch / "nope"}, "does not exist; expected a model's or run's folder");
    refused({command, text}, text +
                                 ": is no model: there is no model.json beside it; expected a run's or a "
                                 "model's folder, or its model.safetensors");
    refused({command, empty},
            empty + ": holds no model: there is no model.json in it (a run has one when it is complete)");
  }
  refused({"extract", folder, "-o", scratch / "missing/a.json"},
          "cannot write: No such file or directory (expected the folder");
  refused({"extract", folder, "--length", "0"}, "--length: expected a whole number from 1 to 100000, found");
  refused({"extract", folder, "--max-queries", "0"}, "--max-queries: expected a whole number of at least 1");
}

TEST(CompileCommand, OutputIsOnlyReplacedWhenToldTo) {
  const Scratch scratch;
  const std::string folder = scratch / "m";
  ASSERT_EQ(yore({"compile", "a*", "--alphabet", "ab", "-o", folder}).exit_code, 0);
  const std::string before = base::read_file(folder + "/model.json");
  const auto again = yore({"compile", ".*a", "--alphabet", "ab", "-o", folder});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.err.find("--force"), std::string::npos);
  EXPECT_EQ(base::read_file(folder + "/model.json"), before);
  // A language that is refused leaves what was there.
  EXPECT_EQ(yore({"compile", "(aa)*", "-o", folder, "--force"}).exit_code, 2);
  EXPECT_EQ(base::read_file(folder + "/model.json"), before);
  EXPECT_EQ(yore({"compile", ".*a", "--alphabet", "ab", "-o", folder, "--force"}).exit_code, 0);
  EXPECT_NE(base::read_file(folder + "/model.json"), before);
  EXPECT_EQ(yore({"compile", "(aa)*", "-o", scratch / "new"}).exit_code, 2);
  EXPECT_FALSE(std::filesystem::exists(scratch / "new"));
}

// Positions modulo M: the language of even words, by attention, through every command that takes a model.
TEST(CompileCommand, PositionsAreInEveryCommandThatTakesTheModel) {
  const Scratch scratch;
  for (const char* mixer : {"attention", "gla"}) {
    const std::string folder = scratch / mixer;
    const auto compiled = yore(
        {"compile", "(.(a|b))*", "--alphabet", "abc", "--period", "any", "--mixer", mixer, "-o", folder});
    ASSERT_EQ(compiled.exit_code, 0) << compiled.err;
    EXPECT_NE(compiled.out.find("positions modulo 2"), std::string::npos) << compiled.out;
    const auto verified = yore({"verify", folder, "--exhaustive", "9", "--random", "100", "--json"});
    ASSERT_EQ(verified.exit_code, 0) << verified.err;
    EXPECT_EQ(json_of(verified)["right"], true);
    EXPECT_EQ(json_of(verified)["proof"]["formula_is_the_language"], true);
    EXPECT_EQ(json_of(verified)["proof"].value("every_length", false), mixer == std::string("gla"));
    const auto traced = yore({"run", folder, "--words", "cab", "--trace"});
    ASSERT_EQ(traced.exit_code, 0) << traced.err;
    EXPECT_NE(traced.out.find("pos="), std::string::npos) << traced.out;
    const auto extracted = yore({"extract", folder, "--json"});
    ASSERT_EQ(extracted.exit_code, 0) << extracted.err;
    EXPECT_EQ(json_of(extracted)["same"], true);
    const auto drawn = yore({"picture", folder, "--to", "dot"});
    ASSERT_EQ(drawn.exit_code, 0) << drawn.err;
    EXPECT_NE(drawn.out.find("modulo 2"), std::string::npos) << drawn.out;
    EXPECT_EQ(
        yore({"export", folder, "--to", "onnx", "-o", scratch / (std::string(mixer) + ".onnx")}).exit_code,
        0);
  }
  // A formula asks for positions by itself.
  const auto formula = yore({"compile", "--ltl", "pos=0/3 & P (a & pos=1/3)", "--alphabet", "ab"});
  ASSERT_EQ(formula.exit_code, 0) << formula.err;
  EXPECT_NE(formula.out.find("positions modulo 3"), std::string::npos) << formula.out;
  const auto refused = [](const std::vector<std::string>& arguments, const char* part) {
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 2) << result.out;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  };
  refused({"compile", "(aa)*", "--period", "0"}, "--period: expected a whole number from 1 to 1024, or any");
  refused({"compile", "(aa)*", "--period", "2000"}, "the nearest is 1024");
  refused({"compile", "(aa)*", "--period", "two"}, "got \"two\"");
  refused({"compile", "(aa)*", "--period", "3"}, "--period 2");
  refused({"compile", "name:parity", "--period", "2"}, "no period of positions helps");
  refused({"compile", "--ltl", "pos=0/3", "--alphabet", "a", "--period", "2"}, "expected a multiple of 3");
}

TEST(CompileCommand, RefusalsSayWhy) {
  const auto parity = yore({"compile", "name:parity"});
  EXPECT_EQ(parity.exit_code, 2);
  for (const char* part : {"LTL[P,Y]", "words:", "for every n"})
    EXPECT_NE(parity.err.find(part), std::string::npos) << parity.err;
  const auto since = yore({"compile", "--ltl", "a S b", "--alphabet", "abc"});  // .*ba*, beyond hybrid
  EXPECT_EQ(since.exit_code, 2);
  EXPECT_NE(since.err.find("unique hard attention"), std::string::npos) << since.err;
  const auto unknown = yore({"compile", "--ltl", "a U b", "--alphabet", "ab"});
  EXPECT_EQ(unknown.exit_code, 2);
  const auto far =
      yore({"compile", ".*a.*b.*a.*", "--encoding", "+-1", "--once", "uniform", "-N", "1000000"});
  EXPECT_EQ(far.exit_code, 2);
  EXPECT_NE(far.err.find("largest that works"), std::string::npos) << far.err;
  EXPECT_EQ(yore({"compile", "a", "--encoding", "2"}).exit_code, 2);
  EXPECT_EQ(yore({"compile", "a", "--length", "0"}).exit_code, 2);
}

TEST(CompileCommand, AFormulaThatCannotBeIsReplacedByItsEqualAndThisIsSaid) {
  const Scratch scratch;
  int i = 0;
  for (const auto& [formula, reason] : {std::pair{"P (a & b)", "cannot be proven right"},
                                        {"P (a & b) | Y a", "cannot be proven right"},
                                        {"(Y a S O b) S c", "it has S"}}) {
    const std::string folder = scratch / std::to_string(i++);
    const auto made = yore({"compile", "--ltl", formula, "--alphabet", "abc", "-o", folder});
    ASSERT_EQ(made.exit_code, 0) << formula << made.err;
    EXPECT_NE(made.err.find("yore: note: the formula cannot be compiled as it stands"), std::string::npos)
        << made.err;
    EXPECT_NE(made.err.find(reason), std::string::npos) << made.err;
    // Verified against the formula given, which the model's folder names.
    const auto verified = yore({"verify", folder, "--exhaustive", "7", "--json"});
    ASSERT_EQ(verified.exit_code, 0) << verified.err;
    EXPECT_EQ(json_of(verified)["right"], true);
    EXPECT_EQ(json_of(verified)["proof"]["formula_is_the_language"], true);
  }
  // A formula that can be compiled is, and nothing is said.
  EXPECT_EQ(yore({"compile", "--ltl", "P (a & Y b)"}).err.find("cannot be compiled"), std::string::npos);
}

TEST(CompileCommand, FormulasAreCompiledAsTheyStand) {
  const auto result = yore({"compile", "--ltl", "P (b & Y a) | Y<=3 c", "--alphabet", "abc", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const base::Json json = json_of(result);
  EXPECT_EQ(json["depth"], 2);
  EXPECT_NE(json["model"]["attention"].get<std::string>().find("local:3"), std::string::npos);
  EXPECT_EQ(json["proof"]["proven"], true);
  const auto explained = yore({"compile", "--ltl", "P a", "--alphabet", "ab", "--explain"});
  EXPECT_NE(explained.out.find("head 1 (global, looks where its argument holds)"), std::string::npos)
      << explained.out;
}

TEST(RunCommand, TraceShowsEverySubformula) {
  const Scratch scratch;
  ASSERT_EQ(yore({"compile", "--ltl", "P (b & Y a)", "--alphabet", "ab", "-o", scratch / "m"}).exit_code, 0);
  const auto traced = yore({"run", scratch / "m", "--words", "aab", "--trace"});
  ASSERT_EQ(traced.exit_code, 0) << traced.err;
  for (const char* part : {"accept", "b & Y a", "P (b & Y a)", "a a b  EOS"})
    EXPECT_NE(traced.out.find(part), std::string::npos) << traced.out;
  EXPECT_EQ(traced.out.find('!'), std::string::npos);
  const auto json = yore({"run", scratch / "m", "--words", "aab", "--trace", "--json"});
  const base::Json answer = json_of(json);  // a name of its own: the loop would not keep a temporary alive
  EXPECT_GE(answer.at("trace").size(), 4u);
  for (const base::Json& row : answer.at("trace")) EXPECT_EQ(row.at("read"), row.at("truth"));
}

TEST(RunCommand, AnEmptyWordIsAWord) {
  const Scratch scratch;
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", scratch / "m"}).exit_code, 0);
  EXPECT_EQ(yore({"run", scratch / "m", "--words", "", "abab"}).out,
            "accept     +4.000  ()\naccept     +4.000  abab\n");
  EXPECT_EQ(yore({"run", scratch / "m", "--words", ""}).out, "accept     +4.000  ()\n");
  EXPECT_EQ(yore({"run", scratch / "m", "--words="}).out, "accept     +4.000  ()\n");
  const auto judged = yore({"evaluate", scratch / "m", "--words", "", "abab", "--json"});
  ASSERT_EQ(judged.exit_code, 0) << judged.err;
  EXPECT_EQ(json_of(judged).size(), 2u);
  EXPECT_EQ(shell("yore run m < /dev/null", scratch.path()).exit_code, 0);
  EXPECT_EQ(shell("yore run m <&-", scratch.path()).exit_code, 2);
}

TEST(RunCommand, BracketsAreLetters) {
  const Scratch scratch;
  ASSERT_EQ(yore({"compile", "('[' ']')*", "--alphabet", "[,]", "-o", scratch / "m"}).exit_code, 2)
      << "a blank";
  ASSERT_EQ(yore({"compile", "('['']')*", "--alphabet", "[,]", "-o", scratch / "m"}).exit_code, 0);
  EXPECT_EQ(yore({"run", scratch / "m", "--words", "[]", "]["}).out,
            "accept     +4.000  []\nreject     -4.000  ][\n");
}

TEST(ModelCommands, OptionsThatWouldDoNothing) {
  const Scratch scratch;
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", scratch / "m"}).exit_code, 0);
  std::string model = scratch / "m";
  const auto refused = [&](std::vector<std::string> arguments, const std::string& option) {
    arguments.insert(arguments.begin() + 1, model);
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 2) << arguments[0];
    EXPECT_NE(result.err.find(option), std::string::npos) << result.err;
    EXPECT_EQ(result.out, "");
  };
  refused({"verify", "--alphabet", "ab"}, "--alphabet");
  refused({"extract", "--alphabet", "ab"}, "--alphabet");
  refused({"verify", "--random", "0", "--seed", "3"}, "--seed");
  refused({"extract", "--force"}, "--force");
  refused({"evaluate", "--words", "ab", "--words-per-bucket", "9"}, "--words-per-bucket");
  // A trained model has neither a proof nor names.
  const auto trained =
      yore({"train", "(ab)*", "--steps", "1", "--batch", "4", "--layers", "1", "--width", "8", "--heads", "2",
            "--validation-words", "8", "--test-words-per-bucket", "8", "--quiet", "--out", scratch / "run"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  model = scratch / "run";
  refused({"verify", "--prove", "9"}, "--prove");
  refused({"run", "--words", "ab", "--trace"}, "--trace");
}

TEST(RunCommand, BadWordsAreNamedBeforeAnythingIsAnswered) {
  const Scratch scratch;
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", scratch / "m"}).exit_code, 0);
  const auto result = yore({"run", scratch / "m"}, "ab\nabc\n");
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_NE(result.err.find("line 2"), std::string::npos) << result.err;
  EXPECT_EQ(yore({"run", scratch / "nothing"}).exit_code, 2);
}

TEST(VerifyCommand, SaysWhereATrainedOrWrongModelFails) {
  const Scratch scratch;
  ASSERT_EQ(yore({"compile", ".*aa.*", "--alphabet", "ab", "-o", scratch / "m"}).exit_code, 0);
  const auto wrong = yore({"verify", scratch / "m", ".*aab.*", "--random", "50", "--length", "60", "--json"});
  EXPECT_EQ(wrong.exit_code, 1) << wrong.err;
  const base::Json json = json_of(wrong);
  EXPECT_EQ(json["exhaustive"]["shortest_wrong"], "aa");
  EXPECT_EQ(json["exhaustive"]["right_to_length"], 1);
  EXPECT_EQ(json["proof"]["formula_is_the_language"], false);
  EXPECT_EQ(json["proof"]["difference"], "aa");
  EXPECT_FALSE(json["drawn"]["leaves_the_automaton_at"].get<std::string>().empty());
  const auto other = yore({"verify", scratch / "m", "(abc)*"});
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("alphabet"), std::string::npos) << other.err;
}

// No word at all is a number of words too.
TEST(VerifyCommand, OptionsMayLeaveNoWordToAsk) {
  const Scratch scratch;
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", scratch / "m"}).exit_code, 0);
  for (const std::vector<std::string>& none : {std::vector<std::string>{"--max-words", "0"},
                                               {"--random", "0"},
                                               {"--max-words", "0", "--random", "0"}}) {
    std::vector<std::string> arguments = {"verify", scratch / "m", "--exhaustive", "3"};
    arguments.insert(arguments.end(), none.begin(), none.end());
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 0) << result.err;
  }
}

TEST(ExtractCommand, WritesWhatItLearnt) {
  const Scratch scratch;
  ASSERT_EQ(yore({"compile", "a(b|ab)*", "-o", scratch / "m"}).exit_code, 0);
  const std::string file = scratch / "learnt.json";
  ASSERT_EQ(yore({"extract", scratch / "m", "-o", file}).exit_code, 0);
  EXPECT_EQ(yore({"equivalent", "dfa:" + file, "a(b|ab)*"}).exit_code, 0);
  EXPECT_EQ(yore({"extract", scratch / "m", "-o", file}).exit_code, 2);
  EXPECT_EQ(yore({"extract", scratch / "m", "-o", file, "--force"}).exit_code, 0);
  const auto other = yore({"extract", scratch / "m", "ab*", "--json"});
  EXPECT_EQ(other.exit_code, 1);
  EXPECT_EQ(json_of(other)["same"], false);
  const auto small = yore({"extract", scratch / "m", "--max-automaton", "2", "--json"});
  EXPECT_EQ(small.exit_code, 1);
  EXPECT_NE(json_of(small)["open"].get<std::string>().find("max-automaton 2"), std::string::npos)
      << small.out;
}

}  // namespace
}  // namespace yore::tests
