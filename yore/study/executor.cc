#include "yore/study/executor.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <list>
#include <thread>
#include <utility>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/process.h"
#include "yore/base/utf8.h"
#include "yore/runs/run_folder.h"
#include "yore/runs/run_lock.h"

namespace yore::study {
namespace {

using base::InputError;

constexpr auto kPollInterval = std::chrono::milliseconds(100);
constexpr int kTailLines = 12;

struct Active {
  const PlannedRun* run;
  base::Child child;
};

std::string tail(const fs::path& log) {
  std::error_code error;
  if (!fs::exists(log, error)) return "";
  std::string text = base::read_file(log);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  std::size_t from = text.size();
  for (int line = 0; line < kTailLines && from != std::string::npos && from > 0; ++line)
    from = text.rfind('\n', from - 1);
  return from == std::string::npos || from == 0 ? text : text.substr(from + 1);
}

std::string indented(const std::string& text) {
  std::string result = "  | ";
  for (char c : text) result += c == '\n' ? "\n  | " : std::string(1, c);
  return result;
}

// The whole call: which runs are waiting, which are at work.
class Executor {
 public:
  Executor(const std::vector<const PlannedRun*>& runs, const Execution& execution) : execution_(execution) {
    for (const PlannedRun* run : runs) {
      if (const std::string damage = damage_of(*run); !damage.empty()) {
        execution_.say(fmt::format("{}: {}; delete the folder {} and the same command trains this run again",
                                   run->name, damage, run->folder.string()));
        executed_.failed.push_back({run->name, 0, damage, true});
      } else if (runs::is_finished(run->folder)) {
        ++executed_.complete;
        ++executed_.found_complete;
      } else {
        waiting_.push_back(run);
      }
    }
    jobs_ = execution.jobs > 0 ? execution.jobs : usable_cores();
    todo_.assign(waiting_.begin(), waiting_.end());
  }

  Executed run() {
    if (todo_.empty()) return executed_;
    base::Progress progress("training", static_cast<double>(todo_.size()), done(), execution_.progress);
    while (!waiting_.empty() || !active_.empty()) {
      if (base::interrupted()) {
        stop();
        break;
      }
      reap();
      while (!waiting_.empty() && static_cast<int>(active_.size()) < jobs_) start();
      progress.update(
          done(), fmt::format("{} of {} runs", executed_.complete - executed_.found_complete, todo_.size()));
      if (!active_.empty()) std::this_thread::sleep_for(kPollInterval);
    }
    progress.update(done());
    progress.finish(
        fmt::format("{} of {} runs", executed_.complete - executed_.found_complete, todo_.size()));
    return executed_;
  }

 private:
  double done() const {
    double sum = 0;
    for (const PlannedRun* run : todo_) sum += progress_of(*run);
    return sum;
  }

  void start() {
    const PlannedRun& run = *waiting_.front();
    waiting_.pop_front();
    if (runs::is_being_trained(run.folder)) {
      leave_alone(run);
      return;
    }
    if (!runs::is_run_folder(run.folder)) runs::write_config(run.folder, run.config);
    if (runs::is_finished(run.folder)) {  // by another process, since we looked
      ++executed_.complete;
      ++executed_.found_complete;
      return;
    }
    std::vector<std::string> argv = execution_.trainer;
    for (const std::string& word :
         {std::string("train"), std::string("--run"), run.folder.string(), std::string("--quiet")})
      argv.push_back(word);
    // One thread each: that many small models train fastest side by side, and results do not depend on the
    // machine's cores.
    base::Child child(argv, run.folder / runs::files::kLog,
                      {"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1", "MKL_NUM_THREADS=1"});
    active_.push_back({&run, std::move(child)});
  }

  // Another call's run (say, of a shard given the same number by mistake).
  void leave_alone(const PlannedRun& run) {
    ++executed_.busy;
    execution_.say(run.name + ": left alone, another process is training it");
  }

  void reap() {
    for (auto it = active_.begin(); it != active_.end();) {
      const auto code = it->child.poll();
      if (code) ended(*it->run, *code);
      it = code ? active_.erase(it) : std::next(it);
    }
  }

  // The trainer itself takes the run's lock. Of two that start at the same time one is refused, and has then
  // not failed. The lock is looked at first: its holder writes the result before letting go.
  void ended(const PlannedRun& run, int code) {
    const bool taken = runs::is_being_trained(run.folder);
    if (runs::is_finished(run.folder)) {
      ++executed_.complete;
      return;
    }
    if (taken) {
      leave_alone(run);
      return;
    }
    FailedRun failed{run.name, code, tail(run.folder / runs::files::kLog), false};
    execution_.say(fmt::format("{}: ended with exit code {} and without a result; its log's last lines:\n{}",
                               run.name, code, indented(failed.log_tail)));
    executed_.failed.push_back(std::move(failed));
  }

