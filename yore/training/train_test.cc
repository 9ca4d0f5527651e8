#include "yore/training/train.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/safetensors.h"
#include "yore/base/test_refusal.h"
#include "yore/model/checkpoint.h"
#include "yore/runs/run_folder.h"
#include "yore/training/evaluate.h"
#include "yore/training/test_runs.h"

namespace yore::training {
namespace {

namespace files = runs::files;

TEST(Train, LearnsATinyLanguage) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.model.attention = "global";
  config.training.steps = 400;
  const runs::RunResult r = train(config, folder / "run", quiet());
  EXPECT_EQ(r.status, "finished");
  EXPECT_EQ(r.steps, 400);
  EXPECT_GE(scores_of(r).validation.accuracy(), 0.97);
  ASSERT_EQ(r.history.size(), 20u);
  EXPECT_LT(r.history.back().loss, 0.3 * r.history.front().loss);
  EXPECT_EQ(r.parameters, fresh_model(config.model, 1).parameters().size());

  // The files say what was returned, and the saved model is the one that was scored.
  EXPECT_EQ(runs::to_json(runs::read_result(folder / "run")), runs::to_json(r));
  EXPECT_EQ(runs::read_config(folder / "run"), config);
  const model::SavedRecogniser saved = model::load_recogniser(folder / "run");
  EXPECT_EQ(saved.language, "regex:.*a.*");
  EXPECT_EQ(saved.alphabet.names(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(evaluate(saved.model, *task_of(config)), r.metrics);
  EXPECT_EQ(r.goal, "accuracy");
  EXPECT_EQ(r.history.back().validation, scores_of(r).validation.accuracy());
  std::ifstream jsonl(folder / "run" / files::kMetricsJsonl), csv(folder / "run" / files::kMetricsCsv);
  std::string line;
  std::size_t lines = 0;
  while (std::getline(jsonl, line)) {
    ASSERT_LT(lines, r.history.size());
    EXPECT_EQ(base::parse_json(line, "line"), runs::to_json(r.history[lines++]));
  }
  EXPECT_EQ(lines, r.history.size());
  std::getline(csv, line);
  EXPECT_EQ(line, "step,loss,validation_accuracy,learning_rate,seconds");
  for (lines = 0; std::getline(csv, line); ++lines)
    EXPECT_EQ(line.rfind(std::to_string(r.history[lines].step) + ",", 0), 0u);
  EXPECT_EQ(lines, r.history.size());
}

TEST(Train, LocalAttentionCannotSeeFar) {
  // One 1-local layer sees one letter: "contains an a" is out of its reach, and it must fail on words whose
  // only a stands early.
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.model.attention = "local";
  config.model.layers = 1;
  const runs::RunResult r = train(config, folder / "run", quiet());
  const std::vector<tasks::WitnessScore> witnesses = scores_of(r).witnesses;
  ASSERT_GE(witnesses.size(), 2u);
  // Two words of which one is accepted, and that end alike.
  for (std::size_t i = 0; i < witnesses.size(); i += 2) {
    EXPECT_EQ(witnesses[i].witness_of, "local");
    EXPECT_NE(witnesses[i].accepted, witnesses[i + 1].accepted);
    // The same numbers but for roundings: a product's order of addition may differ with a row's place in it.
    EXPECT_NEAR(witnesses[i].logit, witnesses[i + 1].logit, 1e-5);
  }
}

TEST(Train, ReturnsAFinishedRunUntouched) {
  const Scratch folder;
  const runs::RunConfig config = small_run();
  const runs::RunResult r = train(config, folder / "run", quiet());
  const auto written = std::filesystem::last_write_time(folder / "run" / files::kResult);
  EXPECT_EQ(runs::to_json(train(config, folder / "run", quiet())), runs::to_json(r));
  EXPECT_EQ(std::filesystem::last_write_time(folder / "run" / files::kResult), written);
}

TEST(Train, RefusesOtherPeoplesFolders) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.steps = 5;
  base::write_file(folder / "foreign" / "thesis.tex", "years of work");
  EXPECT_THROW(train(config, folder / "foreign", quiet()), base::InputError);
  EXPECT_FALSE(std::filesystem::exists(folder / "foreign" / files::kConfig));
  base::write_file(folder / "file", "");
  EXPECT_THROW(train(config, folder / "file", quiet()), base::InputError);

  train(config, folder / "run", quiet());
  runs::RunConfig other = config;
  other.training.seed = 2;
  try {
    train(other, folder / "run", quiet());
    ADD_FAILURE() << "another seed was accepted";
  } catch (const base::InputError& e) {
    EXPECT_NE(e.message().find("training.seed"), std::string::npos) << e.message();
  }
  other = config;
  other.task.erase("validation_words");
  EXPECT_THROW(train(other, folder / "new", quiet()), std::invalid_argument);  // the task is not complete
  other = config;
  other.task["language"] = "regex:.*(";
  EXPECT_THROW(train(other, folder / "new", quiet()), base::InputError);
  other = config;
  other.model.width = 15;
  EXPECT_THROW(train(other, folder / "new", quiet()), base::InputError);
  EXPECT_FALSE(std::filesystem::exists(folder / "new"));
}

TEST(Train, StopsAtANonFiniteLoss) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.learning_rate = 1e30;
  config.training.warmup_steps = 0;
  config.training.clip_norm = 0;
  config.training.evaluate_every = 1;
  std::string said;
  TrainOptions options = quiet();
  options.notice = [&](const std::string& text) { said += text + "\n"; };
  const runs::RunResult r = train(config, folder / "run", options);
  EXPECT_EQ(r.status, "nan");
  EXPECT_LT(r.steps, 60);
  EXPECT_NE(said.find("step " + std::to_string(r.steps + 1)), std::string::npos) << said;
  EXPECT_EQ(runs::read_result(folder / "run").status, "nan");
  // What is left is finite: the last good weights.
  const model::SavedModel saved = model::load_model(folder / "run");
  const float* x = saved.model.parameters().flat().data_ptr<float>();
  for (std::int64_t i = 0; i < saved.model.parameters().size(); ++i) ASSERT_TRUE(std::isfinite(x[i]));
}

// However it is that a run ends there, what is not finite becomes neither checkpoint nor model.
TEST(Train, KeepsNoWeightsThatAreNotFinite) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.learning_rate = 1e39;
  config.training.warmup_steps = 0;
  config.training.clip_norm = 0;
  TrainOptions options = quiet();
  options.stop_after = 1;
  const runs::RunResult stopped = train(config, folder / "stopped", options);
  EXPECT_EQ(stopped.status, "nan");
  EXPECT_EQ(stopped.steps, 0);
  config.training.max_seconds = 1e-9;
  const runs::RunResult late = train(config, folder / "late", quiet());
  EXPECT_EQ(late.status, "nan");
  EXPECT_EQ(late.metrics, stopped.metrics);
  // Numbers, but too large to compute with.
  config.training.learning_rate = 1e30;
  EXPECT_EQ(train(config, folder / "large", quiet()).status, "nan");
}

