// Which words of a language are drawn: the options of the task "formal", typed.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/base/options.h"
#include "yore/tasks/common/task_options.h"

namespace yore::tasks {

/// Validation and test words depend on this alone (not on a run's seed), so that runs of one study answer the
/// same words.
struct DataConfig {
  std::string language;  ///< canonical specification, see languages::read_language
  std::string alphabet;  ///< as Alphabet::parse
  std::int64_t max_states =
      automata::kDefaultMaxStates;  ///< a language whose automaton grows past it is given up
  int train_min_length = 0;
  int train_max_length = 40;
  std::vector<std::pair<int, int>> test_buckets = {{41, 100}, {101, 200}, {201, 500}};
  int validation_words = 512;  ///< in-range, disjoint from training words
  int test_words_per_bucket = 512;
  int near_miss_edits = 3;  ///< negatives: half uniform rejected words, half 1..this many edits from a
                            ///< positive; 0 = uniform only
  int witness_depth = 8;    ///< witness words (if the language has some) at n = 1..this, and at n doubled
                            ///< from there while no longer than the longest tested; 0 = none
  std::uint64_t split_seed = 0;  ///< names the train/validation split and the evaluation words
  bool operator==(const DataConfig&) const = default;
};

/// The list for TaskInfo::options.
std::vector<base::OptionSpec> data_option_specs();
/// Options over the defaults. Throws InputError("task formal") for unknown names, wrong types, ranges that
/// are empty or reversed. The language itself is not read.
DataConfig data_config(const base::Json& options);
/// The inverse, in full. Buckets are texts, "41-100".
base::Json to_json(const DataConfig& data);

}  // namespace yore::tasks
