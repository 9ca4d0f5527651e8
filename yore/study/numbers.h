// Every number of a study as files.
#pragma once
#include <string>
#include <vector>

#include "yore/study/plugin.h"

namespace yore::study {

/// One line a number, header included:
///   kind,seed,what,set,name,count,value,keys
/// what = metric (keys: what else is known of it, as JSON), history (name: loss, validation, learning_rate,
/// seconds; count: the step) or run (name: status, steps, seconds, parameters).
std::string numbers_csv(const std::vector<RunRecord>& records);

/// {"study": configuration, "kinds": [a kind each, its metrics' mean, deviation, min, max], the plug-ins'
/// keys, "runs": [{"name", "kind", "seed", "progress", "result" or null}]}.
Json numbers_json(const StudyConfig& config, const std::vector<KindResults>& kinds,
                  const std::vector<RunRecord>& records, const std::vector<std::unique_ptr<Plugin>>& plugins);

/// A CSV field, quoted where RFC 4180 asks for it.
std::string csv_field(const std::string& text);

}  // namespace yore::study