TEST(Train, StopsAtItsTimeLimit) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.steps = 1'000'000;
  config.training.evaluate_every = 1'000'000;
  config.training.max_seconds = 0.2;
  const runs::RunResult r = train(config, folder / "run", quiet());
  EXPECT_EQ(r.status, "time-limit");
  EXPECT_GT(r.steps, 0);
  ASSERT_EQ(r.history.size(), 1u);
  EXPECT_EQ(r.history.back().step, r.steps);
}

TEST(Train, StartsFromTheWeightsItIsGiven) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.init = "compiled";
  const arch::ModelFile start = some_weights(config, 77);
  TrainOptions options = quiet();
  options.start = [&] { return start; };
  options.stop_after = 0;
  EXPECT_EQ(train(config, folder / "run", options).status, kInterrupted);
  const base::NamedArrays begun = base::read_safetensors(folder / "run" / files::kCheckpoint);
  for (const auto& [name, array] : start.weights.arrays) EXPECT_TRUE(begun.arrays.at(name) == array) << name;
}

TEST(Train, RefusesWeightsOfAnotherModel) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.init = "compiled";
  EXPECT_THROW(train(config, folder / "run", quiet()), std::invalid_argument) << "no weights";
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
  runs::RunConfig wider = config;
  wider.model.width = 24;
  TrainOptions options = quiet();
  options.start = [&] { return some_weights(wider, 1); };
  try {
    train(config, folder / "run", options);
    ADD_FAILURE() << "weights of another width were accepted";
  } catch (const base::InputError& e) {
    EXPECT_NE(e.message().find("embedding.width: 16 and 24"), std::string::npos) << e.message();
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "run" / files::kCheckpoint));
}

