#include "yore/training/phases.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "yore/base/error.h"
#include "yore/tasks/model_for.h"
#include "yore/training/schedule.h"

namespace yore::training {
namespace {

/// Whether a name matches a pattern of * (any characters) and ? (one). Only the last * has ever to take in
/// more: what the ones before it take in may as well be as short as possible.
bool matches(const char* pattern, const char* name) {
  const char *star = nullptr, *tried = nullptr;  // behind the last *; where what it takes in ends
  while (*name != '\0') {
    if (*pattern == '*') {
      star = ++pattern;
      tried = name;
    } else if (*pattern == '?' || *pattern == *name) {
      ++pattern;
      ++name;
    } else if (star != nullptr) {
      pattern = star;
      name = ++tried;
    } else {
      return false;
    }
  }
  while (*pattern == '*') ++pattern;
  return *pattern == '\0';
}

/// Whether an option of a task says what its sequences are, or which of them are for validation and test:
/// with another value a phase could train on what the run is measured on.
bool says_what_is_held_out(const std::string& option) {
  for (const char* name : {"name", "split_seed", "fold", "documents", "tokenizer"})
    if (option == name) return true;
  return option.starts_with("validation") || option.starts_with("test");
}

/// The phase's own task; null if it has none.
std::unique_ptr<tasks::Task> task_of(const runs::Phase& phase, const runs::RunConfig& config,
                                     const tasks::Task& whole) {
  if (phase.task.empty()) return nullptr;
  for (const auto& [option, value] : phase.task.items())
    if (says_what_is_held_out(option) && config.task.contains(option) && config.task.at(option) != value)
      throw base::InputError("training.phases.task",
                             fmt::format("{}: expected the run's {}, found {}: it says what is kept for "
                                         "validation and test, which no phase may train on",
                                         option, config.task.at(option).dump(), value.dump()));
  base::Json description = config.task;
  description.update(phase.task);  // given by hand: perhaps not in the one form
  std::unique_ptr<tasks::Task> task = tasks::make_task_for(description, config.model);
  if (task->vocabulary() != whole.vocabulary() || task->outputs() != whole.outputs())
    throw base::InputError("training.phases.task", "has another vocabulary or other outputs than the run's");
  // Beyond the run's own training lengths lie the sequences it is tested on.
  const auto outside = [&](const char* option, const auto& beyond) {
    return phase.task.contains(option) && config.task.contains(option) &&
           beyond(phase.task.at(option), config.task.at(option));
  };
  if (outside("train_max_length", std::greater<>()) || outside("train_min_length", std::less<>()))
    throw base::InputError("training.phases.task",
                           "expected training lengths within the run's, beyond which it is tested");
  return task;
}

std::vector<char> learning(const runs::Phase& phase, const model::Parameters& parameters) {
  std::vector<char> learns;
  bool any = false;
  for (const model::Parameter& p : parameters.all()) {
    learns.push_back(phase.trainable.empty() || matches(phase.trainable.c_str(), p.name.c_str()));
    any = any || learns.back() != 0;
  }
  if (!any)
    throw base::InputError("training.phases.trainable",
                           fmt::format("no parameter's name matches \"{}\"", phase.trainable));
  return learns;
}

}  // namespace

Phases::Phases(const runs::RunConfig& config, const tasks::Task& task, const model::Parameters& parameters)
    : config_(config.training), parameters_(parameters.all().size()) {
  for (const runs::Phase& phase : config_.phases)
    parts_.push_back({task_of(phase, config, task), learning(phase, parameters)});
}

const PhaseParts* Phases::at(std::int64_t step) const {
  const runs::Phase* phase = phase_at(config_, step);
  return phase == nullptr ? nullptr : &parts_[static_cast<std::size_t>(phase - config_.phases.data())];
}

std::vector<std::int64_t> Phases::missed_before(std::int64_t step) const {
  std::vector<std::int64_t> missed(parameters_, 0);
  std::int64_t from = 0;
  for (std::size_t i = 0; i < parts_.size() && from < step; ++i) {
    const std::int64_t steps = std::min(config_.phases[i].steps, step - from);
    for (std::size_t p = 0; p < parameters_; ++p)
      if (parts_[i].learns[p] == 0) missed[p] += steps;
    from += steps;
  }
  return missed;
}

}  // namespace yore::training
