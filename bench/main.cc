// bench/attention: the attention kernel against what the machine can do and against the others.
#include <ATen/Parallel.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <ctime>
#include <fstream>
#include <thread>

#include "bench/check.h"
#include "bench/memory.h"
#include "bench/suite.h"
#include "yore/base/error.h"
#include "yore/base/openblas.h"
#include "yore/kernels/targets.h"
#include "yore/model/threads.h"

namespace {

std::string machine() {
  std::ifstream lines("/proc/cpuinfo");
  std::string name = "unknown processor";
  for (std::string line; std::getline(lines, line);)
    if (line.rfind("model name", 0) == 0) {
      name = line.substr(line.find(':') + 2);
      break;
    }
  return fmt::format("{}, {} cores", name, std::thread::hardware_concurrency());
}

/// The machine's load over the last minute: what else ran.
std::string load() {
  std::string one;
  std::ifstream("/proc/loadavg") >> one;
  return one;
}

}  // namespace

int main(int argc, char** argv) {
  // OpenBLAS is linked, so it has chosen already, as libtorch's has: where it chose badly, begin anew.
  if (const auto choice = yore::base::choose_openblas_core()) {
    fmt::print(stderr, "bench: OpenBLAS takes {} for itself; begins anew with {}\n", choice->instead_of,
               choice->taken);
    ::execv("/proc/self/exe", argv);
  }
  CLI::App app{
      "Times yore's attention, other mechanisms, training steps and language models beside this machine's "
      "ceilings and other programs"};
  yore::bench::Options options;
  std::string json = "bench.json", memory_request;
  options.modules = YORE_BENCH_MODULES;
  options.llama = YORE_BENCH_LLAMA;
  options.models = YORE_BENCH_MODELS;
  options.judges_python = YORE_BENCH_JUDGES "/bin/python";
  app.add_flag("--quick", options.quick, "Small shapes and few repetitions: does everything run?");
  app.add_option("--only", options.only, "Only the groups whose name contains this");
  app.add_option("--json", json, "Where to write the numbers")->capture_default_str();
  app.add_option("--modules", options.modules, "The folder in which npm installed onnxruntime-node")
      ->capture_default_str();
  app.add_option("--llama", options.llama, "The folder in which scripts/llama installed node-llama-cpp")
      ->capture_default_str();
  app.add_option("--models", options.models, "The folder in which scripts/models put language models")
      ->capture_default_str();
  app.add_option("--judges-python", options.judges_python, "A Python with PyTorch 2")->capture_default_str();
  app.add_option("--memory-of", memory_request, "(used by itself)")->group("");
  CLI11_PARSE(app, argc, argv);
  try {
    if (!memory_request.empty()) {
      at::set_num_threads(1);
      yore::bench::answer_memory_request(yore::base::parse_json(memory_request, "--memory-of"));
      return 0;
    }
    yore::model::use_threads(1);
    const std::string before = load();
    yore::bench::Report report = yore::bench::Suite(options).run();
    report.machine = machine();
    report.peers.emplace_back("OpenBLAS", "kernels for " + yore::base::openblas_core_type().value_or("?"));
    report.date = fmt::format("{:%Y-%m-%d}", fmt::localtime(std::time(nullptr)));
    report.kernel_target = yore::kernels::chosen_target();
    report.load = fmt::format("{} before, {} after", before, load());
    fmt::print("{}", to_text(report));
    yore::base::write_file(json, to_json(report).dump(2) + "\n");
    fmt::print("\nwritten: {}\n", json);
    return 0;
  } catch (const yore::bench::Mismatch& e) {
    fmt::print(stderr, "bench: wrong answer, nothing is timed: {}\n", e.what());
    return 1;
  } catch (const yore::base::InputError& e) {
    fmt::print(stderr, "bench: {}\n", e.what());
    return 2;
  }
}
