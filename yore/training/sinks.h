// Attention sinks and the large activations that go with them, as numbers of a trained model.
#pragma once
#include <vector>

#include "yore/base/metric.h"
#include "yore/model/model.h"
#include "yore/tasks/task.h"

namespace yore::training {

/// The metrics runs::sink_metric_names() of token 0, over the first 64 sequences of the set that have two
/// tokens at least (their number is the count; 0 if there are none), as arXiv 2603.17771 defines them. A
/// head's sink rate is the mean attention that the tokens 0 .. 63 pay to token 0:
///
///   sink_rate, sink_rate_max    the mean and the largest of all heads' rates
///   sink_heads                  the share of heads with a rate above 0.3
///   out_norm_t0, .._max         norm of token 0 in the stream after a block: mean and largest of the blocks
///   out_norm_ratio              that over the mean of tokens 1 .. 15, the mean of the blocks
///   mlp_norm_t0, .._max         norm of what the feed-forward nets give at token 0 (0 without such nets)
///
/// Memory is linear in the tokens: weights of token 0 alone are computed, as values that are 1 there. Throws
/// InputError("sinks") for a model without attention.
std::vector<base::Metric> sink_metrics(const model::Model& model, const tasks::EvaluationSet& set);

/// That the model has attention to measure. Throws InputError("sinks") naming its mixers.
void check_sinks(const arch::Model& model);

}  // namespace yore::training