// Numbers that no memory holds are refused before anything is made, with what they would need.
TEST(Train, RefusesWhatDoesNotFitMemory) {
  if (base::memory_limit() > 400'000'000'000) GTEST_SKIP() << "this machine holds them";
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.model.positions = "learned";
  config.model.max_positions = 2'000'000'000;
  EXPECT_TRUE(base::refused([&] { train(config, folder / "run", quiet()); },
                            "model: training its 3.2e+10 parameters (the largest array is positions.weight "
                            "[2000000000, 16]) would need about 512.0 GB"));
  config = small_run();
  config.model.mlp_width = 1 << 20;
  config.model.width = 1 << 10;
  config.model.heads = 8;
  config.model.layers = 512;
  EXPECT_TRUE(base::refused([&] { train(config, folder / "run", quiet()); },
                            "the largest array is layers.0.mlp.up.weight [1048576, 1024]"));
  config = small_run();
  config.training.batch = 2'000'000'000;
  EXPECT_TRUE(base::refused([&] { train(config, folder / "run", quiet()); },
                            "training.batch: a step of 2000000000 sequences"));
  EXPECT_FALSE(std::filesystem::exists(folder / "run"));
}

TEST(Train, TellsTheLossEverySoManySteps) {
  const Scratch folder;
  std::vector<std::string> said;
  TrainOptions options = quiet();
  options.log_every = 25;
  options.notice = [&](const std::string& text) { said.push_back(text); };
  const runs::RunResult r = train(small_run(), folder / "run", options);
  ASSERT_EQ(said.size(), 2u);
  EXPECT_TRUE(said[0].starts_with("step 25 of 60: loss ")) << said[0];
  EXPECT_NE(said[1].find(" over 25 steps, learning rate "), std::string::npos) << said[1];
  train(small_run(), folder / "silent", quiet());
  EXPECT_EQ(base::read_file(folder / "run" / files::kModel),
            base::read_file(folder / "silent" / files::kModel));
  EXPECT_EQ(r.steps, 60);
}

TEST(Train, SaysThatAValidationSetIsOfOneClass) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.steps = 2;
  config.task = tasks::complete_task(
      {{"name", "formal"}, {"language", "regex:a*"}, {"alphabet", "a"}, {"validation_words", 8}});
  std::string said;
  TrainOptions options = quiet();
  options.notice = [&](const std::string& text) { said += text; };
  const runs::RunResult r = train(config, folder / "run", options);
  EXPECT_NE(said.find("every validation sequence has the same answer"), std::string::npos) << said;
  for (const base::Metric& m : r.metrics)
    if (m.name == "accuracy" && m.set != tasks::kByLength) {
      EXPECT_TRUE(m.keys.value("one_class", false)) << m.set;
    }
}

TEST(Train, SaysWhatTheTaskRemarks) {
  const Scratch folder;
  base::write_file(folder / "text", "a text of a few words, no more\n");
  base::write_file(folder / "other", "another one\n");
  runs::RunConfig config = small_run();
  config.training.steps = 2;
  const auto said = [&](int context, const char* run) {
    config.task = tasks::complete_task({{"name", "text"},
                                        {"file", (folder / "text").string()},
                                        {"validation", (folder / "other").string()},
                                        {"test_fraction", 0.0},
                                        {"context", context}});
    std::string all;
    TrainOptions options = quiet();
    options.notice = [&](const std::string& text) { all += text; };
    train(config, folder / run, options);
    return all;
  };
  EXPECT_EQ(said(16, "short"), "");
  EXPECT_NE(said(64, "long").find("the text is shorter than a context"), std::string::npos);
}

TEST(Train, OtherSeedsGiveOtherWeights) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.steps = 20;
  train(config, folder / "one", quiet());
  train(config, folder / "again", quiet());
  config.training.seed = 2;
  train(config, folder / "two", quiet());
  EXPECT_EQ(base::read_file(folder / "one" / files::kModel),
            base::read_file(folder / "again" / files::kModel));
  EXPECT_NE(base::read_file(folder / "one" / files::kModel), base::read_file(folder / "two" / files::kModel));
}

}  // namespace
}  // namespace yore::training
