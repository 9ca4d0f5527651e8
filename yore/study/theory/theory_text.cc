#include "yore/study/theory/theory_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "yore/automata/formats.h"
#include "yore/expressivity/families.h"
#include "yore/report/svg.h"
#include "yore/study/measured_text.h"
#include "yore/study/theory/badges.h"

namespace yore::study {
namespace {

using namespace report;
using expressivity::Answer;
using expressivity::Class;
using expressivity::Classification;
using expressivity::ClassVerdict;
using expressivity::Witness;

// A picture of more states than this is a tangle.
constexpr int kMaxDrawnStates = 40;
// Longer strings are shown by their ends; the files beside the report have them whole.
constexpr std::size_t kMaxShownLetters = 240;

// Up to this many states the picture is complete; beyond, a rejecting sink's many moves would hide the rest.
constexpr int kMaxStatesWithSink = 8;

// A rejecting state that is never left, if the automaton has one besides its start.
std::optional<automata::State> sink_of(const automata::Dfa& dfa) {
  for (automata::State q = 0; q < dfa.states; ++q) {
    bool left = q == dfa.start || dfa.accepting[static_cast<std::size_t>(q)] != 0;
    for (logic::Symbol a = 0; a < dfa.alphabet.size(); ++a) left = left || dfa.step(q, a) != q;
    if (!left) return q;
  }
  return std::nullopt;
}

Html shown_word(const logic::Alphabet& alphabet, const logic::Word& letters) {
  if (letters.size() <= kMaxShownLetters) return word(alphabet.format_word(letters));
  const auto half = static_cast<std::ptrdiff_t>(kMaxShownLetters / 2);
  const logic::Word head(letters.begin(), letters.begin() + half), tail(letters.end() - half, letters.end());
  return word(alphabet.format_word(head)) + " … " + word(alphabet.format_word(tail));
}

// Why the two strings look alike, by the kind of witness.
std::string reason(const Witness& w, int lookback) {
  const std::string p = w.states.empty() ? "p" : std::to_string(w.states[0]);
  const std::string q = w.states.size() < 2 ? "q" : std::to_string(w.states[1]);
  if (w.kind == "cycle")
    return fmt::format(
        "x leads from state {} to state {} and y leads back. Going round, a global head soon has seen "
        "whatever there is to "
        "see, so it cannot tell at which of the two states the string stands; z then tells them apart.",
        p, q);
  if (w.kind == "suffix")
    return fmt::format(
        "u leads from state {0} back to {0} and from state {1} back to {1}. The two strings differ only in "
        "front of the "
        "repeated u, and each layer of {2}-local heads looks at most {2} position{3} further back.",
        p, q, lookback, lookback == 1 ? "" : "s");
  if (w.kind == "loop")
    return fmt::format(
        "u leads from state {0} back to {0} and from state {1} back to {1}; x leads from {0} to {1} and y "
        "back. Local heads "
        "see only the u's around them, and global heads have seen every such stretch before.",
        p, q);
  if (w.kind == "counter")
    return fmt::format(
        "Repeating u moves through states ({}, {} ..) and returns to the first: the language counts the u's "
        "modulo a number, "
        "and no star-free language counts.",
        p, q);
  if (w.kind == "bisimilar")
    return "The positions of the two strings can be paired so that paired positions hold the same letter and "
           "see paired positions, "
           "as far back as formulas of that depth look.";
  return "";
}

Html witness_block(const logic::Alphabet& alphabet, const ClassVerdict& verdict, int lookback) {
  const Witness& w = *verdict.witness;
  Html words;
  for (const auto& [name, letters] : w.words)
    words +=
        (words.empty() ? Html() : Html(", ")) + element("var", name) + " = " + shown_word(alphabet, letters);
  Html block = paragraph(
      Html("With ") + words + fmt::format(", the strings ") + code(w.recipe_a) + " and " + code(w.recipe_b) +
      " are, for every n, on different sides of the language, yet no formula of " + verdict.logic +
      fmt::format(" that nests at most n operators tells them apart (verified for n up to {}).", w.depth));
  if (const std::string why = reason(w, lookback); !why.empty()) block += paragraph(why);
  Table strings{Html(fmt::format("The two strings at n = {}", w.depth)),
                {{"recipe"},
                 {"string", false, std::max(w.a.size(), w.b.size()) > 16},
                 {"letters", true},
                 {"in the language"}},
                {}};
  strings.rows.push_back({code(w.recipe_a), shown_word(alphabet, w.a), std::to_string(w.a.size()),
                          answer_badge(w.a_accepted ? Answer::Yes : Answer::No)});
  strings.rows.push_back({code(w.recipe_b), shown_word(alphabet, w.b), std::to_string(w.b.size()),
                          answer_badge(w.a_accepted ? Answer::No : Answer::Yes)});
  block += table(strings);
  return block + paragraph(
                     "To check by hand: read both strings through the automaton below; one ends in a doubly "
                     "circled state, the other does not.");
}

Html formula_block(const ClassVerdict& verdict) {
  const auto m = logic::measure(*verdict.formula);
  return preformatted(logic::format_formula(*verdict.formula)) +
         paragraph(
             fmt::format("A formula of {}, read at the end of the string; it has {} nodes and nests {} "
                         "operators (P {} deep, Y {} deep{}). "
                         "Translated back to an automaton it gives the minimal automaton below exactly.",
                         logic::fragment(*verdict.formula), m.nodes, m.depth, m.depth_before,
                         m.depth_yesterday, m.uses_since ? fmt::format(", S {} deep", m.depth_since) : ""));
}

// What is published of mixers beyond softmax attention.
Html families_table(const Classification& c) {
  Table others{
      "Other mixers: what is published of the languages that their families recognise",
      {{"family"}, {"mixers of yore"}, {"recognises it"}, {"theorem, or why nothing is said", false, true}},
      {}};
  for (const expressivity::FamilyVerdict& verdict : c.families) {
    const std::vector<std::string> mixers = expressivity::mixers_of(verdict.of);
    Html reason =
        verdict.theorem.empty() ? Html(verdict.open) : Html(verdict.theorem + " (" + verdict.source + ")");
    others.rows.push_back(
        {spaced(expressivity::name(verdict.of)),
         mixers.empty() ? Html("none") : breakable(fmt::format("{}", fmt::join(mixers, ", "))),
         answer_badge(verdict.member), reason});
  }
  return table(others);
}

}  // namespace

std::string people_name(Class c, int lookback) {
  switch (c) {
    case Class::Global:
      return "global";
    case Class::Local:
      return fmt::format("{}-local", lookback);
    case Class::Hybrid:
      return fmt::format("hybrid (global and {}-local)", lookback);
    case Class::StarFree:
      break;
  }
  return "star-free";
}

Html verdict_sentence(const languages::Language& language, const Classification& c) {
  const Html title = code(language.title);
  const std::string local = fmt::format("{}-local", c.lookback);
  const auto is = [&](Class of, Answer answer) { return c.of(of).member == answer; };
  const auto yes = [&](Class of) { return is(of, Answer::Yes); };
  const auto no = [&](Class of) { return is(of, Answer::No); };
  if (yes(Class::Global) && yes(Class::Local))
    return Html("Global attention alone recognises ") + title + ", and so does " + local +
           " attention alone.";
  if (yes(Class::Global) && no(Class::Local))
    return Html("Global attention alone recognises ") + title + "; " + local + " attention alone cannot.";
  if (yes(Class::Local) && no(Class::Global))
    return Html(local + " attention alone recognises ") + title + "; global attention alone cannot.";
  if (yes(Class::Hybrid) && no(Class::Global) && no(Class::Local))
    return Html("Neither global nor " + local + " attention alone can recognise ") + title +
           "; a hybrid of the two can.";
  if (no(Class::Hybrid))
    return Html("No mix of global and " + local + " attention can recognise ") + title +
           (yes(Class::StarFree)  ? ", although it is star-free."
            : no(Class::StarFree) ? "; it is not even star-free."
                                  : ".");
  Html sentence = Html("Some of it stays open within the budgets given: ") + title;
  for (Class of : {Class::Global, Class::Local, Class::Hybrid})
    sentence += fmt::format("{} {}: {}", of == Class::Global ? " by" : ", by", people_name(of, c.lookback),
                            yes(of)  ? "yes"
                            : no(of) ? "no"
                                     : "unknown");
  return sentence + ".";
}

Html theory_section(const languages::Language& language, const Classification& c) {
  Table overview{c.period == 1 ? std::string("What fixed-precision transformers with a strict mask and no "
                                             "positions can recognise, and why")
                               : fmt::format("What fixed-precision transformers with a strict mask and "
                                             "positions that tell i modulo {} can "
                                             "recognise, and why",
                                             c.period),
                 {{"attention"}, {"logic"}, {"recognises it"}, {"evidence"}, {"checked by", false, true}},
                 {}};
  for (const auto& verdict : c.classes) {
    Html evidence = verdict.formula   ? Html("formula in ") + code(logic::fragment(*verdict.formula))
                    : verdict.witness ? Html("two strings it cannot tell apart")
                    : verdict.member == Answer::Unknown ? Html(verdict.open)
                                                        : Html(verdict.open.empty() ? "" : verdict.open);
    overview.rows.push_back({people_name(verdict.of, c.lookback), code(verdict.logic),
                             answer_badge(verdict.member), evidence, verdict.checked_by});
  }
  Html section = table(overview) + families_table(c);
  if (!language.note.empty()) section += paragraph(language.note);
  std::string shown;
  for (const auto& verdict : c.classes) {
    if (!verdict.formula) continue;
    const std::string text = logic::format_formula(*verdict.formula);
    if (text == shown) continue;  // the weakest class has said it already
    const Html heading = fmt::format("How {} can", verdict.of == Class::StarFree
                                                       ? "full past LTL"
                                                       : people_name(verdict.of, c.lookback) + " attention");
    // A formula of a larger class adds little once a smaller class has one.
    section += shown.empty() ? element("h3", heading) + formula_block(verdict)
                             : details(heading, formula_block(verdict));
    shown = text;
  }
  for (const auto& verdict : c.classes)
    if (verdict.witness)
      section += element("h3", fmt::format("Why {} cannot",
                                           verdict.of == Class::StarFree
                                               ? "any star-free expression"
                                               : people_name(verdict.of, c.lookback) + " attention")) +
                 witness_block(c.dfa.alphabet, verdict, c.lookback);
  return section;
}

Html automaton_section(const Classification& c, const std::string& id_prefix) {
  const std::string size =
      fmt::format("The minimal complete automaton: {} state{} over {} letter{}.", c.dfa.states,
                  c.dfa.states == 1 ? "" : "s", c.dfa.alphabet.size(), c.dfa.alphabet.size() == 1 ? "" : "s");
  const bool hides = c.dfa.states > kMaxStatesWithSink;
  const std::string dot = automata::dot_from_dfa(c.dfa, {hides, ""});
  const Html files = paragraph(
      download("automaton.json", "application/json", automata::json_from_dfa(c.dfa), "automaton.json") +
      download("automaton.dot", "text/vnd.graphviz", dot, "automaton.dot"));
  if (c.dfa.states > kMaxDrawnStates) return paragraph(size + " Too large to draw readably.") + files;
  std::string caption = size + " Doubly circled states accept.";
  if (const auto sink = sink_of(c.dfa); hides && sink)
    caption += fmt::format(" State {} rejects and is never left; it is not drawn, nor are the moves into it.",
                           *sink);
  return figure(Html::raw(draw_graph(dot, id_prefix, size)), caption) + files;
}

}  // namespace yore::study
