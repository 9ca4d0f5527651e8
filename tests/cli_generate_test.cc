// yore generate as a user runs it: sampling, stops, prompts from files, several samples, saved states, drafts
// and windows, on models of bytes that train in a second.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <regex>
#include <set>

#include "program.h"
#include "yore/base/text.h"

namespace yore::tests {
namespace {

/// Trains a model of a few words of French into `folder`/NAME.
void train_bytes(const Scratch& scratch, const std::string& name, const std::vector<std::string>& more) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "un caf\xC3\xA9 cr\xC3\xA8me \xE2\x82\xAC 3. le chat. ";
  base::write_file(scratch / "t.txt", text);
  std::vector<std::string> line = {"train",     "--task",  "text:" + std::string(scratch / "t.txt"),
                                   "--context", "48",      "--steps",
                                   "40",        "--out",   scratch / name,
                                   "--batch",   "4",       "--learning-rate",
                                   "0.01",      "--heads", "2",
                                   "--quiet"};
  line.insert(line.end(), more.begin(), more.end());
  const auto trained = yore(line);
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
}

const std::vector<std::string> kBytes = {"--width", "24", "--layers", "2", "--mlp-width", "32"};
const std::vector<std::string> kFewerBytes = {"--width", "16", "--layers", "1", "--mlp-width", "16"};

/// The JSON object that `yore generate FOLDER/MODEL ARGUMENTS --json` prints.
base::Json generated(const std::string& model, std::vector<std::string> arguments,
                     const std::string& input = "") {
  arguments.insert(arguments.begin(), {"generate", model});
  arguments.emplace_back("--json");
  const auto result = yore(arguments, input);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.exit_code == 0 ? base::parse_json(result.out, "generated") : base::Json();
}

class Generates : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch = new Scratch;
    train_bytes(*scratch, "m", kBytes);
    train_bytes(*scratch, "d", kFewerBytes);
  }
  static void TearDownTestSuite() {
    delete scratch;
    scratch = nullptr;
  }
  static std::string at(const std::string& name) { return *scratch / name; }
  static Scratch* scratch;
};
Scratch* Generates::scratch = nullptr;

TEST_F(Generates, APromptMayComeFromAnywhereAndInChunks) {
  const base::Json plain = generated(at("m"), {"--prompt", "le chat. un", "--count", "30"});
  EXPECT_EQ(plain["tokens"].size(), 30u);
  EXPECT_EQ(plain["end"], "count");
  base::write_file(at("p.txt"), "le chat. un");
  for (const char* chunk : {"1", "3", "1000"})
    EXPECT_EQ(generated(at("m"), {"--prompt", "le chat. un", "--count", "30", "--prefill", chunk}), plain);
  EXPECT_EQ(generated(at("m"), {"--prompt-file", at("p.txt"), "--count", "30"}), plain);
  EXPECT_EQ(generated(at("m"), {"--prompt-file", "-", "--count", "30"}, "le chat. un"), plain);
  const auto shown = yore({"generate", at("m"), "--prompt", "le chat. un", "--count", "30"});
  EXPECT_EQ(shown.out, "le chat. un" + plain["text"].get<std::string>() + "\n");
  const auto from_file = yore({"generate", at("m"), "--prompt-file", at("p.txt"), "--count", "30"});
  EXPECT_EQ(from_file.out, plain["text"].get<std::string>() + "\n");
}

TEST_F(Generates, StopsBeforeTheStop) {
  const auto text = generated(at("m"), {"--prompt", "un", "--count", "60"})["text"].get<std::string>();
  ASSERT_GE(text.size(), 40u);
  std::size_t from = 20;
  while (base::continues(text[from])) ++from;
  const std::string stop = text.substr(from, 3);
  const base::Json stopped = generated(
      at("m"), {"--prompt", "un", "--count", "60", "--stop", stop, "--stop", "no such text", "--stats"});
  EXPECT_EQ(stopped["text"], text.substr(0, text.find(stop)));
  EXPECT_EQ(stopped["end"], "stop");
  EXPECT_EQ(stopped["tokens"].size(), text.find(stop) + stop.size());
  EXPECT_EQ(stopped["stats"]["tokens"], stopped["tokens"].size());
}

// However many tokens there are, what is printed is UTF-8: sampled bytes that are none are replaced.
TEST_F(Generates, ATextEndsWithAWholeCharacter) {
  bool half = false;
  for (int count = 1; count <= 24; ++count) {
    const auto result = yore({"generate", at("m"), "--prompt", "un caf", "--count", std::to_string(count)});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const std::string text = result.out.substr(0, result.out.size() - 1);
    half = half || text.ends_with("\xEF\xBF\xBD");
    EXPECT_FALSE(text.ends_with("\xC3") || text.ends_with("\xE2") || text.ends_with("\xE2\x82"));
  }
  EXPECT_TRUE(half);  // it has learnt to write accents, and was cut within one
}

