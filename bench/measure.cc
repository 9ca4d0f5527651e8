#include "bench/measure.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <exception>

namespace yore::bench {
namespace {

/// Keeps the seconds a call of every repetition.
class Collector : public benchmark::BenchmarkReporter {
 public:
  explicit Collector(const std::vector<Contender>& contenders) : contenders_(contenders) {}
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type != Run::RT_Iteration || run.error_occurred) continue;
      const auto who = std::find_if(contenders_.begin(), contenders_.end(),
                                    [&](const Contender& c) { return c.name == run.run_name.function_name; });
      const double total = who->clock == Clock::Cpu ? run.cpu_accumulated_time : run.real_accumulated_time;
      seconds[who->name].push_back(total / static_cast<double>(run.iterations));
    }
  }
  std::map<std::string, std::vector<double>> seconds;

 private:
  const std::vector<Contender>& contenders_;
};

void start() {
  static bool done = false;
  if (done) return;
  done = true;
  std::string arguments[] = {"attention", "--benchmark_enable_random_interleaving=true"};
  char* argv[] = {arguments[0].data(), arguments[1].data(), nullptr};
  int argc = 2;
  benchmark::Initialize(&argc, argv);
}

}  // namespace

std::map<std::string, Times> measure(const std::vector<Contender>& contenders) {
  start();
  std::exception_ptr failure;
  for (const Contender& c : contenders) {
    auto* registered = benchmark::RegisterBenchmark(c.name.c_str(), [&c, &failure](benchmark::State& state) {
      try {
        for (auto _ : state) {
          const double seconds = c.work();
          if (c.clock == Clock::Own) state.SetIterationTime(seconds);
        }
      } catch (...) {
        failure = std::current_exception();
        state.SkipWithError("failed");
      }
    });
    registered->Repetitions(c.repetitions)->MeasureProcessCPUTime();
    if (c.clock == Clock::Wall) registered->UseRealTime();
    if (c.clock == Clock::Own) registered->UseManualTime();
    if (c.seconds > 0) {
      registered->MinTime(c.seconds);
    } else {
      registered->Iterations(1);
    }
  }
  Collector collector(contenders);
  benchmark::RunSpecifiedBenchmarks(&collector, ".");
  benchmark::ClearRegisteredBenchmarks();
  if (failure) std::rethrow_exception(failure);
  std::map<std::string, Times> result;
  for (auto& [name, seconds] : collector.seconds) {
    std::sort(seconds.begin(), seconds.end());
    const std::size_t n = seconds.size();
    result[name] = {(seconds[(n - 1) / 2] + seconds[n / 2]) / 2, seconds.front(), seconds.back(),
                    static_cast<int>(n)};
  }
  return result;
}

}  // namespace yore::bench
