// A run's history as TensorBoard reads it: an "event file" of records, each with its length and checksums.
// Format: TensorFlow's record writer around its Event messages, of which a step, a time and named numbers are
// used.
#pragma once
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "yore/runs/run_result.h"

namespace yore::runs {

namespace files {
/// TensorBoard takes what has "tfevents" in its name.
inline constexpr const char* kEvents = "events.out.tfevents.yore";
}  // namespace files

/// Named numbers at a step.
struct Event {
  double wall_time = 0;  ///< seconds since 1970
  std::int64_t step = 0;
  std::vector<std::pair<std::string, double>> scalars;
};

/// The bytes of an event file. Numbers become float, as the format has them.
std::string event_file(double wall_time, const std::vector<Event>& events);
/// The time in the first record of such a file; negative if these bytes begin none.
double event_file_time(const std::string& bytes);

/// Makes folder/kEvents say what `history` does ("train/loss", "train/learning_rate", "validation/GOAL"), and
/// `metrics` at the step of its last point ("SET/NAME", validation and what has several values of a name left
/// out). What is there already stays and the rest is appended, so that a TensorBoard that watches the file
/// goes on; where it says something else, as after a run that went back to its checkpoint, it is written anew
/// in one step. Throws InputError as base::write_file.
void write_events(const std::filesystem::path& folder, const std::vector<HistoryPoint>& history,
                  const std::string& goal, const std::vector<base::Metric>& metrics);

}  // namespace yore::runs