TEST_F(Generates, SamplersChangeTheText) {
  const std::vector<std::string> plain = {"--prompt",      "un",  "--count", "60",
                                          "--temperature", "1.5", "--seed",  "4"};
  std::set<std::string> texts = {generated(at("m"), plain).dump()};
  EXPECT_TRUE(texts.contains(generated(at("m"), plain).dump()));
  for (const std::vector<std::string>& more :
       std::vector<std::vector<std::string>>{{"--top-k", "2"},
                                             {"--top-p", "0.5"},
                                             {"--min-p", "0.3"},
                                             {"--repeat-penalty", "3", "--repeat-last", "5"},
                                             {"--seed", "5"}}) {
    std::vector<std::string> line = plain;
    if (more[0] == "--seed") line.resize(6);
    line.insert(line.end(), more.begin(), more.end());
    EXPECT_TRUE(texts.insert(generated(at("m"), line).dump()).second) << more[0];
  }
  const base::Json greedy = generated(at("m"), {"--prompt", "un", "--count", "20"});
  EXPECT_EQ(generated(at("m"), {"--prompt", "un", "--count", "20", "--temperature", "2", "--top-k", "1"}),
            greedy);
}

TEST_F(Generates, SamplesComeInOrderFromOnePrompt) {
  const std::vector<std::string> line = {"generate",      at("m"), "--prompt",  "un", "--count", "25",
                                         "--temperature", "1.2",   "--samples", "3",  "--seed",  "9"};
  auto as_json = line;
  as_json.insert(as_json.end(), {"--json", "--stats"});
  const auto result = yore(as_json);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  std::vector<base::Json> lines;
  for (std::size_t from = 0; from < result.out.size();) {
    const std::size_t end = result.out.find('\n', from);
    lines.push_back(base::parse_json(result.out.substr(from, end - from), "line"));
    from = end + 1;
  }
  ASSERT_EQ(lines.size(), 4u);
  for (int s = 0; s < 3; ++s) EXPECT_EQ(lines[static_cast<std::size_t>(s)]["sample"], s);
  EXPECT_NE(lines[0]["text"], lines[1]["text"]);
  EXPECT_NE(lines[1]["text"], lines[2]["text"]);
  EXPECT_EQ(lines[3]["stats"]["tokens"], 75);
  EXPECT_EQ(lines[3]["stats"]["prompt_tokens"], 2);
  const base::Json alone =
      generated(at("m"), {"--prompt", "un", "--count", "25", "--temperature", "1.2", "--seed", "9"});
  EXPECT_EQ(lines[0]["tokens"], alone["tokens"]);
  const auto shown = yore(line);
  std::string expected;
  for (int s = 0; s < 3; ++s)
    expected += "--- sample " + std::to_string(s + 1) + "\nun" +
                lines[static_cast<std::size_t>(s)]["text"].get<std::string>() + "\n";
  // Bytes that are no text come as they are; JSON has U+FFFD for them.
  const auto replaced = [](const std::string& text) {
    return base::Json(text).dump(-1, ' ', false, base::Json::error_handler_t::replace);
  };
  EXPECT_EQ(replaced(shown.out), replaced(expected));
}

TEST_F(Generates, GoesOnFromASavedState) {
  for (const std::vector<std::string>& how :
       std::vector<std::vector<std::string>>{{}, {"--temperature", "1.3"}, {"--window-global", "6"}}) {
    const auto with = [&](std::vector<std::string> line) {
      line.insert(line.end(), how.begin(), how.end());
      return generated(at("m"), line);
    };
    const auto whole = with({"--prompt", "le chat", "--count", "30"})["tokens"].get<std::vector<int>>();
    const std::string file = at("state");
    auto pieces = with({"--prompt", "le", "--count", "0", "--save-state", file, "--force"})["tokens"]
                      .get<std::vector<int>>();
    EXPECT_TRUE(pieces.empty());
    for (const auto& [prompt, count] : {std::pair{" chat", "11"}, {"", "19"}}) {
      std::vector<std::string> line = {"--state", file, "--count", count, "--save-state", file, "--force"};
      if (*prompt != 0) line.insert(line.end(), {"--prompt", prompt});
      const auto more = with(line)["tokens"].get<std::vector<int>>();
      pieces.insert(pieces.end(), more.begin(), more.end());
    }
    EXPECT_EQ(pieces, whole);
  }
  const std::string file = at("state");
  const auto again = yore({"generate", at("m"), "--prompt", "a", "--save-state", file});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_NE(again.err.find("exists; --force replaces it"), std::string::npos) << again.err;
  // It was saved with a window; neither without nor another model can take it on.
  for (const std::vector<std::string>& line : std::vector<std::vector<std::string>>{
           {"generate", at("m"), "--state", file}, {"generate", at("d"), "--state", file}}) {
    const auto refused = yore(line);
    EXPECT_EQ(refused.exit_code, 2);
    EXPECT_NE(refused.err.find("is the state of another model or setting"), std::string::npos) << refused.err;
  }
}

