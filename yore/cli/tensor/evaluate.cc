// yore evaluate: what a trained model answers.
#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/cli/evaluate_line.h"
#include "yore/cli/select_option.h"
#include "yore/cli/tensor/score_lines.h"
#include "yore/cli/tensor/subject_language.h"
#include "yore/inspection/answers.h"
#include "yore/model/ask.h"
#include "yore/model/checkpoint.h"
#include "yore/model/selection_comparison.h"
#include "yore/model/threads.h"
#include "yore/runs/measures.h"
#include "yore/runs/run_folder.h"
#include "yore/tasks/formal/formal.h"
#include "yore/tasks/model_for.h"
#include "yore/text/tokenizer.h"
#include "yore/training/evaluate.h"
#include "yore/training/measure.h"

namespace yore::cli {
namespace {

using base::Json;

class Evaluate : public EvaluateLine {
 public:
  int run() override {
    refuse_what_does_not_go_together();
    const std::vector<std::string> measures = runs::parse_measures(measure_, "--measure");
    model::use_threads(1);
    arch::ModelFile file = arch::read_model(model_);
    // Tasks suit the lookbacks that the model was trained with.
    const int lookback = arch::smallest_lookback(file.model);
    file.model = windows_.applied(file.model);
    if (words_option_->count() > 0) return answer_words(file);
    Json description = file.task;
    const bool from_elsewhere = description.empty();
    if (from_elsewhere) description = text_for(file);
    if (!data_.empty()) description = read_data(file);
    if (!task_.empty() && !from_elsewhere)
      description.update(base::parse_options(
          task_, tasks::find_task(description.at("name").get<std::string>()).options, "--task"));
    if (!language_.empty() || !buckets_.empty() || words_per_bucket_ > 0) {
      arch::language_of(file, model_.string());
      if (!language_.empty()) description["language"] = language_;
      if (!buckets_.empty()) description["test_buckets"] = buckets_;
      if (words_per_bucket_ > 0) description["test_words_per_bucket"] = words_per_bucket_;
    }
    description = tasks::complete_task(description);
    const auto task = tasks::make_task(description, {lookback});
    if (task->token_names() != file.alphabet)
      throw base::InputError(
          "task", fmt::format("its tokens {{{}}} are not the model's {{{}}}",
                              fmt::join(task->token_names(), ", "), fmt::join(file.alphabet, ", ")));
    if (from_elsewhere && file.tokenizer.empty())
      require_tokens(*task, file);
    else if (own_form(task->tokenizer_json()) != own_form(file.tokenizer))
      throw base::InputError("task", "its tokenizer is not the model's");
    if (from_elsewhere && file.model.embedding.vocabulary < task->vocabulary())
      throw base::InputError("task", fmt::format("its tokenizer has {} tokens, more than the model's {}",
                                                 task->vocabulary(), file.model.embedding.vocabulary));
    const model::SavedModel saved = model::from_file(file, model_.string());
    if (!select_.empty()) return compare(description, saved, *task);
    model::AskOptions options;
    options.finite = true;
    report(description, saved, training::measure(saved.model, *task, measures, options));
    return kOk;
  }

 private:
  /// What a model without a task is evaluated on: the text that --task names, in the model's own tokens.
  Json text_for(const arch::ModelFile& file) const {
    if (task_.empty())
      throw base::InputError(model_.string(),
                             "is of no task, as a model from elsewhere; expected --task text:FILE, a text to "
                             "evaluate it on");
    Json description = tasks::parse_task(task_);
    if (description.at("name") != "text")
      throw base::InputError("--task", fmt::format("a model without a task takes text:FILE, found {}",
                                                   description.at("name").get<std::string>()));
    if (!file.tokenizer.empty() && !description.contains("tokenizer")) {
      const bool folder = std::filesystem::is_directory(model_);
      description["tokenizer"] =
          ((folder ? model_ : model_.parent_path()) / arch::files::kTokenizer).string();
    }
    return description;
  }

  /// A model without a tokenizer has the tokens that the task names, or is one of bytes.
  void require_tokens(const tasks::Task& task, const arch::ModelFile& file) const {
    if (!task.tokenizer_json().empty() || file.model.embedding.vocabulary == task.vocabulary()) return;
    throw base::InputError(
        model_.string(),
        fmt::format("has {} tokens, which are not bytes, and no {}; expected --task text:FILE,tokenizer=PATH",
                    file.model.embedding.vocabulary, arch::files::kTokenizer));
  }

  /// A tokenizer.json as yore writes it, so that two of one tokenizer are equal.
  std::string own_form(const std::string& tokenizer) const {
    return tokenizer.empty() ? "" : text::Tokenizer::from_json(tokenizer, model_.string()).to_json();
  }

