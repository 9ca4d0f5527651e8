// What is chosen, against a list of what OpenBLAS's kernels need; tests/cli_openblas_test.cc asks OpenBLAS
// itself.
#include "yore/base/openblas.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace yore::base {
namespace {

constexpr Processor kOld{}, kIntelAvx2{false, true, false}, kIntelAvx512{false, true, true},
    kAmdAvx2{true, true, false, true}, kZen4{true, true, true, true}, kZen5{true, true, true};

TEST(OpenBlas, TheOldestKernelsGiveWayToWhatTheProcessorHas) {
  for (const char* oldest : {"Prescott", "Core2", "Nehalem", "Sandybridge"}) {
    EXPECT_EQ(better_core_type(oldest, kOld), std::nullopt) << oldest;
    EXPECT_EQ(better_core_type(oldest, kIntelAvx2), "Haswell") << oldest;
    EXPECT_EQ(better_core_type(oldest, kIntelAvx512), "SkylakeX") << oldest;
    EXPECT_EQ(better_core_type(oldest, kAmdAvx2), "Zen") << oldest;
    EXPECT_EQ(better_core_type(oldest, kZen4), "Zen") << oldest;
    EXPECT_EQ(better_core_type(oldest, kZen5), "SkylakeX") << oldest;
  }
}

TEST(OpenBlas, AGoodChoiceStands) {
  for (const Processor& processor : {kOld, kIntelAvx2, kIntelAvx512, kAmdAvx2, kZen4, kZen5})
    for (const char* good : {"SkylakeX", "Cooperlake", "SapphireRapids", "ARMV8", "of another release", ""})
      EXPECT_EQ(better_core_type(good, processor), std::nullopt) << good;
  for (const char* avx2 : {"Haswell", "Zen"}) {
    for (const Processor& processor : {kOld, kIntelAvx2, kAmdAvx2, kZen4})
      EXPECT_EQ(better_core_type(avx2, processor), std::nullopt) << avx2;
    for (const Processor& processor : {kIntelAvx512, kZen5})
      EXPECT_EQ(better_core_type(avx2, processor), "SkylakeX") << avx2;
  }
}

// The kernel's list of the processor's features, which knows nothing of our way to ask.
TEST(OpenBlas, ThisProcessorIsWhatTheSystemSaysItIs) {
  std::ifstream file("/proc/cpuinfo");
  std::string flags, vendor;
  int family = 0;
  for (std::string line; std::getline(file, line) && (flags.empty() || vendor.empty() || family == 0);) {
    if (line.starts_with("flags")) flags = line.substr(line.find(':') + 1) + " ";
    if (line.starts_with("cpu family")) family = std::stoi(line.substr(line.find(':') + 1));
    if (line.starts_with("vendor_id")) vendor = line.substr(line.find(':') + 2);
  }
  if (flags.empty()) GTEST_SKIP() << "/proc/cpuinfo lists no flags: no x86-64";
  const auto has = [&](const std::string& names) {
    std::istringstream words(names);
    bool all = true;
    for (std::string word; words >> word;) all = all && flags.find(" " + word + " ") != std::string::npos;
    return all;
  };
  const Processor found = this_processor();
  EXPECT_EQ(found.amd, vendor == "AuthenticAMD");
  EXPECT_EQ(found.avx2, has("avx2 fma"));
  EXPECT_EQ(found.avx512, has("avx512f avx512cd avx512bw avx512dq avx512vl"));
  EXPECT_EQ(found.halves, vendor == "AuthenticAMD" && family < 26);
}

TEST(OpenBlas, AVariableThatIsSetStands) {
  const char* before = std::getenv("OPENBLAS_CORETYPE");
  const std::string kept = before == nullptr ? "" : before;
  for (const char* set : {"Prescott", "Haswell", ""}) {
    ::setenv("OPENBLAS_CORETYPE", set, 1);
    EXPECT_FALSE(choose_openblas_core()) << set;
    EXPECT_STREQ(std::getenv("OPENBLAS_CORETYPE"), set);
  }
  if (before == nullptr)
    ::unsetenv("OPENBLAS_CORETYPE");
  else
    ::setenv("OPENBLAS_CORETYPE", kept.c_str(), 1);
}

}  // namespace
}  // namespace yore::base
