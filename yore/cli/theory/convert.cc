// yore convert: one language, written another way.
#include <fmt/format.h>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/base/error.h"
#include "yore/cli/command.h"
#include "yore/cli/language_options.h"
#include "yore/cli/option_values.h"
#include "yore/cli/output.h"
#include "yore/expressivity/verdict.h"

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
    formula_budget_ = app.add_option("--max-formula", max_formula_, "Budget: nodes of a formula")
                          ->check(CLI::PositiveNumber);
    regex_budget_ =
        app.add_option("--max-regex", max_regex_, "Budget: length of a regex")->check(CLI::PositiveNumber);
  }

  int run() override {
    for (const auto& [budget, form] :
         {std::pair{formula_budget_, "formula"}, std::pair{regex_budget_, "regex"}})
      if (budget->count() > 0 && to_ != form)
        throw base::InputError(budget->get_name(), fmt::format("does nothing with --to {}", to_));
    const languages::Language language = language_.read();
    std::string text = write(language);
    if (text.empty()) return kNo;
    if (!text.ends_with('\n')) text += '\n';
    emit(text, output_);
    return kOk;
  }

 private:
  std::string write(const languages::Language& language) const {
    const automata::Dfa& dfa = language.dfa;
    if (to_ == "regex") return logic::format_regex(automata::regex_from_dfa(dfa, max_regex_), dfa.alphabet);
    if (to_ == "json") return automata::json_from_dfa(dfa);
    if (to_ == "att") return automata::att_from_dfa(dfa);
    if (to_ == "att-acceptor") return automata::att_from_dfa(dfa, automata::AttColumns::OneLabel);
    if (to_ == "dot") return automata::dot_from_dfa(dfa, {.hide_sink = false, .title = language.title});
    expressivity::ClassifyOptions options;
    options.max_formula = max_formula_;
    const expressivity::Classification answer = expressivity::classify(dfa, options);
    // The smallest class with a formula has the simplest one; star_free is the last to ask.
    for (const expressivity::ClassVerdict& verdict : answer.classes)
      if (verdict.formula) return logic::format_formula(*verdict.formula);
    const expressivity::ClassVerdict& last = answer.of(expressivity::Class::StarFree);
    if (last.member == expressivity::Answer::No)
      fmt::print(
          stderr,
          "yore: no past-LTL formula exists: the language is not star-free (yore classify shows why)\n");
    else
      throw base::BudgetError("max-formula", max_formula_, "writing a formula");
    return "";
  }

  LanguageOptions language_;
  std::string to_, output_;
  CLI::Option *formula_budget_ = nullptr, *regex_budget_ = nullptr;
  std::size_t max_regex_ = 1'000'000;
  std::size_t max_formula_ = expressivity::ClassifyOptions{}.max_formula;
};

}  // namespace

std::unique_ptr<Command> make_convert() {
  return std::make_unique<Convert>();
}

}  // namespace yore::cli
