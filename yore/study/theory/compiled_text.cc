#include "yore/study/theory/compiled_text.h"

#include <fmt/format.h>

#include <algorithm>
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

Html measured_of(const compiler::Verified::Words& found, const std::string& which) {
  return Html(which + ": ") +
         (found.wrong == 0 ? badge("all right", Tone::Good)
                           : badge(fmt::format("{} of {} wrong", found.wrong, found.words), Tone::Bad));
}

Html measurements(const compiler::Verified& verified) {
  const auto& all = verified.exhaustive;
  const auto& drawn = verified.drawn;
  const compiler::Verified::Proof& proof = *verified.proof;
  std::vector<Html> list;
  list.push_back(measured_of(all, fmt::format("all {} words to length {}", all.words, all.length)));
  list.push_back(measured_of(
      drawn, fmt::format("{} words to length {}: {} drawn, {} witness strings", drawn.words, drawn.length,
                         drawn.words - drawn.witness_strings, drawn.witness_strings)));
  std::string margin;
  const double least = std::min(all.least_accepting_logit, drawn.least_accepting_logit);
  const double largest = std::max(all.largest_rejecting_logit, drawn.largest_rejecting_logit);
  if (std::isfinite(least)) margin = fmt::format("at least {:.4g} for accepted", least);
  if (std::isfinite(largest))
    margin += fmt::format("{}at most {:.4g} for rejected", margin.empty() ? "" : ", ", largest);
  if (!margin.empty()) list.push_back(fmt::format("logits on these words: {} ones (0 is a tie)", margin));
  list.push_back(Html("the formula, translated to an automaton, is the language: ") +
                 answer_badge(proof.formula_is_the_language ? Answer::Yes : Answer::No));
  list.push_back(Html(fmt::format(
                     "the weights compute the formula, for every word to length {}, in float32 arithmetic of "
                     "any order: ",
                     proof.length)) +
                 (proof.proven ? badge("proven", Tone::Good) : badge("not proven", Tone::Bad)) +
                 (proof.proven
                      ? fmt::format(" with every truth value within {:.2g} of its ideal (0.5 would be a tie)",
                                    proof.error)
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
