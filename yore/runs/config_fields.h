// The fields of a run's configuration by name, once: for JSON, and for whoever offers them as options.
#pragma once
#include "yore/runs/fields.h"
#include "yore/runs/run_config.h"

namespace yore::runs {

template <fields::Either<ModelConfig> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("attention", c.attention);
  v("strict", c.strict);
  v("layers", c.layers);
  v("width", c.width);
  v("heads", c.heads);
  v("head_width", c.head_width);
  v("mlp_width", c.mlp_width);
  v("activation", c.activation);
  v("norm", c.norm);
  v("norm_place", c.norm_place);
  v("positions", c.positions);
  v("max_positions", c.max_positions);
}

template <fields::Either<DataConfig> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("language", c.language);
  v("alphabet", c.alphabet);
  v("train_min_length", c.train_min_length);
  v("train_max_length", c.train_max_length);
  v("test_buckets", c.test_buckets);
  v("validation_words", c.validation_words);
  v("test_words_per_bucket", c.test_words_per_bucket);
  v("near_miss_edits", c.near_miss_edits);
  v("witness_depth", c.witness_depth);
  v("split_seed", c.split_seed);
}

template <fields::Either<TrainingConfig> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("steps", c.steps);
  v("batch", c.batch);
  v("learning_rate", c.learning_rate);
  v("warmup_steps", c.warmup_steps);
  v("final_learning_rate", c.final_learning_rate);
  v("weight_decay", c.weight_decay);
  v("beta1", c.beta1);
  v("beta2", c.beta2);
  v("clip_norm", c.clip_norm);
  v("evaluate_every", c.evaluate_every);
  v("early_stop", c.early_stop);
  v("max_seconds", c.max_seconds);
  v("seed", c.seed);
  v("init", c.init);
}

template <fields::Either<RunConfig> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("model", c.model);
  v("data", c.data);
  v("training", c.training);
}

}  // namespace yore::runs
