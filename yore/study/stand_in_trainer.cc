// Stands in for the trainer IN TESTS: understands "train --run FOLDER --quiet", takes the run's lock, writes
// metrics as it goes, resumes from them, stops at SIGTERM, and ends with an invented result. What it is to do
// wrong comes in environment variables.
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

}  // namespace

int main(int argc, char** argv) {
  using namespace yore;
  base::catch_interrupts();
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
