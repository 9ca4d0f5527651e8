// Which kernels OpenBLAS computes with under yore, by OpenBLAS's own word: with OPENBLAS_VERBOSE=2 it prints
// a line "Core: NAME" when it is loaded. Where another BLAS is installed there is no such line, and nothing
// to judge.
#include <gtest/gtest.h>

#include <filesystem>
#include <iterator>
#include <regex>

#include "tests/program.h"
#include "yore/base/openblas.h"

namespace yore::tests {
namespace {

// What comes before yore's name on a shell's line: nobody named a core type.
const std::string kNobody = "env -u OPENBLAS_CORETYPE OPENBLAS_VERBOSE=2 ";

// The core type of the OpenBLAS that was loaded last, which the tensor half computes with; empty if none said
// one.
std::string core_in_use(const std::string& err) {
  const std::regex line("(^|\n)Core: (\\w+)");
  std::string last;
  for (std::sregex_iterator at(err.begin(), err.end(), line), end; at != end; ++at) last = (*at)[2];
  return last;
}

int notes(const std::string& err) {
  const std::regex note("(^|\n)yore: note: OpenBLAS [^\n]*\n");
  return static_cast<int>(
      std::distance(std::sregex_iterator(err.begin(), err.end(), note), std::sregex_iterator()));
}

class OpenBlas : public testing::Test {
 protected:
  base::ProcessResult in(const std::string& line) { return shell(line, scratch_.path()); }
  void SetUp() override {
    if (YORE_HAS_TENSOR == 0) GTEST_SKIP() << "this build has no tensor half";
    ASSERT_EQ(in("yore compile '(ab)*' -o model").exit_code, 0);
    own_choice_ = core_in_use(in(kNobody + "OPENBLAS_CORETYPE= yore run model --words ab").err);
    if (own_choice_.empty()) GTEST_SKIP() << "no OpenBLAS here that says what it chose";
  }
  const Scratch scratch_;
  std::string own_choice_;
};

TEST_F(OpenBlas, ComputesWithTheBestKernelsAndSaysSoOnce) {
  const auto asked = in(kNobody + "yore run model --words ab abb");
  ASSERT_EQ(asked.exit_code, 0) << asked.err;
  const std::string core = core_in_use(asked.err);
  EXPECT_EQ(base::better_core_type(core, base::this_processor()), std::nullopt) << "computes with " << core;
  const std::size_t note = asked.err.find("yore: note: OpenBLAS ");
  EXPECT_LE(notes(asked.err), 1);
  if (note != std::string::npos) {
    EXPECT_NE(asked.err.find(core, note), std::string::npos) << asked.err;
  }
  EXPECT_EQ(asked.out, in("OPENBLAS_CORETYPE=" + core + " yore run model --words ab abb").out);
}

TEST_F(OpenBlas, ANamedCoreTypeIsTakenInSilence) {
  for (const char* core : {"Prescott", "Nehalem"}) {
    const auto asked =
        in("OPENBLAS_VERBOSE=2 OPENBLAS_CORETYPE=" + std::string(core) + " yore run model --words ab");
    ASSERT_EQ(asked.exit_code, 0) << asked.err;
    EXPECT_EQ(core_in_use(asked.err), core);
    EXPECT_EQ(notes(asked.err), 0) << asked.err;
  }
}

TEST_F(OpenBlas, HelpAndRefusalsSayNothingOfIt) {
  EXPECT_EQ(notes(in(kNobody + "yore run --help").err), 0);
  EXPECT_EQ(notes(in(kNobody + "yore run model --wrods ab").err), 0);
}

TEST_F(OpenBlas, TheRunsOfAStudyComputeWithItToo) {
  const auto study =
      in(kNobody +
         "yore study '(ab)*' --attention local --seeds 1 2 --steps 4 --width 8 --heads 2 --layers 1 "
         "--witness-depth 2 --validation-words 8 --test-words-per-bucket 4 --test-buckets 41-50 "
         "--out study --quiet");
  ASSERT_EQ(study.exit_code, 0) << study.err;
  EXPECT_LE(notes(study.err), 1);
  int logs = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(scratch_.path() / "study")) {
    if (entry.path().filename() != "log.txt") continue;
    const std::string log = base::read_file(entry.path());
    EXPECT_EQ(base::better_core_type(core_in_use(log), base::this_processor()), std::nullopt) << log;
    EXPECT_FALSE(core_in_use(log).empty()) << log;
    EXPECT_EQ(notes(log), 0) << log;
    ++logs;
  }
  EXPECT_EQ(logs, 2);
}

}  // namespace
}  // namespace yore::tests