  // Lets the children save their state; a run that was just finishing still counts.
  void stop() {
    executed_.interrupted = true;
    for (auto& active : active_) active.child.terminate();
    while (!active_.empty()) {
      for (auto it = active_.begin(); it != active_.end();) {
        const bool gone = it->child.poll().has_value();
        if (gone && runs::is_finished(it->run->folder)) ++executed_.complete;
        it = gone ? active_.erase(it) : std::next(it);
      }
      std::this_thread::sleep_for(kPollInterval);
    }
  }

  const Execution& execution_;
  int jobs_ = 1;
  std::list<const PlannedRun*> waiting_;
  std::vector<const PlannedRun*> todo_;
  std::list<Active> active_;
  Executed executed_;
};

}  // namespace

namespace {

std::vector<const PlannedRun*> of_shard(const std::vector<PlannedRun>& runs, const Execution& execution) {
  std::vector<const PlannedRun*> mine;
  for (std::size_t i = 0; i < runs.size(); ++i)
    if (static_cast<int>(i % static_cast<std::size_t>(execution.shard_count)) == execution.shard_index - 1)
      mine.push_back(&runs[i]);
  return mine;
}

}  // namespace

void validate(const Execution& execution) {
  if (execution.trainer.empty()) throw std::invalid_argument("study: no program to train with");
  if (!base::find_program(execution.trainer[0]))
    throw InputError(execution.trainer[0], "the program that trains is not there, or not executable");
  // Beside the results, which are JSON, stands the command that made them.
  if (!base::is_utf8(execution.command))
    throw InputError("study", "expected options in UTF-8, which the study's files keep");
  if (execution.jobs < 0)
    throw InputError("--jobs", fmt::format("{} runs at a time make no sense, expected 0 (all cores) or more",
                                           execution.jobs));
  if (execution.shard_count < 1 || execution.shard_index < 1 || execution.shard_index > execution.shard_count)
    throw InputError("--shard", fmt::format("{}/{} names no part, expected I/N with 1 <= I <= N",
                                            execution.shard_index, execution.shard_count));
}

void check_run_folders(const std::vector<PlannedRun>& runs) {
  for (const PlannedRun& run : runs) {
    runs::check_output_folder(run.folder);
    if (!runs::is_run_folder(run.folder) || !damage_of(run).empty()) continue;
    const auto different = runs::differences(runs::read_config(run.folder), run.config);
    if (!different.empty())
      throw InputError(run.folder.string(),
                       fmt::format("holds a run of another configuration: {}", fmt::join(different, "; ")));
  }
}

std::string damage_of(const PlannedRun& run) {
  try {
    if (runs::is_run_folder(run.folder)) runs::read_config(run.folder);
    if (runs::is_finished(run.folder)) runs::read_result(run.folder);
  } catch (const InputError& e) {
    return fmt::format("{}: {}", e.source(), e.message());
  }
  return "";
}

double progress_of(const PlannedRun& run) {
  if (runs::is_finished(run.folder)) return 1;
  const fs::path metrics = run.folder / runs::files::kMetricsJsonl;
  std::error_code error;
  if (run.config.training.steps <= 0 || !fs::exists(metrics, error)) return 0;
  // The trainer may be writing: only lines that are whole count.
  const std::string text = base::read_file(metrics);
  const std::size_t end = text.rfind('\n');
  if (end == std::string::npos || end == 0) return 0;
  const std::size_t before = text.rfind('\n', end - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  const Json line = Json::parse(text.substr(begin, end - begin), nullptr, false);
  if (!line.is_object() || !line.contains("step") || !line["step"].is_number()) return 0;
  return std::clamp(line["step"].get<double>() / static_cast<double>(run.config.training.steps), 0.0, 1.0);
}

std::vector<PlannedRun> left_to_do(const std::vector<PlannedRun>& runs, const Execution& execution) {
  std::vector<PlannedRun> left;
  for (const PlannedRun* run : of_shard(runs, execution))
    if (!runs::is_finished(run->folder)) left.push_back(*run);
  return left;
}

Executed execute(const std::vector<PlannedRun>& runs, const Execution& execution) {
  validate(execution);
  check_run_folders(runs);
  return Executor(of_shard(runs, execution), execution).run();
}

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  const int count = ::sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 0;
  return count > 0 ? count : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace yore::study
