// Any bytes as a formula: an InputError that points into it, or a graph that prints, reads back equal, and
// has the truth values of its unsimplified form, of the definition, and of its automaton.
#include <cstdint>
#include <optional>

#include "fuzz/property.h"
#include "yore/automata/convert.h"
#include "yore/base/error.h"
#include "yore/logic/formula.h"

namespace {

using yore::fuzz::require;
using namespace yore;

constexpr std::size_t kMaxStates = 60;
constexpr int kMaxLetters = 8;    // for the parts that walk over words or automata
constexpr int kMaxLookback = 40;  // automata keep that many truth values

std::optional<logic::Formula> parse(const std::string& text) {
  try {
    return logic::parse_formula(text);
  } catch (const base::InputError& error) {
    require(error.position() && *error.position() <= text.size(), "errors point into the formula", text);
    return std::nullopt;
  }
}

std::optional<automata::Dfa> automaton(const logic::Formula& formula) {
  try {
    return automata::dfa_from_formula(formula, kMaxStates);
  } catch (const base::BudgetError&) {
    return std::nullopt;
  }
}

void check_round_trip(const logic::Formula& formula, int flat_limit) {
  const std::string printed = logic::format_formula(formula, flat_limit);
  const logic::Formula again = logic::parse_formula(printed, formula.alphabet);
  require(logic::format_formula(again, flat_limit) == printed, "printing is a fixpoint", printed);
  const logic::FormulaMeasure a = logic::measure(formula), b = logic::measure(again);
  require(a.nodes == b.nodes && a.tree_nodes == b.tree_nodes && a.depth == b.depth &&
              logic::fragment(formula) == logic::fragment(again),
          "what is printed reads back as the same graph", printed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const std::optional<logic::Formula> formula = parse(text);
  if (!formula) return 0;
  check_round_trip(*formula, 0);
  check_round_trip(*formula, 60);
  if (formula->alphabet.size() > kMaxLetters || size > 300) return 0;

  const logic::Formula plain = logic::parse_formula(text, formula->alphabet, false);
  const logic::FormulaMeasure measure = logic::measure(plain);
  // The definition costs up to length^depth steps a path of the tree.
  const bool by_definition = measure.tree_nodes <= 200 && measure.depth <= 4;
  const std::optional<automata::Dfa> dfa =
      measure.largest_lookback <= kMaxLookback ? automaton(*formula) : std::nullopt;
  automata::for_all_words(
      formula->alphabet.size(), formula->alphabet.size() <= 2 ? 4 : 2, [&](const logic::Word& word) {
        const bool truth = logic::accepts(*formula, word);
        require(logic::accepts(plain, word) == truth, "simplification keeps the truth", text);
        if (by_definition)
          require(logic::accepts_by_definition(plain, word) == truth, "evaluation is by definition", text);
        if (dfa) require(dfa->accepts(word) == truth, "the automaton accepts where the formula holds", text);
      });
  return 0;
}
