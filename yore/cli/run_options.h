// Every field of a run's configuration and every option of every task as an option: `learning_rate` is
// --learning-rate, on the command line and in TOML.
#pragma once
#include <CLI/CLI.hpp>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "yore/base/options.h"
#include "yore/cli/language_options.h"
#include "yore/runs/run_config.h"

namespace yore::cli {

/// Declares the options, and makes a configuration of those that were given. Language and alphabet of the
/// task "formal" are left to LanguageOptions.
class RunOptions {
 public:
  /// Leaves out the fields of these paths, which the command has in another form.
  explicit RunOptions(std::vector<std::string> without = {}) : without_(std::move(without)) {}
  void declare(CLI::App& app);

  /// The configuration: defaults, then those of the task (TaskInfo::defaults), then what was given. The task
  /// is --task or, if a language is given, "formal"; it is complete. Throws InputError for options that the
  /// task does not have, and as runs::validate.
  runs::RunConfig config(const LanguageOptions& language) const;

  /// The same of words of languages that come later; of `language` only how they are to be read.
  runs::RunConfig config_without_language(const LanguageOptions& language) const;

  /// The same of one task among several, as tasks::parse_task reads it. Throws InputError("--task") too.
  runs::RunConfig config_of_task(const std::string& task) const;
  /// The options of tasks that were given, as their own options name them.
  base::Json given_task_options() const;

  /// The options that were given, as "--width", in the order of the help; with `group` ("model") only those.
  std::vector<std::string> given(const std::string& group = "") const;
  /// What was given for the field at this path of the configuration, if anything was.
  std::optional<base::Json> value(const std::string& path) const;

 private:
  using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>>;
  struct TaskOption {
    std::string name;
    Value value;
    CLI::Option* option = nullptr;
  };
  void declare_task_option(CLI::App& app, const base::OptionSpec& spec,
                           const std::vector<std::string>& tasks);
  base::Json task(const LanguageOptions& language) const;
  void add_task_options(base::Json& task) const;
  void apply(runs::RunConfig& config) const;
  std::vector<runs::Phase> phases(const base::Json& task) const;

  std::vector<std::string> without_;
  runs::RunConfig typed_;                                      ///< receives the values of model and training
  std::vector<std::pair<std::string, CLI::Option*>> options_;  ///< by path
  std::deque<TaskOption> task_options_;
  std::string task_;
  CLI::Option* task_option_ = nullptr;
  std::vector<std::string> phases_;
};

}  // namespace yore::cli
