#include "yore/study/theory/compiled_text.h"

#include <fmt/format.h>

#include <cmath>

#include "yore/base/process.h"
#include "yore/compiler/explain.h"
#include "yore/study/measured_text.h"
#include "yore/study/theory/badges.h"
#include "yore/study/theory/summary.h"

namespace yore::study {
namespace {

using namespace report;
using expressivity::Answer;

// What `yore run` is asked in the example: long enough to see something move.
constexpr int kExampleLetters = 6;

std::vector<Html> size_row(const std::string& who, const arch::ModelOptions& m, int letters) {
  return {who,
          std::to_string(m.layers),
          std::to_string(m.heads),
          std::to_string(m.width_of_head()),
          std::to_string(m.width),
          std::to_string(m.mlp_width),
          std::to_string(arch::parameter_count(arch::expand(m, letters + 1, arch::ReadOutKind::Accept)))};
}

Html sizes(const StudyConfig& config, const languages::Language& language, const CompiledModel& model) {
  Table t{"Its size beside the trained ones",
          {{"model"},
           {"blocks", true},
           {"heads a block", true},
           {"width of a head", true},
           {"width", true},
           {"feed-forward units", true},
           {"parameters", true}},
          {}};
  const int letters = language.dfa.alphabet.size();
  t.rows.push_back(size_row("compiled", model.compiled->plan.config(), letters));
  for (const Kind& kind : kinds(config))
    t.rows.push_back(
        size_row(kind.values.empty() ? kind.title : "trained: " + kind.title, kind.config.model, letters));
  return table(t);
}

Html measured_of(std::int64_t words, std::int64_t wrong, const std::string& which) {
  return Html(which + ": ") + (wrong == 0 ? badge("all right", Tone::Good)
                                          : badge(fmt::format("{} of {} wrong", wrong, words), Tone::Bad));
}

Html measurements(const Verified& v) {
  std::vector<Html> list;
  list.push_back(measured_of(v.short_words, v.short_wrong,
                             fmt::format("all {} words to length {}", v.short_words, v.short_length)));
  list.push_back(
      measured_of(v.long_words, v.long_wrong,
                  fmt::format("{} words to length {}: {} drawn, {} witness strings", v.long_words,
                              v.long_length, v.long_words - v.witness_strings, v.witness_strings)));
  std::string margin;
  if (std::isfinite(v.least_accepting))
    margin = fmt::format("at least {:.4g} for accepted", v.least_accepting);
  if (std::isfinite(v.largest_rejecting))
    margin += fmt::format("{}at most {:.4g} for rejected", margin.empty() ? "" : ", ", v.largest_rejecting);
  if (!margin.empty()) list.push_back(fmt::format("logits on these words: {} ones (0 is a tie)", margin));
  list.push_back(Html("the formula, translated to an automaton, is the language: ") +
                 answer_badge(v.formula_is_the_language ? Answer::Yes : Answer::No));
  list.push_back(
      Html(fmt::format(
          "the weights compute the formula, for every word to length {}, in float32 arithmetic of "
          "any order: ",
          v.proven_length)) +
      (v.proven ? badge("proven", Tone::Good) : badge("not proven", Tone::Bad)) +
      (v.proven
           ? fmt::format(" with every truth value within {:.2g} of its ideal (0.5 would be a tie)", v.error)
           : ""));
  return bullets(list);
}

Html how_to_get(const languages::Language& language, const std::string& folder) {
  const std::string& spec = language.spec;
  std::string command = "yore compile " + base::shell_quoted(spec);
  // Files and named languages bring their alphabet.
  if (spec.starts_with("regex:") || spec.starts_with("ltl:"))
    command += " --alphabet " + base::shell_quoted(language.dfa.alphabet.text());
  const automata::Dfa& dfa = language.dfa;
  logic::Word word;
  for (int i = 0; i < kExampleLetters; ++i)
    word.push_back(static_cast<logic::Symbol>(i % dfa.alphabet.size()));
  return paragraph(
             "It lies beside this report, in the folder compiled. To compute it again, and to see it at "
             "work:") +
         preformatted(fmt::format("{} --explain\nyore run {} --trace --words {}", command,
                                  base::shell_quoted((fs::path(folder) / files::kCompiledModel).string()),
                                  base::shell_quoted(dfa.alphabet.format_word(word))));
}

}  // namespace

ExtraRow compiled_row(const StudyConfig& config, const CompiledModel& model) {
  ExtraRow row{Html("compiled") + element("span", "computed, not trained", {{"class", "second"}}),
               {},
               {answer_badge(Answer::Yes), !model.verified ? badge("open", Tone::Neutral)
                                           : model.right() ? badge("verified", Tone::Good)
                                                           : badge("wrong", Tone::Bad)}};
  if (!model.scores) return row;
  const KindSummary scores = summarise_untrained(config, *model.scores);
  row.by_set.emplace_back(scores.validation.name, spread_cell(scores.validation.accuracy));
  for (const SetSummary& bucket : scores.buckets)
    row.by_set.emplace_back(bucket.name, spread_cell(bucket.accuracy));
  row.by_set.emplace_back(scores.witness.name, spread_cell(scores.witness.accuracy));
  return row;
}

Html compiled_section(const StudyConfig& config, const languages::Language& language,
                      const CompiledModel& model, const std::string& folder) {
  if (!model.compiled) {
    Html body = paragraph(sentence(model));
    if (model.absence == CompiledModel::Absence::Outside)
      return body + paragraph("The two strings that such a transformer cannot tell apart stand above.");
    return body + preformatted(model.why);
  }
  const compiler::Plan& plan = model.compiled->plan;
  Html body =
      paragraph(
          "This transformer was computed from a formula, not trained: each truth value of a subformula "
          "has its place in the residual stream, a head computes P or Y, the feed-forward net the rest.") +
      preformatted(logic::format_formula(plan.formula)) + sizes(config, language, model);
  body += element("h3", "What was measured of it");
  if (model.verified) body += measurements(*model.verified);
  if (!model.failure.empty())
    body += element("p", "Not everything could be measured: " + model.failure, {{"class", "notice"}});
  if (model.verified)
    body += paragraph(
        "These are the answers of a process that read the weights from the file. The table "
        "above has its answers to the words that the trained ones were tested on.");
  body += element("h3", "How it works, and how to get it");
  body += details("Block by block: what every head and coordinate computes",
                  preformatted(compiler::explain(plan)));
  return body + how_to_get(language, folder);
}

}  // namespace yore::study
