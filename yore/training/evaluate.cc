#include "yore/training/evaluate.h"

#include <ATen/core/grad_mode.h>
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <stdexcept>

#include "yore/model/input.h"
#include "yore/tasks/formal/scoring.h"

namespace yore::training {
namespace {

/// Letters of a batch: what layers compute of them stays near the cache.
constexpr std::size_t kLetters = std::size_t{1} << 14;

}  // namespace

std::vector<double> logits(const model::Recogniser& model, std::span<const tasks::Example> examples) {
  const at::NoGradGuard no_gradients;
  std::vector<std::size_t> order(examples.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return examples[a].word.size() < examples[b].word.size();
  });
  std::vector<double> out(examples.size());
  std::vector<tasks::Example> rows;
  for (std::size_t begin = 0; begin < order.size();) {
    rows.clear();
    std::size_t end = begin, letters = 0;
    for (; end < order.size(); ++end) {
      letters += examples[order[end]].word.size() + 1;
      if (!rows.empty() && letters > kLetters) break;
      rows.push_back(examples[order[end]]);
    }
    const tasks::Batch batch = tasks::make_batch(rows, model.letters());
    const at::Tensor answer =
        model.forward(model::pack(batch.tokens, batch.eos, batch.length)).to(at::kDouble).contiguous();
    for (std::size_t i = begin; i < end; ++i) out[order[i]] = answer.data_ptr<double>()[i - begin];
    begin = end;
  }
  return out;
}

Evaluation evaluate(const model::Recogniser& model, const tasks::RecognitionTask& task) {
  if (model.letters() != task.eos())
    throw std::invalid_argument(
        fmt::format("evaluate: a model of {} letters on a task of {}", model.letters(), task.eos()));
  Evaluation result;
  const tasks::WordSet validation = task.validation();
  const std::vector<double> answers = logits(model, validation.examples);
  result.validation = tasks::score(validation, answers);
  tasks::add_by_length(validation, answers, result.lengths);
  for (const tasks::WordSet& set : task.tests()) {
    const std::vector<double> set_answers = logits(model, set.examples);
    result.buckets.push_back(tasks::score(set, set_answers));
    tasks::add_by_length(set, set_answers, result.lengths);
  }
  result.witnesses = tasks::witness_scores(task, logits(model, task.witness_set().examples));
  return result;
}

}  // namespace yore::training