  /// The model with and without token selection.
  int compare(const Json& description, const model::SavedModel& saved, const tasks::Task& task) const {
    const model::SelectionComparison comparison =
        model::compare_selections(saved.model, parse_select(select_), [&](const model::Context& context) {
          model::AskOptions options;
          options.context = context;
          options.finite = true;
          return training::evaluate(saved.model, task, options);
        });
    if (json_)
      fmt::print("{}\n", Json{{"task", description}, {"select", model::to_json(comparison)}}.dump());
    else
      fmt::print("{}", model::selection_text(comparison, task.goal().metric));
    return kOk;
  }

  void refuse_what_does_not_go_together() const {
    if (words_option_->count() > 0 && !select_.empty())
      throw base::InputError("--select", "is measured on sets, --words are answered one by one");
    const bool sets = !buckets_.empty() || words_per_bucket_ > 0 || !task_.empty();
    if (!select_.empty() && !measure_.empty())
      throw base::InputError(
          "--measure", "does not go with --select, which holds a model's own metrics against each other");
    if (words_option_->count() > 0 && !measure_.empty())
      throw base::InputError("--measure", "does not go with --words, which ask for answers alone");
    if (words_option_->count() > 0 && (sets || !data_.empty()))
      throw base::InputError(
          "--words",
          "does not go with --buckets, --words-per-bucket, --task or --data, which name other words");
    if (!data_.empty() && sets)
      throw base::InputError("--data",
                             "names all words; --buckets, --words-per-bucket and --task do not go with it");
  }

  /// The words of another run, which must be of the model's language.
  Json read_data(const arch::ModelFile& file) const {
    std::filesystem::path path = data_;
    if (std::filesystem::is_directory(path)) path /= runs::files::kConfig;
    const runs::RunConfig run = runs::run_config_from_json(base::read_json(path), path.string());
    Json theirs = tasks::complete_task(run.task);
    if (theirs.at("name") != file.task.at("name"))
      throw base::InputError("--data",
                             fmt::format("is of another task, {}", theirs.at("name").get<std::string>()));
    if (theirs.contains("language") && language_.empty() &&
        languages::read_language(theirs.at("language").get<std::string>(),
                                 theirs.at("alphabet").get<std::string>(), max_states_of(theirs))
                .dfa != own_language(file).dfa)
      throw base::InputError("--data", fmt::format("its words are of another language, {}",
                                                   theirs.at("language").get<std::string>()));
    return theirs;
  }

  languages::Language own_language(const arch::ModelFile& file) const {
    const logic::Alphabet alphabet(file.alphabet);
    return languages::read_language(arch::language_of(file, model_.string()), alphabet.text(),
                                    max_states_of(file.task));
  }

  int answer_words(const arch::ModelFile& file) const {
    const model::SavedRecogniser saved = model::recogniser_from_file(file, model_.string());
    const std::size_t stored = max_states_of(file.task);
    const languages::Language language =
        language_.empty() ? languages::read_language(saved.language, saved.alphabet.text(), stored)
                          : languages::read_language(language_, saved.alphabet.text(),
                                                     std::max(stored, automata::kDefaultMaxStates));
    std::vector<logic::Word> words;
    std::vector<bool> truth;
    for (const std::string& text : words_) {
      try {
        words.push_back(saved.alphabet.parse_word(text));
      } catch (const base::InputError& e) {
        throw base::InputError("--words", e.what());
      }
      truth.push_back(language.dfa.accepts(words.back()));
    }
    const std::vector<float> logits = inspection::answers(saved.model, saved.alphabet, words);
    Json all = Json::array();
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const bool accepts = logits[i] > 0;
      if (json_)
        all.push_back({{"word", words_[i]},
                       {"logit", logits[i]},
                       {"accepts", accepts},
                       {"in_language", static_cast<bool>(truth[i])}});
      else
        fmt::print("{:<8}{:+9.3f}  {}  {}\n", accepts ? "accept" : "reject", logits[i],
                   accepts == truth[i] ? "right" : "WRONG", words_[i].empty() ? "()" : words_[i]);
    }
    if (json_) fmt::print("{}\n", all.dump());
    return kOk;
  }

  void report(const Json& task, const model::SavedModel& saved,
              const std::vector<base::Metric>& metrics) const {
    if (json_) {
      runs::RunResult result;
      result.metrics = metrics;
      fmt::print("{}\n", Json{{"task", task},
                              {"parameters", saved.model.parameters().size()},
                              {"metrics", to_json(result).at("metrics")}}
                             .dump());
      return;
    }
    const std::string name = task.at("name").get<std::string>();
    fmt::print("{}: {} parameters\n{}", task.value("language", task.value("file", name)),
               saved.model.parameters().size(), metric_lines(metrics));
  }
};

}  // namespace

std::unique_ptr<Command> make_evaluate() {
  return std::make_unique<Evaluate>();
}

}  // namespace yore::cli
