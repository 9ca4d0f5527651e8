#include "yore/api/answers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

#include "yore/automata/convert.h"
#include "yore/automata/formats.h"
#include "yore/base/error.h"
#include "yore/base/fields.h"
#include "yore/compiler/machine.h"
#include "yore/compiler/trace_text.h"
#include "yore/expressivity/witness.h"

namespace yore::api {
namespace {

bool written_out(const Language& language) {
  return language.spec.starts_with("regex:") || language.spec.starts_with("ltl:");
}

Json names_of(const logic::Alphabet& alphabet, const Word& word) {
  Json names = Json::array();
  for (const logic::Symbol s : word) names.push_back(alphabet.name(s));
  return names;
}

}  // namespace

Language read(const std::string& kind, const std::string& text, const std::optional<std::string>& alphabet,
              std::size_t max_states) {
  if (kind.empty()) return languages::read_language(text, alphabet, max_states);
  if (kind == "dfa") return languages::read_automaton_text(text, "automaton", alphabet, max_states);
  if (kind == "regex" || kind == "ltl" || kind == "name")
    return languages::read_language(kind + ":" + text, alphabet, max_states);
  throw base::InputError("kind", fmt::format("expected regex, ltl, dfa or name, got \"{}\"", kind));
}

Json replay(const automata::Dfa& dfa, const Word& word) {
  automata::State q = dfa.start;
  Json states = {q};
  for (const logic::Symbol a : word) states.push_back(q = dfa.step(q, a));
  return {{"word", names_of(dfa.alphabet, word)},
          {"states", std::move(states)},
          {"accepted", dfa.accepting[static_cast<std::size_t>(q)] != 0}};
}

Json replay(const automata::Dfa& dfa, const expressivity::Witness& witness, bool second) {
  // Expanded over the words' numbers instead of their letters, the recipe tells which word follows which.
  std::map<std::string, Word> numbers;
  for (std::size_t i = 0; i < witness.words.size(); ++i)
    numbers[witness.words[i].first] = {static_cast<logic::Symbol>(i)};
  const std::string& recipe = second ? witness.recipe_b : witness.recipe_a;
  Json answer = replay(dfa, second ? witness.b : witness.a);
  Json& pieces = answer["pieces"] = Json::array();
  for (const logic::Symbol i : expressivity::expand_recipe(recipe, numbers, witness.depth)) {
    const auto& [name, word] = witness.words[static_cast<std::size_t>(i)];
    pieces.push_back({{"name", name}, {"word", names_of(dfa.alphabet, word)}});
  }
  return answer;
}

Json equivalent(const Language& a, const Language& b) {
  const std::optional<Word> word = automata::difference(a.dfa, b.dfa);
  const logic::Alphabet& alphabet = a.dfa.alphabet;
  Json out = {{"equivalent", !word}, {"alphabet", alphabet.names()}, {"counterexample", nullptr}};
  if (word) {
    out["counterexample"] = {{"word", alphabet.format_word(*word)},
                             {"length", word->size()},
                             {"in_first", a.dfa.accepts(*word)},
                             {"in_second", b.dfa.accepts(*word)}};
  }
  return out;
}

std::string unify(Language& a, Language& b, std::size_t max_states) {
  if (a.dfa.alphabet == b.dfa.alphabet) return "";
  // In name order, as --alphabet would be given.
  std::set<std::string> names(a.dfa.alphabet.names().begin(), a.dfa.alphabet.names().end());
  names.insert(b.dfa.alphabet.names().begin(), b.dfa.alphabet.names().end());
  const logic::Alphabet wide({names.begin(), names.end()});
  for (Language* language : {&a, &b}) {
    if (written_out(*language))
      *language = languages::read_language(language->spec, wide.text(), max_states);
    else
      language->dfa = automata::minimise(automata::over_alphabet(language->dfa, wide));
  }
  return fmt::format("compared over the letters of both, {{{}}}", fmt::join(wide.names(), ", "));
}

std::optional<std::string> convert(const Language& language, const std::string& to,
                                   const ConvertBudgets& budgets) {
  const automata::Dfa& dfa = language.dfa;
  if (to == "regex")
    return logic::format_regex(automata::regex_from_dfa(dfa, budgets.max_regex), dfa.alphabet);
  if (to == "json") return automata::json_from_dfa(dfa);
  if (to == "att") return automata::att_from_dfa(dfa);
  if (to == "att-acceptor") return automata::att_from_dfa(dfa, automata::AttColumns::OneLabel);
  if (to == "dot") return automata::dot_from_dfa(dfa, {.hide_sink = false, .title = language.title});
  if (to != "formula")
    throw base::InputError(
        "to", fmt::format("expected regex, formula, json, att, att-acceptor or dot, got \"{}\"", to));
  expressivity::ClassifyOptions options;
  options.max_formula = budgets.max_formula;
  const Classification answer = expressivity::classify(dfa, options);
  // The smallest class with a formula has the simplest one; star_free is the last to ask.
  for (const expressivity::ClassVerdict& verdict : answer.classes)
    if (verdict.formula) return logic::format_formula(*verdict.formula);
  if (answer.of(expressivity::Class::StarFree).member == expressivity::Answer::No) return std::nullopt;
  throw base::BudgetError("max-formula", budgets.max_formula, "writing a formula");
}

Json describe(const languages::NamedLanguage& language) {
  const automata::Dfa dfa = language.dfa();
  return {{"name", language.name},     {"definition", language.definition},
          {"spec", language.spec},     {"alphabet", dfa.alphabet.names()},
          {"source", language.source}, {"class", language.expected_class},
          {"states", dfa.states}};
}

Json describe(const Language& language, const compiler::Compiled& c) {
  return {{"language", language.spec},
          {c.plan.machine ? "automaton" : "formula",
           c.plan.machine ? Json(fmt::format("{} states", c.plan.machine->dfa.states))
                          : Json(logic::format_formula(c.plan.formula))},
          {"depth", logic::measure(c.plan.formula).depth},
          {"model", base::fields::write(c.plan.config())},
          {"parameters", c.plan.parameters()},
          {"mixer", c.plan.options.mixer},
          {"period", c.plan.period},
          {"encoding", compiler::name(c.plan.options.encoding)},
          {"once", compiler::name(c.plan.options.once)},
          {"proof",
           {{"length", c.proof.every_length ? Json() : Json(c.proof.length)},
            {"every_length", c.proof.every_length},
            {"proven", c.proof.proven},
            {"error", c.proof.error},
            {"cases", c.proof.cases}}}};
}

Json describe(const compiler::Trace& trace, const compiler::Manifest& manifest, const std::string& word) {
  return {{"word", word},
          {"accepts", trace.logit > 0},
          {"logit", trace.logit},
          {"trace", compiler::to_json(trace, manifest)}};
}

}  // namespace yore::api