TEST_F(Generates, ADraftChangesNothingButTheTime) {
  const base::Json plain = generated(at("m"), {"--prompt", "le", "--count", "50", "--stats"});
  for (const char* tokens : {"1", "4", "16"}) {
    const base::Json drafted = generated(at("m"), {"--prompt", "le", "--count", "50", "--draft", at("d"),
                                                   "--draft-tokens", tokens, "--stats"});
    EXPECT_EQ(drafted["text"], plain["text"]);
    EXPECT_EQ(drafted["tokens"], plain["tokens"]);
    const base::Json& counts = drafted["stats"]["draft"];
    EXPECT_GT(counts["accepted"].get<int>(), 0);
    EXPECT_LE(counts["accepted"].get<int>(), counts["proposed"].get<int>());
    EXPECT_EQ(1 + counts["rounds"].get<int>() + counts["accepted"].get<int>(), 50);
  }
  EXPECT_FALSE(plain["stats"].contains("draft"));
  // A model that drafts for itself is always right.
  const base::Json own =
      generated(at("m"), {"--prompt", "le", "--count", "21", "--draft", at("m"), "--stats"});
  EXPECT_EQ(own["stats"]["draft"]["acceptance"], 1.0);
  // Samples, and a state that can be gone on from with a draft.
  const std::string file = at("drafted");
  const std::vector<std::string> draft = {"--draft", at("d"), "--draft-tokens", "3"};
  auto first = std::vector<std::string>{"--prompt", "le", "--count", "20", "--save-state", file},
       second = std::vector<std::string>{"--state", file, "--count", "30"};
  first.insert(first.end(), draft.begin(), draft.end());
  auto tokens = generated(at("m"), first)["tokens"].get<std::vector<int>>();
  for (const bool with : {true, false}) {
    auto line = second;
    if (with) line.insert(line.end(), draft.begin(), draft.end());
    auto all = tokens;
    const auto more = generated(at("m"), line)["tokens"].get<std::vector<int>>();
    all.insert(all.end(), more.begin(), more.end());
    EXPECT_EQ(all, plain["tokens"].get<std::vector<int>>());
  }
  const auto refused = yore({"generate", at("m"), "--state", file, "--draft", at("d")});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("fewer --draft-tokens (3)"), std::string::npos) << refused.err;
}

TEST_F(Generates, WindowsBoundTheState) {
  const std::vector<std::string> line = {"--prompt", "le chat. un", "--count", "60", "--stats"};
  const auto with = [&](const std::vector<std::string>& more) {
    auto all = line;
    all.insert(all.end(), more.begin(), more.end());
    return generated(at("m"), all);
  };
  const base::Json plain = with({}), wide = with({"--window-global", "1000"}),
                   narrow = with({"--window-global", "8"});
  EXPECT_EQ(wide["tokens"], plain["tokens"]);
  EXPECT_LT(narrow["stats"]["state_bytes"], plain["stats"]["state_bytes_described"]);
  EXPECT_EQ(narrow["stats"]["full_cache_bytes"], plain["stats"]["full_cache_bytes"]);
  for (const base::Json& one : {plain, narrow}) {
    const base::Json& stats = one["stats"];
    EXPECT_GE(stats["state_bytes"], stats["state_bytes_described"]);
    EXPECT_EQ(stats["prompt_tokens"], 11);
    EXPECT_EQ(stats["state_tokens"], 70);
    for (const char* key : {"prefill_seconds", "prefill_tokens_per_second", "decode_ms_median"})
      EXPECT_GT(stats[key].get<double>(), 0) << key;
    EXPECT_GT(stats["peak_memory_bytes"].get<double>(), 1e6);
  }
  const auto bits = [&](const std::vector<std::string>& more) {
    std::vector<std::string> evaluate = {"evaluate", at("m"), "--json"};
    evaluate.insert(evaluate.end(), more.begin(), more.end());
    const auto result = yore(evaluate);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    const base::Json scores = base::parse_json(result.out, "scores");
    for (const base::Json& metric : scores["metrics"])
      if (metric["name"] == "bits_per_byte") return metric["value"].get<double>();
    ADD_FAILURE() << result.out;
    return 0.0;
  };
  const double as_trained = bits({});
  EXPECT_NEAR(bits({"--window-global", "1000"}), as_trained, 1e-5 * as_trained);
  EXPECT_GT(std::abs(bits({"--window-global", "1"}) - as_trained), 1e-4 * as_trained);
}

