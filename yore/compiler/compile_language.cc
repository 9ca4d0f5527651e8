#include "yore/compiler/compile_language.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "yore/base/error.h"
#include "yore/compiler/machine.h"

namespace yore::compiler {

using expressivity::Answer;
using expressivity::Class;

namespace {

std::string witness_text(const expressivity::ClassVerdict& verdict, const logic::Alphabet& alphabet) {
  if (!verdict.witness) return "";
  const expressivity::Witness& witness = *verdict.witness;
  std::string text;
  for (const auto& [key, word] : witness.words)
    text += fmt::format("{} {} = {}", text.empty() ? "\n  words:" : " ", key,
                        word.empty() ? "(empty word)" : alphabet.format_word(word));
  return text + fmt::format(
                    "\n  for every n the strings  {}  and  {}  differ (the {} is in the language), yet look "
                    "alike to every formula of depth n",
                    witness.recipe_a, witness.recipe_b, witness.a_accepted ? "first" : "second");
}

/// Which period of positions would do, as far as that is known: a line of its own.
std::string period_text(const expressivity::Classification& verdict, Class c, const std::string& mixer) {
  std::optional<expressivity::PeriodSearch> search = verdict.periods;
  if (!search) {
    expressivity::ClassifyOptions any;
    any.period = expressivity::kAnyPeriod;
    any.formulas = any.witnesses = false;
    search = expressivity::classify(verdict.dfa, any).periods;
  }
  const auto at = static_cast<std::size_t>(c);
  if (search->least[at])
    return fmt::format("\n  with positions modulo {0} it compiles for {1}: --period {0}", *search->least[at],
                       mixer);
  return search->known[at] != 0 ? "\n  and no period of positions helps" : "";
}

/// Why this mixer recognises no such language, and which one, or which period of positions, does.
[[noreturn]] void refuse_class(const expressivity::Classification& verdict, const std::string& mixer) {
  const bool star_free = verdict.of(Class::StarFree).member == Answer::Yes;
  const Class needed = mixer == kAttentionMixer ? Class::Hybrid : Class::StarFree;
  const auto positions = [&](const char* word) {
    return verdict.period == 1 ? std::string() : fmt::format(" {} positions modulo {}", word, verdict.period);
  };
  const std::string logic = expressivity::logic_name(needed, 1, verdict.period);
  std::string could;
  for (const Target& target : recurrent_targets())
    if (star_free || target.steps) could += (could.empty() ? "" : ", ") + std::string(target.mixer);
  throw base::InputError(
      "language",
      fmt::format(
          "{}{}\n  it is {}, and compiles for each of these: --mixer {}{}",
          needed == Class::Hybrid
              ? fmt::format("no transformer with 1-local and global heads{} recognises it: it is not in {}",
                            positions("and"), logic)
              : fmt::format("no {}{} recognises it in finite precision: its gates lie in [0, 1], and a "
                            "diagonal state with such gates recognises star-free languages alone "
                            "(Sarrof et al. 2024, arXiv 2405.17394); it is not in {}",
                            mixer, positions("with"), logic),
          witness_text(verdict.of(needed), verdict.dfa.alphabet),
          star_free ? "star-free" + positions("with") : "regular", could,
          period_text(verdict, needed, mixer)));
}

/// What auto stands for, best first.
std::vector<std::string> automatic_mixers(const expressivity::Classification& verdict) {
  const auto has = [&](Class c) { return verdict.of(c).member == Answer::Yes && verdict.of(c).formula; };
  std::vector<std::string> mixers;
  if (has(Class::Global) || has(Class::Local) || has(Class::Hybrid)) mixers.push_back(kAttentionMixer);
  if (has(Class::StarFree)) mixers.push_back(kAutoLatches);
  mixers.push_back(kAutoSteps);
  return mixers;
}

constexpr const char* kUnproven = "its weights cannot be proven right";

/// Why compile() refused a formula, in a few words.
std::string why_not(const base::InputError& error) {
  if (error.source() == "formula") return "it has S";
  if (error.source() != "length") return error.message().substr(0, error.message().find('\n'));
  return error.message().find(kNoLength) != std::string::npos ? kUnproven : "float32 margins forbid it";
}

/// The first of these that does not refuse, by a limit of its own or by a budget; what the first of all said
/// if all do.
Compiled first_that_can(const std::vector<std::string>& mixers, const CompileOptions& options,
                        const std::function<Compiled(const CompileOptions&)>& make) {
  std::exception_ptr refused;
  const auto note = [&] {
    if (!refused) refused = std::current_exception();
  };
  for (const std::string& mixer : mixers) {
    CompileOptions chosen = options;
    chosen.mixer = mixer;
    try {
      return make(chosen);
    } catch (const base::InputError&) {
      note();
    } catch (const base::BudgetError&) {
      note();
    } catch (const Unproven&) {
      note();
    }
  }
  std::rethrow_exception(refused);
}

}  // namespace

Compiled compile_language(const expressivity::Classification& verdict, const std::string& language,
                          const CompileOptions& options) {
  check_target(options.mixer);
  if (options.mixer == kAutoMixer)
    return first_that_can(automatic_mixers(verdict), options, [&](const CompileOptions& chosen) {
      return compile_language(verdict, language, chosen);
    });
  const Target* target = find_target(options.mixer);
  const bool steps = target != nullptr && target->steps;
  const expressivity::ClassVerdict& largest = verdict.of(target == nullptr ? Class::Hybrid : Class::StarFree);
  if (largest.member == Answer::No && !steps) refuse_class(verdict, options.mixer);
  const logic::Formula* best = nullptr;
  std::pair<std::size_t, std::int64_t> smallest;
  std::exception_ptr over_budget;  // why a formula was left out
  for (const Class c : expressivity::kClasses) {
    const auto& formula = verdict.of(c).formula;
    if (!formula || (target == nullptr && !obstacles(*formula).empty())) continue;
    try {
      const Plan planned = plan(*formula, options);
      const std::pair size{planned.blocks.size(), planned.parameters()};
      if (best == nullptr || size < smallest) best = &*formula, smallest = size;
    } catch (const base::BudgetError&) {
      if (!over_budget) over_budget = std::current_exception();
    }
  }
  if (steps && (verdict.dfa.states <= kMostMachineStates || best == nullptr)) {
    const Plan planned = plan_machine(verdict.dfa, options);
    if (best == nullptr || std::pair{planned.blocks.size(), planned.parameters()} <= smallest)
      return compile_automaton(verdict.dfa, language, options);
  }
  if (best == nullptr && over_budget) std::rethrow_exception(over_budget);
  if (best == nullptr)
    throw base::InputError("language", "there is no formula to compile: " +
                                           (largest.open.empty() ? "none was asked for" : largest.open) +
                                           (target == nullptr ? "" : "; --mixer delta_net needs none"));
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
  if (options.mixer == kAttentionMixer) classify.asked = Class::Hybrid;
  if (find_target(options.mixer) != nullptr) classify.asked = Class::StarFree;
  return compile_language(expressivity::classify(language.dfa, classify), language.spec, options);
}

}  // namespace

