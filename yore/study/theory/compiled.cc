#include "yore/study/theory/compiled.h"

#include <fmt/format.h>

#include "yore/base/error.h"

namespace yore::study {

using expressivity::Answer;
using expressivity::Class;

compiler::Compiled compile_language(const expressivity::Classification& verdict, const std::string& language,
                                    const compiler::CompileOptions& options) {
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
    if (!formula || !compiler::obstacles(*formula).empty()) continue;
    const compiler::Plan plan = compiler::plan(*formula, options);
    const std::pair size{plan.blocks.size(), plan.parameters()};
    if (best == nullptr || size < smallest) best = &*formula, smallest = size;
  }
  if (best == nullptr)
    throw base::InputError("language", "there is no formula to compile: " +
                                           (hybrid.open.empty() ? "none was asked for" : hybrid.open));
  return compiler::compile(*best, language, options);
}

compiler::Compiled compile_language(const languages::Language& language,
                                    const compiler::CompileOptions& options,
                                    expressivity::ClassifyOptions classify,
                                    const expressivity::Classification* known) {
  constexpr std::string_view kFormula = "ltl:";
  if (language.spec.starts_with(kFormula))
    return compiler::compile(
        logic::parse_formula(language.spec.substr(kFormula.size()), language.dfa.alphabet), language.spec,
        options);
  if (known != nullptr && known->lookback == 1) return compile_language(*known, language.spec, options);
  classify.lookback = 1;  // LTL[P,Y] holds LTL[P,Y<=k]
  return compile_language(expressivity::classify(language.dfa, classify), language.spec, options);
}

}  // namespace yore::study
