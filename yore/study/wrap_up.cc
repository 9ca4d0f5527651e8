#include "yore/study/wrap_up.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "yore/study/numbers.h"
#include "yore/study/study_report.h"

namespace yore::study {
namespace {

std::string runs_text(int n) {
  return fmt::format("{} run{}", n, n == 1 ? "" : "s");
}

}  // namespace

Execution with_messages(Execution execution) {
  if (!execution.say) execution.say = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  return execution;
}

Written write_study(const StudyConfig& config, const std::vector<std::unique_ptr<Plugin>>& plugins,
                    const fs::path& folder, const std::string& command) {
  StudyData data{config, collect(plan(config, folder)), {}, command, describe_machine(), today()};
  data.kinds = summarise_runs(config, data.records);
  for (const auto& plugin : plugins) {
    plugin->take(config, data.records, data.kinds);
    for (const Plugin::File& file : plugin->files()) base::write_file(folder / file.name, file.content);
  }
  base::write_file(folder / files::kNumbersCsv, numbers_csv(data.records));
  base::write_file(folder / files::kNumbersJson,
                   numbers_json(config, data.kinds, data.records, plugins).dump(1) + "\n");
  base::write_file(folder / files::kReport, study_report(data, plugins));
  return {std::move(data.records), std::move(data.kinds)};
}

int measured(const std::vector<RunRecord>& records) {
  return static_cast<int>(
      std::count_if(records.begin(), records.end(), [](const RunRecord& r) { return r.result.has_value(); }));
}

void say_outcome(const Outcome& outcome, const Execution& execution) {
  const Executed& e = outcome.executed;
  if (e.found_complete > 0) execution.say(runs_text(e.found_complete) + " had a result before and were kept");
  if (!e.failed.empty())
    execution.say(runs_text(static_cast<int>(e.failed.size())) +
                  " failed; the same command tries them again");
  execution.say(fmt::format("{} of {} runs measured; report: {}", outcome.measured, outcome.planned,
                            outcome.report.string()));
  if (e.interrupted)
    execution.say("stopped; what was done is kept. The same command goes on: " + execution.command);
}

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  return fmt::format("{:04}-{:02}-{:02}", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
}

}  // namespace yore::study
