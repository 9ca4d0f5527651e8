#include "yore/cli/model_argument.h"

#include <fmt/format.h>

namespace yore::cli {

void declare_model(CLI::App& app, std::filesystem::path& model) {
  app.add_option("MODEL", model, "A model's or run's folder, or a model.safetensors (its .json beside it)")
      ->required()
      ->check([](const std::string& path) {
        std::error_code ignored;
        if (std::filesystem::exists(path, ignored)) return std::string();
        return fmt::format("{} does not exist; expected a model's or run's folder, or a model.safetensors",
                           path);
      });
}

}  // namespace yore::cli
