// Small runs for the tests of this folder.
#pragma once
#include <gtest/gtest.h>

#include "yore/base/test_scratch.h"
#include "yore/model/checkpoint.h"
#include "yore/tasks/formal/scores.h"
#include "yore/tasks/model_for.h"
#include "yore/training/train.h"

namespace yore::training {

using base::Scratch;

/// "contains an a" over {a, b}: one global head suffices.
inline runs::RunConfig small_run() {
  runs::RunConfig c;
  c.model.attention = "hybrid";
  c.model.layers = 2;
  c.model.width = 16;
  c.model.heads = 2;
  c.model.mlp_width = 32;
  c.task = tasks::complete_task({{"name", "formal"},
                                 {"language", "regex:.*a.*"},
                                 {"alphabet", "ab"},
                                 {"train_max_length", 12},
                                 {"test_buckets", {"13-20", "21-60"}},
                                 {"validation_words", 64},
                                 {"test_words_per_bucket", 64},
                                 {"witness_depth", 1}});
  c.training.steps = 60;
  c.training.batch = 16;
  c.training.warmup_steps = 10;
  c.training.learning_rate = 3e-3;
  c.training.evaluate_every = 20;
  return c;
}

inline std::unique_ptr<tasks::Task> task_of(const runs::RunConfig& config) {
  return tasks::make_task_for(config.task, config.model);
}

/// What a run's result says of words.
inline tasks::RecognitionScores scores_of(const runs::RunResult& result) {
  return tasks::recognition_scores(result.metrics, "result");
}

inline model::Model fresh_model(const arch::ModelOptions& options, std::uint64_t seed, int letters = 2) {
  return model::Model(arch::expand(options, letters + 1, arch::ReadOutKind::Accept), seed);
}

/// A model of the run's shape whose weights are of another seed than its own.
inline arch::ModelFile some_weights(const runs::RunConfig& config, std::uint64_t seed) {
  return model::to_file(fresh_model(config.model, seed), config.task, {"a", "b"});
}

inline TrainOptions quiet() {
  TrainOptions options;
  options.progress = base::Progress::Output::silent();
  return options;
}

/// The arrays of a checkpoint: weights by name, "adamw.first", "adamw.second".
inline std::map<std::string, base::NamedArray> checkpoint_of(const std::filesystem::path& run) {
  return base::read_safetensors(run / runs::files::kCheckpoint).arrays;
}

/// An array's numbers.
inline std::vector<float> numbers(const base::NamedArray& array) {
  std::vector<float> list(array.bytes.size() / sizeof(float));
  std::memcpy(list.data(), array.bytes.data(), list.size() * sizeof(float));
  return list;
}

}  // namespace yore::training
