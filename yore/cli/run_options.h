// Every field of a run's configuration as an option: `learning_rate` is --learning-rate, on the command line
// and in TOML.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "yore/runs/run_config.h"

namespace yore::cli {

/// Declares the options and fills a RunConfig. Language and alphabet are left to LanguageOptions.
class RunOptions {
 public:
  /// `config` holds the defaults and receives the values. Without `single_run`, what a study varies itself
  /// (attention, seed, init) is left out.
  RunOptions(runs::RunConfig& config, bool single_run) : config_(config), single_run_(single_run) {}
  void declare(CLI::App& app);
  /// Call after parsing: reads the bucket texts. Throws InputError. The values are checked by runs::validate.
  void finish();
  /// The first option of the model's shape that the user gave, here or in TOML; empty if none.
  std::string given_model_option() const;

 private:
  runs::RunConfig& config_;
  bool single_run_;
  std::vector<std::string> buckets_;
  std::vector<CLI::Option*> model_options_;
};

/// "41-100" as {41, 100}. Throws InputError naming `option`.
std::pair<int, int> parse_bucket(const std::string& text, const std::string& option);

}  // namespace yore::cli
