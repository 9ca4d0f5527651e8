// Results gathered and weighed: everything the report says about measurements is computed here.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "yore/runs/run_result.h"
#include "yore/study/prediction.h"

namespace yore::study {

/// A run of the grid with what it measured, if it is complete.
struct RunRecord {
  PlannedRun run;
  std::optional<runs::RunResult> result;
  double progress = 0;  ///< fraction of its steps done
  /// Complete and its loss stayed finite: only then do its scores mean something.
  bool usable() const { return result && result->status != "nan"; }
};

/// Reads what is there. Throws InputError if a result is broken.
std::vector<RunRecord> collect(const std::vector<PlannedRun>& runs);

/// Accuracy over several runs, all in 0..1. `runs` = 0: not measured, the rest means nothing.
struct Spread {
  int runs = 0;
  double mean = 0, min = 0, max = 0;
  void add(double value);
};

/// A named set of words and how the runs of one kind did on it.
struct SetSummary {
  std::string name;  ///< "validation", "41-100", "witness"
  int min_length = 0, max_length = 0;
  Spread accuracy;
};

/// How theory and measurement stand to each other. For Open nothing was measured, or theory says nothing.
enum class Agreement { Agrees, Disagrees, Open };

/// One attention kind, all its seeds.
struct KindSummary {
  std::string attention;  ///< the kind's name
  std::string title;      ///< for people
  std::string start;      ///< what its runs start from, see runs::TrainingConfig::init
  Prediction prediction;
  int planned = 0, complete = 0, diverged = 0;
  SetSummary validation;
  std::vector<SetSummary> buckets;  ///< beyond the training lengths, in the order of the configuration
  SetSummary witness;               ///< all witness words
  /// Runs that answered every tested word of every set correctly: the papers' criterion of success.
  int perfect = 0;
  /// Smallest n of a witness against this very kind that some run got wrong, and how many runs fail on some
  /// witness.
  std::optional<int> fails_witness_at;
  int fail_witness = 0;
  /// Length of the shortest witness word, against whatever kind, that some run got wrong.
  std::optional<int> shortest_wrong_witness;
  Agreement agreement = Agreement::Open;
  std::string conclusion;  ///< one sentence in plain words, from the numbers above only
};

/// Whether a complete run answered every tested word.
bool answered_all(const runs::RunResult& result);

/// One summary a kind, in the order of the configuration.
std::vector<KindSummary> summarise(const StudyConfig& config, const Verdicts& verdicts,
                                   const std::vector<RunRecord>& records);

/// A summary of one model that was not trained, with one result: how it did on the words of the runs.
KindSummary summarise_untrained(const StudyConfig& config, const runs::RunResult& result);

/// A percentage with one decimal, rounded down, so that only 1 reads "100%"; "not measured" if it is not a
/// number.
std::string percent(double fraction);

/// "agrees", "disagrees", "open".
const char* name(Agreement agreement);

}  // namespace yore::study
