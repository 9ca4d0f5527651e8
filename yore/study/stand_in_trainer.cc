// Stands in for the trainer IN TESTS: understands "train --run FOLDER --quiet", takes the run's lock, writes
// metrics as it goes, resumes from them, stops at SIGTERM, and ends with an invented result; and "verify
// FOLDER --json ..." and "evaluate FOLDER --json --data FILE", which it answers with inventions. What it is
// to do wrong comes in environment variables.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <thread>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/runs/run_folder.h"
#include "yore/runs/run_lock.h"
#include "yore/study/stand_in_result.h"

namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

int lines_in(const std::filesystem::path& file) {
  std::ifstream in(file);
  int n = 0;
  for (std::string line; std::getline(in, line);) ++n;
  return n;
}

// A tally as verify prints it: nothing was wrong, unless one word is to be.
yore::base::Json tally(int words, int length, bool wrong) {
  return {{"words", words},
          {"wrong", wrong ? 1 : 0},
          {"length", length},
          {"least_accepting_logit", 4.25},
          {"largest_rejecting_logit", nullptr},
          {"witness_strings", 20}};
}

int verify(const std::filesystem::path& folder) {
  const std::string mood = variable("STAND_IN_VERIFY");
  std::ofstream(folder / "verify-starts.txt", std::ios::app) << "verify\n";
  if (mood == "fails") {
    std::fprintf(stderr, "no such model\n");
    return 2;
  }
  const bool wrong = mood == "wrong";
  const yore::base::Json proof = {
      {"formula_is_the_language", true}, {"proven", !wrong}, {"length", 4096}, {"error", 0.00049}};
  std::puts(yore::base::Json({{"proof", proof},
                              {"exhaustive", tally(16'383, 13, wrong)},
                              {"drawn", tally(320, 500, false)},
                              {"right", !wrong}})
                .dump()
                .c_str());
  return wrong ? 1 : 0;
}

int evaluate(const std::filesystem::path& words) {
  using namespace yore;
  runs::RunConfig config;
  config.task = base::read_json(words).at("task");
  config.model.attention = "hybrid";  // the kind that is invented to be right
  const base::Json result = runs::to_json(study::testing::invented_result(config));
  std::puts(base::Json({{"task", config.task}, {"parameters", 311}, {"metrics", result.at("metrics")}})
                .dump()
                .c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace yore;
  base::catch_interrupts();
  if (argc > 3 && std::string(argv[1]) == "verify" && std::string(argv[3]) == "--json")
    return verify(argv[2]);
  if (argc == 6 && std::string(argv[1]) == "evaluate" && std::string(argv[4]) == "--data")
    return evaluate(argv[5]);
  if (argc != 5 || std::string(argv[1]) != "train" || std::string(argv[2]) != "--run" ||
      std::string(argv[4]) != "--quiet")
    return 2;
  const std::filesystem::path folder = argv[3];
  const runs::RunConfig config = runs::read_config(folder);
  std::optional<runs::RunLock> lock;
  try {
    lock.emplace(folder);
  } catch (const base::InputError& refused) {
    std::fprintf(stderr, "%s\n", refused.what());
    return 2;
  }
  if (runs::is_finished(folder)) return 0;
  std::ofstream(folder / "starts.txt", std::ios::app) << variable("OMP_NUM_THREADS") << "\n";
  if (const std::string failing = variable("STAND_IN_FAILS"); folder.filename() == failing) {
    std::fprintf(stderr, "line one\nout of cheese\n");
    return 7;
  }
  if (folder.filename() == variable("STAND_IN_FORGETS")) return 0;
  const int delay = std::atoi(variable("STAND_IN_DELAY_MS").c_str());
  for (int i = lines_in(folder / runs::files::kMetricsJsonl) + 1; i <= 12; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(delay));
    if (base::interrupted()) {
      std::ofstream(folder / "saved.txt") << i - 1;
      return base::interrupt_exit_code();
    }
    std::ofstream(folder / runs::files::kMetricsJsonl, std::ios::app)
        << runs::to_json(study::testing::invented_point(config, config.training.steps * i / 12)).dump()
        << std::endl;
  }
  runs::RunResult result = study::testing::invented_result(config);
  if (folder.filename() == variable("STAND_IN_DIVERGES")) result.status = "nan";
  runs::write_result(folder, result);
}
