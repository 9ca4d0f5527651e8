#include "bench/memory.h"

#include <fmt/format.h>
#include <malloc.h>

#include <filesystem>
#include <fstream>

#include "bench/peers.h"
#include "yore/base/error.h"
#include "yore/base/process.h"

namespace yore::bench {
namespace {

/// A line of /proc/self/status, in bytes: VmRSS (now) or VmHWM (the most so far).
double status(const std::string& name) {
  std::ifstream lines("/proc/self/status");
  for (std::string line; std::getline(lines, line);)
    if (line.rfind(name + ":", 0) == 0) return 1024.0 * std::stod(line.substr(name.size() + 1));
  throw base::InputError("/proc/self/status", "no " + name);
}

void compute(const Shape& shape, Way way, bool with_backward, int threads) {
  Problem problem(shape, with_backward);
  if (way == Way::Composition) {
    TorchAttention torch(problem);
    with_backward ? torch.step(true) : torch.forward(true);
    return;
  }
  problem.forward(threads);
  if (with_backward) problem.backward(threads);
}

}  // namespace

double peak_over_data(const Shape& s, Way way, bool with_backward, int threads) {
  const base::Json request = {{"batch", s.batch},         {"time", s.time},
                              {"heads", s.heads},         {"dim", s.dim},
                              {"lookback", s.lookback},   {"strict", s.strict},
                              {"threads", threads},       {"composition", way == Way::Composition},
                              {"backward", with_backward}};
  const std::string self = std::filesystem::read_symlink("/proc/self/exe").string();
  const base::ProcessResult result = base::run_process({self, "--memory-of", request.dump()});
  if (result.exit_code != 0) throw base::InputError("--memory-of", result.err);
  return base::parse_json(result.out, "--memory-of")["ratio"].get<double>();
}

void answer_memory_request(const base::Json& r) {
  Shape shape;
  shape.batch = r.at("batch");
  shape.time = r.at("time");
  shape.heads = r.at("heads");
  shape.dim = r.at("dim");
  shape.lookback = r.at("lookback");
  shape.strict = r.at("strict");
  const Way way = r.at("composition").get<bool>() ? Way::Composition : Way::Kernel;
  const bool with_backward = r.at("backward");
  const int threads = r.at("threads");
  // Once small, so that code pages, threads and one-time tables are not counted.
  Shape small = shape;
  small.batch = 1;
  small.time = 32;
  compute(small, way, with_backward, threads);
  malloc_trim(0);
  const double before = status("VmRSS");
  std::ofstream("/proc/self/clear_refs") << "5";  // VmHWM starts anew
  compute(shape, way, with_backward, threads);
  const double lse = static_cast<double>(shape.elements()) / shape.dim;
  const double bytes = 4.0 * ((with_backward ? 8.0 : 4.0) * static_cast<double>(shape.elements()) + lse);
  fmt::print("{}\n", base::Json{{"ratio", (status("VmHWM") - before) / bytes}}.dump());
}

}  // namespace yore::bench
