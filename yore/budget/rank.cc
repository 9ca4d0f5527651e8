#include "yore/budget/rank.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <fmt/format.h>
#include <torch/csrc/autograd/autograd.h>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/random.h"
#include "yore/mixers/attention/options.h"
#include "yore/model/checkpoint.h"
#include "yore/training/loss.h"

namespace yore::budget {
namespace {

arch::PerHead by_norm(const Subject& subject) {
  const at::NoGradGuard no_gradients;
  const model::Model model = model::from_file(subject.file, subject.source).model;
  const model::Parameters& parameters = model.parameters();
  arch::PerHead scores(subject.file.model.blocks.size());
  const std::vector<int> heads = arch::attention_heads(subject.file.model);
  for (std::size_t l = 0; l < heads.size(); ++l) {
    if (heads[l] == 0) continue;
    const mixers::AttentionOptions o = mixers::read_attention_options(
        {subject.file.model.embedding.width, subject.file.model.blocks[l].mixer.options});
    const auto weight = [&](const char* name) {
      return parameters.value(parameters.index(fmt::format("layers.{}.attention.{}.weight", l, name)))
          .to(at::kDouble);
    };
    const at::Tensor qkv = weight("qkv"), out = weight("out");
    for (int h = 0; h < heads[l]; ++h) {
      const std::int64_t value =
          o.mixed_width() + o.kv_width() + std::int64_t{h / (o.heads / o.kv_heads)} * o.head_width;
      scores[l].push_back(out.narrow(1, std::int64_t{h} * o.head_width, o.head_width)
                              .matmul(qkv.narrow(0, value, o.head_width))
                              .norm()
                              .item<double>());
    }
  }
  return scores;
}

arch::PerHead by_sensitivity(const Subject& subject, const RankOptions& options) {
  const auto task = task_of(subject, "ranking by sensitivity");
  const model::Model model = model::from_file(subject.file, subject.source).model;
  const std::vector<int> heads = arch::attention_heads(subject.file.model);
  model::Context context;
  std::vector<at::Tensor> inputs, sums;
  for (const int n : heads) {
    context.head_gates.push_back(n == 0 ? at::Tensor() : at::ones({n}).set_requires_grad(true));
    if (n == 0) continue;
    inputs.push_back(context.head_gates.back());
    sums.push_back(at::zeros({n}, at::kDouble));
  }
  for (int b = 0; b < options.batches; ++b) {
    if (base::interrupted()) throw base::Interrupted("ranking the heads");
    const tasks::Batch batch = task->training_batch(options.seed, b, options.batch);
    const auto gradients =
        torch::autograd::grad({training::mean_loss(model, batch, 0, batch.sequences(), context)}, inputs);
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += gradients[i].abs();
  }
  arch::PerHead scores;
  std::size_t next = 0;
  for (const int n : heads) {
    scores.emplace_back();
    if (n == 0) continue;
    const at::Tensor mean = (sums[next++] / options.batches).contiguous();
    scores.back().assign(mean.data_ptr<double>(), mean.data_ptr<double>() + n);
  }
  return scores;
}

arch::PerHead by_chance(const Subject& subject, std::uint64_t seed) {
  base::Random random(seed);
  arch::PerHead scores;
  for (const int n : arch::attention_heads(subject.file.model)) {
    scores.emplace_back();
    for (int h = 0; h < n; ++h) scores.back().push_back(random.uniform());
  }
  return scores;
}

}  // namespace

arch::PerHead head_scores(const Subject& subject, const RankOptions& options) {
  switch (options.by) {
    case Rank::Gate:
      if (!subject.gates)
        throw base::InputError(subject.source,
                               fmt::format("has no {}: its heads have no gates; expected a run of yore train "
                                           "--head-budget, or --rank norm, sensitivity or random",
                                           model::kGatesFile));
      {
        // At budget 1 every gate is 1, and all heads stay whatever their order.
        const model::Model model = gated_model(subject);
        return model::gate_values(model.description(), model.parameters(), options.budget);
      }
    case Rank::Norm:
      return by_norm(subject);
    case Rank::Sensitivity:
      return by_sensitivity(subject, options);
    case Rank::Random:
      break;
  }
  return by_chance(subject, options.seed);
}

}  // namespace yore::budget
