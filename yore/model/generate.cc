#include "yore/model/generate.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "yore/base/random.h"

namespace yore::model {
namespace {

/// One of the logits' places.
std::int64_t choose(const std::vector<double>& logits, const Sampling& sampling, base::Random& random) {
  std::vector<std::int64_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  const auto value = [&](std::int64_t i) { return logits[static_cast<std::size_t>(i)]; };
  // Equal logits keep the order of the tokens, so that a choice never depends on the library's sort.
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return value(a) > value(b); });
  if (sampling.temperature <= 0) return order.front();
  if (sampling.top_k > 0 && static_cast<std::size_t>(sampling.top_k) < order.size())
    order.resize(static_cast<std::size_t>(sampling.top_k));
  std::vector<double> sums;
  double sum = 0;
  for (std::int64_t i : order) {
    sum += std::exp((value(i) - value(order.front())) / sampling.temperature);
    sums.push_back(sum);
  }
  const auto it = std::upper_bound(sums.begin(), sums.end() - 1, random.uniform() * sum);
  return order[static_cast<std::size_t>(it - sums.begin())];
}

}  // namespace

std::vector<std::int64_t> generate(const Model& model, const std::vector<std::int64_t>& prompt,
                                   std::int64_t count, const Sampling& sampling,
                                   const std::function<bool(std::int64_t)>& chosen) {
  if (prompt.empty()) throw std::invalid_argument("generate: the prompt must have at least one token");
  if (model.description().read_out.kind != arch::ReadOutKind::Vocabulary)
    throw std::invalid_argument("generate: the model does not predict next tokens");
  Model::State state = model.start(1);
  base::Random random(sampling.seed);
  std::vector<std::int64_t> out, next = prompt;
  for (std::int64_t n = 0; n < count; ++n) {
    const at::Tensor logits = model.advance(state, {next});
    const at::Tensor row = logits.select(0, logits.size(0) - 1).to(at::kDouble).contiguous();
    const auto* first = row.data_ptr<double>();
    next = {choose({first, first + row.numel()}, sampling, random)};
    out.push_back(next.front());
    if (chosen && !chosen(next.front())) break;
  }
  return out;
}

}  // namespace yore::model
