// yore study: a grid of training runs with a report; with theory beside it where there is one.
#include "yore/study/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <string_view>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/process.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/option_values.h"
#include "yore/cli/run_options.h"
#include "yore/cli/study_file.h"
#include "yore/cli/tensor_program.h"
#include "yore/study/estimate.h"
#include "yore/study/scales/scales.h"
#include "yore/tasks/task.h"

namespace yore::cli {
namespace {

class Study : public Command {
 public:
  void declare(CLI::App& app) override {
    language_.declare(app);
    app.add_option("--out", execution_.folder,
                   "The study's folder; finished runs in it are kept, unfinished ones resumed")
        ->check(a_path());
    app.add_option(
        "--axis", axes_,
        "PATH=VALUE,VALUE..: vary this option of the runs, such as mixer=attention,gla, width=16,32, "
        "seed=1:5 or task=copy,sort (a ; separates values that have commas, and ends a single one); every "
        "combination is trained. "
        "Stands in for a study file's axis of that path");
    app.add_option(
        "--attention", attention_,
        fmt::format(
            "Kinds of attention to train: global, local, local:K, hybrid, hybrid:K, mixes of heads; default, "
            "where nothing else varies over words of a language: {}",
            fmt::join(kKinds, " ")));
    app.add_option("--seeds", seeds_, fmt::format("Seeds of each kind; default: {}", fmt::join(kSeeds, " ")));
    app.add_option(
           "--init", config_.init,
           "Kinds beside these, of the compiled transformer's shape: compiled starts from its weights, "
           "compiled-shape from random ones")
        ->check(one_of({runs::inits::kCompiled, runs::inits::kCompiledShape}));
    app.add_option("--lookback", config_.classify.lookback, "k of the local heads in the headline verdict")
        ->check(CLI::PositiveNumber);
    app.add_option("--scale", scale_, "Of a study file with several: which one; default: laptop");
    app.add_option("--automata", automata_,
                   "Of a study file that names automata which are no part of yore: the folder they are in")
        ->check(a_path());
    app.add_option("--jobs", execution_.jobs, "Runs at a time; 0 = one a core")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--shard", shard_,
                   "i/n: train every n-th run of the grid, from the i-th; folders of all shards merged give "
                   "the whole report. Default in a SLURM job array: the task's part");
    set_unit(*app.add_option("--budget", budget_hours_,
                             "Say how long the runs that are left (of the shard) are estimated to take one "
                             "after another, data and evaluations included, and "
                             "refuse to begin if that is more than this many hours; 0 = no limit")
                  ->check(CLI::NonNegativeNumber),
             "hours");
    app.add_flag("--quiet", quiet_, "No progress display");
    app.add_flag("--json", json_, "Print a summary as one JSON object");
    options_.declare(app);
  }

  int run() override {
    if (const std::string file = language_.spec(); file.ends_with(".toml")) return run_file(file);
    if (!of_file_ && !(scale_.empty() && automata_.empty()))
      throw base::InputError(scale_.empty() ? "--automata" : "--scale",
                             "belongs to a study file; expected yore study FILE.toml");
    if (execution_.folder.empty())
      throw base::InputError("--out", "missing; expected the folder to keep the study in");
    read_shard();
    const auto program = tensor_program();
    if (!program)
      throw base::InputError(
          "yore-tensor", "not found beside yore: this build has no tensor half, and a study trains models");
    execution_.trainer = {program->string()};
    execution_.command = command_line();
    if (quiet_) execution_.progress = base::Progress::Output::silent();
    base::catch_interrupts();
    return finish(run_grid());
  }

  std::string kept() const override { return "what was done is kept, and the same command goes on"; }

 private:
  static constexpr const char* kKinds[] = {"global", "local", "hybrid"};
  static constexpr int kSeeds[] = {1, 2, 3, 4, 5};

  // The file's options as if they stood on the command line, before those that do, which win.
  int run_file(const std::string& path) {
    if (of_file_) throw base::InputError("language", "a study file cannot name a study file");
    const std::vector<std::string> given = given_beside(path);
    Study study;
    CLI::App app;
    study.declare(app);
    const StudyFile file = read_study_file(path, app);
    study.of_file_ = true;
    study.config_.title = file.title;
    study.config_.scale = file.scale;
    study.config_.published = file.published;
    study.config_.contrasts = file.contrasts;
    if (file.scales.empty() && !scale_.empty())
      throw base::InputError("--scale", fmt::format("{} has one scale without a name", path));
    if (!file.scales.empty()) study.config_.scales = scales(file, given, path);
    if (!file.automata.empty() && automata_.empty())
      study.config_.notes.push_back(
          fmt::format("{} languages are left out, whose automata are no part of yore ({}): {}. The option "
                      "--automata FOLDER adds them.",
                      file.automata.size(), file.automata_source, fmt::join(file.automata, ", ")));
    parse_study_arguments(app, options(file, study.config_.scales ? study.config_.scales->chosen : 0, path),
                          given, path);
    if (study.config_.scales) study.config_.scale = file.scales[study.config_.scales->chosen].about;
    return study.run();
  }

