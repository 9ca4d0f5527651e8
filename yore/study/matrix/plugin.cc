#include "yore/study/matrix/plugin.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/study/matrix/picture.h"
#include "yore/study/matrix/statements.h"
#include "yore/study/measured_text.h"
#include "yore/study/numbers.h"
#include "yore/study/theory/badges.h"

namespace yore::study {
namespace {

using namespace report;
using expressivity::Answer;

std::string answer_text(Answer answer) {
  return answer == Answer::Yes ? "yes" : answer == Answer::No ? "no" : "silent";
}

class MatrixPlugin final : public Plugin {
 public:
  // Verdicts alone: formulas and witnesses are the business of the plug-in for theory, and take longer.
  void prepare(StudyConfig& config) override {
    StudyConfig asked = config;
    asked.classify.formulas = asked.classify.witnesses = false;
    languages_ = study_languages(asked);
  }

  void take(const StudyConfig& config, const std::vector<RunRecord>& records,
            const std::vector<KindResults>&) override {
    matrices_ = matrices(config, summarise(config, verdicts_of(languages_), records), languages_);
  }

  Html lead() const override {
    MatrixTally sum;
    for (const Matrix& matrix : matrices_) {
      const MatrixTally t = tally_of(matrix);
      sum.promised += t.promised, sum.found += t.found;
      sum.refused += t.refused, sum.against += t.against;
    }
    if (sum.promised + sum.refused == 0) return {};
    return fmt::format(
        "Of {} pairs of a language and a mixer that theory promises, training found {}; of {} that it "
        "refuses, {}.",
        sum.promised, sum.found, sum.refused, sum.against == 0 ? "none" : std::to_string(sum.against));
  }

  std::vector<Section> first_sections() const override {
    Html body = paragraph(
                    "Each row is a language, each column a kind of layer that all layers of a model are. "
                    "Solid outline: theory says that "
                    "some model with such layers recognises the language. Dashed, with a cross: none can. "
                    "Thin and grey: no theorem "
                    "speaks. Fill and number: the accuracy that trained models reached on the longest tested "
                    "words, in percent, mean over "
                    "seeds; white is no better than guessing, full blue all right. A dot is a seed, full if "
                    "it answered every tested "
                    "word of every length, witness words included. Theory and training agree where solid "
                    "cells have a full dot and "
                    "dashed cells have none.") +
                paragraph(
                    "Under the mixers' names stands what theory knows them by: gates in [0,1] say, token by "
                    "token, how much of the "
                    "memory stays; constant decay is the same for every token; delta layers write by the "
                    "delta rule with a strength b, "
                    "and above 1 a write can turn a sign.");
    for (std::size_t i = 0; i < matrices_.size(); ++i) body += one(matrices_[i]);
    for (std::size_t i = 1; i < matrices_.size(); ++i)
      if (const auto lines = changes(matrices_.front(), matrices_[i]); !lines.empty())
        body += element("h3", capital(matrices_[i].where) + ": what changes") + list_of(lines);
    return {{"matrix", "Languages against mixers", body}};
  }

  std::vector<std::string> statements() const override {
    std::vector<std::string> lines;
    for (const Matrix& matrix : matrices_)
      for (const std::string& line : study::statements(matrix))
        lines.push_back((matrix.where.empty() ? "Matrix" : capital(matrix.where)) + ": " + line);
    for (std::size_t i = 1; i < matrices_.size(); ++i)
      for (std::string& line : changes(matrices_.front(), matrices_[i])) lines.push_back(std::move(line));
    return lines;
  }

  Json numbers() const override {
    Json list = Json::array();
    for (std::size_t i = 0; i < matrices_.size(); ++i) {
      const Matrix& matrix = matrices_[i];
      Json cells = Json::array(), columns = Json::array();
      for (const MatrixColumn& c : matrix.columns)
        columns.push_back({{"value", c.value}, {"name", c.name}, {"kind", c.kind}});
      for (const MatrixRow& row : matrix.rows)
        for (std::size_t c = 0; c < row.cells.size(); ++c)
          cells.push_back(json_of(row, matrix.columns[c], row.cells[c]));
      list.push_back({{"where", matrix.where},
                      {"columns", columns},
                      {"cells", cells},
                      {"statements", study::statements(matrix)},
                      {"changes", i == 0 ? std::vector<std::string>() : changes(matrices_.front(), matrix)}});
    }
    return {{"matrix", list}};
  }

