#include "yore/study/theory/plugin.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/study/measured_text.h"
#include "yore/study/theory/badges.h"
#include "yore/study/theory/compiled_text.h"
#include "yore/study/theory/length_curve.h"
#include "yore/study/theory/study_languages.h"
#include "yore/study/theory/theory_text.h"

namespace yore::study {
namespace {

using namespace report;

constexpr std::size_t kNamedAgainst = 6;   ///< kinds that do not agree which the headline names
constexpr std::size_t kShownBullets = 12;  ///< conclusions that are not folded away

// The first of the titles; titles of several values have commas themselves.
std::string named(const std::vector<std::string>& titles) {
  if (titles.size() > kNamedAgainst) return std::to_string(titles.size());
  const bool commas = std::any_of(titles.begin(), titles.end(), [](const std::string& title) {
    return title.find(',') != std::string::npos;
  });
  return fmt::format("{}", fmt::join(titles, commas ? "; " : ", "));
}

// How many kinds agree, for which training found no weights, and which disagree, in one sentence.
std::string headline(const std::vector<KindSummary>& kinds) {
  std::size_t agree = 0;
  std::vector<std::string> missing, against;
  for (const auto& kind : kinds) {
    agree += kind.agreement == Agreement::Agrees;
    if (kind.agreement == Agreement::NotFound) missing.push_back(kind.title);
    if (kind.agreement == Agreement::Disagrees) against.push_back(kind.title);
  }
  const std::size_t judged = agree + missing.size() + against.size();
  if (judged == 0) return "Nothing is measured yet that theory speaks of.";
  if (agree == judged)
    return fmt::format("Measured: {} agree{} with theory.",
                       agree == 1 ? "one kind" : fmt::format("all {} kinds", agree), agree == 1 ? "s" : "");
  std::string text = fmt::format("Measured: {} of {} kind{} agree{} with theory", agree, judged,
                                 judged == 1 ? "" : "s", agree == 1 ? "s" : "");
  if (!missing.empty())
    text += fmt::format("; weights exist for {}, and training did not find them", named(missing));
  if (!against.empty()) text += fmt::format("; against theory: {}", named(against));
  return text + ".";
}

// The heading of a second classification of the same language.
std::string same_with(const Question& question) {
  const std::string heads = fmt::format("{}-local heads", question.lookback);
  if (question.period == 1) return "The same with " + heads;
  return fmt::format("The same with {} and positions that tell i modulo {}", heads, question.period);
}

class Theory final : public Plugin {
 public:
  void prepare(StudyConfig& config) override {
    languages_ = study_languages(config);
    single_ = languages_.size() == 1;
    if (single_) compiled_ = compile_model(config, main_language(), main_verdicts());
    add_compiled_kinds(config);
  }

  void measure(const StudyConfig& config, const Execution& execution) override {
    folder_ = execution.folder.string();
    if (!single_) return;
    study::measure(compiled_, config, execution.folder, execution);
    base::write_file(execution.folder / files::kVerdict, verdict_text());
  }

  void take(const StudyConfig& config, const std::vector<RunRecord>& records,
            const std::vector<KindResults>&) override {
    config_ = config;
    kinds_ = summarise(config, verdicts_of(languages_), records);
    length_ = pictures(config, [&](const StudyConfig& some) { return accuracy_by_length(some, records); });
  }

  Html heading() const override {
    return single_ ? Html("Which attention recognises ") + code(main_language().title) + "?" : Html();
  }
  Html lead() const override {
    Html text = single_ ? verdict_sentence(main_language(), main_verdict()) + " " : Html();
    text += headline(kinds_);
    return compiled_.compiled ? text + " " + sentence(compiled_) : text;
  }

  std::vector<Column> columns() const override {
    Column theory{"theory", false, true, {}}, measured{"measured", false, true, {}};
    Column witness{"witness words", true, false, {}}, all{"seeds\u00a0that answer\u00a0all", true, false, {}};
    bool witnesses = false;
    for (const KindSummary& kind : kinds_) {
      theory.cells.push_back(answer_badge(kind.prediction.answer));
      measured.cells.push_back(agreement_badge(kind.agreement));
      witness.cells.push_back(spread_cell(kind.witness.accuracy));
      witnesses = witnesses || kind.witness.accuracy.runs > 0;
      all.cells.emplace_back(fmt::format("{} of {}", kind.perfect, kind.complete));
    }
    std::vector<Column> columns = {theory, measured};
    if (witnesses) columns.push_back(witness);
    columns.push_back(all);
    return columns;
  }

  std::vector<ExtraRow> rows() const override {
    if (!compiled_.compiled) return {};
    ExtraRow row = compiled_row(config_, compiled_);
    for (auto& [set, cell] : row.by_set)
      if (set == "witness") set = "witness words";
    return {row};
  }

