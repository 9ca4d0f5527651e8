#include "yore/study/papers/suite_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/study/numbers.h"
#include "yore/study/study_report.h"
#include "yore/study/theory/badges.h"
#include "yore/study/theory/length_curve.h"
#include "yore/study/wrap_up.h"

namespace yore::study {
namespace {

using namespace report;
using expressivity::Answer;

const char* theory(const SuiteRow& row) {
  switch (row.kind.prediction.answer) {
    case Answer::Yes:
      return "yes";
    case Answer::No:
      return "no";
    case Answer::Unknown:
      break;
  }
  return "open";
}

std::string published(const SuiteRow& row) {
  return row.published.empty() ? "–" : fmt::format("{}", row.published[0].mean);
}

// Percent without its sign, rounded down: 100 is said only of every word.
std::string measured_percent(const SuiteRow& row) {
  if (!row.measured) return "–";
  std::string text = percent(*row.measured);
  text.pop_back();
  return text;
}

const SuiteRow* find(const std::vector<SuiteRow>& rows, const std::string& language,
                     const std::string& attention) {
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const SuiteRow& r) {
    return r.language == language && r.attention == attention;
  });
  return it == rows.end() ? nullptr : &*it;
}

std::string scale(const SuiteConfig& config) {
  const auto& model = config.base.model;
  const auto& training = config.base.training;
  // The lengths are the same for every language; the configuration that all share names none.
  Json task = config.base.task;
  task["language"] = "name:" + config.languages.front();
  const tasks::DataConfig data = data_of(task);
  return fmt::format(
      "Measured: {} layers of width {} with {} heads, at most {} steps of {} words, learning rate {}, {} "
      "seed{}; trained on lengths {} to {}. "
      "Published: 5 layers of width 64 with 8 heads, a million steps of 128 words, 5 seeds at 3 learning "
      "rates; trained on lengths up to 40, "
      "tested on 41 to 500.",
      model.layers, model.width, model.heads, training.steps, training.batch, training.learning_rate,
      config.seeds.size(), config.seeds.size() == 1 ? "" : "s", data.train_min_length, data.train_max_length);
}

constexpr const char* kCaveat =
    "The papers draw their rejected words differently, so that the order of the columns can be expected to "
    "agree rather than the numbers.";

}  // namespace

Json table_json(const std::vector<SuiteRow>& rows) {
  Json table = Json::array();
  for (const auto& row : rows) {
    Json papers = Json::array();
    for (const auto& p : row.published)
      papers.push_back(
          {{"mean", p.mean}, {"best", p.best ? Json(*p.best) : Json(nullptr)}, {"source", p.source}});
    Json measured = nullptr;
    if (row.measured) measured = 100 * *row.measured;
    table.push_back({{"language", row.language},
                     {"attention", row.attention},
                     {"theory", theory(row)},
                     {"published", papers},
                     {"measured", measured},
                     {"runs", row.kind.complete},
                     {"perfect", row.kind.perfect},
                     {"agreement", name(row.kind.agreement)},
                     {"conclusion", row.kind.conclusion}});
  }
  return table;
}

std::string table_csv(const std::vector<SuiteRow>& rows) {
  std::string csv =
      "language,attention,theory,published_mean,published_best,source,measured_mean,runs,perfect,agreement\n";
  for (const auto& row : rows) {
    const bool known = !row.published.empty();
    csv += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csv_field(row.language), csv_field(row.attention),
                       theory(row), known ? fmt::format("{}", row.published[0].mean) : "",
                       known && row.published[0].best ? fmt::format("{}", *row.published[0].best) : "",
                       known ? csv_field(row.published[0].source) : "",
                       row.measured ? fmt::format("{}", 100 * *row.measured) : "", row.kind.complete,
                       row.kind.perfect, name(row.kind.agreement));
  }
  return csv;
}

