#include "yore/expressivity/report_mixers.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "yore/expressivity/families.h"
#include "yore/logic/word_text.h"

namespace yore::expressivity {
namespace {

base::Json counter_json(const Counter& counter, const logic::Alphabet& alphabet) {
  base::Json json;
  json["kind"] = "counter";
  json["words"] = {{"s", alphabet.format_word(counter.s)},
                   {"u", alphabet.format_word(counter.u)},
                   {"z", alphabet.format_word(counter.z)}};
  json["period"] = counter.states.size();
  json["states"] = counter.states;
  json["accepted"] = counter.accepted;
  json["group"] = counter.group;
  return json;
}

base::Json text_or_null(const std::string& text) {
  return text.empty() ? base::Json() : base::Json(text);
}

}  // namespace

std::string shown_choice(const MixerChoice& choice) {
  std::string text = choice.mixer;
  for (const auto& [key, value] : choice.options.items())
    text += fmt::format(" {}={}", key, value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

std::string painted(bool colour, const char* code, const std::string& text) {
  return colour ? fmt::format("\033[{}m{}\033[0m", code, text) : text;
}

std::string painted_answer(bool colour, Answer answer) {
  return answer == Answer::Yes  ? painted(colour, "32", "yes")
         : answer == Answer::No ? painted(colour, "31", "no")
                                : painted(colour, "33", "unknown");
}

base::Json mixers_json(const Classification& classification) {
  base::Json json;
  json["cheapest"] = base::Json::array();
  for (const MixerChoice& choice : classification.cheapest)
    json["cheapest"].push_back({{"mixer", choice.mixer}, {"options", choice.options}, {"by", choice.by}});
  json["mixers"] = base::Json::object();
  for (const FamilyVerdict& verdict : classification.families) {
    base::Json& family = json["mixers"][name(verdict.of)];
    family["member"] =
        verdict.member == Answer::Unknown ? base::Json() : base::Json(verdict.member == Answer::Yes);
    family["mixers"] = mixers_of(verdict.of);
    family["theorem"] = text_or_null(verdict.theorem);
    family["source"] = text_or_null(verdict.source);
    family["witness"] =
        verdict.witness ? counter_json(*verdict.witness, classification.dfa.alphabet) : base::Json();
    family["reason"] = text_or_null(verdict.open);
  }
  json["groups"] = base::Json();
  if (classification.groups) {
    json["groups"] = base::Json::array();
    for (const algebra::Group& group : *classification.groups)
      json["groups"].push_back({{"name", group.name},
                                {"order", group.order},
                                {"abelian", group.abelian},
                                {"solvable", group.solvable},
                                {"word", classification.dfa.alphabet.format_word(group.word)}});
  }
  json["tier"] = base::Json();
  if (classification.tier) {
    const Tier& tier = *classification.tier;
    base::Json neutral = base::Json::array(), sufficient = base::Json::array();
    for (const logic::Symbol a : tier.neutral) neutral.push_back(classification.dfa.alphabet.name(a));
    for (const Class c : tier.sufficient) sufficient.push_back(name(c));
    json["tier"] = {
        {"neutral", neutral},
        {"letters", tier.letters.names()},
        {"hybrid", tier.hybrid == Answer::Unknown ? base::Json() : base::Json(tier.hybrid == Answer::Yes)},
        {"sufficient", sufficient},
        {"formula", tier.formula ? base::Json(logic::format_formula(*tier.formula)) : base::Json()}};
  }
  if (classification.periods) {
    base::Json least = base::Json::object(), open = base::Json::array();
    for (const Class c : kClasses) {
      const auto at = static_cast<std::size_t>(c);
      const auto& period = classification.periods->least[at];
      least[name(c)] = period                                   ? base::Json(*period)
                       : classification.periods->known[at] != 0 ? base::Json("none")
                                                                : base::Json();
      if (classification.periods->known[at] == 0) open.push_back(name(c));
    }
    json["period"] = {{"asked", "any"},
                      {"modulo", classification.period},
                      {"least", std::move(least)},
                      {"open", std::move(open)}};
  } else if (classification.period > 1) {
    json["period"] = {{"asked", classification.period}, {"modulo", classification.period}};
  }
  return json;
}

std::string tier_text(const Classification& classification, bool colour) {
  if (!classification.tier) return "";
  const Tier& tier = *classification.tier;
  std::vector<std::string> neutral, sufficient;
  for (const logic::Symbol a : tier.neutral) neutral.push_back(classification.dfa.alphabet.name(a));
  for (const Class c : tier.sufficient) sufficient.push_back(name(c));
  std::string text =
      fmt::format("\n  hybrid without the neutral letter{} {}: {}{}\n", neutral.size() == 1 ? "" : "s",
                  fmt::join(neutral, " "), painted_answer(colour, tier.hybrid),
                  sufficient.empty() ? "" : fmt::format(" ({})", fmt::join(sufficient, ", ")));
  if (tier.formula)
    text += fmt::format("      formula on the tier: {}\n", logic::format_formula(*tier.formula));
  return text;
}

std::string periods_text(const Classification& classification) {
  if (!classification.periods) return "";
  const PeriodSearch& search = *classification.periods;
  std::vector<std::string> parts;
  for (const Class c : kClasses) {
    const auto at = static_cast<std::size_t>(c);
    parts.push_back(fmt::format(
        "{} {}", name(c),
        search.least[at] ? fmt::format("{}{}", search.known[at] != 0 ? "" : "at most ", *search.least[at])
        : search.known[at] != 0 ? std::string("none")
                                : std::string("not known")));
  }
  return fmt::format(
      "Least period of positions that suffices (1 = none needed): {}.\n{}", fmt::join(parts, ", "),
      search.used == 1 ? fmt::format("{}; what follows is without positions.\n",
                                     std::all_of(search.known.begin(), search.known.end(),
                                                 [](char known) { return known != 0; })
                                         ? "No period of positions helps"
                                         : "No period of positions is known to help")
                       : fmt::format("What follows is with positions modulo {}.\n", search.used));
}

std::string mixers_text(const Classification& classification, bool colour) {
  const auto& alphabet = classification.dfa.alphabet;
  std::string text = "\nOther mixers";
  // With positions, of the words whose length is a multiple of the period: what positions count is gone.
  const int period = classification.period;
  const std::string semigroup =
      period > 1 ? fmt::format("semigroup of the words whose length is a multiple of {}", period)
                 : std::string("syntactic semigroup");
  if (!classification.groups) {
    text += fmt::format(" (the groups of the {} are not known):\n", semigroup);
  } else if (classification.groups->empty()) {
    text += fmt::format(" (the {} holds no group, so nothing {}is counted):\n", semigroup,
                        period > 1 ? "beyond positions " : "");
  } else {
    std::vector<std::string> groups;
    for (const algebra::Group& group : *classification.groups)
      groups.push_back(fmt::format("{}{} (as in {})", group.name, group.solvable ? "" : ", not solvable",
                                   logic::shown_word(alphabet, group.word)));
    text += fmt::format(" (groups in the {}: {}):\n", semigroup, fmt::join(groups, "; "));
  }
  for (const FamilyVerdict& verdict : classification.families) {
    const std::vector<std::string> mixers = mixers_of(verdict.of);
    text += fmt::format("\n  {} ({}): {}\n", name(verdict.of),
                        mixers.empty() ? "none of yore's mixers" : fmt::format("{}", fmt::join(mixers, ", ")),
                        painted_answer(colour, verdict.member));
    if (!verdict.theorem.empty())
      text += fmt::format("      theorem: {} ({})\n", verdict.theorem, verdict.source);
    if (verdict.witness) {
      const Counter& counter = *verdict.witness;
      const auto shown = [&](const Word& word) { return logic::shown_word(alphabet, word); };
      text += fmt::format("      words:  s = {}  u = {}  z = {}\n", shown(counter.s), shown(counter.u),
                          shown(counter.z));
      text += fmt::format(
          "      by hand: s leads to state {}, u round the cycle {} ({}); s u^i z is in the language for i = "
          "{} "
          "modulo {} alone\n",
          counter.states.front(), fmt::join(counter.states, " "), counter.group,
          fmt::join(counter.accepted, ", "), counter.states.size());
    }
    if (!verdict.open.empty()) text += fmt::format("      open: {}\n", verdict.open);
    text += fmt::format("      checked by: {}\n", verdict.checked_by);
  }
  std::vector<std::string> cheapest;
  for (const MixerChoice& choice : classification.cheapest) cheapest.push_back(shown_choice(choice));
  text += fmt::format("\nSufficient{}, cheapest first: {}\n",
                      period > 1 ? fmt::format(" with positions modulo {}", period) : std::string(),
                      fmt::join(cheapest, "; "));
  return text;
}

}  // namespace yore::expressivity
