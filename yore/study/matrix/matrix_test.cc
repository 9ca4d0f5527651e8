#include "yore/study/matrix/matrix.h"

#include "yore/study/matrix/picture.h"
#include "yore/study/matrix/plugin.h"
#include "yore/study/matrix/statements.h"
#include "yore/study/stand_in_result.h"
#include "yore/study/test_support.h"

namespace yore::study {
namespace {

using expressivity::Answer;
using testing::contains;

std::size_t occurrences(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos; at += part.size()) ++n;
  return n;
}

// Two languages, three kinds of attention, with and without positions. Invented: hybrids answer everything,
// the others do not.
StudyConfig grid() {
  StudyConfig config = testing::small_study();
  config.axes.insert(config.axes.begin(), {"task.language", {"name:parity", "regex:(ab)*"}});
  config.axes.push_back({"model.positions", {"none", "periodic:2"}});
  return config;
}

std::vector<Matrix> matrices_of(const StudyConfig& config) {
  std::vector<RunRecord> records;
  for (const PlannedRun& run : plan(config, "/nowhere"))
    records.push_back({run, testing::invented_result(run.config), 1});
  const StudyLanguages languages = study_languages(config);
  return matrices(config, summarise(config, verdicts_of(languages), records), languages);
}

std::string answers_of(const MatrixRow& row) {
  std::string text;
  for (const MatrixCell& cell : row.cells)
    text += cell.theory.answer == Answer::Yes ? 'y' : cell.theory.answer == Answer::No ? 'n' : '?';
  return text;
}

TEST(Matrix, HasALanguageARowAMixerAColumnAndAPictureForEachOtherValue) {
  const auto list = matrices_of(grid());
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].where, "without positions");
  EXPECT_EQ(list[1].where, "with positions modulo 2");
  for (const Matrix& m : list) {
    ASSERT_EQ(m.rows.size(), 2u);
    // What asks for more stands further down, whatever its place on the axis.
    EXPECT_EQ(m.rows[0].language, "(ab)*");
    EXPECT_EQ(m.rows[0].group, "needs hybrid attention");
    EXPECT_EQ(m.rows[1].language, "parity");
    EXPECT_EQ(m.rows[1].group, "counts: not star-free");
    ASSERT_EQ(m.columns.size(), 3u);
    EXPECT_EQ(m.columns[0].title(), "global (attention)");
    EXPECT_EQ(m.columns[2].title(), "hybrid (attention)");
  }
  EXPECT_EQ(answers_of(list[0].rows[0]), "nny");
  EXPECT_EQ(answers_of(list[1].rows[0]), "yny") << "a letter at an odd place tells";
  EXPECT_EQ(answers_of(list[0].rows[1]), "nnn");
  EXPECT_EQ(answers_of(list[1].rows[1]), "nnn");
  const MatrixCell& hybrid = list[0].rows[0].cells[2];
  EXPECT_EQ(hybrid.set, "201-500") << "the longest words";
  EXPECT_EQ(hybrid.seeds, 2);
  EXPECT_EQ(hybrid.answer_all, 2);
  EXPECT_EQ(hybrid.guessing, 0.5);
  EXPECT_EQ(hybrid.better(), 1);
  const MatrixCell& local = list[0].rows[0].cells[1];
  EXPECT_EQ(local.answer_all, 0);
  EXPECT_NEAR(local.better(), (local.accuracy.mean - 0.5) / 0.5, 1e-12);
  EXPECT_LT(local.better(), 0.1);
}

TEST(Matrix, TheAlphabetIsPartOfTheLanguage) {
  StudyConfig config = testing::small_study();
  testing::set_language(config, "regex:.*ab.*");
  config.axes = {{"task.alphabet", {"ab", "abc"}}, {"model.attention", {"global", "hybrid"}}};
  const StudyLanguages languages = study_languages(config);
  ASSERT_EQ(languages.size(), 2u);
  const VerdictsOf of = verdicts_of(languages);
  std::string answers;
  for (const Kind& kind : kinds(config))
    answers += of(kind).at({1, 1}).of(expressivity::Class::Global).member == Answer::Yes ? 'y' : 'n';
  EXPECT_EQ(answers, "yynn") << "with a c between them a and b are no neighbours";
}

TEST(Matrix, FillIsMeasuredFromGuessing) {
  MatrixCell cell;
  EXPECT_FALSE(cell.measured());
  EXPECT_EQ(cell.better(), 0);
  cell.seeds = 1;
  EXPECT_FALSE(cell.measured()) << "no set with words of both sides";
  cell.set = "41-100";
  cell.guessing = 0.8;
  cell.accuracy.add(0.9);
  EXPECT_NEAR(cell.better(), 0.5, 1e-12);
  cell.guessing = 0.95;
  EXPECT_EQ(cell.better(), 0) << "worse than guessing is no better than guessing";
}

