// What the tests of this folder share.
#pragma once
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "yore/base/process.h"
#include "yore/base/test_scratch.h"
#include "yore/study/study.h"
#include "yore/study/theory/summary.h"

namespace yore::study::testing {

/// A folder of its own for every test.
class InFolder : public ::testing::Test {
 protected:
  void TearDown() override {
    for (const char* name :
         {"STAND_IN_FAILS", "STAND_IN_FORGETS", "STAND_IN_DIVERGES", "STAND_IN_DELAY_MS", "STAND_IN_VERIFY"})
      ::unsetenv(name);
  }

  base::Scratch scratch_;
  fs::path folder_ = scratch_.path();
};

inline languages::Language ab_star() {
  return languages::read_language("regex:(ab)*", "ab");
}

/// Two seeds of the three kinds on (ab)*.
inline StudyConfig small_study() {
  StudyConfig config;
  config.language = ab_star();
  config.seeds = {1, 2};
  config.base.training.steps = 120;
  return config;
}

/// The stand-in trainer, messages kept in `said`, no display.
inline Execution stand_in(const fs::path& folder, std::vector<std::string>* said = nullptr) {
  Execution execution;
  execution.folder = folder;
  execution.trainer = {(base::own_folder() / "yore_stand_in_trainer").string()};
  execution.jobs = 3;
  execution.command = "yore study '(ab)*' --out here";
  execution.progress = base::Progress::Output::silent();
  execution.say = [said](const std::string& line) {
    if (said != nullptr) said->push_back(line);
  };
  return execution;
}

/// How often the stand-in trainer was started on a run.
inline int starts(const PlannedRun& run) {
  std::ifstream in(run.folder / "starts.txt");
  int n = 0;
  for (std::string line; std::getline(in, line);) ++n;
  return n;
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace yore::study::testing
