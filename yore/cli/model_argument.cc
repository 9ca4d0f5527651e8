#include "yore/cli/model_argument.h"

#include <fmt/format.h>

namespace yore::cli {

namespace {

std::string check_exists(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) return "";
  return fmt::format("{} does not exist; expected a model's or run's folder, or a model.safetensors", path);
}

}  // namespace

void declare_model(CLI::App& app, std::filesystem::path& model) {
  app.add_option("MODEL", model, "A model's or run's folder, or a model.safetensors (its .json beside it)")
      ->required()
      ->check(check_exists);
}

void declare_model_option(CLI::App& app, const std::string& name, std::filesystem::path& model,
                          const std::string& help) {
  app.add_option(name, model, help)->check(check_exists);
}

}  // namespace yore::cli
