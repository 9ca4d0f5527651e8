#include "yore/study/study_report.h"

#include <fmt/format.h>

#include <fstream>

#include "yore/study/compiled_text.h"
#include "yore/study/curves.h"
#include "yore/study/executor.h"
#include "yore/study/measured_text.h"
#include "yore/study/numbers.h"
#include "yore/study/theory_text.h"

namespace yore::study {
namespace {

using namespace report;

// How many kinds agree, and which do not, in one sentence.
Html headline(const std::vector<KindSummary>& kinds) {
  int agree = 0, disagree = 0;
  std::string against;
  for (const auto& kind : kinds) {
    agree += kind.agreement == Agreement::Agrees;
    if (kind.agreement == Agreement::Disagrees) against += (disagree++ == 0 ? "" : ", ") + kind.title;
  }
  if (agree + disagree == 0) return "Nothing is measured yet.";
  if (disagree == 0)
    return fmt::format("Measured: {} agree{} with theory.",
                       agree == 1 ? "one kind" : fmt::format("all {} kinds", agree), agree == 1 ? "s" : "");
  return fmt::format("Measured: {} of {} kinds agree with theory; {} do{} not.", agree, agree + disagree,
                     against, disagree == 1 ? "es" : "");
}

Section theory(const StudyData& data) {
  const auto& main = data.verdicts.at(data.config.classify.lookback);
  Html body = theory_section(data.config.language, main);
  for (const auto& [lookback, classification] : data.verdicts)
    if (lookback != data.config.classify.lookback)
      body += details(fmt::format("The same with {}-local heads", lookback),
                      theory_section(data.config.language, classification));
  return {"theory", "What theory says", body};
}

Section repetition(const StudyData& data) {
  Html body = paragraph(
                  "This command does it again; finished runs in its folder are kept, unfinished ones go on "
                  "where they stopped, on any "
                  "machine. Training words, weights and order are drawn from the seeds alone.") +
              preformatted(data.command);
  body +=
      paragraph(fmt::format("Trained on: {}. Report of {}. Other processors may round otherwise and so train "
                            "other weights from the same seeds.",
                            data.machine, data.date));
  body += paragraph("Every number of this study, also beside this file:");
  body += paragraph(download(files::kNumbersCsv, "text/csv", numbers_csv(data.records), files::kNumbersCsv) +
                    download(files::kNumbersJson, "application/json",
                             numbers_json(data.config, data.kinds, data.compiled, data.records).dump(1),
                             files::kNumbersJson) +
                    download(files::kVerdict, "application/json",
                             expressivity::to_json(data.verdicts.at(data.config.classify.lookback)).dump(2),
                             files::kVerdict) +
                    download(files::kStudy, "application/json", to_json(data.config).dump(2), files::kStudy));
  return {"repeat", "Repeat it, take the numbers", body};
}

}  // namespace

std::string study_report(const StudyData& data) {
  const auto& language = data.config.language;
  const auto& verdict = data.verdicts.at(data.config.classify.lookback);
  Page page;
  page.title = fmt::format("{}: theory against measurement", language.title);
  page.heading = Html("Which attention recognises ") + code(language.title) + "?";
  page.lead = element("p",
                      verdict_sentence(language, verdict) + " " + headline(data.kinds) +
                          (data.compiled.compiled ? Html(" ") + sentence(data.compiled) : Html()),
                      {{"class", "lead"}}) +
              missing_notice(data.records);
  page.sections.push_back(
      {"measured", "Theory against measurement", comparison(data.config, data.kinds, data.compiled)});
  page.sections.push_back({"length", "Accuracy against length",
                           plot_figure(accuracy_by_length(data.config, data.records), "length",
                                       "Mean over seeds as a line, from the worst to the best seed as a "
                                       "band. A point stands for a range of lengths; the "
                                       "shaded lengths are those trained on.")});
  page.sections.push_back(theory(data));
  page.sections.push_back(
      {"compiled", "The compiled transformer", compiled_section(data.config, data.compiled, data.folder)});
  page.sections.push_back({"automaton", "The automaton", automaton_section(verdict, "automaton-")});
  page.sections.push_back(
      {"training", "Training",
       plot_figure(loss_by_step(data.config, data.records), "loss",
                   "Training loss (logarithmic), mean over seeds and band from the lowest to the highest.") +
           plot_figure(validation_by_step(data.config, data.records), "validation",
                       "Accuracy on validation words during training.") +
           element("h3", "Runs") + runs_table(data.records)});
  page.sections.push_back({"setup", "Set-up", configuration(data.config)});
  page.sections.push_back(repetition(data));
  page.footer =
      paragraph("Made by yore. Nothing is claimed here that was not measured in the runs listed above.");
  return to_html(page);
}

std::string describe_machine() {
  std::ifstream info("/proc/cpuinfo");
  std::string line, model = "unknown processor";
  while (std::getline(info, line))
    if (line.starts_with("model name")) {
      if (const auto colon = line.find(": "); colon != std::string::npos) model = line.substr(colon + 2);
      break;
    }
  const int cores = usable_cores();
  return fmt::format("{}, {} core{}", model, cores, cores == 1 ? "" : "s");
}

}  // namespace yore::study
