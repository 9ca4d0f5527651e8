// train, evaluate and study as a user runs them, on models that train in seconds.
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "tests/program.h"
#include "yore/base/safetensors.h"

namespace yore::tests {
namespace {

std::vector<std::string> tiny(std::vector<std::string> first) {
  const std::vector<std::string> options = {"--steps",
                                            "60",
                                            "--evaluate-every",
                                            "20",
                                            "--batch",
                                            "16",
                                            "--width",
                                            "16",
                                            "--heads",
                                            "2",
                                            "--layers",
                                            "1",
                                            "--mlp-width",
                                            "32",
                                            "--validation-words",
                                            "64",
                                            "--test-words-per-bucket",
                                            "32",
                                            "--test-buckets",
                                            "41-60",
                                            "61-80",
                                            "--witness-depth",
                                            "2",
                                            "--quiet"};
  first.insert(first.end(), options.begin(), options.end());
  return first;
}

TEST(Train, ResumedIsTheSameToTheBit) {
  const Scratch scratch;
  const auto whole = yore(tiny({"train", "(ab)*", "--out", scratch / "whole", "--json"}));
  ASSERT_EQ(whole.exit_code, 0) << whole.err;
  const auto cut = yore(tiny({"train", "(ab)*", "--out", scratch / "cut", "--stop-after", "37"}));
  EXPECT_EQ(cut.exit_code, 0) << cut.err;
  EXPECT_FALSE(std::filesystem::exists(scratch / "cut/result.json"));
  const auto resumed = yore({"train", "--run", scratch / "cut", "--quiet", "--json"});
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(base::read_file(scratch / "whole/model.safetensors"),
            base::read_file(scratch / "cut/model.safetensors"));
  const base::Json a = base::parse_json(whole.out, "whole"), b = base::parse_json(resumed.out, "resumed");
  for (const char* key : {"status", "steps", "parameters", "goal", "metrics"})
    EXPECT_EQ(a.at(key), b.at(key)) << key;
}

TEST(Train, KilledOutrightItStillResumesToTheSameBits) {
  const Scratch scratch;
  ASSERT_EQ(yore(tiny({"train", "(ab)*", "--out", scratch / "whole"})).exit_code, 0);
  {
    // SIGKILL as soon as the first checkpoint is there: nothing can be tidied up.
    const auto killed = shell(
        "yore train '(ab)*' --out killed --steps 60 --evaluate-every 20 --batch 16 --width 16 --heads 2 "
        "--layers 1 --mlp-width 32 --validation-words 64 --test-words-per-bucket 32 --test-buckets 41-60 "
        "61-80 "
        "--witness-depth 2 --quiet & pid=$!; "
        "while [ ! -e killed/checkpoint.json ] && kill -0 $pid; do sleep 0.01; done; kill -9 $pid; wait "
        "$pid; echo $?",
        scratch.path());
    EXPECT_NE(killed.out.find("137"), std::string::npos) << killed.out << killed.err;
  }
  ASSERT_EQ(yore({"train", "--run", scratch / "killed", "--quiet"}).exit_code, 0);
  EXPECT_EQ(base::read_file(scratch / "whole/model.safetensors"),
            base::read_file(scratch / "killed/model.safetensors"));
}

TEST(Train, CommandLineWinsOverToml) {
  const Scratch scratch;
  base::write_file(
      scratch / "c.toml",
      "steps = 40\nbatch = 8\nlearning-rate = 0.002\nattention = \"local:2\"\ntest-buckets = [\"41-50\"]\n");
  const auto result = yore({"train", "(ab)*", "--out", scratch / "run", "--config", scratch / "c.toml",
                            "--steps", "20", "--width", "16", "--heads", "2", "--layers", "1",
                            "--validation-words", "32", "--test-words-per-bucket", "16", "--quiet"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const base::Json config = base::read_json(scratch / "run/config.json");
  EXPECT_EQ(config["training"]["steps"], 20);
  EXPECT_EQ(config["training"]["batch"], 8);
  EXPECT_EQ(config["training"]["learning_rate"], 0.002);
  EXPECT_EQ(config["model"]["attention"], "local:2");
  EXPECT_EQ(config["task"]["test_buckets"], base::Json::array({"41-50"}));
}

TEST(Train, AnotherConfigurationInTheFolderIsRefused) {
  const Scratch scratch;
  ASSERT_EQ(yore(tiny({"train", "(ab)*", "--out", scratch / "run"})).exit_code, 0);
  const std::string before = base::read_file(scratch / "run/model.safetensors");
  const auto other = yore(tiny({"train", "(ab)*", "--out", scratch / "run", "--seed", "5"}));
  EXPECT_EQ(other.exit_code, 2);
  EXPECT_NE(other.err.find("seed"), std::string::npos) << other.err;
  EXPECT_EQ(base::read_file(scratch / "run/model.safetensors"), before);
}

TEST(Train, AFolderInWhichAnotherProcessTrainsIsRefused) {
  const Scratch scratch;
  const std::string small = "--batch 4 --width 8 --heads 2 --layers 1 --validation-words 8 --quiet";
  const auto both = shell("yore train '(ab)*' --out run --steps 100000000 " + small +
                              " & first=$!; "
                              "while [ ! -e run/checkpoint.json ] && kill -0 $first; do sleep 0.01; done; "
                              "yore train '(ab)*' --out run --steps 100000000 " +
                              small +
                              "; echo by-command=$?; yore train --run run --quiet; echo by-folder=$?; "
                              "kill -TERM $first; wait $first; echo first=$?; "
                              "yore train --run run --quiet --stop-after 1; echo later=$?",
                          scratch.path());
  EXPECT_TRUE(both.out.starts_with("by-command=2\nby-folder=2\n")) << both.out << both.err;
  EXPECT_NE(both.out.find("first=143\n"), std::string::npos) << both.out;
  EXPECT_NE(both.out.find("later=0\n"), std::string::npos) << both.out;
  EXPECT_NE(both.err.find("another process is training in it"), std::string::npos) << both.err;
}

TEST(Evaluate, AnswersBucketsAndWordsAndRefusesBrokenModels) {
  const Scratch scratch;
  ASSERT_EQ(yore(tiny({"train", "(ab)*", "--out", scratch / "run"})).exit_code, 0);
  const auto scores =
      yore({"evaluate", scratch / "run", "--buckets", "50-60", "--words-per-bucket", "20", "--json"});
  ASSERT_EQ(scores.exit_code, 0) << scores.err;
  const base::Json json = base::parse_json(scores.out, "scores");
  bool seen = false;
  for (const base::Json& metric : json["metrics"])
    if (metric["set"] == "50-60") {
      seen = true;
      EXPECT_EQ(metric["count"], 20);
    }
  EXPECT_TRUE(seen) << scores.out;
  const auto words = yore({"evaluate", scratch / "run", "--words", "abab", "ba", "", "--json"});
  ASSERT_EQ(words.exit_code, 0) << words.err;
  const base::Json answers = base::parse_json(words.out, "words");
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0]["in_language"], true);
  EXPECT_EQ(answers[1]["in_language"], false);
  EXPECT_EQ(answers[2]["in_language"], true);
  const auto measured = yore({"evaluate", scratch / "run", "--measure", "sinks,w8a8"});
  EXPECT_EQ(measured.exit_code, 0) << measured.err;
  for (const char* part : {"validation sink_rate ", "validation accuracy_w8a8", "out_norm_t0_max"})
    EXPECT_NE(measured.out.find(part), std::string::npos) << part << "\n" << measured.out;
  // Columns: every percentage ends where the others do, and so does every other number; none runs into its
  // name.
  std::map<std::string, std::set<std::size_t>> ends;
  std::istringstream lines(measured.out);
  for (std::string line; std::getline(lines, line);)
    for (const std::string& mark : {std::string(" %   "), std::string("   over ")}) {
      const std::size_t end = line.find(mark);
      if (end == std::string::npos) continue;
      ends[mark].insert(end);
      const std::size_t begin = line.find_last_not_of("0123456789.-", end - 1);
      EXPECT_EQ(line[begin], ' ') << line;
    }
  EXPECT_EQ(ends.size(), 2u) << measured.out;
  for (const auto& [mark, columns] : ends) EXPECT_EQ(columns.size(), 1u) << mark << "\n" << measured.out;
  const auto unknown = yore({"evaluate", scratch / "run", "--measure", "sink"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_NE(unknown.err.find("did you mean sinks?"), std::string::npos) << unknown.err;
  EXPECT_EQ(yore({"evaluate", scratch / "run", "--words", "ab", "--measure", "sinks"}).exit_code, 2);
  EXPECT_EQ(yore({"evaluate", scratch / "run", "--words", "abc"}).exit_code, 2);
  EXPECT_EQ(yore({"evaluate", scratch / "nothing"}).exit_code, 2);
  EXPECT_EQ(yore({"evaluate", scratch / "run", "--language", "(ab)*c"}).exit_code, 2);
  const std::string weights = base::read_file(scratch / "run/model.safetensors");
  // Every weight a NaN, which is no answer.
  base::NamedArrays broken = base::parse_safetensors(weights, "model");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (auto& [name, array] : broken.arrays)
    for (std::size_t at = 0; at + sizeof nan <= array.bytes.size(); at += sizeof nan)
      std::memcpy(array.bytes.data() + at, &nan, sizeof nan);
  base::write_file(scratch / "run/model.safetensors", base::to_safetensors(broken));
  for (const std::vector<std::string>& line : {std::vector<std::string>{"evaluate", scratch / "run"},
                                               {"evaluate", scratch / "run", "--words", "ab"},
                                               {"run", scratch / "run", "--words", "ab"}}) {
    const auto answered = yore(line);
    EXPECT_EQ(answered.exit_code, 2) << answered.out;
    EXPECT_EQ(answered.out, "");
    EXPECT_NE(answered.err.find("is not finite"), std::string::npos) << answered.err;
    if (line.size() > 2) {
      EXPECT_NE(answered.err.find("the logit of the word \"ab\""), std::string::npos) << answered.err;
    }
  }
  base::write_file(scratch / "run/model.safetensors", weights.substr(0, weights.size() / 2));
  const auto truncated = yore({"evaluate", scratch / "run"});
  EXPECT_EQ(truncated.exit_code, 2);
  EXPECT_NE(truncated.err.find("model.safetensors"), std::string::npos) << truncated.err;
}

TEST(Study, RunsOnceAndReports) {
  const Scratch scratch;
  const auto command = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = tiny({"study", "(ab)*", "--out", scratch / "s", "--seeds", "1"});
    arguments.insert(arguments.end(), more.begin(), more.end());
    return yore(arguments);
  };
  // Two machines' shards, one after the other, make the whole.
  ASSERT_EQ(command({"--shard", "1/2"}).exit_code, 0);
  ASSERT_EQ(command({"--shard", "2/2"}).exit_code, 0);
  const auto stamp = std::filesystem::last_write_time(scratch / "s/runs/hybrid-seed1/result.json");
  const auto again = command({"--json"});
  ASSERT_EQ(again.exit_code, 0) << again.err;
  const base::Json json = base::parse_json(again.out, "study");
  EXPECT_EQ(json["planned"], 3);
  EXPECT_EQ(json["measured"], 3);
  ASSERT_EQ(json["summary"].size(), 3u);
  EXPECT_EQ(json["summary"][0]["name"], "global");
  EXPECT_EQ(json["summary"][0]["theory"], false);
  EXPECT_EQ(std::filesystem::last_write_time(scratch / "s/runs/hybrid-seed1/result.json"), stamp);
  const std::string said = command({}).out;
  for (const char* kind : {"global: Theory: no", "local: Theory: no", "hybrid: Theory: yes"})
    EXPECT_NE(said.find(kind), std::string::npos) << said;
  const std::string report = base::read_file(scratch / "s/report.html");
  for (const char* text : {"<!DOCTYPE html>", "(ab)*", "hybrid", "<svg", "</html>"})
    EXPECT_NE(report.find(text), std::string::npos) << text;
  EXPECT_TRUE(std::filesystem::exists(scratch / "s/numbers.csv"));
}

}  // namespace
}  // namespace yore::tests
