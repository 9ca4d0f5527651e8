#include "yore/runs/run_folder.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/base/test_scratch.h"

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
