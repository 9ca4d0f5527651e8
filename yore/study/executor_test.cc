#include "yore/study/executor.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <thread>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/runs/run_folder.h"
#include "yore/runs/run_lock.h"
#include "yore/study/stand_in_result.h"
#include "yore/study/test_support.h"

namespace yore::study {
namespace {

using base::InputError;
using testing::contains;
using testing::small_study;
using testing::stand_in;
using testing::starts;

class ExecutorTest : public testing::InFolder {};

TEST_F(ExecutorTest, EveryRunEndsWithAResult) {
  const auto runs = plan(small_study(), folder_);
  ASSERT_EQ(runs.size(), 6u);
  const Executed e = execute(runs, stand_in(folder_));
  EXPECT_EQ(e.complete, 6);
  EXPECT_EQ(e.found_complete, 0);
  EXPECT_TRUE(e.failed.empty());
  EXPECT_FALSE(e.interrupted);
  for (const auto& run : runs) {
    EXPECT_EQ(runs::read_config(run.folder), run.config);
    EXPECT_EQ(runs::read_result(run.folder).steps, 120);
    EXPECT_EQ(base::read_file(run.folder / "starts.txt"), "1\n") << "started once, with one thread";
    EXPECT_EQ(progress_of(run), 1);
  }
}

TEST_F(ExecutorTest, AFinishedRunIsNeverRepeated) {
  const auto runs = plan(small_study(), folder_);
  execute(runs, stand_in(folder_));
  const auto when = fs::last_write_time(runs[0].folder / runs::files::kResult);
  const Executed again = execute(runs, stand_in(folder_));
  EXPECT_EQ(again.complete, 6);
  EXPECT_EQ(again.found_complete, 6);
  for (const auto& run : runs) EXPECT_EQ(starts(run), 1);
  EXPECT_EQ(fs::last_write_time(runs[0].folder / runs::files::kResult), when);
}

TEST_F(ExecutorTest, AnUnfinishedRunGoesOn) {
  const auto runs = plan(small_study(), folder_);
  runs::write_config(runs[1].folder, runs[1].config);
  const std::string half = runs::to_json(testing::invented_point(runs[1].config, 60)).dump() + "\n";
  base::write_file(runs[1].folder / runs::files::kMetricsJsonl, half);
  EXPECT_DOUBLE_EQ(progress_of(runs[1]), 0.5);
  execute(runs, stand_in(folder_));
  EXPECT_TRUE(base::read_file(runs[1].folder / runs::files::kMetricsJsonl).starts_with(half))
      << "what was there is kept";
  EXPECT_TRUE(runs::is_finished(runs[1].folder));
}

TEST_F(ExecutorTest, ShardsPartitionTheGrid) {
  const auto runs = plan(small_study(), folder_);
  for (int shards : {1, 2, 4, 6, 9}) {
    fs::remove_all(folder_);
    int total = 0;
    for (int i = 1; i <= shards; ++i) {
      Execution execution = stand_in(folder_);
      execution.shard_index = i;
      execution.shard_count = shards;
      const Executed e = execute(runs, execution);
      EXPECT_EQ(e.found_complete, 0) << "shard " << i << " of " << shards << " met a run of another shard";
      total += e.complete;
    }
    EXPECT_EQ(total, 6) << shards;
    for (const auto& run : runs) EXPECT_EQ(starts(run), 1);
  }
}

TEST_F(ExecutorTest, WhatIsLeftIsOfTheShardAndHasNoResult) {
  const auto runs = plan(small_study(), folder_);
  Execution all = stand_in(folder_), second = all;
  second.shard_index = 2;
  second.shard_count = 4;
  EXPECT_EQ(left_to_do(runs, all).size(), 6u);
  ASSERT_EQ(left_to_do(runs, second).size(), 2u);
  EXPECT_EQ(left_to_do(runs, second)[1].name, runs[5].name);
  execute(runs, second);
  EXPECT_EQ(left_to_do(runs, second).size(), 0u);
  EXPECT_EQ(left_to_do(runs, all).size(), 4u);
}

TEST_F(ExecutorTest, AFailureIsReportedAndTheOthersGoOn) {
  ::setenv("STAND_IN_FAILS", "local-seed1", 1);
  ::setenv("STAND_IN_FORGETS", "hybrid-seed2", 1);
  std::vector<std::string> said;
  const auto runs = plan(small_study(), folder_);
  const Executed e = execute(runs, stand_in(folder_, &said));
  EXPECT_EQ(e.complete, 4);
  ASSERT_EQ(e.failed.size(), 2u);
  const FailedRun& local = e.failed[0].name == "local-seed1" ? e.failed[0] : e.failed[1];
  const FailedRun& hybrid = e.failed[0].name == "local-seed1" ? e.failed[1] : e.failed[0];
  EXPECT_EQ(local.exit_code, 7);
  EXPECT_EQ(local.log_tail, "line one\nout of cheese");
  EXPECT_EQ(hybrid.exit_code, 0) << "no result is a failure, whatever the exit code";
  EXPECT_TRUE(contains(said[0] + said[1], "  | out of cheese"));
  ::unsetenv("STAND_IN_FAILS");
  ::unsetenv("STAND_IN_FORGETS");
  const Executed again = execute(runs, stand_in(folder_));
  EXPECT_EQ(again.complete, 6);
  EXPECT_EQ(again.found_complete, 4);
}

TEST_F(ExecutorTest, WhatCannotBeReadIsReportedAndTheOthersGoOn) {
  const auto runs = plan(small_study(), folder_);
  execute(runs, stand_in(folder_));
  base::write_file(runs[0].folder / runs::files::kResult, "garbage\n");
  base::write_file(runs[1].folder / runs::files::kConfig, "garbage\n");
  fs::remove_all(runs[2].folder);
  std::string said;
  Execution execution = stand_in(folder_);
  execution.say = [&](const std::string& line) { said += line + "\n"; };
  const Executed e = execute(runs, execution);
  EXPECT_EQ(e.complete, 4) << "the three that are sound, and the one that was not there";
  ASSERT_EQ(e.failed.size(), 2u);
  for (std::size_t i : {0U, 1U}) {
    EXPECT_EQ(e.failed[i].name, runs[i].name);
    EXPECT_TRUE(e.failed[i].damaged);
    EXPECT_TRUE(contains(said, "delete the folder " + runs[i].folder.string())) << said;
  }
  EXPECT_TRUE(contains(said, "result.json: not valid JSON")) << said;
  EXPECT_EQ(base::read_file(runs[0].folder / runs::files::kResult), "garbage\n");
  fs::remove_all(runs[0].folder);
  fs::remove_all(runs[1].folder);
  EXPECT_EQ(execute(runs, execution).complete, 6);
}

TEST_F(ExecutorTest, AnotherRunsFolderIsRefusedBeforeAnythingStarts) {
  const auto runs = plan(small_study(), folder_);
  auto other = runs[5].config;
  other.training.batch = 17;
  runs::write_config(runs[5].folder, other);
  try {
    execute(runs, stand_in(folder_));
    FAIL();
  } catch (const InputError& e) {
    EXPECT_TRUE(contains(e.what(), "batch")) << e.what();
  }
  EXPECT_FALSE(fs::exists(runs[0].folder));
  fs::remove_all(runs[5].folder);
  base::write_file(runs[5].folder / "thesis.tex", "years of work");
  EXPECT_THROW(execute(runs, stand_in(folder_)), InputError);
  EXPECT_EQ(base::read_file(runs[5].folder / "thesis.tex"), "years of work");
}

TEST_F(ExecutorTest, ARunThatIsBeingTrainedIsLeftAlone) {
  const auto runs = plan(small_study(), folder_);
  runs::write_config(runs[2].folder, runs[2].config);
  std::optional<runs::RunLock> lock(runs[2].folder);
  const Executed e = execute(runs, stand_in(folder_));
  EXPECT_EQ(e.busy, 1);
  EXPECT_EQ(e.complete, 5);
  EXPECT_EQ(starts(runs[2]), 0);
  lock.reset();
  EXPECT_EQ(execute(runs, stand_in(folder_)).complete, 6);
}

// Also where both find a run free and start a trainer on it: one of the two is refused the lock.
TEST_F(ExecutorTest, TwoStudiesInOneFolderTrainEachRunOnce) {
  ::setenv("STAND_IN_DELAY_MS", "20", 1);
  const auto runs = plan(small_study(), folder_);
  const auto goes_well = [&] {
    const Executed e = execute(runs, stand_in(folder_));
    return e.complete + e.busy == 6 && e.failed.empty();
  };
  const pid_t other = ::fork();
  if (other == 0) ::_exit(goes_well() ? 0 : 1);
  EXPECT_TRUE(goes_well());
  int status = 0;
  ASSERT_EQ(::waitpid(other, &status, 0), other);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  for (const PlannedRun& run : runs) {
    EXPECT_TRUE(runs::is_finished(run.folder)) << run.name;
    EXPECT_EQ(starts(run), 1) << run.name;
  }
}

TEST_F(ExecutorTest, ProgressCountsWholeLinesOnly) {
  const auto run = plan(small_study(), folder_)[0];
  EXPECT_EQ(progress_of(run), 0);
  const auto shows = [&](const std::string& text) {
    base::write_file(run.folder / runs::files::kMetricsJsonl, text);
    return progress_of(run);
  };
  EXPECT_EQ(shows(""), 0);
  EXPECT_EQ(shows("{\"step\":60"), 0);
  EXPECT_DOUBLE_EQ(shows("{\"step\":30}\n{\"step\":60}\n"), 0.5);
  EXPECT_DOUBLE_EQ(shows("{\"step\":30}\n{\"step\":60"), 0.25);
  EXPECT_EQ(shows("garbage\n"), 0);
  EXPECT_EQ(shows("{\"step\":\"x\"}\n"), 0);
  EXPECT_EQ(shows("{\"step\":999}\n"), 1);
}

TEST_F(ExecutorTest, NonsenseIsRefused) {
  const auto runs = plan(small_study(), folder_);
  const auto with = [&](auto change) {
    Execution execution = stand_in(folder_);
    change(execution);
    return execution;
  };
  EXPECT_THROW(execute(runs, with([](auto& e) { e.jobs = -1; })), InputError);
  EXPECT_THROW(execute(runs, with([](auto& e) { e.shard_index = 0; })), InputError);
  EXPECT_THROW(execute(runs, with([](auto& e) { e.shard_index = 3, e.shard_count = 2; })), InputError);
  EXPECT_THROW(execute(runs, with([](auto& e) { e.trainer = {"/nowhere/yore-tensor"}; })), InputError);
  EXPECT_FALSE(fs::exists(folder_ / "runs"));
  EXPECT_GE(usable_cores(), 1);
}

// A whole process that is interrupted in the middle, as by Ctrl-C: children save, it ends by itself, the same
// call goes on.
TEST_F(ExecutorTest, AnInterruptStopsCleanlyAndCanBeContinued) {
  ::setenv("STAND_IN_DELAY_MS", "100", 1);
  const auto runs = plan(small_study(), folder_);
  const pid_t pid = ::fork();
  if (pid == 0) {
    base::catch_interrupts();
    const Executed e = execute(runs, stand_in(folder_));
    ::_exit(e.interrupted && e.failed.empty() ? base::interrupt_exit_code() : 1);
  }
  for (int i = 0; i < 500 && progress_of(runs[0]) == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  const double before = progress_of(runs[0]);
  EXPECT_GT(before, 0);
  ::kill(pid, SIGINT);
  int status = 0;
  ASSERT_EQ(::waitpid(pid, &status, 0), pid);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 130);
  EXPECT_TRUE(fs::exists(runs[0].folder / "saved.txt")) << "the child was told and saved its state";
  EXPECT_FALSE(runs::is_finished(runs[0].folder));
  ::unsetenv("STAND_IN_DELAY_MS");
  EXPECT_EQ(execute(runs, stand_in(folder_)).complete, 6);
  EXPECT_EQ(starts(runs[0]), 2);
}

}  // namespace
}  // namespace yore::study
