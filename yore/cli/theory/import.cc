// yore import: a model of another program, or what yore export wrote, as a model's folder.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/option_values.h"
#include "yore/cli/output.h"
#include "yore/cli/written.h"
#include "yore/foreign/foreign.h"
#include "yore/foreign/hugging_face.h"
#include "yore/logic/alphabet.h"
#include "yore/onnx/onnx.h"
#include "yore/text/tokenizer.h"

namespace yore::cli {
namespace {

class Import : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("PATH", path_,
                   fmt::format("A Hugging Face folder or a .gguf file ({}), or a .onnx or .safetensors file "
                               "that yore export wrote",
                               foreign::family_names()))
        ->required()
        ->check(a_path());
    app.add_option("-o,--out", output_,
                   "The folder to write: model.safetensors, model.json, and the tokenizer if there is one")
        ->required()
        ->check(a_path());
    dtype_option_ = app.add_option("--dtype", dtype_,
                                   "How weights of other programs are stored: f32 (default), or bf16, half "
                                   "as large, rounded to 8 bits of precision where they were finer")
                        ->check(one_of({"f32", "bf16"}));
    app.add_flag("--force", force_, "Replace the model in the folder if it exists");
    app.add_flag("--json", json_, "Print one JSON object: path, layers, parameters, bytes");
  }

  int run() override {
    check_folder(output_, force_, kWhat);
    say_written(foreign::is_foreign(path_) ? import_foreign() : import_own(), output_, json_);
    return kOk;
  }

 private:
  static constexpr const char* kWhat = "the model in it";

  arch::Model import_foreign() const {
    std::error_code ignored;
    if (std::filesystem::equivalent(path_, output_, ignored))
      throw base::InputError(output_.string(), "is the folder to read; expected another one to write");
    const foreign::ForeignModel model = foreign::read_foreign(path_);
    arch::ModelFile file;
    file.model = model.model;
    const auto weights =
        model.arrays(dtype_ == "bf16" ? foreign::StoredType::BF16 : foreign::StoredType::F32);
    try {
      file.tokenizer = model.tokenizer();
    } catch (const base::InputError& e) {
      fmt::print(stderr, "yore: note: the model is imported without its tokenizer: {}\n", e.what());
    }
    // It goes along as it is, for `yore export --to hf`; better said now than when a text is first read.
    if (model.format == foreign::Format::HuggingFace && !file.tokenizer.empty()) try {
        text::Tokenizer::from_json(file.tokenizer, (path_ / arch::files::kTokenizer).string());
      } catch (const base::InputError& e) {
        fmt::print(stderr, "yore: note: the model's tokenizer goes along, but cannot be used here: {}\n",
                   e.what());
      }
    write_folder(output_, force_, kWhat, [&](const std::filesystem::path& folder) {
      arch::write_model(file, weights, folder);
      foreign::write_companions(model.companions, folder);
    });
    return file.model;
  }

  arch::Model import_own() const {
    if (dtype_option_->count() > 0)
      throw base::InputError("--dtype",
                             "goes with models of other programs; expected none for a file that "
                             "yore export wrote");
    const bool is_onnx = path_.extension() == ".onnx";
    const std::string source = path_.string();
    if (!is_onnx && path_.extension() != ".safetensors") {
      std::error_code ignored;
      throw base::InputError(source, std::filesystem::exists(path_ / arch::files::kModelConfig, ignored)
                                         ? "holds a model of yore's already: there is a model.json in it"
                                     : std::filesystem::is_directory(path_, ignored)
                                         ? "holds no model of another program: there is no config.json in it"
                                         : "expected a Hugging Face folder, or a name that ends in .gguf, "
                                           ".onnx or .safetensors");
    }
    const std::string bytes = base::read_file(path_);
    const arch::ModelFile model =
        is_onnx ? onnx::from_onnx(bytes, source)
                : arch::parse_model_safetensors(base::parse_safetensors(bytes, source), source);
    try {
      const logic::Alphabet alphabet(model.alphabet);
    } catch (const base::InputError& e) {
      throw base::InputError(source, e.what());
    }
    write_folder(output_, force_, kWhat, [&](const std::filesystem::path& folder) {
      arch::write_model(model, folder);
      foreign::write_companions({}, folder);
    });
    return model.model;
  }

  std::filesystem::path path_, output_;
  std::string dtype_ = "f32";
  CLI::Option* dtype_option_ = nullptr;
  bool force_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_import() {
  return std::make_unique<Import>();
}

}  // namespace yore::cli
