// The MODEL that a command is about.
#pragma once
#include <CLI/CLI.hpp>
#include <filesystem>

namespace yore::cli {

/// Declares the positional MODEL, required; nothing standing at that path is refused while parsing.
void declare_model(CLI::App& app, std::filesystem::path& model);

}  // namespace yore::cli
