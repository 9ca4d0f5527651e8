// Other tasks than words of a language, from training to evaluation and generation, and grids over any
// option.
#include <gtest/gtest.h>

#include "program.h"
#include "yore/base/files.h"
#include "yore/base/test_scratch.h"

namespace yore::tests {
namespace {

using base::Scratch;

const std::vector<std::string> kSmall = {"--width",     "16", "--heads", "2", "--layers", "1",
                                         "--mlp-width", "16", "--batch", "4", "--quiet"};

std::vector<std::string> small_run(std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), kSmall.begin(), kSmall.end());
  return arguments;
}

TEST(Tasks, ATextIsLearntEvaluatedAndGoesOn) {
  const Scratch scratch;
  std::string text;
  for (int i = 0; i < 400; ++i) text += "the cat sat on the mat. ";
  base::write_file(scratch / "t.txt", text);
  const auto trained =
      yore(small_run({"train", "--task", "text:" + std::string(scratch / "t.txt"), "--steps", "60",
                      "--context", "64", "--learning-rate", "0.01", "--out", scratch / "run", "--json"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const base::Json result = base::parse_json(trained.out, "result");
  EXPECT_EQ(result["goal"], "bits_per_byte");
  EXPECT_LT(result["history"].back()["validation"].get<double>(), 4.0);  // of 8 bits, after a few steps
  const auto evaluated = yore({"evaluate", scratch / "run", "--json"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_EQ(base::parse_json(evaluated.out, "scores")["metrics"], result["metrics"]);
  const auto said = yore({"generate", scratch / "run", "--prompt", "the", "--count", "12", "--json"});
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_EQ(base::parse_json(said.out, "generated")["tokens"].size(), 12u);
  EXPECT_EQ(yore({"generate", scratch / "run", "--prompt", "", "--count", "2"}).exit_code, 2);
  // Another text under the same name is not the text that was learnt.
  base::write_file(scratch / "t.txt", text + "x");
  const auto changed = yore({"evaluate", scratch / "run"});
  EXPECT_EQ(changed.exit_code, 2);
  EXPECT_NE(changed.err.find("t.txt"), std::string::npos) << changed.err;
}

TEST(Tasks, AModelOfWordsBringsItsTokenizer) {
  const Scratch scratch;
  std::string text;
  for (int i = 0; i < 400; ++i) text += "the cat sat on the mat .\n";
  base::write_file(scratch / "t.txt", text);
  base::write_file(scratch / "words.txt", "<unk>\n<eos>\nthe\ncat\nsat\non\nmat\n.\n");
  const auto trained = yore(small_run({"train", "--task",
                                       "text:file=" + std::string(scratch / "t.txt") +
                                           ",tokenizer=words:" + std::string(scratch / "words.txt"),
                                       "--steps", "60", "--context", "32", "--learning-rate", "0.01", "--out",
                                       scratch / "run", "--json"}));
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const auto evaluated = yore({"evaluate", scratch / "run", "--json"});
  ASSERT_EQ(evaluated.exit_code, 0) << evaluated.err;
  EXPECT_EQ(base::parse_json(evaluated.out, "scores")["metrics"],
            base::parse_json(trained.out, "result")["metrics"]);
  // The list may go: the model has its own. Unknown words become the token for them.
  std::filesystem::remove(scratch / "words.txt");
  const auto said = yore({"generate", scratch / "run", "--prompt", "the dog", "--count", "9"});
  ASSERT_EQ(said.exit_code, 0) << said.err;
  EXPECT_TRUE(said.out.starts_with("the dog ")) << said.out;
  EXPECT_EQ(std::count(said.out.begin(), said.out.end(), ' '), 10) << said.out;
  base::write_file(scratch / "run/tokenizer.json", "{}");
  const auto changed = yore({"generate", scratch / "run", "--prompt", "the"});
  EXPECT_EQ(changed.exit_code, 2);
  EXPECT_NE(changed.err.find("tokenizer.json"), std::string::npos) << changed.err;
}

TEST(Tasks, AStudyVariesWhateverItIsAskedTo) {
  const Scratch scratch;
  const auto study =
      yore(small_run({"study", "--task", "copy", "--axis", "mixer=attention:window=4;gla", "--axis",
                      "seed=1:2", "--steps", "5", "--out", scratch / "s", "--json"}));
  ASSERT_EQ(study.exit_code, 0) << study.err;
  const base::Json json = base::parse_json(study.out, "study");
  EXPECT_EQ(json["measured"], 4);
  ASSERT_EQ(json["kinds"].size(), 2u);
  EXPECT_EQ(json["kinds"][0]["values"]["model.mixer"], "attention:window=4");
  // Rotary positions are what the task has by default; a model without attention has no place for them.
  const auto positions = [&](const char* run) {
    return base::read_json(scratch / "s/runs" / run / "config.json").at("model").at("positions");
  };
  EXPECT_EQ(positions("attention-window-4-seed1"), "rotary");
  EXPECT_EQ(positions("gla-seed1"), "none");
  EXPECT_FALSE(json.contains("summary"));  // theory does not speak of copying
  EXPECT_TRUE(std::filesystem::exists(scratch / "s/runs/attention-window-4-seed2/result.json"));
}

TEST(Tasks, LanguagesMayBeAnAxis) {
  const Scratch scratch;
  const auto study =
      yore(small_run({"study", "--axis", "language=(ab)*;.*c", "--attention", "hybrid", "--seeds", "1",
                      "--steps", "5", "--test-buckets", "41-50", "--test-words-per-bucket", "16",
                      "--validation-words", "16", "--out", scratch / "s", "--json"}));
  ASSERT_EQ(study.exit_code, 0) << study.err;
  const base::Json json = base::parse_json(study.out, "study");
  ASSERT_EQ(json["summary"].size(), 2u);
  EXPECT_EQ(json["summary"][0]["theory"], true);
  EXPECT_FALSE(json.contains("compiled"));  // each language would have its own
}

TEST(Tasks, WhatIsNotThereIsRefusedWithTheNearestName) {
  const Scratch scratch;
  const auto refused = [&](std::vector<std::string> arguments, const std::string& part) {
    arguments.insert(arguments.end(), {"--out", scratch / "none"});
    const auto result = yore(arguments);
    EXPECT_EQ(result.exit_code, 2) << part;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(scratch / "none"));
  };
  refused({"train", "--task", "cpy"}, "did you mean copy?");
  refused({"train", "mqar"}, "say --task mqar");
  refused({"train", "--task", "copy", "--near-miss-edits", "3"}, "is no option of the task copy");
  refused({"train", "--task", "copy", "(ab)*"}, "does not go with --task copy");
  refused({"train", "--task", "copy", "--alphabet", "ab"}, "--alphabet: does not go with --task copy");
  refused({"train", "--task", "copy", "--max-states", "9"}, "--max-states: does not go with --task copy");
  // That of regbench is its own option.
  refused({"train", "--task", "regbench", "--max-states", "2000"}, "states: expected");
  refused({"train", "--task", "regbench:max_states=5", "--max-states", "6"}, "--max-states: given twice");
  refused({"train", "--task", "copy", "--mixer", "attenton"}, "did you mean attention");
  refused({"study", "--task", "copy", "--axis", "mixr=a"}, "did you mean mixer?");
  refused({"study", "--task", "copy", "--axis", "seed=x"}, "training.seed");
  refused({"study", "(ab)*", "--budget", "0.0001"}, "15 runs are estimated to take");
  refused({"study", "(ab)*", "--budget", "0.0001", "--seeds", "1", "--shard", "3/3"},
          "1 run is estimated to take");
  refused({"study", "(ab)*", "--budget", "0.0001", "--seeds", "1", "--init", "compiled"},
          "4 runs are estimated");
}

TEST(Tasks, APlanCountsWhatIsThenTrained) {
  const Scratch scratch;
  const auto plan = yore({"plan", "--task", "copy", "--width", "16", "--heads", "2", "--json"});
  ASSERT_EQ(plan.exit_code, 0) << plan.err;
  const auto trained = yore({"train", "--task", "copy", "--width", "16", "--heads", "2", "--steps", "1",
                             "--quiet", "--json", "--out", scratch / "run"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  EXPECT_EQ(base::parse_json(plan.out, "plan")["parameters"],
            base::parse_json(trained.out, "run")["parameters"]);
  const auto there = yore({"plan", "--model", scratch / "run", "--json"});
  EXPECT_EQ(base::parse_json(there.out, "plan")["model"], base::parse_json(plan.out, "plan")["model"]);
}

TEST(Tasks, APlanSaysWhetherValuesAreScaled) {
  const auto plan = [](const char* mixer) {
    return yore({"plan", "--task", "bigram_backcopy", "--mixer", mixer, "--layers", "1"}).out;
  };
  const auto says = [](const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_FALSE(says(plan("attention"), "scaled"));
  const std::string on = plan("attention:value_scale=on"),
                    control = plan("attention:value_scale=backward_only");
  EXPECT_TRUE(says(on, ", values scaled;")) << on;
  EXPECT_TRUE(says(control, ", values scaled backward only;")) << control;
}

TEST(Tasks, ADefaultThatNoLayerCanHaveGivesWay) {
  const auto plan = yore({"plan", "--task", "mqar", "--mixer", "short_conv:width=3/gla", "--json"});
  ASSERT_EQ(plan.exit_code, 0) << plan.err;
  EXPECT_EQ(plan.out.find("rotary"), std::string::npos);
  EXPECT_NE(yore({"plan", "--task", "mqar", "--json"}).out.find("rotary"), std::string::npos);
  const auto asked = yore({"plan", "--task", "mqar", "--mixer", "gla", "--positions", "rotary"});
  EXPECT_EQ(asked.exit_code, 2);
  EXPECT_NE(asked.err.find("takes rotary positions"), std::string::npos) << asked.err;
}

}  // namespace
}  // namespace yore::tests
