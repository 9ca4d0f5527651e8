// Where a run stands, on disk: everything a resumed run needs to go on as if it had never stopped. There is
// no generator state in it, because batches and initial weights come from streams named by (seed, step).
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "yore/model/parameters.h"
#include "yore/runs/run_result.h"
#include "yore/training/optimiser.h"

namespace yore::training {

/// The counters of a run between two steps.
struct RunState {
  std::int64_t step = 0;  ///< steps done
  double seconds = 0;     ///< training time so far
  double loss_sum = 0;    ///< since the last history point
  std::int64_t loss_count = 0;
  int perfect = 0;  ///< validations in a row that reached the goal, or early_stop_at
  std::vector<runs::HistoryPoint> history;
};

/// Writes checkpoint.safetensors: weights, moments, and the counters in its metadata, so that one rename
/// moves a run from one consistent state to the next; then checkpoint.json, the counters again for people and
/// scripts.
void save_state(const std::filesystem::path& folder, const RunState& state,
                const model::Parameters& parameters, const AdamW& optimiser);

/// Reads checkpoint.safetensors into all three; false if there is none. Throws InputError naming the file if
/// it is truncated, of another model, or if its counters are none that a run writes.
bool load_state(const std::filesystem::path& folder, RunState& state, const model::Parameters& parameters,
                AdamW& optimiser);

}  // namespace yore::training