std::string table_markdown(const SuiteConfig& config, const std::vector<SuiteRow>& rows) {
  std::string text =
      "Mean accuracy in percent on lengths beyond training, published / measured; bold where theory says "
      "that the attention suffices.\n\n| language |";
  std::string rule = "\n|---|";
  for (const auto& kind : config.attention) {
    text += fmt::format(" {} |", kind);
    rule += "---|";
  }
  text += rule + "\n";
  for (const auto& language : config.languages) {
    text += fmt::format("| {} |", language);
    for (const auto& kind : config.attention) {
      const SuiteRow* row = find(rows, language, kind);
      const std::string cell =
          row == nullptr ? "–" : fmt::format("{} / {}", published(*row), measured_percent(*row));
      const bool bold = row != nullptr && row->kind.prediction.answer == Answer::Yes;
      text += bold ? fmt::format(" **{}** |", cell) : fmt::format(" {} |", cell);
    }
    text += "\n";
  }
  return fmt::format("{}\n{} {}\n", text, scale(config), kCaveat);
}

std::string suite_page(const SuiteConfig& config, const std::vector<SuiteRow>& rows,
                       const std::string& command) {
  Table table{
      "Mean accuracy in percent on lengths beyond training, published / measured. The badge is what theory "
      "says.",
      {{"language"}},
      {}};
  for (const auto& kind : config.attention) table.columns.push_back({kind, true});
  Html conclusions;
  int agree = 0, judged = 0, missing = 0;
  for (const auto& language : config.languages) {
    // Relative, so that the folder can be moved or sent as a whole.
    std::vector<Html> cells = {element("a", language, {{"href", language + "/" + files::kReport}})};
    std::vector<Html> sentences;
    Html definition;
    for (const auto& kind : config.attention) {
      const SuiteRow* row = find(rows, language, kind);
      if (row == nullptr) {
        cells.emplace_back("–");
        continue;
      }
      agree += row->kind.agreement == Agreement::Agrees;
      judged += row->kind.agreement != Agreement::Open;
      missing += row->kind.planned - row->kind.complete;
      cells.push_back(answer_badge(row->kind.prediction.answer) + " " +
                      fmt::format("{} / ", published(*row)) + strong(measured_percent(*row)));
      definition = row->definition;
      sentences.push_back(strong(kind) + " " + agreement_badge(row->kind.agreement) + " " +
                          row->kind.conclusion);
    }
    table.rows.push_back(std::move(cells));
    conclusions += element("h3", language) + paragraph(definition) + bullets(sentences);
  }
  Page page;
  page.title = "The published table, measured again";
  page.heading = "The published table, measured again";
  page.lead = element(
      "p",
      judged == 0 ? std::string("Nothing is measured yet.")
                  : fmt::format("In {} of {} cells the measurement agrees with theory.", agree, judged),
      {{"class", "lead"}});
  if (missing > 0)
    page.lead +=
        element("p", fmt::format("{} runs have no result yet, and nothing is claimed about them.", missing),
                {{"class", "notice"}});
  page.sections.push_back({"table", "Published against measured",
                           report::table(table) + paragraph(scale(config)) + paragraph(kCaveat)});
  page.sections.push_back({"cells", "Cell by cell", conclusions});
  page.sections.push_back(
      {"repeat", "Repeat it, take the numbers",
       preformatted(command) +
           paragraph(fmt::format("Trained on: {}. Report of {}.", describe_machine(), today())) +
           paragraph(
               download(files::kTableCsv, "text/csv", table_csv(rows), files::kTableCsv) +
               download(files::kTableJson, "application/json", table_json(rows).dump(1), files::kTableJson) +
               download(files::kTableMarkdown, "text/markdown", table_markdown(config, rows),
                        files::kTableMarkdown) +
               download(files::kSuite, "application/json", to_json(config).dump(2), files::kSuite))});
  page.footer = paragraph(
      "Made by yore. Nothing is claimed here as measured that was not measured in this suite's runs.");
  return to_html(page);
}

void write_suite(const SuiteConfig& config, const std::vector<SuiteRow>& rows, const Execution& execution) {
  base::write_file(execution.folder / files::kTableJson, table_json(rows).dump(1) + "\n");
  base::write_file(execution.folder / files::kTableCsv, table_csv(rows));
  base::write_file(execution.folder / files::kTableMarkdown, table_markdown(config, rows));
  base::write_file(execution.folder / files::kReport, suite_page(config, rows, execution.command));
}

}  // namespace yore::study
