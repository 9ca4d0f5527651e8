// yore export: a model as a file, or a folder, for other programs.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/model_argument.h"
#include "yore/cli/option_values.h"
#include "yore/cli/output.h"
#include "yore/cli/written.h"
#include "yore/foreign/hugging_face.h"
#include "yore/onnx/onnx.h"

namespace yore::cli {
namespace {

using onnx::Operators;

std::string onnx_bytes(const arch::ModelFile& model, Operators operators) {
  return onnx::to_onnx(model, operators);
}
std::string safetensors_bytes(const arch::ModelFile& model, Operators) {
  return base::to_safetensors(arch::model_safetensors(model));
}

/// A row of what a model can be written as.
struct Format {
  const char* name;
  const char* what;
  std::string (*bytes)(const arch::ModelFile&, Operators);  ///< null: a folder
};

constexpr Format kFormats[] = {
    {"onnx", "tokens in, logits out, for other runtimes", onnx_bytes},
    {"safetensors", "the weights, with the description in the metadata", safetensors_bytes},
    {"hf", "a Hugging Face folder, config.json and model.safetensors, which transformers loads", nullptr},
};

class Export : public Command {
 public:
  void declare(CLI::App& app) override {
    declare_model(app, model_);
    std::vector<std::string> names, lines;
    for (const Format& format : kFormats) {
      names.emplace_back(format.name);
      lines.push_back(fmt::format("{}: {}", format.name, format.what));
    }
    app.add_option("--to", to_,
                   fmt::format("{}; default: what the file's name ends in", fmt::join(lines, "; ")))
        ->check(one_of(names));
    app.add_option(
           "--operators", operators_,
           "Of an ONNX file, whose the operators LinearAttention and CausalConvWithState are (mixers other "
           "than attention have them): onnx: standard, opset 27; microsoft (default): ONNX Runtime's own, "
           "beside opset 17")
        ->check(one_of({"onnx", "microsoft"}));
    app.add_option("-o,--output", output_, "The file, or of hf the folder, to write")
        ->required()
        ->check(a_path());
    app.add_flag("--force", force_, "Replace the file, or the model in the folder, if it exists");
    app.add_flag("--json", json_, "Print one JSON object: path, layers, parameters, bytes");
  }

  int run() override {
    const Format& format = chosen();
    if (!operators_.empty() && std::string_view(format.name) != "onnx")
      throw base::InputError("--operators",
                             fmt::format("a {} file has no operators; expected --to onnx", format.name));
    if (format.bytes == nullptr) return write_hugging_face();
    check_output(output_, force_);
    const Operators operators = operators_ == "onnx" ? Operators::Onnx : Operators::Microsoft;
    const arch::ModelFile model = arch::read_model(model_);
    emit(format.bytes(model, operators), output_);
    say_written(model.model, output_, json_);
    return kOk;
  }

 private:
  static constexpr const char* kWhat = "the model in it";

  int write_hugging_face() const {
    const std::filesystem::path own = std::filesystem::is_directory(model_) ? model_ : model_.parent_path();
    std::error_code ignored;
    if (std::filesystem::equivalent(output_, own.empty() ? "." : own, ignored))
      throw base::InputError(output_.string(), "is the model's own folder; expected another one");
    check_folder(output_, force_, kWhat);
    const arch::ModelFile model = arch::read_model(model_);
    const std::string source = model_.string();
    const auto companions = foreign::read_companions(own);
    write_folder(output_, force_, kWhat, [&](const std::filesystem::path& folder) {
      foreign::write_hugging_face(model, source, folder);
      foreign::write_companions(companions, folder);
    });
    say_written(model.model, output_, json_);
    return kOk;
  }

  const Format& chosen() const {
    const std::string ending = output_.extension().string();
    for (const Format& format : kFormats)
      if (to_.empty() ? ending == fmt::format(".{}", format.name) : to_ == format.name) return format;
    throw base::InputError(
        output_.string(),
        "cannot tell the format from its name; expected .onnx, .safetensors, or --to (hf for a folder)");
  }

  std::filesystem::path model_, output_;
  std::string to_, operators_;
  bool force_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_export() {
  return std::make_unique<Export>();
}

}  // namespace yore::cli
