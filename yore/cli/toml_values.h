// Values of a TOML file as the options that they are for.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include <toml++/toml.h>

namespace yore::cli {

/// What `node` gives the option, each value as a command line spells it: those of a list, at least one, for
/// an option that takes any number, else one. `key` is the option's name in the file at `path`. Throws
/// InputError(the value's place) for what is not of the option's type.
std::vector<std::string> toml_values(const CLI::Option& option, const toml::key& key, const toml::node& node,
                                     const std::string& path);

}  // namespace yore::cli
