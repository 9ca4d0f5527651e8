// What was measured, as a table in a terminal (which docs/performance.md can hold as it is) and as JSON.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bench/measure.h"
#include "yore/base/files.h"

namespace yore::bench {

/// One line: something of ours and what it is compared with.
struct Row {
  std::string name;
  std::map<std::string, Times> times;  ///< "yore" and the others by name
  double flops = 0;                    ///< useful ones of a call; 0 = not counted
  std::optional<double> of_peak;       ///< share of the rate of fused multiply-adds measured beside it
  std::optional<double> of_sgemm;      ///< the same of sgemm
  std::optional<double> memory;        ///< peak over inputs and outputs
  std::string note;
  bool by_best = false;  ///< the best time speaks, not the median
  double seconds(const std::string& who) const { return by_best ? times.at(who).best : times.at(who).median; }
  /// How many times ours the other takes; nothing if it was not timed.
  std::optional<double> ratio(const std::string& other) const;
};

/// A claim to be met.
struct Target {
  std::string what;
  double wanted = 0;
  std::optional<double> found;
  bool at_most = false;
  bool met() const { return found && (at_most ? *found <= wanted : *found >= wanted); }
};

struct Report {
  std::string machine, date, kernel_target;
  int threads = 1;
  std::string load;                                        ///< of the machine, before and after
  std::vector<std::pair<std::string, std::string>> peers;  ///< name and version, or why it is missing
  std::vector<std::pair<std::string, double>> ceilings;    ///< with their units in the name
  std::vector<Row> rows;
  std::vector<Target> targets;
};

std::string to_text(const Report& report);
base::Json to_json(const Report& report);

}  // namespace yore::bench
