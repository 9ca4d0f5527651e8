#include "yore/cli/run_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <limits>
#include <map>

#include "yore/arch/options.h"
#include "yore/base/error.h"
#include "yore/cli/option_values.h"
#include "yore/mixers/spec.h"
#include "yore/runs/config_fields.h"
#include "yore/tasks/task.h"

namespace yore::cli {
namespace {

using base::InputError;
using base::Json;

// A field added to the configuration without a line here is a start-up error that every test sees.
const std::map<std::string, std::string> kHelp = {
    {"attention",
     "global, local, local:K, hybrid, hybrid:K, a mix of heads \"3*local:2+1*global\"; layers separated by "
     "/"},
    {"mixer",
     "Instead of --attention, the mixer of each layer (yore mixers): layers separated by /, each "
     "[N*]NAME[:OPTION=VALUE,..], such as '2*attention:window=64/attention'"},
    {"strict",
     "Position i sees only j < i; false: itself too (a lookback of k is then a window of k+1 keys)"},
    {"layers", "Blocks; a list of mixers has its own number"},
    {"width", "d_model"},
    {"heads", "Heads a layer"},
    {"head_width", "Width of a head; 0 = width / heads"},
    {"mlp_width", "Hidden width of the feed-forward part"},
    {"activation", "relu, gelu, gelu-tanh, swiglu, geglu or none (no feed-forward part)"},
    {"norm", "layer, rms, rms+1 (its weight is stored less 1) or none"},
    {"norm_place", "pre, post or both (before and after each part)"},
    {"norm_epsilon", "Added to the variance or mean square"},
    {"bias", "Linear maps have biases"},
    {"positions", "none, sinusoidal, rotary, alibi, learned, or periodic:M, which tell i modulo M"},
    {"max_positions", "Table size of learned positions"},
    {"embedding_scale", "The embedded tokens are multiplied by it"},
    {"tied", "The read-out of a vocabulary has the embedding's weights"},
    {"steps", "Optimiser steps"},
    {"batch", "Sequences a step"},
    {"accumulate", "Parts of a batch, whose gradients are added up: less memory, the same step"},
    {"threads", "Threads within the run"},
    {"learning_rate", "AdamW's rate after warm-up"},
    {"warmup_steps", "Linear warm-up"},
    {"final_learning_rate", "Rate at the last step, as a fraction of --learning-rate (cosine)"},
    {"weight_decay", "AdamW's decoupled decay"},
    {"beta1", "AdamW"},
    {"beta2", "AdamW"},
    {"clip_norm", "Largest gradient norm; 0 = no clipping"},
    {"evaluate_every", "Validate and write a checkpoint every this many steps"},
    {"early_stop", "Stop after this many good validations in a row; 0 = never"},
    {"early_stop_at", "A validation this good counts; 0 = a perfect one"},
    {"max_seconds", "Stop after this much training time; 0 = no limit (a run it stops is not reproducible)"},
    {"seed", "Weights and order of the training data"},
    {"init",
     "First weights: random; a model's folder; compiled: those of the language's compiled transformer (yore "
     "compile); compiled-shape: "
     "random ones in a model of its shape. It brings its shape: no model options go with it"},
    {"measure",
     "What to measure of the finished model beside the task's metrics, separated by commas: sinks (attention "
     "sinks and the norms of token 0), w8a8 (the metrics with weights and activations in 8 bits)"},
    {"head_budget",
     "Train a gate for every head of attention, for shares of heads (budgets) from this one to 1 (yore "
     "budget); 0 = no gates"},
    {"head_budget_full", "Share of the steps with gates that have the budget 1: all heads in full"},
    {"head_budget_dense", "Share of the steps, the first ones, that are trained with all heads in full"},
    {"head_budget_cost", "The loss has this times the mean gate more ..."},
    {"head_budget_overshoot", "... this times the square of what the mean gate has over the budget ..."},
    {"head_budget_undershoot", "... and this times the square of what it lacks"},
    {"capture",
     "Sizes of the task, such as 8,16,32,64,128: how many fresh sequences of each do copies of the finished "
     "model need to be adapted to it (yore capture)? In a study: does that grow like a + b ln T?"},
    {"capture_samples", "The most fresh sequences that a copy is adapted on: 0, 1, 2, 4 .. up to this"},
    {"capture_steps", "Updates of a copy, or more, for each sequence to be seen"},
    {"capture_batch", "Sequences an update of a copy, at most"},
    {"capture_learning_rate", "AdamW's rate of a copy: a tenth of its updates warm up, then a cosine to 0"},
    {"capture_test", "Sequences of each size that copies are tested on"},
};

// The least that a whole number of the configuration may be, where that is not 0: runs::validate() and
// arch::validate() say so again, and a test holds the two together.
const std::map<std::string, std::int64_t> kLeast = {
    {"steps", 1},          {"batch", 1},           {"accumulate", 1},    {"threads", 1},
    {"evaluate_every", 1}, {"layers", 1},          {"width", 1},         {"heads", 1},
    {"max_positions", 1},  {"capture_samples", 1}, {"capture_steps", 1}, {"capture_batch", 1},
    {"capture_test", 1},
};

template <class T>
concept Simple = std::is_arithmetic_v<T> || std::is_same_v<T, std::string>;

// The language of the task "formal" has options of its own (LanguageOptions).
bool is_language(const std::string& name) {
  return name == "language" || name == "alphabet";
}

std::vector<std::string> texts(const Json& list) {
  std::vector<std::string> all;
  for (const Json& item : list) all.push_back(item.is_string() ? item.get<std::string>() : item.dump());
  return all;
}

// How a language is read is the task's affair too, which reads it again. One that reads no language may have
// options of its own that are spelt the same.
void add_language_settings(Json& task, const Json& given) {
  const tasks::TaskInfo& info = tasks::find_task(task.at("name").get<std::string>());
  for (const auto& [name, value] : given.items()) {
    const bool known =
        std::any_of(info.options.begin(), info.options.end(),
                    [&, wanted = name](const base::OptionSpec& o) { return o.name == wanted; });
    if (!known)
      throw InputError(
          option_name(name),
          fmt::format("does not go with --task {}, which is not about words of a language", info.name));
    // The alphabet of a language that was read is there, and is what was given.
    if (task.contains(name) && !(info.name == "formal" && name == "alphabet"))
      throw InputError(option_name(name), "given twice: with --task and by itself");
    task[name] = value;
  }
}

}  // namespace

void RunOptions::declare(CLI::App& app) {
  task_option_ =
      app.add_option("--task", task_,
                     "What to learn (yore tasks): NAME, NAME:VALUE or NAME:OPTION=VALUE,..; default: "
                     "formal, the words of LANGUAGE")
          ->group("Task");
  set_words(*task_option_, tasks::task_infos(), &tasks::TaskInfo::name);
  const auto part = [&](const std::string& group, const std::string& title, auto& fields) {
    for_each_field(fields, [&](const std::string& name, auto& field) {
      const std::string path = group + "." + name;
      if (std::find(without_.begin(), without_.end(), path) != without_.end()) return;
      using Field = std::remove_reference_t<decltype(field)>;
      if constexpr (Simple<Field>) {
        CLI::Option* option = app.add_option(option_name(name), field, kHelp.at(name))->group(title);
        if (path == "model.mixer") set_words(*option, mixers::specs(), &mixers::Spec::name);
        if constexpr (std::signed_integral<Field>) {
          const auto least = kLeast.find(name);
          set_range(*option, least == kLeast.end() ? 0 : least->second, std::numeric_limits<Field>::max());
        }
        options_.emplace_back(path, option);
      }
    });
  };
  part("model", "Model", typed_.model);
  part("training", "Training", typed_.training);
  app.add_option(
         "--phase", phases_,
         "A stretch of the run with other settings, one after the other from step 0: steps=N and "
         "learning_rate, trainable (a pattern of parameters' names) or options of the task that do not say "
         "what is kept for validation and test, such as "
         "steps=500,learning_rate=1e-3,trainable=read_out.*")
      ->group("Training");
  // Each option once, under the names of all tasks that have it.
  std::vector<const base::OptionSpec*> order;
  std::map<std::string, std::vector<std::string>> tasks_of;
  static const std::vector<tasks::TaskInfo>& infos = tasks::task_infos();
  for (const tasks::TaskInfo& info : infos)
    for (const base::OptionSpec& spec : info.options) {
      if (info.name == "formal" && is_language(spec.name)) continue;
      if (tasks_of[spec.name].empty()) order.push_back(&spec);
      tasks_of[spec.name].push_back(info.name);
    }
  for (const base::OptionSpec* spec : order) {
    // What one task takes several of is read as several, whichever task comes first.
    for (const tasks::TaskInfo& info : infos)
      for (const base::OptionSpec& other : info.options)
        if (other.name == spec->name && other.fallback.is_array()) spec = &other;
    declare_task_option(app, *spec, tasks_of[spec->name]);
  }
}

void RunOptions::declare_task_option(CLI::App& app, const base::OptionSpec& spec,
                                     const std::vector<std::string>& tasks) {
  const std::string name = option_name(spec.name);
  if (app.get_option_no_throw(name) != nullptr)
    return;  // one of the run's own: only --task NAME:OPTION=VALUE
  TaskOption& made = task_options_.emplace_back(TaskOption{spec.name, {}, nullptr});
  const Json& fallback = spec.fallback;
  const std::string group = fmt::format("Task {}", fmt::join(tasks, ", "));
  const auto add = [&](auto value) {
    made.value = value;
    made.option = app.add_option(name, std::get<decltype(value)>(made.value), spec.help)->group(group);
  };
  if (fallback.is_boolean())
    add(fallback.get<bool>());
  else if (fallback.is_number_integer())
    add(fallback.get<std::int64_t>());
  else if (fallback.is_number())
    add(fallback.get<double>());
  else if (fallback.is_array())
    add(texts(fallback));
  else
    add(fallback.is_string() ? fallback.get<std::string>() : std::string());
}

std::vector<std::string> RunOptions::given(const std::string& group) const {
  std::vector<std::string> names;
  const auto add = [&](const CLI::Option* option) {
    if (option->count() > 0) names.push_back("--" + option->get_lnames().front());
  };
  if (group.empty()) add(task_option_);
  for (const auto& [path, option] : options_)
    if (group.empty() || path.starts_with(group + ".")) add(option);
  if (!group.empty()) return names;
  for (const TaskOption& option : task_options_) add(option.option);
  if (!phases_.empty()) names.emplace_back("--phase");
  return names;
}

std::optional<Json> RunOptions::value(const std::string& path) const {
  for (const auto& [name, option] : options_)
    if (name == path && option->count() > 0) return runs::get_path(typed_, path);
  return std::nullopt;
}

Json RunOptions::task(const LanguageOptions& language) const {
  Json task = task_.empty() ? Json{{"name", "formal"}} : tasks::parse_task(task_);
  const std::string name = task["name"].get<std::string>();
  if (language.given()) {
    if (name != "formal")
      throw InputError(
          "language",
          fmt::format("does not go with --task {}, which is not about words of a language", name));
    if (task.contains("language"))
      throw InputError("language", "given twice: with --task and as an argument");
    language.refuse_other_things();
    const languages::Language read = language.read();
    task["language"] = read.spec;
    task["alphabet"] = read.dfa.alphabet.text();
  } else if (name == "formal" && !task.contains("language")) {
    language.read();  // says that none is given
  }
  add_language_settings(task, language.given_settings());
  add_task_options(task);
  return tasks::complete_task(task);
}

void RunOptions::add_task_options(Json& task) const {
  const std::string name = task.at("name").get<std::string>();
  const std::vector<base::OptionSpec>& known = tasks::find_task(name).options;
  for (const TaskOption& option : task_options_) {
    if (option.option->count() == 0) continue;
    const auto spec = std::find_if(known.begin(), known.end(),
                                   [&](const base::OptionSpec& s) { return s.name == option.name; });
    if (spec == known.end())
      throw InputError(option_name(option.name),
                       fmt::format("is no option of the task {}; yore tasks {} lists them", name, name));
    if (task.contains(option.name))
      throw InputError(option_name(option.name), "given twice: with --task and by itself");
    const auto* several = std::get_if<std::vector<std::string>>(&option.value);
    if (several == nullptr || spec->fallback.is_array()) {
      task[option.name] = std::visit([](const auto& value) { return Json(value); }, option.value);
      continue;
    }
    if (several->size() != 1)
      throw InputError(option_name(option.name),
                       fmt::format("expected one value for the task {}, got {}", name, several->size()));
    task[option.name] = base::parse_option(*spec, several->front(), option_name(option.name));
  }
}

std::vector<runs::Phase> RunOptions::phases(const Json& task) const {
  std::vector<base::OptionSpec> specs = {{"steps", 0, ""}, {"learning_rate", 0.0, ""}, {"trainable", "", ""}};
  const std::size_t own = specs.size();
  for (const base::OptionSpec& option : tasks::find_task(task.at("name").get<std::string>()).options)
    specs.push_back(option);
  std::vector<runs::Phase> all;
  for (const std::string& text : phases_) {
    const Json given = base::parse_options(text, specs, "--phase");
    runs::Phase phase;
    phase.steps = given.value("steps", std::int64_t{0});
    phase.learning_rate = given.value("learning_rate", 0.0);
    phase.trainable = given.value("trainable", "");
    for (std::size_t i = own; i < specs.size(); ++i)
      if (given.contains(specs[i].name)) phase.task[specs[i].name] = given.at(specs[i].name);
    all.push_back(std::move(phase));
  }
  return all;
}

void RunOptions::apply(runs::RunConfig& config) const {
  const tasks::TaskInfo& info = tasks::find_task(config.task.at("name").get<std::string>());
  for (const auto& [path, value] : info.defaults.items())
    runs::set_path(config, path, value, fmt::format("defaults of the task {}", info.name));
  bool positions = false, stop_at = false;
  for (const auto& [path, option] : options_) {
    if (option->count() == 0) continue;
    runs::set_path(config, path, runs::get_path(typed_, path), "--" + option->get_lnames().front());
    positions = positions || path == "model.positions";
    stop_at = stop_at || path == "training.early_stop_at";
  }
  // Rotary positions that the task would have by default, but nobody asked for.
  if (!positions && !arch::has_place_for_positions(config.model)) config.model.positions = "none";
  // Nor a score to stop early at, where somebody asked for no early stop.
  if (!stop_at && config.training.early_stop == 0) config.training.early_stop_at = 0;
  config.training.phases = phases(config.task);
  runs::validate(config);
}

runs::RunConfig RunOptions::config(const LanguageOptions& language) const {
  runs::RunConfig config;
  config.task = task(language);
  apply(config);
  return config;
}

runs::RunConfig RunOptions::config_without_language(const LanguageOptions& language) const {
  runs::RunConfig config;
  if (!task_.empty()) throw InputError("--task", "does not go with several languages, which are the task");
  config.task = {{"name", "formal"}};
  add_language_settings(config.task, language.given_settings());
  add_task_options(config.task);
  apply(config);
  return config;
}

base::Json RunOptions::given_task_options() const {
  Json options = Json::object();
  for (const TaskOption& option : task_options_)
    if (option.option->count() > 0)
      options[option.name] = std::visit([](const auto& value) { return Json(value); }, option.value);
  return options;
}

runs::RunConfig RunOptions::config_of_task(const std::string& task) const {
  runs::RunConfig config;
  if (!task_.empty()) throw InputError("--task", "does not go with several tasks: --axis task=..");
  config.task = tasks::parse_task(task);
  add_task_options(config.task);
  config.task = tasks::complete_task(config.task);
  apply(config);
  return config;
}

}  // namespace yore::cli
