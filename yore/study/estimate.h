// What the runs of a grid will take, and which sets they will be tested on, before anything is trained.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "yore/study/grid.h"
#include "yore/tasks/task.h"

namespace yore::study {

/// Of a set of sequences: its name, how many sequences have which length in tokens, and the names of what is
/// measured of it.
struct SetSize {
  std::string name;
  std::map<std::int64_t, std::int64_t> lengths;
  std::vector<std::string> metrics;
};

/// What a task has its models read.
struct TaskSizes {
  std::shared_ptr<const tasks::Task> task;
  SetSize training;           ///< some sequences of its first step
  std::vector<SetSize> sets;  ///< validation, then the tests, under the names of their metrics
  double seconds = 0;         ///< that making all this took here
};

/// Makes the tasks of runs and draws their sets, each of which runs of the same task share.
class TaskMeasure {
 public:
  const TaskSizes& of(const runs::RunConfig& config);

 private:
  std::map<std::string, TaskSizes> known_;
};

/// About how long the runs take one after another, in seconds: making the data as it took here; the models'
/// operations at 5e9 a second, three forward passes' worth for a sequence of training and one for each of an
/// evaluation; and 1 ms a step. Of copies that are adapted (runs/capture.h): as if none were left out.
double estimated_seconds(const std::vector<PlannedRun>& runs);

/// "0.44 s", "12 s", "3.5 min", "2.1 hours".
std::string time_text(double seconds);

}  // namespace yore::study
