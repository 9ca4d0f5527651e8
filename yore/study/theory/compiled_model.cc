#include "yore/study/theory/compiled_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/process.h"
#include "yore/study/theory/length_curve.h"

namespace yore::study {
namespace {

using base::InputError;
using expressivity::Answer;
using expressivity::Class;

// A model of this size is evaluated in the time in which one of the runs is trained.
constexpr std::int64_t kMaxParameters = 1'000'000;

// What verify may spend: a second or two each for the short and the long words, on any model.
constexpr double kMultiplications = 3e9;
constexpr std::int64_t kMostShortWords = 20'000, kFewestShortWords = 200;
constexpr std::int64_t kMostDrawnWords = 300, kFewestDrawnWords = 20;
constexpr double kLettersOfShortWords = 15;

std::int64_t affordable(double multiplications_a_word, std::int64_t fewest, std::int64_t most) {
  return std::clamp(static_cast<std::int64_t>(kMultiplications / multiplications_a_word), fewest, most);
}

// The longest word the runs are tested on, as far as the proof may reach.
int longest_tested(const Json& task, std::int64_t compiled_for) {
  const tasks::DataConfig data = data_of(task);
  int longest = std::max(1, data.train_max_length);
  for (const auto& [low, high] : data.test_buckets) longest = std::max(longest, high);
  return static_cast<int>(std::min<std::int64_t>(longest, compiled_for));
}

bool holds(const fs::path& file, const std::string& bytes) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && base::read_file(file) == bytes;
}

// Writes the model, unless it is there already. Measurements of another model go first: killed in between,
// there are none rather than wrong ones.
void keep(const arch::ModelFile& file, const fs::path& folder) {
  if (holds(folder / arch::files::kModelConfig, arch::model_json(file)) &&
      holds(folder / runs::files::kModel, base::to_safetensors(arch::model_safetensors(file))))
    return;
  fs::remove(folder / files::kVerify);
  fs::remove(folder / files::kScores);
  arch::write_model(file, folder);
}

void keep_words(const StudyConfig& config, const fs::path& folder) {
  const std::string text = Json{{"task", config.base.task}}.dump(2) + "\n";
  if (holds(folder / files::kWords, text)) return;
  fs::remove(folder / files::kScores);
  base::write_file(folder / files::kWords, text);
}

// What a command prints, from `file` if it was asked before.
Json ask(const Execution& execution, const std::vector<std::string>& command, const fs::path& file) {
  std::error_code ignored;
  if (fs::is_regular_file(file, ignored)) return base::read_json(file);
  std::vector<std::string> argv = execution.trainer;
  argv.insert(argv.end(), command.begin(), command.end());
  const base::ProcessResult result = base::run_process(argv);
  if (base::interrupted()) throw base::Interrupted(command.front() + " of the compiled model");
  // 1: it found something wrong, and says so in its answer.
  if (result.exit_code > 1)
    throw InputError(command.front(),
                     fmt::format("ended with exit code {}: {}", result.exit_code, result.err));
  Json answer = base::parse_json(result.out, command.front());
  base::write_file(file, answer.dump(2) + "\n");
  return answer;
}

compiler::Verified verified_with_proof(const Json& json, const std::string& source) {
  compiler::Verified verified = compiler::verified_from_json(json, source);
  if (!verified.proof) throw InputError(source, "proof: missing; a compiled model's is expected");
  return verified;
}

runs::RunResult scores_from_json(Json json, const std::string& source) {
  if (json.is_object()) json.erase("task");
  return runs::run_result_from_json(json, source);
}

}  // namespace

