// Killed anywhere and resumed = never stopped, bit for bit.
#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/base/safetensors.h"
#include "yore/base/test_refusal.h"
#include "yore/runs/run_folder.h"
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

// A finished run that goes on: stopped anywhere, and as if it had been configured so from the start.
TEST(Resume, AContinuedRun) {
  const Scratch folder;
  const runs::RunConfig first = small_run();
  ASSERT_EQ(train(first, folder / "run", quiet()).status, "finished");
  std::filesystem::copy(folder / "run", folder / "parts", std::filesystem::copy_options::recursive);
  const runs::RunConfig config = runs::continue_run(folder / "run", 110);
  std::string said;
  TrainOptions options = quiet();
  options.notice = [&](const std::string& text) { said += text + "\n"; };
  const runs::RunResult expected = train(config, folder / "run", options);
  EXPECT_EQ(expected.status, "finished");
  EXPECT_EQ(expected.steps, 110);
  EXPECT_EQ(
      said,
      "continuing the finished run at step 60: weights, moments and the order of the data go on; the "
      "learning rate begins again, 10 steps of warm-up to 0.003, then a cosine down to 0 at step 110\n");
  ASSERT_EQ(runs::continue_run(folder / "parts", 110), config);
  base::Random random(3);
  runs::RunResult got;
  do {
    options = quiet();
    options.stop_after = static_cast<std::int64_t>(random.below(15));
    got = train(runs::continue_run(folder / "parts", 110), folder / "parts", options);
  } while (got.status == kInterrupted);
  expect_same(folder / "run", expected, folder / "parts", got);
  expect_same(folder / "run", expected, folder / "straight", train(config, folder / "straight", quiet()));
}

TEST(Resume, ARunContinuedAfterAnEarlyStop) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.steps = 2000;
  config.training.early_stop = 2;
  const runs::RunResult early = train(config, folder / "run", quiet());
  ASSERT_EQ(early.status, "early-stop");
  config = runs::continue_run(folder / "run", early.steps + 200);
  const runs::RunResult more = train(config, folder / "run", quiet());
  EXPECT_GE(more.steps, early.steps + 2 * config.training.evaluate_every) << "good validations count anew";
  expect_same(folder / "run", more, folder / "straight", train(config, folder / "straight", quiet()));
}

TEST(Resume, ARunContinuedWithinAPhase) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  config.training.early_stop = 1;
  config.training.early_stop_at = 0.01;
  config.training.phases = {{50, 1e-3, "", base::Json::object()}};
  ASSERT_EQ(train(config, folder / "run", quiet()).steps, 20);
  std::string said;
  TrainOptions options = quiet();
  options.notice = [&](const std::string& text) { said += text; };
  config = runs::continue_run(folder / "run", 70);
  const runs::RunResult more = train(config, folder / "run", options);
  EXPECT_TRUE(said.ends_with("the phase that the run ended in goes on, with its learning rate")) << said;
  ASSERT_EQ(more.history.back().step, 40);
  EXPECT_EQ(more.history.back().learning_rate, 1e-3);
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
  // Counters that no run writes.
  const base::Json state =
      base::parse_json(base::parse_safetensors(whole, "checkpoint").metadata.at("state"), "state");
  const auto refused = [&](const base::Json& change, const std::string& part) {
    base::Json changed = state;
    changed.update(change);
    content.metadata["state"] = changed.dump();
    base::write_safetensors(path, content);
    return base::refused([&] { train(config, folder / "run", quiet()); }, "its counters: " + part);
  };
  EXPECT_TRUE(refused({{"step", -5}}, "step: expected a number of at least 0, found -5"));
  EXPECT_TRUE(refused({{"step", 61}}, "step: expected at most the run's 60 steps, found 61"));
  EXPECT_TRUE(refused({{"seconds", -1e300}}, "seconds: "));
  EXPECT_TRUE(refused({{"loss_count", -1}}, "loss_count: "));
  EXPECT_TRUE(refused({{"loss_count", 6}}, "loss_count: "));
  EXPECT_TRUE(refused({{"perfect", 1}}, "perfect: "));
  const auto at = [](std::int64_t step) {
    return base::Json{
        {"step", step}, {"loss", 1.0}, {"validation", 0.5}, {"learning_rate", 0.1}, {"seconds", 1.0}};
  };
  EXPECT_TRUE(refused({{"history", {at(4), at(4)}}}, "history: "));
  EXPECT_TRUE(refused({{"history", {at(6)}}}, "history: "));
  base::write_file(path, whole);
  EXPECT_EQ(train(config, folder / "run", quiet()).status, "finished");
}

// Bits that flip on a disk: in the checkpoint, which resuming reads, and in the configuration.
TEST(Resume, RefusesFlippedBits) {
  const Scratch folder;
  runs::RunConfig config = small_run();
  TrainOptions options = quiet();
  options.stop_after = 5;
  train(config, folder / "run", options);
  // Refused when they are read, before anything is trained.
  const auto refuses = [&](const std::string& damaged, const char* file) {
    base::write_file(folder / "run" / file, damaged);
    options.stop_after = 0;
    try {
      train(runs::read_config(folder / "run"), folder / "run", options);
    } catch (const base::InputError& e) {
      EXPECT_NE(std::string(e.what()).find(file), std::string::npos) << e.what();
      return true;
    }
    return false;
  };
  for (const char* file : {files::kCheckpoint, files::kConfig}) {
    const std::string whole = base::read_file(folder / "run" / file);
    const std::size_t stride = whole.size() / 150 + 1;
    for (std::size_t at = 0; at < whole.size(); at += stride) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      // Between words a blank may turn into another character that means nothing; nowhere else.
      EXPECT_TRUE(refuses(damaged, file) || whole[at] == ' ' || whole[at] == '\n') << file << " at " << at;
    }
    base::write_file(folder / "run" / file, whole);
  }
  // The array at fault is named.
  const std::string whole = base::read_file(folder / "run" / files::kCheckpoint);
  std::string damaged = whole;
  damaged.back() = static_cast<char>(damaged.back() ^ 1);
  base::write_file(folder / "run" / files::kCheckpoint, damaged);
  EXPECT_TRUE(base::refused([&] { train(config, folder / "run", quiet()); }, "array read_out.weight"));
  base::write_file(folder / "run" / files::kCheckpoint, whole);
  EXPECT_EQ(train(config, folder / "run", quiet()).status, "finished");
}

TEST(Resume, AFinishedRunIsReadWholeOrNotAtAll) {
  const Scratch folder;
  const runs::RunConfig config = small_run();
  train(config, folder / "run", quiet());
  for (const char* file : {files::kResult, files::kModel, files::kModelConfig}) {
    const std::string whole = base::read_file(folder / "run" / file);
    const std::size_t stride = whole.size() / 150 + 1;
    for (std::size_t at = 0; at < whole.size(); at += stride) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << at % 8));
      base::write_file(folder / "run" / file, damaged);
      // A blank between words, or a number's last digit that is rounded away: the same text read as JSON. The
      // weights' file has its own blanks, behind its header.
      const base::Json same = base::Json::parse(damaged, nullptr, false);
      const bool harmless =
          file == files::kModel ? whole[at] == ' ' : same == base::Json::parse(whole, nullptr, false);
      try {
        if (file == files::kResult)
          runs::read_result(folder / "run");
        else
          arch::read_model(folder / "run");
        EXPECT_TRUE(harmless) << file << " at " << at;
      } catch (const base::InputError&) {
      }
    }
    base::write_file(folder / "run" / file, whole);
  }
}

}  // namespace
}  // namespace yore::training