  // The command line without the study file's path, which is a word of its own there.
  static std::vector<std::string> given_beside(const std::string& path) {
    std::vector<std::string> given(original_arguments().begin() + 1, original_arguments().end());
    const auto at = std::find(given.begin(), given.end(), path);
    if (at == given.end() || (at != given.begin() && *std::prev(at) == "--language"))
      throw base::InputError("language", "a study file is given by itself: yore study FILE.toml");
    given.erase(at);
    if (std::ranges::any_of(
            given, [](const std::string& a) { return a == "--config" || a.starts_with("--config="); }))
      throw base::InputError("--config", "does not go with a study file, which has options of its own");
    return given;
  }

  // The file's options at a scale, with the automata that this command line names.
  FileOptions options(const StudyFile& file, std::size_t scale, const std::string& path) const {
    FileOptions all = file.scales.empty() ? file.options : options_at(file, file.scales[scale]);
    return automata_.empty() ? all : with_automata(std::move(all), file, automata_, path);
  }

  // The chosen scale as it will run, the others as the file has them.
  study::Scales scales(const StudyFile& file, const std::vector<std::string>& given,
                       const std::string& path) const {
    study::Scales scales;
    scales.chosen = find_scale(file, scale_, path);
    std::vector<study::StudyConfig> configs;
    for (std::size_t i = 0; i < file.scales.size(); ++i) {
      scales.names.push_back(file.scales[i].name);
      scales.about.push_back(file.scales[i].about);
      Study study;
      CLI::App app;
      study.declare(app);
      parse_study_arguments(app, options(file, i, path),
                            i == scales.chosen ? given : std::vector<std::string>(), path);
      study.configure();
      configs.push_back(study.config_);
    }
    scales.differences = study::scale_differences(configs);
    return scales;
  }

  // The study that the options describe.
  void configure() {
    if (languages_vary() && language_.given())
      throw base::InputError("language", "given twice: by itself and as an axis (--axis language=..)");
    if (languages_vary() && language_.alphabet)
      throw base::InputError("--alphabet",
                             "does not go with several languages, each of which has its own; it may be an "
                             "axis too: --axis alphabet=..");
    if (const std::string task = first_task(); !task.empty()) {
      if (language_.given())
        throw base::InputError("language", "does not go with several tasks: --axis task=..");
      config_.base = options_.config_of_task(task);
      config_.task_options = options_.given_task_options();
    } else {
      config_.base =
          languages_vary() ? options_.config_without_language(language_) : options_.config(language_);
    }
    config_.positions_by_default = !options_.value("model.positions");
    config_.classify.max_states = language_.max_states;
    for (const std::string& text : axes_) add_axis(study::parse_axis(text, config_.base));
    if (languages_vary()) take_first_language();
    if (!attention_.empty()) add_axis({"model.attention", {attention_.begin(), attention_.end()}});
    if (!seeds_.empty()) add_axis({study::kSeed, {seeds_.begin(), seeds_.end()}});
    add_default_axes();
  }

  study::Outcome run_grid() {
    configure();
    execution_.budget_seconds = 3600 * budget_hours_;
    choose_openblas_core_aloud();
    return study::run_study(config_, execution_);
  }

  // The first task of an axis of tasks; empty if there is none.
  std::string first_task() const {
    for (const std::string& text : axes_)
      if (text.starts_with("task=")) return study::parse_axis(text, {}).values.front().get<std::string>();
    return "";
  }

  // The languages may be an axis; the runs then share none.
  bool languages_vary() const {
    return std::any_of(axes_.begin(), axes_.end(), [](const std::string& text) {
      return text.starts_with("language=") || text.starts_with("task.language=");
    });
  }
  void take_first_language() {
    for (const study::Axis& axis : config_.axes)
      if (axis.path == "task.language") config_.base.task["language"] = axis.values.front();
    config_.base.task = tasks::complete_task(config_.base.task);
  }

  void add_axis(study::Axis axis) {
    for (const study::Axis& there : config_.axes)
      if (there.path == axis.path)
        throw base::InputError("--axis", fmt::format("{} varies twice", axis.path));
    if (options_.value(axis.path))
      throw base::InputError("--axis", fmt::format("{} varies, and has a value of its own too", axis.path));
    config_.axes.push_back(std::move(axis));
  }

  // Over the words of a language the question is which attention it needs, unless another is asked.
  void add_default_axes() {
    const auto varies = [&](const std::string& path) {
      return std::any_of(config_.axes.begin(), config_.axes.end(),
                         [&](const study::Axis& a) { return a.path == path; });
    };
    const std::vector<std::string> given = options_.given();
    const auto is_given = [&](const char* name) {
      return std::find(given.begin(), given.end(), name) != given.end();
    };
    const bool only_seeds = std::all_of(config_.axes.begin(), config_.axes.end(),
                                        [](const study::Axis& a) { return a.path == study::kSeed; });
    if (only_seeds && config_.base.task.at("name") == "formal" && !is_given("--mixer"))
      config_.axes.insert(config_.axes.begin(), {"model.attention", {std::begin(kKinds), std::end(kKinds)}});
    if (!varies(study::kSeed)) config_.axes.push_back({study::kSeed, {std::begin(kSeeds), std::end(kSeeds)}});
  }

