// yore export: a model as one file for other programs.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/onnx/onnx.h"

namespace yore::cli {
namespace {

std::string safetensors_bytes(const arch::ModelFile& model) {
  return base::to_safetensors(arch::model_safetensors(model));
}

/// A row of what a model can be written as.
struct Format {
  const char* name;
  const char* what;
  std::string (*bytes)(const arch::ModelFile&);
};

constexpr Format kFormats[] = {
    {"onnx", "tokens in, logits out, for other runtimes", onnx::to_onnx},
    {"safetensors", "the weights, with the description in the metadata", safetensors_bytes},
};

class Export : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("MODEL", model_, "A run's or model's folder, or a model.safetensors (its .json beside it)")
        ->required();
    std::vector<std::string> names, lines;
    for (const Format& format : kFormats) {
      names.emplace_back(format.name);
      lines.push_back(fmt::format("{}: {}", format.name, format.what));
    }
    app.add_option("--to", to_,
                   fmt::format("{}; default: what the file's name ends in", fmt::join(lines, "; ")))
        ->check(CLI::IsMember(names));
    app.add_option("-o,--output", output_, "The file to write")->required();
    app.add_flag("--force", force_, "Replace the file if it exists");
  }

  int run() override {
    const Format& format = chosen();
    if (!std::filesystem::exists(model_))
      throw base::InputError(model_.string(), "does not exist; expected a folder or a .safetensors file");
    if (std::filesystem::is_directory(output_))
      throw base::InputError(output_.string(), "is a folder, expected a file to write");
    if (!force_ && std::filesystem::exists(std::filesystem::symlink_status(output_)))
      throw base::InputError(output_.string(), "exists; --force replaces it");
    base::write_file(output_, format.bytes(arch::read_model(model_)));
    return kOk;
  }

 private:
  const Format& chosen() const {
    const std::string ending = output_.extension().string();
    for (const Format& format : kFormats)
      if (to_.empty() ? ending == fmt::format(".{}", format.name) : to_ == format.name) return format;
    throw base::InputError(output_.string(),
                           "cannot tell the format from its name; expected .onnx, .safetensors, or --to");
  }

  std::filesystem::path model_, output_;
  std::string to_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_export() {
  return std::make_unique<Export>();
}

}  // namespace yore::cli
