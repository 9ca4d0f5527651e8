// yore classify: verdicts with formulas and witnesses, for one language or for a folder of automata.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/option_values.h"
#include "yore/cli/output.h"
#include "yore/cli/period_option.h"
#include "yore/expressivity/folder.h"
#include "yore/expressivity/report_mixers.h"

namespace yore::cli {
namespace {

using expressivity::Answer;

class Classify : public Command {
 public:
  void declare(CLI::App& app) override {
    language_.declare(app);
    app.add_flag("--json", json_,
                 "Print one JSON object (with --dfa-folder: one a line, with \"file\" and \"error\")");
    CLI::Option* const is = is_option_ = app.add_option(
        "--is", is_,
        "Ask one question: global, local, hybrid or star_free, or a family of mixers: gated_diagonal, "
        "time_invariant, positive_eigenvalue_delta, signed_diagonal or delta_products; its "
        "answer is the last line; exit 0 if yes, 1 if no or unknown");
    set_words(*is, questions());
    auto* period = app.add_option(
        "--period", period_,
        "M: of models whose positions tell i modulo M (1 = no positions); any: the least M that helps "
        "the class that --is names, else hybrid attention, else any class");
    app.add_option(
           "--lookback", options_.lookback,
           "k of the local heads: strictly earlier positions in reach (a window of k+1 keys including self)")
        ->check(CLI::PositiveNumber);
    auto* with = app.add_flag("--formula", formula_, "With formulas: the default, except for a --dfa-folder");
    app.add_flag("--no-formula", no_formula_, "Verdicts and witnesses only")->excludes(with);
    witness_depth_ = app.add_option("--witness-depth", options_.witness_depth,
                                    "Formula depth to which witnesses are verified")
                         ->check(CLI::Range(0, 8));
    app.add_option("--max-monoid", options_.max_monoid, "Budget: elements of the syntactic semigroup")
        ->check(CLI::PositiveNumber);
    app.add_option("--max-pairs", options_.max_pairs, "Budget: pairs of states walked by the hybrid test")
        ->check(CLI::PositiveNumber);
    max_formula_ = app.add_option("--max-formula", options_.max_formula, "Budget: nodes of a formula")
                       ->check(CLI::PositiveNumber);
    max_types_ =
        app.add_option("--max-types", options_.max_types, "Budget: type classes, for --lookback 2 and more")
            ->check(CLI::PositiveNumber);

    const std::string group = "A folder of automata";
    auto* folder =
        app.add_option("--dfa-folder", folder_,
                       "Instead of a language: every file in this folder that ends in .att, .fsm, .json "
                       "or .txt, a line each in the order of their names; with --csv or --json. Exit 2 "
                       "if a file could not be read (its line says why)")
            ->check(a_path())
            ->excludes(is)
            ->excludes(period)
            ->group(group);
    app.add_flag(
           "--csv", csv_,
           "A table: file, states, letters, global, local, hybrid, star_free, seconds, error (formula, with "
           "--formula), the families of mixers, the cheapest mixer, and tier: hybrid without the neutral "
           "letters")
        ->needs(folder)
        ->group(group);
    app.add_option("--jobs", jobs_, "Files at a time; default: one a processor core")
        ->check(CLI::Range(1, 1024))
        ->needs(folder)
        ->group(group);
    app.add_option("--file-seconds", file_seconds_, "Budget: processor time for one file (default 60)")
        ->check(CLI::Range(1, 1'000'000))
        ->needs(folder)
        ->group(group);
  }

  int run() override {
    if (!folder_.empty()) return run_folder();
    options_.formulas = !no_formula_;
    if (!options_.formulas && max_formula_->count() > 0)
      throw base::InputError("--max-formula", "does nothing with --no-formula");
    check_max_types();
    check_question();
    options_.period = read_period(period_);
    options_.asked = asked_class();
    const languages::Language language = language_.read();
    options_.max_states = language_.max_states;
    const expressivity::Classification answer = expressivity::classify(language.dfa, options_);
    if (json_)
      fmt::print("{}\n", to_json(answer).dump());
    else
      fmt::print("{}", to_text(answer, ::isatty(STDOUT_FILENO) != 0, language.title));
    if (is_.empty()) return kOk;
    if (!json_)
      fmt::print("\n{}: {}\n", is_,
                 expressivity::painted_answer(::isatty(STDOUT_FILENO) != 0, member(answer)));
    return member(answer) == Answer::Yes ? kOk : kNo;
  }

