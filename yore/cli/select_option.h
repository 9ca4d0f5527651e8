// The option --select of commands that run a model: token selection (selection/math.md).
#pragma once
#include <CLI/CLI.hpp>
#include <string>

#include "yore/selection/sweep.h"

namespace yore::cli {

/// Declares --select on a command; what cannot be read is refused while parsing.
CLI::Option* declare_select(CLI::App& app, std::string& text, const std::string& help);

/// "tau=0.9,cascade=on,from=1,control=random,seeds=3"; several thresholds as tau=0.5:0.7:0.9. Throws
/// InputError("--select") with what was expected.
selection::Sweep parse_select(const std::string& text);

}  // namespace yore::cli
