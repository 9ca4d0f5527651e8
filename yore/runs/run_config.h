// Everything that determines a training run, torch-free: the CLI fills it, the run folder stores it, training
// reads it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "yore/arch/options.h"
#include "yore/base/files.h"

namespace yore::runs {

using base::Json;

/// Where a run's first weights come from, as --init spells it; else a model's folder. In a study, kCompiled
/// and kCompiledShape are kinds beside those of attention.
namespace inits {
inline constexpr const char* kRandom = "random";
inline constexpr const char* kCompiled = "compiled";  ///< those of the language's compiled transformer, whose
                                                      ///< dimensions the model then has
inline constexpr const char* kCompiledShape = "compiled-shape";  ///< random ones in a model of its dimensions
}  // namespace inits

/// A stretch of a run in which other settings hold. Phases follow one another from step 0; after the last,
/// the run's own settings hold.
struct Phase {
  std::int64_t steps = 0;
  double learning_rate = 0;  ///< 0 = the run's; constant within the phase after a warm-up of the run's length
  std::string trainable;     ///< only parameters whose names match this pattern (* and ?) learn; empty = all
  Json task = Json::object();  ///< options of the task that differ, such as shorter words
  bool operator==(const Phase&) const = default;
};

/// Where a finished run was continued (run_folder.h).
struct Continuation {
  std::int64_t at = 0;     ///< steps it had done
  std::int64_t steps = 0;  ///< steps that its schedule had been made for; more than `at` after an early stop
  bool operator==(const Continuation&) const = default;
};

struct TrainingConfig {
  std::int64_t steps = 3000;
  int batch = 64;  ///< sequences a step
  int accumulate =
      1;            ///< parts of a batch, whose gradients are added up: memory of a part, step of the whole
  int threads = 1;  ///< within the run; the weights of the same seed differ with their number by rounding
  double learning_rate = 3e-3;
  std::int64_t warmup_steps = 100;
  double final_learning_rate = 0.0;  ///< fraction of learning_rate at the last step (cosine)
  double weight_decay = 0.01;
  double beta1 = 0.9, beta2 = 0.999;
  double clip_norm = 1.0;             ///< 0 = off
  std::int64_t evaluate_every = 250;  ///< validation, and a checkpoint
  int early_stop = 0;                 ///< stop after this many good validations in a row; 0 = never
  double early_stop_at =
      0;  ///< with early_stop: a validation this good counts; 0 = a perfect one (tasks::Goal)
  double max_seconds =
      0;  ///< stop after this much training time (over all resumptions); 0 = no limit. Not bit-reproducible.
  std::uint64_t seed = 1;             ///< weights, data order
  std::string init = inits::kRandom;  ///< a name of inits:: but kCompiledShape, or a model's folder
  std::string measure;  ///< what to measure beside the task's metrics at the end: names of measures.h
  /// More than 0: heads of attention get gates (model/head_gates.h), trained for budgets drawn evenly from
  /// this one to 1, one a step. 0 = no gates.
  double head_budget = 0;
  double head_budget_full = 0.25;  ///< share of these steps that draw the budget 1, at which gates are open
  double head_budget_dense = 0.3;  ///< share of the run's steps, its first ones, in which gates are open
  double head_budget_cost = 0.01;  ///< added to the loss: this times the mean gate,
  double head_budget_overshoot = 10;   ///< this times the square of its excess over the budget,
  double head_budget_undershoot = 10;  ///< and this times the square of what it lacks
  /// Sizes of the task, "8,16,32": copies of the finished model are adapted to each (runs/capture.h); empty =
  /// none.
  std::string capture;
  std::int64_t capture_samples = 256;  ///< the most fresh sequences that a copy is adapted on
  std::int64_t capture_steps = 64;     ///< updates of a copy, or more, for each sequence to be seen
  int capture_batch = 16;              ///< sequences an update, at most
  double capture_learning_rate =
      1e-3;                ///< after a warm-up of a tenth of the updates; a half cosine down to 0
  int capture_test = 256;  ///< sequences that a copy is tested on
  std::vector<Phase> phases;
  /// In the order of the steps. At each the learning rate begins again: warm-up, then a cosine to the end of
  /// that stretch (within a phase it goes on, and begins again behind the phases); and good validations are
  /// counted anew. Everything else goes on.
  std::vector<Continuation> continued;
  bool operator==(const TrainingConfig&) const = default;
};

struct RunConfig {
  arch::ModelOptions model;
  Json task = Json::object();  ///< {"name", and its options}; see tasks/task.h, which checks them
  TrainingConfig training;
  bool operator==(const RunConfig&) const = default;
};

/// Both ways; from_json refuses unknown keys and wrong types with InputError(`source`); missing keys keep
/// their defaults, and a checksum, if there is one, is checked (base/checksum.h). Also reads what version 0.1
/// wrote, where the task was always words of a language.
Json to_json(const RunConfig& config);
RunConfig run_config_from_json(const Json& json, const std::string& source);
/// Throws InputError whose source is the field ("model.width"): widths not divisible, unknown words, empty or
/// reversed ranges, non-finite rates ... The task's options are the task's affair.
void validate(const RunConfig& config);

/// One line a field in which two configurations differ ("model.width: 32 and 64"); empty if they are equal.
std::vector<std::string> differences(const RunConfig& a, const RunConfig& b);

/// Every path of a configuration with a task of these options: "model.width", "task.language",
/// "training.seed" ..
std::vector<std::string> paths(const std::vector<std::string>& task_options);
/// The one path of `all` that `name` means: itself, or its last part ("seed" is training.seed). Throws
/// InputError(`source`) with the nearest if there is none, or naming them if there are several.
std::string resolve_path(const std::string& name, const std::vector<std::string>& all,
                         const std::string& source);
/// Sets the field at a path of the configuration. Throws InputError(`source`) for a value of another type.
void set_path(RunConfig& config, const std::string& path, const Json& value, const std::string& source);
/// The value there; null where there is none.
Json get_path(const RunConfig& config, const std::string& path);
/// `text` as a value of the field at that path: of a text field the text itself, else its JSON. Task options
/// are read by the task's list, not here.
Json parse_value(const std::string& path, const std::string& text, const std::string& source);

}  // namespace yore::runs
