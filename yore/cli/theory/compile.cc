// yore compile: a language's transformer, computed instead of trained.
#include <fmt/format.h>

#include "yore/api/answers.h"
#include "yore/base/error.h"
#include "yore/base/process.h"
#include "yore/base/text.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/option_values.h"
#include "yore/cli/output.h"
#include "yore/cli/period_option.h"
#include "yore/compiler/compile_language.h"
#include "yore/compiler/explain.h"
#include "yore/compiler/machine.h"
#include "yore/compiler/manifest.h"
#include "yore/compiler/targets.h"
#include "yore/foreign/hugging_face.h"

namespace yore::cli {
namespace {

constexpr const char* kModelInIt = "the model in it";

class Compile : public Command {
 public:
  void declare(CLI::App& app) override {
    language_.declare(app);
    app.add_option("-o,--out", out_,
                   "Folder for model.safetensors and model.json; without it nothing is written")
        ->check(a_path());
    app.add_flag("--force", force_, "Replace a model that stands there");
    set_words(*app.add_option("--mixer", options_.mixer,
                              "Whose weights: attention, gla, mamba2 (every star-free language), delta_net, "
                              "gated_delta_net, kda "
                              "(every regular one), or auto: the first of attention, gla and delta_net that "
                              "can, --length and budgets included")
                   ->type_name("MIXER"),
              compiler::target_names());
    app.add_option(
        "--period", period_,
        "M: with positions that tell i modulo M (1 = none), where the language needs them; any: the "
        "least M that helps");
    app.add_option("--encoding", encoding_, "Truth values as 0/1 without a norm, or as +-1 under RMSNorm")
        ->check(one_of({"0/1", "+-1"}));
    once_given_ =
        app.add_option(
               "--once", once_,
               "P by one sharp head a subformula, or by uniform heads that many share (shorter words)")
            ->check(one_of({"sharp", "uniform"}));
    length_given_ = app.add_option("-N,--length", options_.length,
                                   "Longest word, in letters, the weights must be right on")
                        ->check(CLI::PositiveNumber);
    app.add_flag("--explain", explain_, "Print what every block, head and coordinate computes");
    app.add_flag("--json", json_, "Print one JSON object");
    app.add_option("--max-formula", max_formula_, "Budget: nodes of a formula")->check(CLI::PositiveNumber);
    app.add_option("--max-parameters", options_.max_parameters, "Budget: size of the model")
        ->check(CLI::PositiveNumber);
  }

  int run() override {
    options_.encoding = encoding_ == "0/1" ? compiler::Encoding::ZeroOne : compiler::Encoding::PlusMinus;
    options_.once = once_ == "sharp" ? compiler::Once::Sharp : compiler::Once::Uniform;
    if (explain_ && json_) throw base::InputError("--explain", "does not go with --json");
    compiler::check_target(options_.mixer);
    if (compiler::find_target(options_.mixer) != nullptr)
      for (const CLI::Option* option : {once_given_, length_given_})
        if (option->count() > 0)
          throw base::InputError(
              option->get_name(),
              fmt::format("has no use with --mixer {}, whose numbers are exact at every length",
                          options_.mixer));
    check_folder_to_write();
    const int period = read_period(period_);
    const languages::Language language = language_.read();
    const compiler::Compiled compiled = make(language, period);
    if (!out_.empty())
      write_folder(out_, force_, kModelInIt, [&](const std::filesystem::path& folder) {
        arch::write_model(compiled.file, folder);
        foreign::write_companions({}, folder);
      });
    if (json_)
      fmt::print("{}\n", api::describe(language, compiled).dump());
    else
      report(language, compiled);
    return kOk;
  }

 private:
  void check_folder_to_write() const {
    if (!out_.empty()) return check_folder(out_, force_, kModelInIt);
    if (force_) throw base::InputError("--force", "replaces the model that --out names, and none is named");
  }

  compiler::Compiled make(const languages::Language& language, int period) const {
    expressivity::ClassifyOptions classify;
    classify.max_formula = max_formula_;
    classify.period = period;
    classify.max_states = language_.max_states;
    return compiler::compile_language(language, options_, classify);
  }

  void report(const languages::Language& language, const compiler::Compiled& c) const {
    if (explain_) fmt::print("{}\n", compiler::explain(c.plan));
    const arch::ModelOptions m = c.plan.config();
    const std::string what =
        c.plan.recurrent() ? "model of " + c.plan.options.mixer + " layers with" : "transformer of";
    fmt::print("{}: a {} {}, width {}, {} of width {}{}, {} parameters\n", language.title, what,
               base::counted(m.layers, "block"), m.width, base::counted(m.heads, "head"), c.plan.head_width,
               c.plan.period == 1 ? "" : fmt::format(", positions modulo {}", c.plan.period),
               c.plan.parameters());
    if (c.plan.machine)
      fmt::print("  computes  its automaton of {}, by at most {} a letter\n",
                 base::counted(c.plan.machine->dfa.states, "state"),
                 base::counted(c.plan.machine->steps, "delta step"));
    else
      fmt::print("  computes  {}\n", logic::format_formula(c.plan.formula));
    fmt::print("  {}\n", compiler::to_text(c.proof));
    if (!out_.empty())
      fmt::print("  written to {0}; next: yore verify {1}, yore run {1}\n", out_, base::shell_quoted(out_));
    else if (!explain_)
      fmt::print("  nothing written: -o FOLDER keeps it, --explain shows how it works\n");
  }

  LanguageOptions language_;
  compiler::CompileOptions options_;
  std::string out_, period_ = "1", encoding_ = "0/1", once_ = "sharp";
  std::size_t max_formula_ = expressivity::ClassifyOptions{}.max_formula;
  CLI::Option *once_given_ = nullptr, *length_given_ = nullptr;
  bool force_ = false, explain_ = false, json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_compile() {
  return std::make_unique<Compile>();
}

}  // namespace yore::cli
