// yore study: theory against measurement for one language, or for the published table.
#include "yore/study/study.h"

#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/process.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/run_options.h"
#include "yore/cli/tensor_program.h"
#include "yore/study/compiled.h"
#include "yore/study/suite.h"

namespace yore::cli {
namespace {

class Study : public Command {
 public:
  void declare(CLI::App& app) override {
    language_.declare(app);
    app.add_option("--out", execution_.folder,
                   "The study's folder; finished runs in it are kept, unfinished ones resumed");
    app.add_option(
        "--attention", attention_,
        fmt::format("Kinds to train: global, local, local:K, hybrid, hybrid:K, mixes of heads; default: {}, "
                    "for a suite {}",
                    fmt::join(config_.attention, " "), fmt::join(study::SuiteConfig{}.attention, " ")));
    app.add_option("--seeds", seeds_,
                   fmt::format("Seeds of each kind; default: {}, for a suite {}",
                               fmt::join(config_.seeds, " "), fmt::join(study::SuiteConfig{}.seeds, " ")));
    app.add_option(
           "--init", config_.init,
           "Kinds beside these, of the compiled transformer's shape: compiled starts from its weights, "
           "compiled-shape from random ones")
        ->check(CLI::IsMember({study::kCompiled, study::kCompiledShape}));
    app.add_option("--lookback", config_.classify.lookback, "k of the local heads in the headline verdict")
        ->check(CLI::PositiveNumber);
    app.add_option("--suite", suite_,
                   "papers: the published table, language by language, published against measured")
        ->check(CLI::IsMember({"papers"}));
    app.add_option("--jobs", execution_.jobs, "Runs at a time; 0 = one a core")
        ->check(CLI::NonNegativeNumber);
    app.add_option("--shard", shard_,
                   "i/n: train every n-th run of the grid, from the i-th; folders of all shards merged give "
                   "the whole report");
    app.add_flag("--quiet", quiet_, "No progress display");
    app.add_flag("--json", json_, "Print a summary as one JSON object");
    options_.declare(app);
  }

  int run() override {
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
    options_.finish();
    base::catch_interrupts();
    return finish(suite_.empty() ? run_one() : run_papers());
  }

 private:
  study::Outcome run_one() {
    config_.language = language_.read();
    if (!attention_.empty()) config_.attention = attention_;
    if (!seeds_.empty()) config_.seeds = seeds_;
    config_.classify.max_states = language_.max_states;
    return study::run_study(config_, execution_);
  }

  study::Outcome run_papers() {
    if (language_.given())
      throw base::InputError("--suite", "brings its own languages; LANGUAGE does not go with it");
    if (const std::string setting = language_.given_setting(); !setting.empty())
      throw base::InputError("--suite",
                             fmt::format("brings its own languages; {} does not go with it", setting));
    if (!config_.init.empty())
      throw base::InputError("--init",
                             "does not go with --suite: some of its languages have no compiled transformer");
    study::SuiteConfig suite;
    if (!attention_.empty()) suite.attention = attention_;
    if (!seeds_.empty()) suite.seeds = seeds_;
    suite.base = config_.base;
    suite.classify = config_.classify;
    return study::run_suite(suite, execution_);
  }

  // What was measured, as the report's files have it: a conclusion a kind, or the suite's table.
  int finish(const study::Outcome& outcome) const {
    const bool suite = !suite_.empty();
    const std::filesystem::path& folder = execution_.folder;
    if (!json_) {
      if (suite) {
        fmt::print("{}", base::read_file(folder / study::files::kTableMarkdown));
      } else {
        // A name of its own: the loop would not keep a temporary alive.
        const base::Json numbers = base::read_json(folder / study::files::kNumbersJson);
        for (const base::Json& kind : numbers.at("summary"))
          fmt::print("{}: {}\n", kind.at("title").get<std::string>(),
                     kind.at("conclusion").get<std::string>());
        fmt::print("compiled: {}\n", numbers.at("compiled").at("sentence").get<std::string>());
      }
      return outcome.exit_code();
    }
    base::Json failed = base::Json::array();
    for (const study::FailedRun& run : outcome.executed.failed) failed.push_back(run.name);
    base::Json out = {{"planned", outcome.planned},
                      {"measured", outcome.measured},
                      {"failed", failed},
                      {"interrupted", outcome.executed.interrupted},
                      {"report", outcome.report.string()}};
    if (suite) {
      out["table"] = base::read_json(folder / study::files::kTableJson);
    } else {
      const base::Json numbers = base::read_json(folder / study::files::kNumbersJson);
      for (const char* key : {"summary", "compiled"}) out[key] = numbers.at(key);
    }
    fmt::print("{}\n", out.dump());
    return outcome.exit_code();
  }

  void read_shard() {
    if (shard_.empty()) return;
    int used = 0;
    if (std::sscanf(shard_.c_str(), "%d/%d%n", &execution_.shard_index, &execution_.shard_count, &used) !=
            2 ||
        static_cast<std::size_t>(used) != shard_.size() || execution_.shard_index < 1 ||
        execution_.shard_index > execution_.shard_count)
      throw base::InputError("--shard",
                             fmt::format("\"{}\"; expected i/n with 1 <= i <= n, such as 1/2", shard_));
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
  RunOptions options_{config_.base, false};
  std::vector<std::string> attention_;
  std::vector<std::uint64_t> seeds_;
  std::string suite_, shard_;
  bool quiet_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_study() {
  return std::make_unique<Study>();
}

}  // namespace yore::cli