TEST(Matrix, GroupsAreMlregtestsWhereTheNameSaysIt) {
  EXPECT_EQ(mlregtest_class("04.03.TSL.2.1.4.att"), "TSL, tier-based strictly local (MLRegTest)");
  EXPECT_EQ(mlregtest_class("64.64.Zp.2.1.0"), "Zp, counting modulo a prime (MLRegTest)");
  for (const char* other :
       {"", "dyck-2", "04.03.XX.2.1.4.att", "TSL", "a.b.TSL.2.1.4", "04.03.TSL.2.1", "(ab)*.SL."})
    EXPECT_EQ(mlregtest_class(other), "") << other;
  const auto group = [](const std::string& spec) {
    return verdict_group(expressivity::classify(languages::read_language(spec).dfa, {.formulas = false}));
  };
  int before = -1;
  for (const char* spec : {"name:at-most-3", "name:subsequence-ab", "name:last-ab", "name:factor-ab-3",
                           "name:dyck-2", "name:parity"}) {
    const auto [name, rank] = group(spec);
    EXPECT_GT(rank, before) << spec;
    before = rank;
  }
  EXPECT_EQ(group("name:subsequence-ab").first, "global attention suffices");
  EXPECT_EQ(group("name:dyck-2").first, "star-free, beyond attention");
}

TEST(Matrix, ColumnsAreNamedByMixerAndTheory) {
  std::vector<std::pair<std::string, Kind>> values;
  for (const char* mixer :
       {"gla", "gated_delta_net", "gated_delta_net:negative_eigenvalues=true", "blurry_window:slots=8",
        "blurry_window:slots=16", "attention:lookback=local:2", "short_conv/gla"}) {
    Kind kind{mixer, mixer, {}, {}};
    kind.config.model.mixer = mixer;
    values.emplace_back(mixer, kind);
  }
  std::vector<std::string> titles;
  for (const MatrixColumn& column : columns_of(values)) titles.push_back(column.title());
  EXPECT_EQ(titles,
            (std::vector<std::string>{
                "gla (gates in [0,1])", "gated delta net (delta, b ≤ 1)", "gated delta net (delta, b ≤ 2)",
                "blurry_window:slots=8 (theory is silent)", "blurry_window:slots=16 (theory is silent)",
                "local, 2 back (attention)", "short conv, gla (windows, gates in [0,1])"}));
}

TEST(MatrixStatements, SayWhatTheCellsSay) {
  const auto list = matrices_of(grid());
  const MatrixTally tally = tally_of(list[0]);
  EXPECT_EQ(tally.promised, 1);
  EXPECT_EQ(tally.found_by_all, 1);
  EXPECT_EQ(tally.refused, 5);
  EXPECT_EQ(tally.against, 1);  // the invented hybrid answers parity
  const auto lines = statements(list[0]);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0],
            "Theory promises 1 cell of those measured, and training finds 1 of them: some seed answers every "
            "tested word "
            "(in 1, every seed does). By mixer: hybrid (attention) 1 of 1.");
  EXPECT_TRUE(contains(lines[1],
                       "FOUND AGAINST THEORY: 1 of 5 cells that theory refuses: parity (2 of 2 seeds) with "
                       "hybrid (attention)."))
      << lines[1];
  const auto second = statements(list[1]);
  EXPECT_TRUE(contains(second[1], "Promised and not found in 1 cell")) << second[1];
  EXPECT_TRUE(contains(second[1], "(ab)* (")) << second[1];
  const auto changed = changes(list[0], list[1]);
  ASSERT_EQ(changed.size(), 2u);
  EXPECT_EQ(changed[0],
            "With positions modulo 2 theory says yes in 1 cell more: (ab)* (instead of no) with global "
            "(attention).");
  EXPECT_EQ(changed[1],
            "Of the 1 of these that are measured in both, training finds 0 with positions modulo 2 and "
            "0 without positions.");
  EXPECT_TRUE(changes(list[1], list[1]).empty());
}

// Cells made by hand: what is not measured, what is silent, and a world as theory has it.
TEST(MatrixStatements, OfSilenceAndOfWhatIsMissing) {
  Matrix matrix{"", {{"x", "x", "k"}}, {}};
  const auto add = [&](Answer answer, int seeds, int all) {
    MatrixCell cell;
    cell.theory.answer = answer;
    cell.seeds = cell.planned = seeds;
    cell.answer_all = all;
    if (seeds > 0) cell.set = "41-100", cell.accuracy.add(all > 0 ? 1 : 0.75), cell.guessing = 0.5;
    matrix.rows.push_back({"language " + std::to_string(matrix.rows.size()), "g", 0, {cell}});
  };
  add(Answer::Unknown, 2, 1);
  add(Answer::Unknown, 2, 0);
  add(Answer::No, 2, 0);
  add(Answer::Yes, 0, 0);
  const auto lines = statements(matrix);
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(
      lines[0],
      "Found against theory: nothing. Theory refuses 1 cell, and no seed answers every tested word in any; "
      "the highest mean on the longest words is 75% (language 2 with x (k)).");
  EXPECT_EQ(
      lines[1],
      "Theory is silent about 2 cells. Some seed answers every tested word in 1: language 0 (1 of 2 seeds) "
      "with x (k).");
  EXPECT_EQ(lines[2],
            "No seed does in the other 1 of these (mean on the longest words): language 1 (75%) with x (k).");
  EXPECT_EQ(lines[3], "1 cell is not measured.");
}

