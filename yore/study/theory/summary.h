// Results on the words of a language, held against theory: everything the report says about agreement is
// computed here.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "yore/study/results.h"
#include "yore/study/theory/prediction.h"

namespace yore::study {

/// A named set of words and how the runs of one kind did on it.
struct SetSummary {
  std::string name;  ///< "validation", "41-100", "witness"
  int min_length = 0, max_length = 0;
  Spread accuracy;
  bool one_class = false;  ///< all words on one side: a constant answer is right
  Spread guessing{};       ///< the share of the larger side: what the better constant answer scores
};

/// How theory and measurement stand to each other.
enum class Agreement {
  Agrees,
  NotFound,   ///< weights exist (theory), and training did not find them: a yes promises no more
  Disagrees,  ///< every tested word was answered by a kind that theory says cannot answer all words
  Open        ///< nothing was measured, or theory says nothing
};

/// One kind, all its seeds.
struct KindSummary {
  std::string name;        ///< the kind's
  std::string title;       ///< for people
  std::string start;       ///< what its runs start from, see runs::TrainingConfig::init
  std::int64_t steps = 0;  ///< of a run
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
  /// Open too where no set has words of both sides.
  Agreement agreement = Agreement::Open;
  std::string conclusion;  ///< one sentence in plain words, from the numbers above only
};

/// Whether a complete run answered every tested word.
bool answered_all(const runs::RunResult& result);

/// The verdicts for a kind's language.
using VerdictsOf = std::function<const Verdicts&(const Kind&)>;

/// One summary a kind, in the order of kinds().
std::vector<KindSummary> summarise(const StudyConfig& config, const VerdictsOf& verdicts,
                                   const std::vector<RunRecord>& records);

/// A summary of one model that was not trained, with one result: how it did on the words of the runs.
KindSummary summarise_untrained(const StudyConfig& config, const runs::RunResult& result);

/// For numbers.json.
Json to_json(const KindSummary& kind);

/// "agrees", "not found", "disagrees", "open".
const char* name(Agreement agreement);

}  // namespace yore::study
