// Any bytes as an automaton in JSON and in AT&T text: an InputError or a spent budget, or a minimal automaton
// that is written and read back as itself in both formats.
#include <cstdint>
#include <optional>

#include "fuzz/property.h"
#include "yore/automata/formats.h"
#include "yore/base/error.h"

namespace {

using yore::fuzz::require;
using namespace yore;

constexpr std::size_t kMaxStates = 60;

template <class Read>
std::optional<automata::Dfa> attempt(const std::string& text, Read read) {
  try {
    return read();
  } catch (const base::InputError& error) {
    require(error.source() == "input", "errors name the source", text);
    require(!error.position() || *error.position() <= text.size(), "errors point into the text", text);
  } catch (const base::BudgetError& error) {
    require(error.budget() == "max-states", "the budget is the one that was given", text);
  }
  return std::nullopt;
}

void check_written(const automata::Dfa& dfa, const std::string& text) {
  automata::check(dfa);
  require(automata::minimise(dfa) == dfa, "what is read is minimal", text);
  const std::string json = automata::json_from_dfa(dfa);
  require(automata::dfa_from_json(json, "input") == dfa, "JSON reads back", json);
  // AT&T text has no way to name some symbols, and says so.
  for (const auto columns : {automata::AttColumns::InputOutput, automata::AttColumns::OneLabel}) {
    std::string att;
    try {
      att = automata::att_from_dfa(dfa, columns);
    } catch (const base::InputError& error) {
      require(error.source() == "alphabet", "the alphabet is at fault", text);
      return;
    }
    require(automata::dfa_from_att(att, "input", dfa.alphabet) == dfa, "AT&T text reads back", att);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(data, data + size);
  const auto json = attempt(text, [&] { return automata::dfa_from_json(text, "input", kMaxStates); });
  if (json) check_written(*json, text);
  const auto att =
      attempt(text, [&] { return automata::dfa_from_att(text, "input", std::nullopt, kMaxStates); });
  if (att) check_written(*att, text);
  return 0;
}
