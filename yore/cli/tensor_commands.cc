// `yore-tensor`'s side of tensor.h: training and evaluation themselves.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/cli/command.h"
#include "yore/cli/recognition_task.h"
#include "yore/cli/tensor.h"
#include "yore/model/checkpoint.h"
#include "yore/runs/run_folder.h"
#include "yore/study/compiled.h"
#include "yore/training/evaluate.h"
#include "yore/training/process_setup.h"
#include "yore/training/train.h"

namespace yore::cli {
namespace {

std::string line(const runs::Score& score) {
  return fmt::format("  {:<14}{:7.2f} %   {} of {} words\n", score.name, 100 * score.accuracy(),
                     score.correct, score.words);
}

// Witness strings come in pairs, one accepted and one not: half right is what knowing nothing gives.
std::string witness_lines(const std::vector<runs::WitnessScore>& scores) {
  std::string text;
  std::string last;
  for (const runs::WitnessScore& first : scores) {
    if (first.witness_of == last) continue;
    last = first.witness_of;
    int right = 0, all = 0;
    for (const runs::WitnessScore& s : scores)
      if (s.witness_of == last) right += (s.logit > 0) == s.accepted, ++all;
    text +=
        fmt::format("  {:<14}{:7.2f} %   {} of {} strings that no {} model can tell apart at every length\n",
                    "witness " + last, 100.0 * right / all, right, all, last);
  }
  return text;
}

}  // namespace

int train(const TrainRequest& request) {
  base::catch_interrupts();
  const runs::RunConfig& config = request.config;
  const languages::Language language = languages::read_language(config.data.language, config.data.alphabet);
  const tasks::RecognitionTask task = recognition_task(language, config.data, config.model);
  training::TrainOptions options;
  options.label = config.model.attention;
  if (request.quiet) options.progress = base::Progress::Output::silent();
  options.notice = [](const std::string& text) { fmt::print(stderr, "yore: {}\n", text); };
  if (request.stop_after > 0) options.stop_after = request.stop_after;
  options.start = [&] { return request.start ? *request.start : study::compile_language(language).file; };
  const runs::RunResult result = training::train(config, task, request.folder, options);
  if (request.json) {
    fmt::print("{}\n", to_json(result).dump());
  } else {
    fmt::print("{}: {} attention, {} parameters, {} steps in {:.1f} s: {}\n", language.title,
               config.model.attention, result.parameters, result.steps, result.seconds, result.status);
    if (result.status != training::kInterrupted) {
      fmt::print("{}", line(result.train_range));
      for (const runs::Score& score : result.buckets) fmt::print("{}", line(score));
      fmt::print("{}", witness_lines(result.witnesses));
    }
  }
  if (result.status == training::kInterrupted)
    fmt::print(stderr, "yore: stopped after step {}; the same command continues, or: yore train --run {}\n",
               result.steps, request.folder.string());
  if (base::interrupted()) return base::interrupt_exit_code();
  // A diverged run is a finished measurement, but not a success.
  return result.status == "nan" ? kNo : kOk;
}

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

}  // namespace yore::cli
