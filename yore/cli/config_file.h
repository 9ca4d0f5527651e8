// Options from a TOML file: keys are the long names of options, `learning-rate` or `learning_rate`.
#pragma once
#include <CLI/CLI.hpp>
#include <memory>

namespace yore::cli {

/// Reads the file named by the app's --config and gives every option that the command line did not the value
/// it has there. The file's types are the options': strings, whole numbers, numbers, true and false, lists of
/// them for options that take several. Throws InputError("FILE:LINE:COLUMN") for a syntax error, a key that
/// is no option (with the nearest), a value of another type and one that the option refuses.
std::shared_ptr<CLI::Config> toml_config(CLI::App& app);

}  // namespace yore::cli
