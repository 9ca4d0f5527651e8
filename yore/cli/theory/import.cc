// yore import: what yore export wrote, as a model's folder again.
#include <fmt/format.h>
#include <unistd.h>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/logic/alphabet.h"
#include "yore/onnx/onnx.h"
#include "yore/runs/run_folder.h"

namespace yore::cli {
namespace {

class Import : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("FILE", file_, "A .onnx or .safetensors file that yore export wrote")->required();
    app.add_option("-o,--out", output_, "The folder to write: model.safetensors and model.json")->required();
    app.add_flag("--force", force_, "Replace the model in the folder if it exists");
  }

  int run() override {
    const bool is_onnx = file_.extension() == ".onnx";
    if (!is_onnx && file_.extension() != ".safetensors")
      throw base::InputError(file_.string(), "expected a name that ends in .onnx or .safetensors");
    const bool there = std::filesystem::exists(std::filesystem::symlink_status(output_));
    if (there) check_folder();
    const std::string bytes = base::read_file(file_), source = file_.string();
    const arch::ModelFile model =
        is_onnx ? onnx::from_onnx(bytes, source)
                : arch::parse_model_safetensors(base::parse_safetensors(bytes, source), source);
    try {
      const logic::Alphabet alphabet(model.alphabet);
    } catch (const base::InputError& e) {
      throw base::InputError(source, e.what());
    }
    if (there)
      arch::write_model(model, output_);
    else
      write_folder(model);
    return kOk;
  }

 private:
  void check_folder() const {
    const std::string name = output_.string();
    if (!std::filesystem::is_directory(output_))
      throw base::InputError(name, "is a file, expected a folder to write");
    if (runs::is_run_folder(output_))
      throw base::InputError(name, "is the folder of a training run, whose model is its own");
    if (!force_) throw base::InputError(name, "exists; --force replaces the model in it");
  }

  // Two files in one step: the folder is written beside and renamed.
  void write_folder(const arch::ModelFile& model) const {
    std::filesystem::path folder = std::filesystem::absolute(output_).lexically_normal();
    if (!folder.has_filename()) folder = folder.parent_path();
    const std::filesystem::path beside = folder.string() + fmt::format(".{}.partial", ::getpid());
    std::error_code error;
    try {
      arch::write_model(model, beside);
      std::filesystem::rename(beside, folder, error);
      if (error) throw base::InputError(output_.string(), "cannot rename into place: " + error.message());
    } catch (...) {
      std::filesystem::remove_all(beside, error);
      throw;
    }
  }

  std::filesystem::path file_, output_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_import() {
  return std::make_unique<Import>();
}

}  // namespace yore::cli
