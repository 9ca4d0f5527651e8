// yore convert: one language, written another way.
#include <fmt/format.h>

#include "yore/api/answers.h"
#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/option_values.h"
#include "yore/cli/output.h"

namespace yore::cli {
namespace {

class Convert : public Command {
 public:
  void declare(CLI::App& app) override {
    language_.declare(app);
    app.add_option(
           "--to", to_,
           "regex, formula, json, dot; AT&T text as att (input and output column: foma, HFST, OpenFst) or "
           "att-acceptor (one label: OpenFst's fstcompile --acceptor)")
        ->required()
        ->check(one_of({"regex", "formula", "json", "att", "att-acceptor", "dot"}));
    app.add_option("-o,--output", output_, "Write to this file instead of standard output")->check(a_path());
    app.add_flag("--force", force_, "Replace that file");
    formula_budget_ = app.add_option("--max-formula", budgets_.max_formula, "Budget: nodes of a formula")
                          ->check(CLI::PositiveNumber);
    regex_budget_ = app.add_option("--max-regex", budgets_.max_regex, "Budget: length of a regex")
                        ->check(CLI::PositiveNumber);
  }

  int run() override {
    for (const auto& [budget, form] :
         {std::pair{formula_budget_, "formula"}, std::pair{regex_budget_, "regex"}})
      if (budget->count() > 0 && to_ != form)
        throw base::InputError(budget->get_name(), fmt::format("does nothing with --to {}", to_));
    check_output(output_, force_);
    std::optional<std::string> text = api::convert(language_.read(), to_, budgets_);
    if (!text) {
      fmt::print(
          stderr,
          "yore: no past-LTL formula exists: the language is not star-free (yore classify shows why)\n");
      return kNo;
    }
    if (!text->ends_with('\n')) *text += '\n';
    deliver(*text, output_);
    return kOk;
  }

 private:
  LanguageOptions language_;
  std::string to_, output_;
  bool force_ = false;
  CLI::Option *formula_budget_ = nullptr, *regex_budget_ = nullptr;
  api::ConvertBudgets budgets_;
};

}  // namespace

std::unique_ptr<Command> make_convert() {
  return std::make_unique<Convert>();
}

}  // namespace yore::cli