  std::string kept() const override {
    return folder_.empty() ? "nothing was written" : "the files printed before stand";
  }

 private:
  void check_max_types() const {
    if (options_.lookback < 2 && max_types_->count() > 0)
      throw base::InputError("--max-types", "does nothing with --lookback 1");
  }
  /// What --is may ask.
  static std::vector<std::string> questions() {
    std::vector<std::string> known;
    for (const expressivity::Class c : expressivity::kClasses) known.emplace_back(expressivity::name(c));
    for (const expressivity::Family f : expressivity::kFamilies) known.emplace_back(expressivity::name(f));
    return known;
  }
  void check_question() const {
    if (is_option_->count() == 0) return;
    const std::vector<std::string> known = questions();
    if (std::find(known.begin(), known.end(), is_) != known.end()) return;
    throw base::InputError("--is", fmt::format("\"{}\" is no class and no family{}; expected one of {}", is_,
                                               base::did_you_mean(is_, known), fmt::join(known, ", ")));
  }
  /// The class that --is asks about; of a family's question, the class whose period may change its answer.
  std::optional<expressivity::Class> asked_class() const {
    for (const expressivity::Class c : expressivity::kClasses)
      if (is_ == expressivity::name(c)) return c;
    return is_.empty() ? std::nullopt : std::optional(expressivity::Class::StarFree);
  }
  Answer member(const expressivity::Classification& answer) const {
    for (const expressivity::Class c : expressivity::kClasses)
      if (is_ == expressivity::name(c)) return answer.of(c).member;
    for (const expressivity::Family f : expressivity::kFamilies)
      if (is_ == expressivity::name(f)) return answer.of(f).member;
    return Answer::Unknown;
  }

  int run_folder() {
    if (language_.given())
      throw base::InputError("language", "given beside --dfa-folder; expected one of the two");
    if (csv_ == json_)
      throw base::InputError("--dfa-folder", csv_ ? "expected one of --csv and --json, got both"
                                                  : "expected --csv or --json, got neither");
    if (!formula_ && max_formula_->count() > 0)
      throw base::InputError("--max-formula", "does nothing with --dfa-folder and no --formula");
    if (csv_ && witness_depth_->count() > 0)
      throw base::InputError("--witness-depth", "does nothing with --csv, which has no witnesses");
    check_max_types();
    expressivity::FolderOptions options;
    options.classify = options_;
    options.classify.max_states = options.max_states = language_.max_states;
    options.classify.formulas = formula_;
    options.classify.witnesses = json_;
    options.details = json_;
    if (language_.alphabet) options.alphabet = logic::Alphabet::parse(*language_.alphabet);
    options.jobs = jobs_.value_or(static_cast<int>(std::max(1u, std::thread::hardware_concurrency())));
    options.file_seconds = file_seconds_.value_or(options.file_seconds);

    bool failed = false;
    const auto print = [&](const expressivity::FolderRow& row) {
      failed = failed || !row.error.empty();
      fmt::print("{}", csv_ ? csv_line(row, options.classify.formulas) : json_line(row));
      flush_output();  // a long list is looked at while it grows
    };
    if (csv_ && !expressivity::automaton_files(folder_).empty())
      fmt::print("{}", expressivity::csv_header(options.classify.formulas));
    expressivity::classify_folder(folder_, options, print);
    return failed ? kBadInput : kOk;
  }

  LanguageOptions language_;
  expressivity::ClassifyOptions options_;
  CLI::Option *is_option_ = nullptr, *max_formula_ = nullptr, *max_types_ = nullptr,
              *witness_depth_ = nullptr;
  bool json_ = false, csv_ = false, formula_ = false, no_formula_ = false;
  std::string is_, folder_, period_ = "1";
  std::optional<int> jobs_, file_seconds_;
};

}  // namespace

std::unique_ptr<Command> make_classify() {
  return std::make_unique<Classify>();
}

}  // namespace yore::cli