  // What was measured, as the report's files have it: what the plug-ins state.
  int finish(const study::Outcome& outcome) const {
    const std::filesystem::path& folder = execution_.folder;
    if (!json_) {
      print_first(outcome.statements.empty() ? lines_of_kinds(folder) : outcome.statements, folder);
      return outcome.exit_code();
    }
    base::Json failed = base::Json::array();
    for (const study::FailedRun& run : outcome.executed.failed) failed.push_back(run.name);
    base::Json out = {{"planned", outcome.planned},
                      {"measured", outcome.measured},
                      {"failed", failed},
                      {"interrupted", outcome.executed.interrupted},
                      {"report", outcome.report.string()}};
    const base::Json numbers = base::read_json(folder / study::files::kNumbersJson);
    for (const auto& [key, value] : numbers.items())
      if (key != "study" && key != "runs" && key != "made") out[key] = value;
    fmt::print("{}\n", out.dump());
    return outcome.exit_code();
  }

  // A large grid has hundreds of lines; the report has them all.
  static void print_first(const std::vector<std::string>& lines, const std::filesystem::path& folder) {
    constexpr std::size_t kMostLines = 40;
    for (std::size_t i = 0; i < std::min(lines.size(), kMostLines); ++i) fmt::print("{}\n", lines[i]);
    if (lines.size() > kMostLines)
      fmt::print("and {} lines more, in the tables of {}\n", lines.size() - kMostLines,
                 (folder / study::files::kReport).string());
  }

  // A line a kind: its goal on every set.
  static std::vector<std::string> lines_of_kinds(const std::filesystem::path& folder) {
    std::vector<std::string> lines;
    // A name of its own: the loop would not keep a temporary alive.
    const base::Json numbers = base::read_json(folder / study::files::kNumbersJson);
    for (const base::Json& kind : numbers.at("kinds")) {
      std::string line;
      for (const base::Json& metric : kind.at("metrics"))
        if (metric.at("name") == kind.at("goal"))
          line += fmt::format("{} {} {:.4g}{}", line.empty() ? "" : ",", metric.at("set").get<std::string>(),
                              metric.at("mean").get<double>(),
                              metric.value("one_class", false) ? " (one class: means nothing)" : "");
      lines.push_back(fmt::format("{}: {}{}", kind.at("title").get<std::string>(),
                                  kind.at("goal").get<std::string>(), line.empty() ? " not measured" : line));
    }
    return lines;
  }

  // The number that the whole text is; none if it is anything else or too large.
  static std::optional<int> decimal(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
  }

  void read_shard() {
    std::string text = shard_, source = "--shard";
    if (text.empty()) {
      // SLURM numbers the tasks of an array from MIN in steps of STEP.
      const auto number = [](const char* name, int fallback) {
        const char* value = std::getenv(name);
        if (value == nullptr) return fallback;
        const std::optional<int> read = decimal(value);
        if (!read) throw base::InputError(name, fmt::format("\"{}\"; expected a whole number", value));
        return *read;
      };
      const int id = number("SLURM_ARRAY_TASK_ID", -1), count = number("SLURM_ARRAY_TASK_COUNT", 0);
      if (id < 0 || count < 1) return;
      const int first = number("SLURM_ARRAY_TASK_MIN", 0),
                step = std::max(1, number("SLURM_ARRAY_TASK_STEP", 1));
      text = fmt::format("{}/{}", (id - first) / step + 1, count);
      source = "SLURM_ARRAY_TASK_ID";
    }
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::optional<int> index = decimal(std::string_view(text).substr(0, slash)),
                             parts = decimal(std::string_view(text).substr(std::min(slash + 1, text.size())));
    if (!index || !parts || *index < 1 || *index > *parts)
      throw base::InputError(source, fmt::format("\"{}\"; expected i/n with 1 <= i <= n, such as 1/2", text));
    execution_.shard_index = *index;
    execution_.shard_count = *parts;
  }

  // What a reader types to repeat the study: this command, quoted for a shell.
  static std::string command_line() {
    std::string line = "yore";
    for (const std::string& argument : original_arguments()) line += " " + base::shell_quoted(argument);
    return line;
  }

  LanguageOptions language_;
  study::StudyConfig config_;
  study::Execution execution_;
  RunOptions options_{{"model.attention", "training.seed", "training.init"}};
  std::vector<std::string> axes_, attention_;
  std::vector<std::uint64_t> seeds_;
  std::string shard_, scale_, automata_;
  bool of_file_ = false;  ///< the options are those of a study file
  double budget_hours_ = 0;
  bool quiet_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_study() {
  return std::make_unique<Study>();
}

}  // namespace yore::cli
