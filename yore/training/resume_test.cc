// Killed anywhere and resumed = never stopped, bit for bit.
#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/base/safetensors.h"
#include "yore/training/test_runs.h"

namespace yore::training {
namespace {

namespace files = runs::files;

/// History without the clock.
std::vector<std::vector<double>> history(const runs::RunResult& r) {
  std::vector<std::vector<double>> out;
  for (const runs::HistoryPoint& p : r.history)
    out.push_back({static_cast<double>(p.step), p.loss, p.validation, p.learning_rate});
  return out;
}

void expect_same(const std::filesystem::path& a, const runs::RunResult& ra, const std::filesystem::path& b,
                 const runs::RunResult& rb) {
  EXPECT_EQ(base::read_file(a / files::kModel), base::read_file(b / files::kModel));
  EXPECT_EQ(base::read_safetensors(a / files::kCheckpoint).arrays,
            base::read_safetensors(b / files::kCheckpoint).arrays);
  EXPECT_EQ(history(ra), history(rb));
  EXPECT_EQ(ra.status, rb.status);
  EXPECT_EQ(ra.steps, rb.steps);
  EXPECT_EQ(ra.metrics, rb.metrics);
}

TEST(Resume, EqualsTheUninterruptedRun) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  for (const char* positions : {"none", "rotary"}) {
    config.model.positions = positions;
    const auto whole = folder / (std::string("whole-") + positions);
    const runs::RunResult expected = train(config, whole, quiet());
    ASSERT_EQ(expected.status, "finished");
    base::Random random(11);
    for (int trial = 0; trial < 4; ++trial) {
      const auto parts = folder / (std::string(positions) + std::to_string(trial));
      runs::RunResult got;
      int calls = 0;
      do {
        TrainOptions options = quiet();
        options.stop_after = static_cast<std::int64_t>(random.below(25));
        got = train(config, parts, options);
        EXPECT_EQ(got.status == kInterrupted, !std::filesystem::exists(parts / files::kResult));
        ASSERT_LT(++calls, 200);
      } while (got.status == kInterrupted);
      EXPECT_GT(calls, 2);
      expect_same(whole, expected, parts, got);
    }
  }
}

TEST(Resume, EqualsTheUninterruptedRunFromGivenWeights) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  const arch::ModelFile start = some_weights(config, 77);
  config.training.init = "compiled";
  TrainOptions options = quiet();
  options.start = [&] { return start; };
  const runs::RunResult expected = train(config, folder / "whole", options);
  options.stop_after = 0;
  train(config, folder / "parts", options);
  options.stop_after = 33;
  // The checkpoint has the weights now; what they came from is not asked for again.
  options.start = []() -> arch::ModelFile { throw std::logic_error("asked for the first weights twice"); };
  train(config, folder / "parts", options);
  options.stop_after = -1;
  expect_same(folder / "whole", expected, folder / "parts", train(config, folder / "parts", options));
  // Another start ends elsewhere: the weights did matter.
  options.start = [&] { return some_weights(config, 78); };
  train(config, folder / "other", options);
  EXPECT_NE(base::read_file(folder / "whole" / files::kModel),
            base::read_file(folder / "other" / files::kModel));
}

TEST(Resume, AfterAKillBetweenCheckpoints) {
  // A killed process leaves the last regular checkpoint: stop at 40, keep those files, go on to 55, put the
  // files back.
  const Scratch folder;
  const runs::RunConfig config = small_run();
  const runs::RunResult expected = train(config, folder / "whole", quiet());
  TrainOptions options = quiet();
  options.stop_after = 40;
  train(config, folder / "parts", options);
  const std::string at40 = base::read_file(folder / "parts" / files::kCheckpoint);
  options.stop_after = 15;
  EXPECT_EQ(train(config, folder / "parts", options).steps, 55);
  base::write_file(folder / "parts" / files::kCheckpoint, at40);
  expect_same(folder / "whole", expected, folder / "parts", train(config, folder / "parts", quiet()));
}

TEST(Resume, DuringTheFinalEvaluation) {
  const Scratch folder;
  const runs::RunConfig config = small_run();
  const runs::RunResult expected = train(config, folder / "run", quiet());
  const std::string weights = base::read_file(folder / "run" / files::kModel);
  std::filesystem::remove(folder / "run" / files::kResult);
  std::filesystem::remove(folder / "run" / files::kModel);
  const runs::RunResult got = train(config, folder / "run", quiet());
  EXPECT_EQ(base::read_file(folder / "run" / files::kModel), weights);
  EXPECT_EQ(history(got), history(expected));
}

TEST(Resume, EarlyStopSurvivesAKill) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.steps = 2000;
  config.training.early_stop = 2;
  const runs::RunResult expected = train(config, folder / "whole", quiet());
  ASSERT_EQ(expected.status, "early-stop");
  EXPECT_LT(expected.steps, 2000);
  TrainOptions options = quiet();
  options.stop_after = expected.steps;  // stopped with the reason to end already in the checkpoint
  train(config, folder / "parts", options);
  expect_same(folder / "whole", expected, folder / "parts", train(config, folder / "parts", quiet()));
}

TEST(Resume, RefusesABrokenCheckpoint) {
  const Scratch folder;
  const runs::RunConfig config = small_run();
  TrainOptions options = quiet();
  options.stop_after = 5;
  train(config, folder / "run", options);
  const auto path = folder / "run" / files::kCheckpoint;
  const std::string whole = base::read_file(path);
  base::write_file(path, whole.substr(0, whole.size() - 8));
  EXPECT_THROW(train(config, folder / "run", quiet()), base::InputError);
  for (const char* name : {"read_out.weight", "adamw.first", "adamw.second"}) {
    base::NamedArrays content = base::parse_safetensors(whole, "checkpoint");
    content.arrays.erase(name);
    base::write_safetensors(path, content);
    EXPECT_THROW(train(config, folder / "run", quiet()), base::InputError) << name;
  }
  base::NamedArrays content = base::parse_safetensors(whole, "checkpoint");
  content.metadata["state"] = "{\"step\": 5}";
  base::write_safetensors(path, content);
  EXPECT_THROW(train(config, folder / "run", quiet()), base::InputError);
  base::write_file(path, whole);
  EXPECT_EQ(train(config, folder / "run", quiet()).status, "finished");
}

}  // namespace
}  // namespace yore::training