// Reading a long prompt in chunks, by a model of windows, takes less than half of the memory that reading it
// at once does; both hold the prompt itself and the layers' tables of rotary positions.
TEST_F(Generates, MemoryOfReadingIsThatOfAChunk) {
  const auto peak = [&](int tokens, const std::string& chunk) {
    base::write_file(at("long.txt"), std::string(static_cast<std::size_t>(tokens), 'u'));
    return generated(at("m"), {"--prompt-file", at("long.txt"), "--count", "2", "--window-global", "8",
                               "--prefill", chunk, "--stats"})["stats"]["peak_memory_bytes"]
        .get<double>();
  };
  const double small = peak(600, "64"), chunks = peak(60000, "64"), whole = peak(60000, "60000");
  EXPECT_GT(whole - small, 30e6);  // rows of 24 numbers and more, several at a time
  EXPECT_LT(chunks - small, (whole - small) / 2);
}

TEST_F(Generates, StatsAreSaidBesideTheText) {
  const auto result = yore({"generate", at("m"), "--prompt", "le", "--count", "9", "--stats", "--draft",
                            at("d"), "--stop", "zzzz"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out.find("prompt"), std::string::npos);
  for (const char* part : {"prompt  2 tokens read in ", "text    9 tokens, ", "state   ",
                           "a full cache: ", "memory  ", "draft   "})
    EXPECT_NE(result.err.find(part), std::string::npos) << part << "\n" << result.err;
}

TEST_F(Generates, LearnedPositionsEnd) {
  auto learned = kFewerBytes;
  learned.insert(learned.end(), {"--positions", "learned", "--max-positions", "64"});
  train_bytes(*scratch, "l", learned);
  const std::string prompt(60, 'u');
  EXPECT_EQ(generated(at("l"), {"--prompt", prompt, "--count", "5"})["tokens"].size(), 5u);
  const auto expect_refused = [&](std::vector<std::string> line, const std::string& part) {
    line.insert(line.begin(), {"generate"});
    const auto refused = yore(line);
    EXPECT_EQ(refused.exit_code, 2) << part;
    EXPECT_EQ(refused.out, "");
    EXPECT_NE(refused.err.find(part), std::string::npos) << refused.err;
  };
  expect_refused({at("l"), "--prompt", prompt, "--count", "6"},
                 "--count: after 60 tokens the 64 learned positions reach for 5 more, found 6");
  expect_refused({at("l"), "--prompt", std::string(65, 'u'), "--count", "1"},
                 "--prompt: 65 tokens are more than the 64 learned positions reach");
  expect_refused({at("m"), "--prompt", prompt, "--count", "6", "--draft", at("l")}, "of --draft");
}

TEST_F(Generates, WhatMakesNoSenseIsRefusedInOneLine) {
  base::write_file(at("empty"), "");
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", at("c")}).exit_code, 0);
  ASSERT_EQ(yore({"train", "--task", "copy", "--steps", "1", "--width", "8", "--heads", "2", "--layers", "1",
                  "--out", at("k"), "--quiet"})
                .exit_code,
            0);
  struct Line {
    std::vector<std::string> arguments;
    std::string part;
  };
  const std::vector<Line> lines = {
      {{}, "--prompt: is missing"},
      {{"--prompt", ""}, "--prompt: is empty"},
      {{"--prompt-file", at("empty")}, "--prompt-file: is empty"},
      {{"--prompt-file", at("nothing")}, "nothing"},
      {{"--prompt", "a", "--prompt-file", at("t.txt")}, "one prompt"},
      {{"--prompt", "a", "--temperature", "-1"}, "not negative"},
      {{"--prompt", "a", "--temperature", "nan"}, "expected a number"},
      {{"--prompt", "a", "--temperature", "1", "--top-k", "-3"}, "whole number"},
      {{"--prompt", "a", "--temperature", "1", "--top-p", "0"}, "above 0 and at most 1, found \"0\""},
      {{"--prompt", "a", "--temperature", "1", "--top-p", "1.5"}, "above 0 and at most 1, found \"1.5\""},
      {{"--prompt", "a", "--temperature", "1", "--min-p", "2"}, "of at least 0 and at most 1, found \"2\""},
      {{"--prompt", "a", "--repeat-penalty", "0"}, "of at least 0.01 and at most 100"},
      {{"--prompt", "a", "--repeat-penalty", "2", "--repeat-last", "0"}, "from 1 to 1000000000"},
      {{"--prompt", "a", "--repeat-last", "9"}, "--repeat-last: does nothing without --repeat-penalty"},
      {{"--prompt", "a", "--top-k", "3"}, "--top-k: does nothing at temperature 0"},
      {{"--prompt", "a", "--top-p", "0.5"}, "--top-p: does nothing at temperature 0"},
      {{"--prompt", "a", "--min-p", "0.5"}, "--min-p: does nothing at temperature 0"},
      {{"--prompt", "a", "--samples", "2"}, "--samples: does nothing at temperature 0"},
      {{"--prompt", "a", "--seed", "2"}, "--seed: does nothing at temperature 0"},
      {{"--prompt", "a", "--fp32"}, "/m are float32 already"},
      {{"--prompt", "a", "--fp32", "--draft", at("d")}, "--fp32: does nothing"},
      {{"--prompt", "a", "--samples", "0"}, "from 1 to 1000000"},
      {{"--prompt", "a", "--prefill", "0"}, "from 1 to 1000000"},
      {{"--prompt", "a", "--prefill-products", "bf16", "--fp32"}, "does not go with --fp32"},
      {{"--prompt", "a", "--prefill-products", "bf16"}, "--prefill-products: bf16 "},  // no weights in it
      {{"--prompt", "a", "--prefill-products", "fp8"}, "fp8"},
      {{"--prompt", "a", "--count", "0"}, "--count: 0 tokens"},
      {{"--prompt", "a", "--count", "-1"}, "from 0 to 1000000000"},
      {{"--prompt", "a", "--stop", ""}, "--stop: is empty"},
      {{"--prompt", "a", "--draft-tokens", "3"}, "--draft-tokens: does nothing without --draft"},
      {{"--prompt", "a", "--draft", at("d"), "--draft-tokens", "65"}, "from 1 to 64"},
      {{"--prompt", "a", "--draft", at("nothing")}, "does not exist"},
      {{"--prompt", "a", "--draft", at("c")}, "predicts no next tokens"},
      {{"--prompt", "a", "--draft", at("k")}, "has other tokens (18) than"},
      {{"--prompt", "a", "--sinks", "2"}, "--sinks: does nothing without --window-global"},
      {{"--prompt", "a", "--window-global", "2000000000"}, "--window-global: expected 1 to 1000000000"},
      {{"--prompt", "a", "--force"}, "--force: replaces the file that --save-state names"},
      {{"--prompt", "a", "--save-state", at("no/such/file")}, "to be there"},
      {{"--prompt", "a", "--save-state", at("m")}, "is a folder"},
      {{"--prompt", "a", "--save-state", "/proc/state"}, "/proc/state: cannot write"},
      {{"--prompt", "a", "--save-state", "/dev/null"}, "/dev/null: is a device, which keeps no state"},
      {{"--prompt", "a", "--save-state", "/dev/full"}, "is a device, which keeps no state"},
      {{"--prompt", "a", "--save-state", ""}, "--save-state: is empty"},
      {{"--prompt", "a", "--state", ""}, "--state: is empty"},
      {{"--prompt", "a", "--temperature", "1", "--samples", "2", "--save-state", at("s")}, "a state each"},
      {{"--prompt", "a", "--count", "0", "--save-state", at("s"), "--draft", at("d")},
       "--draft: does nothing"},
      {{"--state", at("t.txt")}, "t.txt"},
      {{"--state", at("m/model.safetensors")}, "is no saved state"},
  };
  for (const auto& [arguments, part] : lines) {
    std::vector<std::string> line = {"generate", at("m")};
    line.insert(line.end(), arguments.begin(), arguments.end());
    const auto refused = yore(line);
    EXPECT_EQ(refused.exit_code, 2) << part << refused.out;
    EXPECT_EQ(refused.out, "") << part;
    EXPECT_NE(refused.err.find(part), std::string::npos) << part << "\n" << refused.err;
    // One line, beside what is said of OpenBLAS on some processors.
    const std::string own = std::regex_replace(refused.err, std::regex("yore: note: OpenBLAS [^\n]*\n"), "");
    EXPECT_EQ(std::count(own.begin(), own.end(), '\n'), 1) << refused.err;
  }
  EXPECT_FALSE(std::filesystem::exists(at("s")));
}

}  // namespace
}  // namespace yore::tests
