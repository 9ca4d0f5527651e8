// Every number of a study as files.
#pragma once
#include <string>
#include <vector>

#include "yore/study/compiled_model.h"
#include "yore/study/summary.h"

namespace yore::study {

/// One line a number, header included:
///   attention,seed,what,name,n,min_length,max_length,words,correct,value
/// what = score (value: accuracy), length (one length: accuracy), witness (value: logit), history (n: step;
/// name: loss, validation_accuracy, learning_rate, seconds) or run (name: status, steps, seconds,
/// parameters).
std::string numbers_csv(const std::vector<RunRecord>& records);

/// {"study": configuration, "summary": [a kind each], "compiled": to_json(CompiledModel), "runs": [{"name",
/// "attention", "seed", "result" or null}]}.
Json numbers_json(const StudyConfig& config, const std::vector<KindSummary>& kinds,
                  const CompiledModel& compiled, const std::vector<RunRecord>& records);

/// A CSV field, quoted where RFC 4180 asks for it.
std::string csv_field(const std::string& text);

}  // namespace yore::study
