// Small runs for the tests of this folder.
#pragma once
#include <gtest/gtest.h>

#include "yore/base/test_scratch.h"
#include "yore/model/checkpoint.h"
#include "yore/training/train.h"

namespace yore::training {

using base::Scratch;

/// "contains an a" over {a, b}: one global head suffices.
inline automata::Dfa contains_a() {
  automata::Dfa dfa;
  dfa.alphabet = logic::Alphabet::parse("ab");
  dfa.states = 2;
  dfa.start = 0;
  dfa.accepting = {0, 1};
  dfa.next = {1, 0, 1, 1};
  return dfa;
}

inline runs::RunConfig small_run() {
  runs::RunConfig c;
  c.model.attention = "hybrid";
  c.model.layers = 2;
  c.model.width = 16;
  c.model.heads = 2;
  c.model.mlp_width = 32;
  c.data.language = "regex:.*a.*";
  c.data.alphabet = "ab";
  c.data.train_max_length = 12;
  c.data.test_buckets = {{13, 20}, {21, 60}};
  c.data.validation_words = 64;
  c.data.test_words_per_bucket = 64;
  c.training.steps = 60;
  c.training.batch = 16;
  c.training.warmup_steps = 10;
  c.training.learning_rate = 3e-3;
  c.training.evaluate_every = 20;
  return c;
}

inline tasks::RecognitionTask task_of(const runs::RunConfig& config) {
  return tasks::RecognitionTask(contains_a(), config.data,
                                {{"local", 1, {0, 1, 1}}, {"local", 1, {1, 1, 1}}});
}

/// A model of the run's shape whose weights are of another seed than its own.
inline runs::ModelFile some_weights(const runs::RunConfig& config, std::uint64_t seed) {
  const logic::Alphabet alphabet = contains_a().alphabet;
  return model::to_file(model::Recogniser(config.model, alphabet.size(), seed), alphabet,
                        config.data.language);
}

inline TrainOptions quiet() {
  TrainOptions options;
  options.progress = base::Progress::Output::silent();
  return options;
}

}  // namespace yore::training
