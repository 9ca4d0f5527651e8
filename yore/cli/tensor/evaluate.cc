// yore evaluate: what a trained recogniser answers.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/model_argument.h"
#include "yore/cli/run_options.h"
#include "yore/cli/tensor/recognition_task.h"
#include "yore/cli/tensor/score_lines.h"
#include "yore/model/checkpoint.h"
#include "yore/runs/run_folder.h"
#include "yore/training/evaluate.h"
#include "yore/training/process_setup.h"

namespace yore::cli {
namespace {

struct EvaluateRequest {
  std::filesystem::path model;                  ///< a run's folder or a model.safetensors
  std::optional<languages::Language> language;  ///< other than the one it was trained on
  std::vector<std::pair<int, int>> buckets;     ///< empty: those of the run
  int words_per_bucket = 512;
  std::optional<runs::DataConfig> data;           ///< all of a run's words, in place of the two above
  std::optional<std::vector<std::string>> words;  ///< answer these instead
  bool json = false;
};

int evaluate(const EvaluateRequest& request) {
  training::use_one_thread();
  const std::filesystem::path folder =
      std::filesystem::is_directory(request.model) ? request.model : request.model.parent_path();
  const model::SavedModel saved = model::load_model(request.model);
  const languages::Language language =
      request.language ? *request.language : languages::read_language(saved.language, saved.alphabet.text());
  if (language.dfa.alphabet != saved.alphabet)
    throw base::InputError("--language", fmt::format("its alphabet {{{}}} is not the model's {{{}}}",
                                                     fmt::join(language.dfa.alphabet.names(), ", "),
                                                     fmt::join(saved.alphabet.names(), ", ")));
  if (request.words) {
    std::vector<tasks::Example> examples;
    for (const std::string& text : *request.words) {
      logic::Word word = saved.alphabet.parse_word(text);
      examples.push_back({word, language.dfa.accepts(word)});
    }
    const std::vector<double> answers = training::logits(saved.model, examples);
    base::Json all = base::Json::array();
    int wrong = 0;
    for (std::size_t i = 0; i < examples.size(); ++i) {
      const bool accepts = answers[i] > 0;
      wrong += accepts != examples[i].accepted;
      if (request.json)
        all.push_back({{"word", (*request.words)[i]},
                       {"logit", answers[i]},
                       {"accepts", accepts},
                       {"in_language", examples[i].accepted}});
      else
        fmt::print("{:<8}{:+9.3f}  {}  {}\n", accepts ? "accept" : "reject", answers[i],
                   accepts == examples[i].accepted ? "right" : "WRONG",
                   (*request.words)[i].empty() ? "()" : (*request.words)[i]);
    }
    if (request.json) fmt::print("{}\n", all.dump());
    return kOk;
  }
  runs::DataConfig data;
  if (request.data) {
    data = *request.data;
    if (languages::read_language(data.language, data.alphabet).dfa != language.dfa)
      throw base::InputError("--data", fmt::format("its words are of another language, {}", data.language));
  } else {
    if (runs::is_run_folder(folder)) data = runs::read_config(folder).data;
    if (!request.buckets.empty()) data.test_buckets = request.buckets;
    data.test_words_per_bucket = request.words_per_bucket;
  }
  const training::Evaluation scores =
      training::evaluate(saved.model, recognition_task(language, data, saved.model.config()));
  if (request.json) {
    runs::RunResult result;
    result.train_range = scores.validation;
    result.buckets = scores.buckets;
    result.lengths = scores.lengths;
    result.witnesses = scores.witnesses;
    const base::Json json = to_json(result);
    base::Json out = {{"language", language.spec}, {"parameters", saved.model.parameters().size()}};
    for (const char* key : {"train_range", "buckets", "lengths", "witnesses"}) out[key] = json.at(key);
    fmt::print("{}\n", out.dump());
    return kOk;
  }
  fmt::print("{}: {} parameters\n{}", language.title, saved.model.parameters().size(),
             line(scores.validation));
  for (const runs::Score& score : scores.buckets) fmt::print("{}", line(score));
  fmt::print("{}", witness_lines(scores.witnesses));
  return kOk;
}

class Evaluate : public Command {
 public:
  void declare(CLI::App& app) override {
    declare_model(app, request_.model);
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
    if (!language_.empty()) request_.language = languages::read_language(language_);
    for (const std::string& text : buckets_) request_.buckets.push_back(parse_bucket(text, "--buckets"));
    if (!words_.empty()) {
      if (!buckets_.empty() || words_per_bucket_->count() > 0)
        throw base::InputError("--words", "does not go with --buckets and --words-per-bucket");
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
