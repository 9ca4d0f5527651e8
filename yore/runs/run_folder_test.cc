#include "yore/runs/run_folder.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/runs/run_lock.h"

namespace yore::runs {
namespace {

namespace fs = std::filesystem;

class RunFolder : public testing::Test {
 protected:
  base::Scratch scratch_;
  fs::path folder_ = scratch_ / "run";
};

TEST_F(RunFolder, GrowsIntoAFinishedRun) {
  EXPECT_NO_THROW(check_output_folder(folder_));
  EXPECT_FALSE(is_run_folder(folder_));
  fs::create_directories(folder_);
  EXPECT_NO_THROW(check_output_folder(folder_));
  base::write_file(folder_ / files::kLock, "");
  base::write_file(folder_ / (std::string(files::kConfig) + ".123.partial"), "{");
  EXPECT_NO_THROW(check_output_folder(folder_)) << "another process is about to write its run there";

  RunConfig config;
  config.task = {{"name", "formal"}, {"language", "regex:a*"}};
  write_config(folder_, config);
  EXPECT_TRUE(is_run_folder(folder_));
  EXPECT_FALSE(is_finished(folder_));
  EXPECT_NO_THROW(check_output_folder(folder_));
  EXPECT_EQ(read_config(folder_), config);

  RunResult result;
  result.status = "early-stop";
  write_result(folder_, result);
  EXPECT_TRUE(is_finished(folder_));
  EXPECT_EQ(read_result(folder_).status, "early-stop");
}

TEST_F(RunFolder, AFinishedRunIsContinued) {
  EXPECT_THROW(continue_run(folder_, 10), base::InputError) << "no run";
  EXPECT_FALSE(fs::exists(folder_));
  RunConfig config;
  config.training.steps = 60;
  write_config(folder_, config);
  EXPECT_TRUE(base::refused([&] { continue_run(folder_, 90); }, "--steps: the run in"));
  EXPECT_EQ(continue_run(folder_, 60), config) << "what it does anyway";
  RunResult result;
  result.status = "finished";
  result.steps = 60;
  write_result(folder_, result);
  EXPECT_TRUE(base::refused([&] { continue_run(folder_, 90); }, "checkpoint.safetensors: is not there"));
  base::write_file(folder_ / files::kCheckpoint, "");
  EXPECT_TRUE(base::refused([&] { continue_run(folder_, 60); }, "expected more than the 60 steps"));
  {
    const RunLock lock(folder_);
    EXPECT_TRUE(base::refused([&] { continue_run(folder_, 90); }, "another process is training"));
  }
  EXPECT_TRUE(is_finished(folder_)) << "nothing that is refused changes anything";
  config.training.steps = 90;
  config.training.continued = {{60, 60}};
  EXPECT_EQ(continue_run(folder_, 90), config);
  EXPECT_EQ(read_config(folder_), config);
  EXPECT_FALSE(is_finished(folder_));
  EXPECT_TRUE(fs::exists(folder_ / "result-60.json"));
  EXPECT_EQ(continue_run(folder_, 90), config) << "the same command again";
  EXPECT_TRUE(base::refused([&] { continue_run(folder_, 120); }, "is not finished"));
  // Stopped early on the way there, and continued once more.
  result.status = "early-stop";
  result.steps = 80;
  write_result(folder_, result);
  config.training.steps = 81;
  config.training.continued.push_back({80, 90});
  EXPECT_EQ(continue_run(folder_, 81), config);
}

TEST_F(RunFolder, ARunThatWouldEndAtOnceIsNotContinued) {
  RunConfig config;
  config.training.max_seconds = 5;
  write_config(folder_, config);
  RunResult result;
  result.steps = 10;
  base::write_file(folder_ / files::kCheckpoint, "");
  for (const auto& [status, why] :
       {std::pair{"nan", "diverged after step 10"}, std::pair{"time-limit", "its time limit of 5 s"}}) {
    result.status = status;
    write_result(folder_, result);
    EXPECT_TRUE(base::refused([&] { continue_run(folder_, 9000); }, why));
    EXPECT_TRUE(is_finished(folder_));
  }
}

TEST_F(RunFolder, DamagedFilesAreNamed) {
  write_config(folder_, {});
  write_result(folder_, {});
  for (const char* name : {files::kConfig, files::kResult}) {
    std::string text = base::read_file(folder_ / name);
    text.replace(text.find("0"), 1, "1");
    base::write_file(folder_ / name, text);
    const auto read = [&] {
      name == files::kConfig ? void(read_config(folder_)) : void(read_result(folder_));
    };
    EXPECT_TRUE(base::refused(read, (folder_ / name).string() + ": is damaged"));
  }
}

TEST_F(RunFolder, SomethingElseIsRefused) {
  base::write_file(folder_ / "thesis.tex", "x");
  const auto refused = [&] {
    try {
      check_output_folder(folder_);
    } catch (const base::InputError& error) {
      return error.source() == folder_.string() && error.message().find("thesis.tex") != std::string::npos;
    }
    return false;
  };
  EXPECT_TRUE(refused());
  base::write_file(folder_ / files::kLock, "");
  EXPECT_TRUE(refused()) << "a lock file makes no run of it";
  EXPECT_THROW(check_output_folder(folder_ / "thesis.tex"), base::InputError);
}

TEST_F(RunFolder, BrokenFilesAreNamed) {
  base::write_file(folder_ / files::kConfig, "{\"model\": ");
  try {
    read_config(folder_);
    FAIL();
  } catch (const base::InputError& error) {
    EXPECT_EQ(error.source(), (folder_ / files::kConfig).string());
  }
  EXPECT_THROW(read_result(folder_), base::InputError);
}

}  // namespace
}  // namespace yore::runs
