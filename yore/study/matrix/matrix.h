// Languages against mixers: for each pair what theory says, and what training found.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "yore/study/theory/study_languages.h"

namespace yore::study {

/// One language and one mixer.
struct MatrixCell {
  Prediction theory;
  Agreement agreement = Agreement::Open;
  int planned = 0, seeds = 0;  ///< runs planned, and those that are complete and did not diverge
  int answer_all = 0;          ///< seeds that answer every tested word of every set
  std::string set;             ///< the longest words of both sides that were tested; empty if there are none
  Spread accuracy;             ///< on these
  double guessing = 0;         ///< what the better constant answer scores on them
  Spread witnesses;            ///< accuracy on the witness words; none if the language has none
  /// How far the mean accuracy is from guessing (0) to all right (1); 0 where it is no better than guessing.
  double better() const;
  bool measured() const { return seeds > 0 && !set.empty(); }
};

struct MatrixRow {
  std::string language;  ///< for people: "dyck-2"
  std::string group;     ///< the class by which rows stand together: "TSL, tier-based strictly local"
  int rank = 0;          ///< of the group: languages that ask for more stand further down, of those that ask
                         ///< for as much MLRegTest's behind the others
  std::vector<MatrixCell> cells;  ///< one a column
};

struct MatrixColumn {
  std::string value;  ///< of the axis: "gated_delta_net:negative_eigenvalues=true"
  std::string name;   ///< for people: "gated delta net"
  std::string kind;   ///< what theory knows it by, in few words: "delta, b to 2"
  std::string title() const { return kind.empty() ? name : name + " (" + kind + ")"; }
};

/// All languages and mixers of a study whose other axes have one value each.
struct Matrix {
  /// Those values in words: "with positions modulo 2", "without positions", "with width 64"; empty if there
  /// is no such axis.
  std::string where;
  std::vector<MatrixColumn> columns;
  std::vector<MatrixRow> rows;  ///< by rank, then by group
};

/// The class that an MLRegTest file's name gives, with its name in words ("TSL, tier-based strictly local");
/// empty for other names. Files are called LETTERS.TIER.CLASS.k.j.i.
std::string mlregtest_class(const std::string& title);

/// The group and its rank of a language outside MLRegTest: the weakest class of attention that holds it, by a
/// classification with lookback 1 and no positions.
std::pair<std::string, int> verdict_group(const expressivity::Classification& classification);

/// The columns of a study, as named for people. Kinds are one a value of the axis.
std::vector<MatrixColumn> columns_of(const std::vector<std::pair<std::string, Kind>>& values);

/// Whether axes vary the language and the mixer (model.mixer or model.attention).
bool has_matrix(const StudyConfig& config);

/// One matrix for each combination of the values of the other axes, in their order. `summaries` are those of
/// summarise().
std::vector<Matrix> matrices(const StudyConfig& config, const std::vector<KindSummary>& summaries,
                             const StudyLanguages& languages);

}  // namespace yore::study
