// Everything that determines a training run, torch-free: the CLI fills it, the run folder stores it, training
// reads it.
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "yore/base/files.h"

namespace yore::runs {

using base::Json;

/// Attention of one layer: one lookback a head; -1 = global (all earlier positions), k >= 1 = the previous k
/// positions.
struct LayerAttention {
  std::vector<int> lookback;
  bool operator==(const LayerAttention&) const = default;
};

/// Reads an attention kind for a model with `heads` heads and `layers` layers: "global", "local" (= local:1),
/// "local:K", "hybrid" (= hybrid:1; the first heads/2, rounded down, K-local, the rest global; needs two
/// heads), "hybrid:K", a mix "3*local:2+1*global" (in the order of the heads; counts add up to `heads`, a
/// missing count is 1), and a list of layers separated by "/" (one for all, or as many as `layers`). Throws
/// InputError("attention") with the position.
std::vector<LayerAttention> parse_attention(const std::string& text, int layers, int heads);

/// The recogniser: letters and EOS in, one logit (accept > 0) out, read at EOS.
struct ModelConfig {
  std::string attention = "hybrid";  ///< see parse_attention
  bool strict = true;                ///< strict mask: position i sees j < i only; false: also itself
  int layers = 2;
  int width = 32;  ///< d_model, divisible by heads unless head_width is given
  int heads = 4;
  int head_width = 0;               ///< of one head's queries, keys and values; 0 = width / heads
  int mlp_width = 128;              ///< hidden width of the feed-forward blocks
  std::string activation = "relu";  ///< relu | gelu
  std::string norm = "layer";       ///< layer | rms | none
  std::string norm_place = "post";  ///< pre | post
  std::string positions = "none";   ///< none | sinusoidal | rotary | alibi | learned
  int max_positions = 512;          ///< table size of learned positions
  /// Numbers in one head's query, key or value.
  int width_of_head() const { return head_width > 0 ? head_width : width / heads; }
  bool operator==(const ModelConfig&) const = default;
};

/// Which words are drawn. Validation and test words depend on this alone (not on TrainingConfig::seed), so
/// that runs of one study answer the same words.
struct DataConfig {
  std::string language;  ///< canonical specification, see languages::read_language
  std::string alphabet;  ///< as Alphabet::parse
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

struct TrainingConfig {
  std::int64_t steps = 3000;
  int batch = 64;
  double learning_rate = 3e-3;
  std::int64_t warmup_steps = 100;
  double final_learning_rate = 0.0;  ///< fraction of learning_rate at the last step (cosine)
  double weight_decay = 0.01;
  double beta1 = 0.9, beta2 = 0.999;
  double clip_norm = 1.0;             ///< 0 = off
  std::int64_t evaluate_every = 250;  ///< validation, and a checkpoint
  int early_stop = 0;                 ///< stop after this many validations in a row at 100 %; 0 = never
  double max_seconds =
      0;  ///< stop after this much training time (over all resumptions); 0 = no limit. Not bit-reproducible.
  std::uint64_t seed = 1;       ///< weights, data order
  std::string init = "random";  ///< random | compiled: the first weights are those of the language's compiled
                                ///< transformer, whose dimensions the model then has
  bool operator==(const TrainingConfig&) const = default;
};

struct RunConfig {
  ModelConfig model;
  DataConfig data;
  TrainingConfig training;
  bool operator==(const RunConfig&) const = default;
};

/// Both ways; from_json refuses unknown keys and wrong types with InputError(`source`); missing keys keep
/// their defaults.
Json to_json(const RunConfig& config);
RunConfig run_config_from_json(const Json& json, const std::string& source);
/// Throws InputError whose source is the field ("model.width"): widths not divisible, unknown words, empty or
/// reversed ranges, non-finite rates ... The language itself is not read.
void validate(const RunConfig& config);
void validate(const ModelConfig& config);

/// One line a field in which two configurations differ ("model.width: 32 and 64"); empty if they are equal.
std::vector<std::string> differences(const RunConfig& a, const RunConfig& b);

}  // namespace yore::runs