  std::vector<File> files() const override {
    std::vector<File> list = {{files::kMatrixCsv, "text/csv", csv()}};
    for (std::size_t i = 0; i < matrices_.size(); ++i)
      list.push_back({fmt::format("{}{}.svg", files::kMatrixSvg, i == 0 ? "" : fmt::format("-{}", i + 1)),
                      "image/svg+xml", draw_matrix(matrices_[i], MatrixFit::Wide)});
    return list;
  }

 private:
  static Html list_of(const std::vector<std::string>& lines) {
    std::vector<Html> items;
    for (const std::string& line : lines) items.emplace_back(line);
    return bullets(items);
  }

  static Html one(const Matrix& matrix) {
    Html caption =
        "Accuracy in percent on the longest words of both sides; guessing gets what the table says.";
    Html body = matrix.where.empty() ? Html() : element("h3", capital(matrix.where));
    return body +
           figure(Html::raw(draw_matrix(matrix, MatrixFit::Wide)), caption,
                  Html::raw(draw_matrix(matrix, MatrixFit::Narrow))) +
           list_of(study::statements(matrix)) + details("Every cell as a table", table_of(matrix));
  }

  static Html table_of(const Matrix& matrix) {
    Table t{
        "Theory's answer, accuracy on the longest words of both sides (guessing), and the seeds that answer "
        "every "
        "tested word",
        {{"language"}, {"group", false, true}},
        {}};
    for (const MatrixColumn& c : matrix.columns) t.columns.push_back({breakable(c.title())});
    for (const MatrixRow& row : matrix.rows) {
      std::vector<Html> cells = {word(row.language), row.group};
      for (const MatrixCell& cell : row.cells) {
        Html text = answer_badge(cell.theory.answer);
        text += cell.measured() ? element("span",
                                          fmt::format("{} ({}), {} of {}", percent(cell.accuracy.mean),
                                                      percent(cell.guessing), cell.answer_all, cell.seeds),
                                          {{"class", "second"}})
                                : element("span", "not measured", {{"class", "second"}});
        cells.push_back(std::move(text));
      }
      t.rows.push_back(std::move(cells));
    }
    return table(t);
  }

  static Json json_of(const MatrixRow& row, const MatrixColumn& column, const MatrixCell& cell) {
    const bool measured = cell.measured();
    const auto number = [&](double value) { return measured ? Json(value) : Json(nullptr); };
    return {{"language", row.language},
            {"group", row.group},
            {"mixer", column.value},
            {"theory", answer_text(cell.theory.answer)},
            {"because", cell.theory.because},
            {"source", cell.theory.source},
            {"set", cell.set},
            {"planned", cell.planned},
            {"seeds", cell.seeds},
            {"mean", number(cell.accuracy.mean)},
            {"min", number(cell.accuracy.min)},
            {"max", number(cell.accuracy.max)},
            {"guessing", number(cell.guessing)},
            {"better", number(cell.better())},
            {"answer_all", cell.answer_all},
            {"agreement", name(cell.agreement)}};
  }

  std::string csv() const {
    static constexpr const char* kColumns[] = {
        "language", "group", "mixer", "theory", "because",  "source", "set",        "planned",
        "seeds",    "mean",  "min",   "max",    "guessing", "better", "answer_all", "agreement"};
    std::string text = fmt::format("where,{}\n", fmt::join(kColumns, ","));
    for (const Matrix& matrix : matrices_)
      for (const MatrixRow& row : matrix.rows)
        for (std::size_t c = 0; c < row.cells.size(); ++c) {
          const Json cell = json_of(row, matrix.columns[c], row.cells[c]);
          text += csv_field(matrix.where);
          for (const char* column : kColumns)
            text += "," + (cell.at(column).is_null() ? "" : csv_field(value_text(cell.at(column))));
          text += "\n";
        }
    return text;
  }

  StudyLanguages languages_;
  std::vector<Matrix> matrices_;
};

}  // namespace

std::unique_ptr<Plugin> matrix_plugin(const StudyConfig& config) {
  if (!has_matrix(config)) return nullptr;
  return std::make_unique<MatrixPlugin>();
}

}  // namespace yore::study
