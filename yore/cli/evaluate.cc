// yore evaluate: what a trained recogniser answers.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/run_options.h"
#include "yore/cli/tensor.h"
#include "yore/runs/run_result.h"

namespace yore::cli {
namespace {

class Evaluate : public Command {
 public:
  void declare(CLI::App& app) override {
    app.add_option("MODEL", request_.model, "A run's folder or a model.safetensors (its .json beside it)")
        ->required();
    app.add_option("--language", language_, "Judge by this language instead of the one it was trained on");
    app.add_option("--buckets", buckets_, "Length ranges, such as 41-100 101-200; default: those of the run");
    words_per_bucket_ = app.add_option("--words-per-bucket", request_.words_per_bucket, "Words a range")
                            ->check(CLI::PositiveNumber);
    app.add_option("--data", data_,
                   "Test on exactly the words of another run: its folder, or a file like its config.json");
    app.add_option("--words", words_,
                   "Answer these words instead (letters apart by blanks if their names are longer than one "
                   "character; \"\" is the empty word)");
    app.add_flag("--json", request_.json, "Print one JSON object");
  }

  int run() override {
    if (!std::filesystem::exists(request_.model))
      throw base::InputError(request_.model.string(),
                             "does not exist; expected a run's folder or a .safetensors file");
    if (!language_.empty()) request_.language = languages::read_language(language_);
    for (const std::string& text : buckets_) request_.buckets.push_back(parse_bucket(text, "--buckets"));
    if (!words_.empty()) {
      if (!buckets_.empty()) throw base::InputError("--words", "does not go with --buckets");
      request_.words = words_;
    }
    if (!data_.empty()) request_.data = read_data();
    return evaluate(request_);
  }

 private:
  runs::DataConfig read_data() const {
    if (!buckets_.empty() || words_per_bucket_->count() > 0 || !words_.empty())
      throw base::InputError("--data",
                             "names all words; --buckets, --words-per-bucket and --words do not go with it");
    std::filesystem::path path = data_;
    if (std::filesystem::is_directory(path)) path /= runs::files::kConfig;
    runs::RunConfig run = runs::run_config_from_json(base::read_json(path), path.string());
    runs::validate(run);
    return run.data;
  }

  EvaluateRequest request_;
  CLI::Option* words_per_bucket_ = nullptr;
  std::string language_, data_;
  std::vector<std::string> buckets_, words_;
};

}  // namespace

std::unique_ptr<Command> make_evaluate() {
  return std::make_unique<Evaluate>();
}

}  // namespace yore::cli