  Html under_table() const override {
    std::vector<Html> list;
    // Of kinds without runs the table says as much.
    for (const auto& kind : kinds_)
      if (kind.complete > 0) list.push_back(strong(breakable(kind.title)) + ": " + kind.conclusion);
    if (single_) list.push_back(strong("compiled") + ": " + sentence(compiled_));
    const Html conclusions = list.empty() ? Html()
                             : list.size() <= kShownBullets
                                 ? bullets(list)
                                 : details("Each kind in a sentence", bullets(list));
    return conclusions +
           paragraph(
               "The criterion is that of the papers: a run succeeds if it answers every "
               "tested word correctly, all "
               "lengths and witness words included. Witness words are those that theory says "
               "fool some kind (short "
               "ones may have been trained on). A yes of theory says that weights exist, not that "
               "training finds them: where no run succeeds, \"not found\" is said. Words of a set are half "
               "accepted, half "
               "rejected ones where the "
               "language has both; guessing scores 50%.");
  }

  std::vector<Section> sections() const override {
    std::vector<Section> list;
    list.push_back(
        {"length", "Accuracy against length",
         plot_figures(length_, "length",
                      "Mean over seeds as a line, from the worst to the best seed as a band. A point stands "
                      "for a range of lengths; the shaded lengths are those trained on.")});
    if (!single_) return list;
    Html theory = theory_section(main_language(), main_verdict());
    for (const auto& [question, classification] : main_verdicts())
      if (question != headline_question())
        theory += details(same_with(question), theory_section(main_language(), classification));
    list.push_back({"theory", "What theory says", theory});
    list.push_back({"compiled", "The compiled transformer",
                    compiled_section(config_, main_language(), compiled_, folder_)});
    list.push_back({"automaton", "The automaton", automaton_section(main_verdict(), "automaton-")});
    return list;
  }

  std::vector<std::string> statements() const override {
    std::vector<std::string> lines;
    for (const KindSummary& kind : kinds_)
      lines.push_back(fmt::format("{}: {}", kind.title, kind.conclusion));
    if (single_) lines.push_back("compiled: " + sentence(compiled_));
    return lines;
  }

  Json numbers() const override {
    Json summary = Json::array();
    for (const KindSummary& kind : kinds_) summary.push_back(to_json(kind));
    Json json = {{"summary", summary}};
    if (single_) json["compiled"] = to_json(compiled_);
    return json;
  }

  std::vector<File> files() const override {
    if (!single_) return {};
    return {{files::kVerdict, "application/json", verdict_text()}};
  }

  bool fine() const override { return !compiled_.compiled || compiled_.right(); }

 private:
  // Where there is one language:
  const languages::Language& main_language() const { return languages_.begin()->second.language; }
  const Verdicts& main_verdicts() const { return languages_.begin()->second.verdicts; }
  const expressivity::Classification& main_verdict() const { return main_verdicts().at(headline_question()); }
  Question headline_question() const { return {config_.classify.lookback, 1}; }
  std::string verdict_text() const { return expressivity::to_json(main_verdict()).dump(2) + "\n"; }

  /// The kinds of the compiled transformer's shape that the study asks for.
  void add_compiled_kinds(StudyConfig& config) {
    config_ = config;
    for (std::size_t i = 0; i < config.init.size(); ++i) {
      const std::string& init = config.init[i];
      if (init != runs::inits::kCompiled && init != runs::inits::kCompiledShape)
        throw base::InputError("init", fmt::format("expected {} or {}; found \"{}\"", runs::inits::kCompiled,
                                                   runs::inits::kCompiledShape, init));
      if (std::count(config.init.begin(), config.init.end(), init) > 1)
        throw base::InputError("init", init + " is named twice");
      if (!single_)
        throw base::InputError("--init", "needs one language: each has a compiled transformer of its own");
      Kind kind{init,
                init == runs::inits::kCompiled ? "trained from compiled" : "trained in compiled shape",
                {},
                config.base};
      kind.config.model = shape_of(compiled_);
      kind.config.training.init =
          init == runs::inits::kCompiled ? runs::inits::kCompiled : runs::inits::kRandom;
      config.extra.push_back(std::move(kind));
    }
    config_ = config;
  }

  StudyConfig config_;
  StudyLanguages languages_;
  bool single_ = false;  ///< one language
  CompiledModel compiled_;
  std::vector<KindSummary> kinds_;
  std::vector<Picture> length_;
  std::string folder_;
};

}  // namespace

std::unique_ptr<Plugin> theory_plugin(const StudyConfig& config) {
  if (config.base.task.value("name", "") != "formal") return nullptr;
  return std::make_unique<Theory>();
}

}  // namespace yore::study
