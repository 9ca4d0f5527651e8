// Google Benchmark, driven so that things to be compared are measured in turns: a machine that slows down for
// a while then slows all of them.
#pragma once
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace yore::bench {

/// Seconds a call, over repetitions.
struct Times {
  double median = 0, best = 0, worst = 0;
  int repetitions = 0;
};

/// What a time is.
enum class Clock {
  Cpu,   ///< of this process: other programs on the machine do not count
  Wall,  ///< by the clock: for what runs on several threads
  Own,   ///< what the work itself returns
};

/// One thing to be timed.
struct Contender {
  std::string name;              ///< letters, digits and _
  std::function<double()> work;  ///< returns seconds under Clock::Own, else anything
  Clock clock = Clock::Cpu;
  int repetitions = 11;
  double seconds = 0.05;  ///< at least this long a repetition; 0 = one call
};

/// Runs all contenders' repetitions in random order and returns their times by name. Throws what their work
/// throws.
std::map<std::string, Times> measure(const std::vector<Contender>& contenders);

}  // namespace yore::bench
