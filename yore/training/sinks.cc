#include "yore/training/sinks.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include <algorithm>

#include "yore/arch/options.h"
#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/mixers/attention/attention.h"
#include "yore/mixers/heads_seen.h"
#include "yore/runs/measures.h"

namespace yore::training {
namespace {

constexpr std::int64_t kSequences = 64, kBatch = 8;
constexpr std::int64_t kQueries = 64;  ///< tokens 0 .. 63
constexpr std::int64_t kEarly = 15;    ///< tokens 1 .. 15
constexpr double kSink = 0.3;

/// Sums over sequences.
struct BlockSums {
  at::Tensor rates;  ///< [heads], undefined without attention
  double out = 0, ratio = 0, mlp = 0;
  bool has_mlp = false;
};

std::int64_t length_of(const mixers::PackedRows& rows, std::size_t b) {
  return rows.starts[b + 1] - rows.starts[b];
}

/// [heads] the sequences' mean attention to their tokens 0, added up.
at::Tensor rates_of(const mixers::HeadsSeen& seen) {
  const std::vector<std::int64_t>& starts = seen.rows.starts;
  const std::vector<std::int64_t> firsts(starts.begin(), starts.end() - 1);
  const at::Tensor is_first = at::zeros({seen.k.size(0), seen.k.size(1), 1}, seen.k.options())
                                  .index_fill(0, at::tensor(firsts, at::kLong), 1);
  const at::Tensor weights =
      mixers::attention_packed(seen.q, seen.k, is_first, starts, starts, seen.params, seen.sink_logits)
          .squeeze(2);
  at::Tensor sum = at::zeros({seen.q.size(1)}, at::kDouble);
  for (std::size_t b = 0; b + 1 < starts.size(); ++b)
    sum += weights.narrow(0, starts[b], std::min(kQueries, length_of(seen.rows, b))).mean(0);
  return sum;
}

double norm_of(const at::Tensor& rows, std::int64_t row) {
  return rows.select(0, row).norm().item<double>();
}

void add_batch(const model::Model& model, const model::Input& input, std::vector<BlockSums>& blocks) {
  std::vector<at::Tensor> streams(blocks.size()), nets(blocks.size());
  model::Context context;
  context.observe = [&](int block, const mixers::HeadsSeen& seen) {
    at::Tensor& rates = blocks[static_cast<std::size_t>(block)].rates;
    const at::Tensor more = rates_of(seen);
    rates = rates.defined() ? rates + more : more;
  };
  context.probe = [&](model::Point point, int block, const at::Tensor& rows) {
    const auto b = static_cast<std::size_t>(block);
    if (point == model::Point::AfterMixer || point == model::Point::AfterBlock) streams[b] = rows;
    if (point == model::Point::FeedForward) nets[b] = rows;
    return rows;
  };
  model.hidden(input, context);
  for (std::size_t l = 0; l < blocks.size(); ++l)
    for (std::size_t b = 0; b + 1 < input.starts.size(); ++b) {
      const std::int64_t first = input.starts[b], early = std::min(kEarly, length_of(input, b) - 1);
      const double out = norm_of(streams[l], first);
      blocks[l].out += out;
      blocks[l].ratio += out / streams[l].narrow(0, first + 1, early).norm(2, 1).mean().item<double>();
      blocks[l].has_mlp = nets[l].defined();
      if (nets[l].defined()) blocks[l].mlp += norm_of(nets[l], first);
    }
}

}  // namespace

void check_sinks(const arch::Model& model) {
  const bool any = std::any_of(model.blocks.begin(), model.blocks.end(),
                               [](const arch::Block& block) { return block.mixer.name == "attention"; });
  if (!any)
    throw base::InputError(
        "sinks", fmt::format("expected a model with attention, found mixers {}", arch::mixer_text(model)));
}

std::vector<base::Metric> sink_metrics(const model::Model& model, const tasks::EvaluationSet& set) {
  check_sinks(model.description());
  const at::NoGradGuard no_gradients;
  std::vector<std::int64_t> which;
  for (std::int64_t b = 0; b < set.batch.sequences() && std::ssize(which) < kSequences; ++b)
    if (set.batch.length(b) >= 2) which.push_back(b);
  std::vector<BlockSums> blocks(model.description().blocks.size());
  for (std::size_t from = 0; from < which.size(); from += kBatch) {
    if (base::interrupted()) throw base::Interrupted("attention sinks");
    const std::size_t count = std::min<std::size_t>(kBatch, which.size() - from);
    add_batch(model, model::pack(set.batch.starts, set.batch.tokens, std::span(which).subspan(from, count)),
              blocks);
  }
  const auto count = static_cast<std::int64_t>(which.size());
  std::vector<double> rates, outs, ratios, nets;
  for (const BlockSums& block : blocks) {
    const double n = std::max<double>(1, static_cast<double>(count));
    outs.push_back(block.out / n);
    ratios.push_back(block.ratio / n);
    if (block.has_mlp) nets.push_back(block.mlp / n);
    if (!block.rates.defined()) continue;
    const at::Tensor of_heads = block.rates / n;
    rates.insert(rates.end(), of_heads.data_ptr<double>(), of_heads.data_ptr<double>() + of_heads.numel());
  }
  const auto mean = [](const std::vector<double>& x) {
    double sum = 0;
    for (const double y : x) sum += y;
    return x.empty() ? 0 : sum / static_cast<double>(x.size());
  };
  const auto most = [](const std::vector<double>& x) {
    return x.empty() ? 0 : *std::max_element(x.begin(), x.end());
  };
  std::vector<double> sinks;
  for (const double rate : rates) sinks.push_back(rate > kSink ? 1 : 0);
  const std::vector<double> values = {mean(rates), most(rates),  mean(sinks), mean(outs),
                                      most(outs),  mean(ratios), mean(nets),  most(nets)};
  std::vector<base::Metric> metrics;
  for (std::size_t i = 0; i < values.size(); ++i)
    metrics.push_back({set.name, runs::sink_metric_names()[i], values[i], count, set.keys});
  return metrics;
}

}  // namespace yore::training
