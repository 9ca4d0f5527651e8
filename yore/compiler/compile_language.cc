#include "yore/compiler/compile_language.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "yore/base/error.h"

namespace yore::compiler {

using expressivity::Answer;
using expressivity::Class;

Compiled compile_language(const expressivity::Classification& verdict, const std::string& language,
                          const CompileOptions& options) {
  const expressivity::ClassVerdict& hybrid = verdict.of(Class::Hybrid);
  if (hybrid.member == Answer::No) {
    std::string text = "no transformer with 1-local and global heads recognises it: it is not in LTL[P,Y]";
    if (const auto& witness = hybrid.witness) {
      const logic::Alphabet& alphabet = verdict.dfa.alphabet;
      for (const auto& [key, word] : witness->words)
        text += fmt::format("{} {} = {}", key == witness->words.front().first ? "\n  words:" : " ", key,
                            word.empty() ? "(empty word)" : alphabet.format_word(word));
      text += fmt::format(
          "\n  for every n the strings  {}  and  {}  differ (the {} is in the language), yet look alike to "
          "every formula of depth n",
          witness->recipe_a, witness->recipe_b, witness->a_accepted ? "first" : "second");
    }
    throw base::InputError("language", text);
  }
  const logic::Formula* best = nullptr;
  std::pair<std::size_t, std::int64_t> smallest;
  for (const Class c : {Class::Global, Class::Local, Class::Hybrid}) {
    const auto& formula = verdict.of(c).formula;
    if (!formula || !obstacles(*formula).empty()) continue;
    const Plan planned = plan(*formula, options);
    const std::pair size{planned.blocks.size(), planned.parameters()};
    if (best == nullptr || size < smallest) best = &*formula, smallest = size;
  }
  if (best == nullptr)
    throw base::InputError("language", "there is no formula to compile: " +
                                           (hybrid.open.empty() ? "none was asked for" : hybrid.open));
  return compile(*best, language, options);
}

void say_note(const std::string& line) {
  fmt::print(stderr, "yore: note: {}\n", line);
}

namespace {

Compiled by_automaton(const languages::Language& language, const CompileOptions& options,
                      expressivity::ClassifyOptions classify, const expressivity::Classification* known) {
  if (known != nullptr && known->lookback == 1) return compile_language(*known, language.spec, options);
  classify.lookback = 1;  // LTL[P,Y] holds LTL[P,Y<=k]
  return compile_language(expressivity::classify(language.dfa, classify), language.spec, options);
}

}  // namespace

Compiled compile_language(const languages::Language& language, const CompileOptions& options,
                          expressivity::ClassifyOptions classify, const expressivity::Classification* known,
                          const Say& say) {
  constexpr std::string_view kFormula = "ltl:";
  if (!language.spec.starts_with(kFormula)) return by_automaton(language, options, classify, known);
  std::exception_ptr refused;
  std::string reason;
  try {
    return compile(logic::parse_formula(language.spec.substr(kFormula.size()), language.dfa.alphabet),
                   language.spec, options);
  } catch (const base::InputError& error) {
    refused = std::current_exception();
    reason = error.source() == "length" ? "float32 margins forbid it" : "it has S";
  }
  try {
    Compiled compiled = by_automaton(language, options, classify, known);
    say(fmt::format(
        "the formula cannot be compiled as it stands ({}); compiled is one that says the same: {}", reason,
        logic::format_formula(compiled.plan.formula)));
    return compiled;
  } catch (const base::InputError&) {
  } catch (const base::BudgetError&) {
  }
  std::rethrow_exception(refused);
}

}  // namespace yore::compiler
