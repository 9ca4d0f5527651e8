#include "yore/study/matrix/statements.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace yore::study {

using expressivity::Answer;

namespace {

constexpr std::size_t kNamedCells = 4;  ///< of one column

template <class Visit>
void each_cell_of(const Matrix& matrix, const Visit& visit) {
  for (const MatrixRow& row : matrix.rows)
    for (std::size_t c = 0; c < row.cells.size(); ++c) visit(row, matrix.columns[c], row.cells[c]);
}

std::string cells_text(int n) {
  return fmt::format("{} cell{}", n, n == 1 ? "" : "s");
}

// "dyck-2 and parity with global (attention); last-ab with gla (..)": cells by their mixers.
class CellList {
 public:
  void add(const MatrixRow& row, const MatrixColumn& column, const std::string& note = "") {
    const std::string item = note.empty() ? row.language : fmt::format("{} ({})", row.language, note);
    const auto it = std::find_if(by_column_.begin(), by_column_.end(),
                                 [&](const auto& entry) { return entry.first == column.title(); });
    if (it == by_column_.end())
      by_column_.emplace_back(column.title(), std::vector<std::string>{item});
    else
      it->second.push_back(item);
    ++count_;
  }
  int count() const { return static_cast<int>(count_); }
  std::string text() const {
    std::vector<std::string> parts;
    for (const auto& [column, items] : by_column_) {
      const std::size_t named = items.size() <= kNamedCells ? items.size() : kNamedCells - 1;
      parts.push_back(fmt::format(
          "{}{} with {}", fmt::join(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(named), ", "),
          items.size() > named ? fmt::format(" and {} more", items.size() - named) : "", column));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
  }

 private:
  std::vector<std::pair<std::string, std::vector<std::string>>> by_column_;
  std::size_t count_ = 0;
};

// Of a cell in which no seed answers everything: where the mean on the longest words hides it, what does not.
std::string percent_of(const MatrixCell& cell) {
  const std::string text = percent(cell.accuracy.mean);
  if (cell.accuracy.mean < 1) return text;
  if (cell.witnesses.runs > 0 && cell.witnesses.mean < 1)
    return fmt::format("{}, witness words {}", text, percent(cell.witnesses.mean));
  return text + ", shorter words not";
}

void promises(const Matrix& matrix, const MatrixTally& tally, std::vector<std::string>& lines) {
  if (tally.promised == 0) return;
  std::vector<std::string> by_mixer;
  for (std::size_t c = 0; c < matrix.columns.size(); ++c) {
    int promised = 0, found = 0;
    for (const MatrixRow& row : matrix.rows)
      if (row.cells[c].measured() && row.cells[c].theory.answer == Answer::Yes) {
        ++promised;
        found += row.cells[c].answer_all > 0;
      }
    if (promised > 0)
      by_mixer.push_back(fmt::format("{} {} of {}", matrix.columns[c].title(), found, promised));
  }
  lines.push_back(
      fmt::format("Theory promises {} of those measured, and training finds {} of them: some seed answers "
                  "every tested word "
                  "(in {}, every seed does). By mixer: {}.",
                  cells_text(tally.promised), tally.found, tally.found_by_all, fmt::join(by_mixer, "; ")));
  CellList failed;
  each_cell_of(matrix, [&](const MatrixRow& row, const MatrixColumn& column, const MatrixCell& cell) {
    if (cell.measured() && cell.theory.answer == Answer::Yes && cell.answer_all == 0)
      failed.add(row, column, percent_of(cell));
  });
  if (failed.count() > 0)
    lines.push_back(
        fmt::format("Promised and not found in {} (no seed answers every tested word; mean on the longest "
                    "words in brackets): {}.",
                    cells_text(failed.count()), failed.text()));
}

void refusals(const Matrix& matrix, const MatrixTally& tally, std::vector<std::string>& lines) {
  if (tally.refused == 0) return;
  CellList against;
  const MatrixCell* best = nullptr;
  std::string best_name;
  each_cell_of(matrix, [&](const MatrixRow& row, const MatrixColumn& column, const MatrixCell& cell) {
    if (!cell.measured() || cell.theory.answer != Answer::No) return;
    if (cell.answer_all > 0)
      against.add(row, column, fmt::format("{} of {} seeds", cell.answer_all, cell.seeds));
    if (best == nullptr || cell.accuracy.mean > best->accuracy.mean) {
      best = &cell;
      best_name = fmt::format("{} with {}", row.language, column.title());
    }
  });
  if (against.count() == 0)
    lines.push_back(
        fmt::format("Found against theory: nothing. Theory refuses {}, and no seed answers every tested word "
                    "in any; the highest "
                    "mean on the longest words is {} ({}).",
                    cells_text(tally.refused), percent_of(*best), best_name));
  else
    lines.push_back(
        fmt::format("FOUND AGAINST THEORY: {} of {} that theory refuses: {}. Theory says that other words "
                    "break these models, so "
                    "the tested words are too few, or theory or this program is wrong.",
                    against.count(), cells_text(tally.refused), against.text()));
}

void silence(const Matrix& matrix, const MatrixTally& tally, std::vector<std::string>& lines) {
  if (tally.silent == 0) return;
  CellList found, others;
  each_cell_of(matrix, [&](const MatrixRow& row, const MatrixColumn& column, const MatrixCell& cell) {
    if (!cell.measured() || cell.theory.answer != Answer::Unknown) return;
    if (cell.answer_all > 0)
      found.add(row, column, fmt::format("{} of {} seeds", cell.answer_all, cell.seeds));
    else
      others.add(row, column, percent_of(cell));
  });
  lines.push_back(fmt::format("Theory is silent about {}. Some seed answers every tested word in {}{}{}.",
                              cells_text(tally.silent), found.count(), found.count() > 0 ? ": " : "",
                              found.text()));
  if (others.count() > 0)
    lines.push_back(fmt::format("No seed does in the other {} of these (mean on the longest words): {}.",
                                others.count(), others.text()));
}

}  // namespace

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

MatrixTally tally_of(const Matrix& matrix) {
  MatrixTally t;
  each_cell_of(matrix, [&](const MatrixRow&, const MatrixColumn&, const MatrixCell& cell) {
    if (!cell.measured()) {
      ++t.missing;
      return;
    }
    const bool some = cell.answer_all > 0;
    switch (cell.theory.answer) {
      case Answer::Yes:
        ++t.promised;
        t.found += some;
        t.found_by_all += cell.answer_all == cell.seeds;
        break;
      case Answer::No:
        ++t.refused;
        t.against += some;
        break;
      case Answer::Unknown:
        ++t.silent;
        t.silent_found += some;
        break;
    }
  });
  return t;
}

std::vector<std::string> statements(const Matrix& matrix) {
  std::vector<std::string> lines;
  const MatrixTally tally = tally_of(matrix);
  promises(matrix, tally, lines);
  refusals(matrix, tally, lines);
  silence(matrix, tally, lines);
  if (tally.missing > 0)
    lines.push_back(
        fmt::format("{} {} not measured.", cells_text(tally.missing), tally.missing == 1 ? "is" : "are"));
  return lines;
}

std::vector<std::string> changes(const Matrix& without, const Matrix& with) {
  CellList gained;
  int measured = 0, found_without = 0, found_with = 0;
  for (std::size_t r = 0; r < with.rows.size() && r < without.rows.size(); ++r)
    for (std::size_t c = 0; c < with.columns.size(); ++c) {
      const MatrixCell &before = without.rows[r].cells[c], &after = with.rows[r].cells[c];
      if (after.theory.answer != Answer::Yes || before.theory.answer == Answer::Yes) continue;
      gained.add(with.rows[r], with.columns[c],
                 before.theory.answer == Answer::No ? "instead of no" : "instead of silence");
      if (!before.measured() || !after.measured()) continue;
      ++measured;
      found_without += before.answer_all > 0;
      found_with += after.answer_all > 0;
    }
  if (gained.count() == 0) return {};
  std::vector<std::string> lines = {fmt::format("{} theory says yes in {} more: {}.", capital(with.where),
                                                cells_text(gained.count()), gained.text())};
  if (measured > 0)
    lines.push_back(
        fmt::format("Of the {} of these that are measured in both, training finds {} {} and {} {}.", measured,
                    found_with, with.where, found_without, without.where));
  return lines;
}

}  // namespace yore::study
