// The models that a command is about.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>
#include <string>

namespace yore::cli {

/// Declares the positional MODEL, required; nothing standing at that path is refused while parsing.
void declare_model(CLI::App& app, std::filesystem::path& model);
/// The same as an option that may be missing.
void declare_model_option(CLI::App& app, const std::string& name, std::filesystem::path& model,
                          const std::string& help);

}  // namespace yore::cli