Compiled compile_language(const languages::Language& language, const CompileOptions& options,
                          expressivity::ClassifyOptions classify, const expressivity::Classification* known,
                          const Say& say) {
  constexpr std::string_view kFormula = "ltl:";
  if (!language.spec.starts_with(kFormula)) return by_automaton(language, options, classify, known);
  check_target(options.mixer);
  std::exception_ptr refused;
  std::string reason;
  bool periods = false;  // whether those of its positions have none in common
  try {
    const logic::Formula formula =
        logic::parse_formula(language.spec.substr(kFormula.size()), language.dfa.alphabet);
    const std::optional<int> asked = common_period(formula);
    if (!asked) periods = true;
    if (asked && classify.period > 1 && classify.period % *asked != 0)
      throw base::InputError("period",
                             fmt::format("the formula asks for positions modulo {0}, which positions "
                                         "modulo {1} do not tell; expected a multiple of {0}",
                                         *asked, classify.period));
    if (asked && classify.period == 1) classify.period = *asked;
    const auto as_it_stands = [&](const CompileOptions& chosen) {
      return compile(formula, language.spec, chosen);
    };
    if (options.mixer != kAutoMixer) return as_it_stands(options);
    std::vector<std::string> mixers = {kAutoLatches};
    if (obstacles(formula).empty()) mixers.insert(mixers.begin(), kAttentionMixer);
    return first_that_can(mixers, options, as_it_stands);
  } catch (const base::InputError& error) {
    if (error.source() == "period") throw;
    refused = std::current_exception();
    reason = periods ? "its positions have no common period in reach" : why_not(error);
  } catch (const Unproven&) {
    refused = std::current_exception();
    reason = kUnproven;
  } catch (const base::BudgetError&) {
    if (options.mixer != kAutoMixer) throw;
    refused = std::current_exception();
    reason = "a budget forbids it";
  }
  try {
    Compiled compiled = by_automaton(language, options, classify, known);
    say(fmt::format("the formula cannot be compiled as it stands ({}); compiled is {}", reason,
                    compiled.plan.machine
                        ? std::string("its automaton")
                        : "one that says the same: " + logic::format_formula(compiled.plan.formula)));
    return compiled;
  } catch (const base::InputError&) {
  } catch (const base::BudgetError&) {
  }
  std::rethrow_exception(refused);
}

}  // namespace yore::compiler