CompiledModel compile_model(const StudyConfig& config, const languages::Language& language,
                            const Verdicts& verdicts) {
  CompiledModel model;
  const expressivity::ClassVerdict& hybrid = verdicts.at({1, 1}).of(Class::Hybrid);
  compiler::CompileOptions options;
  options.max_parameters = kMaxParameters;
  try {
    model.compiled = compiler::compile_language(language, options, config.classify, &verdicts.at({1, 1}));
  } catch (const base::BudgetError& e) {
    model.absence = CompiledModel::Absence::Budget;
    model.why = e.what();
  } catch (const InputError& e) {
    model.absence = hybrid.member == Answer::No ? CompiledModel::Absence::Outside
                    : hybrid.formula            ? CompiledModel::Absence::Refused
                                                : CompiledModel::Absence::Budget;
    model.why = e.message();
  }
  return model;
}

arch::ModelOptions shape_of(const CompiledModel& model) {
  if (!model.compiled)
    throw InputError("--init", "the language has no compiled transformer to start from: " + model.why);
  return model.compiled->plan.config();
}

void measure(CompiledModel& model, const StudyConfig& config, const fs::path& study_folder,
             const Execution& execution) {
  if (!model.compiled) return;
  const fs::path folder = study_folder / files::kCompiledModel;
  keep(model.compiled->file, folder);
  keep_words(config, folder);
  const auto parameters = static_cast<double>(model.compiled->plan.parameters());
  const int length = longest_tested(config.base.task, model.compiled->plan.options.length);
  const std::int64_t short_words =
      affordable(parameters * kLettersOfShortWords, kFewestShortWords, kMostShortWords);
  const std::int64_t drawn = affordable(parameters * length / 2, kFewestDrawnWords, kMostDrawnWords);
  try {
    const fs::path verify = folder / files::kVerify, scores = folder / files::kScores;
    model.verified = verified_with_proof(
        ask(execution,
            {"verify", folder.string(), "--json", "--max-words", std::to_string(short_words), "--random",
             std::to_string(drawn), "--length", std::to_string(length)},
            verify),
        verify.string());
    model.scores = scores_from_json(
        ask(execution, {"evaluate", folder.string(), "--json", "--data", (folder / files::kWords).string()},
            scores),
        scores.string());
  } catch (const InputError& e) {
    model.failure = e.what();
    execution.say(fmt::format("the compiled transformer is not measured: {}", e.what()));
  }
}

std::string sentence(const CompiledModel& model) {
  if (!model.compiled) switch (model.absence) {
      case CompiledModel::Absence::Outside:
        return "No transformer of 1-local and global heads recognises it at every length, so none was "
               "compiled.";
      case CompiledModel::Absence::Budget:
        return "No transformer was compiled, because a budget was spent.";
      case CompiledModel::Absence::Refused:
        return "No transformer was compiled, because the compiler refuses it.";
    }
  const std::string size = fmt::format("Computed instead of trained: a transformer of {} parameters",
                                       model.compiled->plan.parameters());
  if (!model.verified) return size + ", not measured.";
  const compiler::Verified& v = *model.verified;
  if (!v.right()) return size + ", which was measured to be WRONG.";
  return fmt::format(
      "{}, right on all {} words to length {} and on {} long ones up to length {}, and proven for "
      "every word to length {}.",
      size, v.exhaustive.words, v.exhaustive.length, v.drawn.words, v.drawn.length, v.proof->length);
}

Json to_json(const CompiledModel& model) {
  if (!model.compiled) {
    constexpr const char* kAbsence[] = {"outside", "budget", "refused"};
    return {{"compiled", false},
            {"absence", kAbsence[static_cast<std::size_t>(model.absence)]},
            {"why", model.why},
            {"sentence", sentence(model)}};
  }
  const compiler::Plan& plan = model.compiled->plan;
  runs::RunConfig run;
  run.model = plan.config();
  Json json = {{"compiled", true},
               {"formula", logic::format_formula(plan.formula)},
               {"model", runs::to_json(run).at("model")},
               {"parameters", plan.parameters()},
               {"sentence", sentence(model)},
               {"verified", nullptr},
               {"scores", nullptr}};
  if (model.verified) json["verified"] = compiler::to_json(*model.verified);
  if (model.scores) json["scores"] = runs::to_json(*model.scores).at("metrics");
  return json;
}

}  // namespace yore::study