TEST(MatrixPicture, OutlineIsTheoryAndFillIsMeasurement) {
  const auto list = matrices_of(grid());
  for (const MatrixFit fit : {MatrixFit::Wide, MatrixFit::Narrow}) {
    const std::string svg = draw_matrix(list[0], fit);
    EXPECT_EQ(occurrences(svg, "<title>"), 6u);
    // Dashed and crossed: five cells that theory refuses, and two signs of the legend, since one is against
    // theory.
    EXPECT_EQ(occurrences(svg, "stroke-dasharray"), 7u);
    EXPECT_EQ(occurrences(svg, "<path d=\"M") - 2, 7u) << "the crosses, and a line under each of two groups";
    EXPECT_EQ(occurrences(svg, "stroke-width=\"2.6\""), 2u) << "one cell of yes, and its sign in the legend";
    EXPECT_TRUE(contains(svg, "found against theory"));
    EXPECT_EQ(occurrences(svg, "<circle"), 6 * 2 + 2u) << "two seeds a cell, and the legend";
    EXPECT_TRUE(contains(svg, "role=\"img\" aria-label=\"2 languages as rows against 3 mixers as columns"));
    EXPECT_TRUE(contains(
        svg, "parity with global (attention): theory says no (the language is not in LTL[P]); measured"));
  }
  EXPECT_FALSE(contains(
      draw_matrix(Matrix{"", {{"a<b", "a<b", ""}}, {{"x<y", "g&h", 0, {MatrixCell{}}}}}, MatrixFit::Wide),
      "a<b"))
      << "names are escaped";
  EXPECT_TRUE(contains(alternative_text(list[0]), "yes in 1, of which 1 have a seed"));
}

class MatrixStudy : public testing::InFolder {};

TEST_F(MatrixStudy, ThePictureStandsFirstAndEveryCellInTheFiles) {
  StudyConfig config = grid();
  const Outcome outcome = run_study(config, testing::stand_in(folder_));
  EXPECT_EQ(outcome.exit_code(), 0);
  const std::string report = base::read_file(folder_ / files::kReport);
  ASSERT_TRUE(contains(report, "<section id=\"matrix\""));
  EXPECT_LT(report.find("<section id=\"matrix\""), report.find("<section id=\"measured\""));
  EXPECT_EQ(occurrences(report, "role=\"img\" aria-label=\"2 languages as rows"), 4u)
      << "two pictures, wide and narrow";
  const Json matrix = base::read_json(folder_ / files::kNumbersJson).at("matrix");
  ASSERT_EQ(matrix.size(), 2u);
  EXPECT_EQ(matrix[0].at("cells").size(), 6u);
  const Json& cell = matrix[0].at("cells")[2];
  EXPECT_EQ(cell.size(), 16u);
  EXPECT_EQ(cell.at("language"), "(ab)*");
  EXPECT_EQ(cell.at("mixer"), "hybrid");
  EXPECT_EQ(cell.at("theory"), "yes");
  EXPECT_EQ(cell.at("answer_all"), 2);
  EXPECT_EQ(matrix[1].at("changes").size(), 2u);
  const std::string csv = base::read_file(folder_ / files::kMatrixCsv);
  EXPECT_EQ(occurrences(csv, "\n"), 1 + 12u);
  EXPECT_TRUE(contains(
      csv,
      "without positions,(ab)*,needs hybrid attention,global,no,the language is not in LTL[P],,201-500,"))
      << csv;
  EXPECT_TRUE(fs::exists(folder_ / "matrix.svg"));
  EXPECT_TRUE(fs::exists(folder_ / "matrix-2.svg"));
  const auto& lines = outcome.statements;
  EXPECT_TRUE(std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return contains(line, "Without positions: FOUND AGAINST THEORY: 1 of 5 cells");
  }));
}

TEST(MatrixPlugin, AppliesToLanguagesAndMixers) {
  StudyConfig config = testing::small_study();
  EXPECT_EQ(matrix_plugin(config), nullptr) << "one language";
  config.axes.push_back({"task.language", {"regex:(ab)*"}});
  EXPECT_EQ(matrix_plugin(config), nullptr) << "still one";
  config.axes.back().values.emplace_back("regex:a*b*");
  EXPECT_NE(matrix_plugin(config), nullptr);
  config.axes.front() = {"model.mixer", {"gla", "mamba2"}};
  EXPECT_NE(matrix_plugin(config), nullptr);
  config.axes.front() = {"model.width", {16, 32}};
  EXPECT_EQ(matrix_plugin(config), nullptr) << "one mixer";
}

}  // namespace
}  // namespace yore::study
