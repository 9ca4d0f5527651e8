#include "yore/runs/run_folder.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"

namespace yore::runs {
namespace {

namespace fs = std::filesystem;

class RunFolder : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / (std::string("yore_run_folder_") +
                                              testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  fs::path folder_;
};

TEST_F(RunFolder, GrowsIntoAFinishedRun) {
  EXPECT_NO_THROW(check_output_folder(folder_));
  EXPECT_FALSE(is_run_folder(folder_));
  fs::create_directories(folder_);
  EXPECT_NO_THROW(check_output_folder(folder_));

  RunConfig config;
  config.data.language = "regex:a*";
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
  try {
    check_output_folder(folder_);
    FAIL();
  } catch (const base::InputError& error) {
    EXPECT_EQ(error.source(), folder_.string());
    EXPECT_NE(error.message().find("thesis.tex"), std::string::npos);
  }
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
