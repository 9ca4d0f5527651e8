// The fields of a run's configuration by name, once: for JSON, and for whoever offers them as options.
#pragma once
#include "yore/base/fields.h"
#include "yore/runs/run_config.h"

namespace yore::runs {

template <base::fields::Either<Phase> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("steps", c.steps);
  v("learning_rate", c.learning_rate);
  v("trainable", c.trainable);
  v("task", c.task);
}

template <base::fields::Either<Continuation> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("at", c.at);
  v("steps", c.steps);
}

template <base::fields::Either<TrainingConfig> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("steps", c.steps);
  v("batch", c.batch);
  v("accumulate", c.accumulate);
  v("threads", c.threads);
  v("learning_rate", c.learning_rate);
  v("warmup_steps", c.warmup_steps);
  v("final_learning_rate", c.final_learning_rate);
  v("weight_decay", c.weight_decay);
  v("beta1", c.beta1);
  v("beta2", c.beta2);
  v("clip_norm", c.clip_norm);
  v("evaluate_every", c.evaluate_every);
  v("early_stop", c.early_stop);
  v("early_stop_at", c.early_stop_at);
  v("max_seconds", c.max_seconds);
  v("seed", c.seed);
  v("init", c.init);
  v("measure", c.measure);
  v("head_budget", c.head_budget);
  v("head_budget_full", c.head_budget_full);
  v("head_budget_dense", c.head_budget_dense);
  v("head_budget_cost", c.head_budget_cost);
  v("head_budget_overshoot", c.head_budget_overshoot);
  v("head_budget_undershoot", c.head_budget_undershoot);
  v("capture", c.capture);
  v("capture_samples", c.capture_samples);
  v("capture_steps", c.capture_steps);
  v("capture_batch", c.capture_batch);
  v("capture_learning_rate", c.capture_learning_rate);
  v("capture_test", c.capture_test);
  v("phases", c.phases);
  v("continued", c.continued);
}

template <base::fields::Either<RunConfig> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("model", c.model);
  v("task", c.task);
  v("training", c.training);
}

}  // namespace yore::runs
