// Every number of a study as files.
#pragma once
#include <string>
#include <vector>

#include "yore/study/plugin.h"

namespace yore::study {

/// Everything a report speaks of.
struct StudyData {
  StudyConfig config;
  std::vector<RunRecord> records;
  std::vector<KindResults> kinds;  ///< summarise_runs() of the above
  std::string command;             ///< repeats the study
  std::string machine;             ///< processor and cores, see describe_machine()
  std::string date;                ///< of the report, "2026-01-31"
};

/// One line a number, header included:
///   kind,seed,what,set,name,count,value,keys
/// what = metric (keys: what else is known of it, as JSON), history (name: loss, validation, learning_rate,
/// seconds; count: the step) or run (name: status, steps, seconds, parameters).
std::string numbers_csv(const std::vector<RunRecord>& records);

/// {"study": configuration, "title" and "about" (its scale in words; both may be empty), "made": {"command",
/// "machine", "date"}, "kinds": [a kind each, its metrics' mean, deviation, min, max], the plug-ins' keys,
/// "runs":
/// [{"name", "kind", "seed", "progress", "result" or null}]}.
Json numbers_json(const StudyData& data, const std::vector<std::unique_ptr<Plugin>>& plugins);

/// A CSV field, quoted where RFC 4180 asks for it.
std::string csv_field(const std::string& text);

}  // namespace yore::study
