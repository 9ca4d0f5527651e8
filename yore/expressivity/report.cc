// A classification for programs (JSON) and for people (text).
#include <fmt/format.h>

#include "yore/base/text.h"
#include "yore/expressivity/report_mixers.h"
#include "yore/expressivity/verdict.h"
#include "yore/logic/word_text.h"

namespace yore::expressivity {
namespace {

base::Json witness_json(const Witness& witness, const logic::Alphabet& alphabet) {
  base::Json words = base::Json::object();
  for (const auto& [key, word] : witness.words) words[key] = alphabet.format_word(word);
  base::Json json;
  json["kind"] = witness.kind;
  json["words"] = std::move(words);
  json["states"] = witness.states;
  json["strings"] = {{"a", alphabet.format_word(witness.a)}, {"b", alphabet.format_word(witness.b)}};
  json["recipe"] = {{"a", witness.recipe_a}, {"b", witness.recipe_b}};
  json["accepted"] = witness.a_accepted ? "a" : "b";
  json["depth"] = witness.depth;
  return json;
}

base::Json verdict_json(const ClassVerdict& verdict, const Classification& all) {
  base::Json json;
  json["member"] =
      verdict.member == Answer::Unknown ? base::Json() : base::Json(verdict.member == Answer::Yes);
  json["logic"] = verdict.logic;
  json["formula"] = verdict.formula ? base::Json(logic::format_formula(*verdict.formula)) : base::Json();
  if (verdict.witness) {
    json["witness"] = witness_json(*verdict.witness, all.dfa.alphabet);
  } else if (!verdict.open.empty()) {
    json["witness"] = {{"kind", "budget"}, {"reason", verdict.open}};
  } else {
    json["witness"] = nullptr;
  }
  if (verdict.of == Class::Local) json["lookback"] = all.lookback;
  return json;
}

std::string attention(Class c, int lookback) {
  switch (c) {
    case Class::Global:
      return "global attention";
    case Class::Local:
      return fmt::format("{}-local attention", lookback);
    default:
      return "hybrid attention";
  }
}

// What is so of both small classes, for "hybrid or nothing" sentences.
std::string why_not_smaller(const Classification& all) {
  const auto unknown = [&](Class c) { return all.of(c).member == Answer::Unknown; };
  const std::string local = fmt::format("{}-local-only", all.lookback);
  if (unknown(Class::Local)) return fmt::format("global-only does not suffice, {} is not settled", local);
  return fmt::format("neither global-only nor {} suffices", local);
}

std::string summary(const Classification& all, const std::string& title) {
  const int k = all.lookback;
  if (all.sufficient.size() == 2) {
    return fmt::format("{} can be recognised with global attention alone, and with {}-local attention alone.",
                       title, k);
  }
  if (all.sufficient.size() == 1 && all.sufficient[0] != Class::Hybrid) {
    const Class other = all.sufficient[0] == Class::Global ? Class::Local : Class::Global;
    return fmt::format("{} can be recognised with {} alone; {} alone {}.", title,
                       attention(all.sufficient[0], k), attention(other, k),
                       all.of(other).member == Answer::Unknown ? "is not settled" : "does not suffice");
  }
  if (all.sufficient.size() == 1)
    return fmt::format("{} needs hybrid attention: {}.", title, why_not_smaller(all));
  if (all.of(Class::Hybrid).member == Answer::Unknown) {
    return fmt::format("Whether hybrid attention can recognise {} is not settled; {}.", title,
                       why_not_smaller(all));
  }
  const char* const star_free = all.of(Class::StarFree).member == Answer::Yes ? "it is star-free, though"
                                : all.of(Class::StarFree).member == Answer::No
                                    ? "it is not even star-free"
                                    : "whether it is star-free is not settled";
  return fmt::format("{} is beyond hybrid attention: no mix of global and {}-local attention suffices; {}.",
                     title, k, star_free);
}

std::string shown(const logic::Alphabet& alphabet, const Word& word) {
  constexpr std::size_t kLongest = 120;  // such a string stands on a line of its own
  return logic::shown_word(alphabet, word, kLongest);
}

std::string witness_text(const Witness& witness, const Classification& all) {
  const auto& alphabet = all.dfa.alphabet;
  std::string text = "      words:";
  for (const auto& [key, word] : witness.words) text += fmt::format("  {} = {}", key, shown(alphabet, word));
  text += fmt::format("\n      for every n the strings  {}  and  {}\n", witness.recipe_a, witness.recipe_b);
  text += fmt::format(
      "      differ: {} is in the language. At n = {} no formula of this logic of depth <= {} tells them "
      "apart:\n",
      witness.a_accepted ? "the first" : "the second", witness.depth, witness.depth);
  text += fmt::format("        {}\n        {}\n", shown(alphabet, witness.a), shown(alphabet, witness.b));
  return text;
}

// Why the witness works, so that it can be followed by hand on the drawn automaton.
std::string by_hand(const Witness& witness) {
  const auto state = [&](std::size_t i) { return witness.states[i]; };
  if (witness.kind == "cycle") {
    return fmt::format(
        "s leads to state {0}, x from {0} to {1}, y back; z is accepted from one of the two only", state(0),
        state(1));
  }
  if (witness.kind == "suffix") {
    return fmt::format(
        "s leads to state {}, t to {}; u leads each back to itself; z is accepted from one of the two only",
        state(0), state(1));
  }
  if (witness.kind == "loop") {
    return fmt::format(
        "s leads to state {0}, x from {0} to {1}, y back; u leads each back to itself; z is accepted from "
        "one of the two only",
        state(0), state(1));
  }
  if (witness.kind == "counter") {
    return fmt::format(
        "s leads to state {}, u from there on a round trip through {}; z is accepted from one of the two "
        "only",
        state(0), state(1));
  }
  return "read backwards from the end, each window of the one string has a partner in the other with the "
         "same letters in it";
}

}  // namespace

base::Json to_json(const Classification& classification) {
  base::Json json;
  json["alphabet"] = classification.dfa.alphabet.names();
  json["dfa"] = {{"states", classification.dfa.states}};
  json["sufficient"] = base::Json::array();
  for (const Class c : classification.sufficient) json["sufficient"].push_back(name(c));
  json["classes"] = base::Json::object();
  for (const ClassVerdict& verdict : classification.classes)
    json["classes"][name(verdict.of)] = verdict_json(verdict, classification);
  json.update(mixers_json(classification));
  return json;
}

std::string to_text(const Classification& classification, bool colour, const std::string& title) {
  const std::string positions = classification.period > 1
                                    ? fmt::format("With positions modulo {}: ", classification.period)
                                    : std::string();
  std::string text = painted(colour, "1", positions + summary(classification, title)) + "\n";
  text += fmt::format("Minimal automaton: {} over {}.\n", base::counted(classification.dfa.states, "state"),
                      base::counted(classification.dfa.alphabet.size(), "letter"));
  text += periods_text(classification);
  for (const ClassVerdict& verdict : classification.classes) {
    const std::string answer = painted_answer(colour, verdict.member);
    text += fmt::format("\n  {} ({}): {}\n", verdict.of == Class::StarFree ? "star-free" : name(verdict.of),
                        verdict.logic, answer);
    if (verdict.formula) text += fmt::format("      formula: {}\n", logic::format_formula(*verdict.formula));
    if (verdict.witness) {
      text += witness_text(*verdict.witness, classification);
      text += fmt::format("      by hand: {}\n", by_hand(*verdict.witness));
    }
    if (!verdict.open.empty()) text += fmt::format("      open: {}\n", verdict.open);
    text += fmt::format("      checked by: {}\n", verdict.checked_by);
  }
  text += tier_text(classification, colour);
  return text + mixers_text(classification, colour);
}

}  // namespace yore::expressivity
