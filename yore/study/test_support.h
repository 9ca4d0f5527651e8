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
#include "yore/tasks/task.h"

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

/// The study's runs are about this language.
inline void set_language(StudyConfig& config, const std::string& spec, const std::string& alphabet = "ab") {
  config.base.task = tasks::complete_task({{"name", "formal"}, {"language", spec}, {"alphabet", alphabet}});
}

inline languages::Language language_of(const StudyConfig& config) {
  return languages::read_language(config.base.task.at("language").get<std::string>(),
                                  config.base.task.at("alphabet").get<std::string>());
}

/// The verdicts that the study needs of its one language.
inline Verdicts classify_all(const StudyConfig& config) {
  return study::classify_all(config, language_of(config));
}

/// The values of an axis that is there.
inline std::vector<Json>& values_of(StudyConfig& config, const std::string& path) {
  for (Axis& axis : config.axes)
    if (axis.path == path) return axis.values;
  throw std::logic_error("no axis " + path);
}

/// Two seeds of the three kinds on (ab)*.
inline StudyConfig small_study() {
  StudyConfig config;
  set_language(config, "regex:(ab)*");
  config.axes = {{"model.attention", {"global", "local", "hybrid"}}, {kSeed, {1, 2}}};
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
