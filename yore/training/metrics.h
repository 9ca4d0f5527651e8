// The training history as files.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "yore/runs/run_result.h"

namespace yore::training {

/// `goal` names what validation measures. Writes metrics.jsonl and metrics.csv anew, each in one step, so
/// that they always say what the checkpoint beside them says: a resumed run neither repeats nor loses a line;
/// and TensorBoard's file (runs/event_file.h).
void write_metrics(const std::filesystem::path& folder, const std::vector<runs::HistoryPoint>& history,
                   const std::string& goal);

}  // namespace yore::training
