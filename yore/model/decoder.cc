#include "yore/model/decoder.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/base/random.h"

namespace yore::model {
namespace {

const runs::ModelConfig& checked(const runs::ModelConfig& config, int vocabulary) {
  if (vocabulary < 1) throw base::InputError("model", "the vocabulary is empty");
  if (config.strict)
    throw base::InputError("model", "a decoder predicts from its own token: the mask must not be strict");
  return config;
}

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

Decoder::Decoder(const runs::ModelConfig& config, int vocabulary, std::uint64_t seed, at::ScalarType type)
    : transformer_(checked(config, vocabulary), vocabulary),
      read_out_(transformer_.add_linear("read_out", config.width, vocabulary)) {
  transformer_.allocate(seed, type);
}

at::Tensor Decoder::forward(const Input& input) const {
  return transformer_.apply(read_out_, transformer_.rows(input));
}

at::Tensor Decoder::advance(State& state, const std::vector<std::vector<std::int64_t>>& tokens) const {
  std::vector<std::int64_t> before;
  for (std::size_t b = 0; b < tokens.size(); ++b)
    before.push_back(state.length(static_cast<std::int64_t>(b)));
  const at::NoGradGuard no_gradients;
  return transformer_.apply(read_out_, transformer_.advance(state, continuation(tokens, before)));
}

std::vector<std::int64_t> Decoder::generate(const std::vector<std::int64_t>& prompt, std::int64_t count,
                                            const Sampling& sampling) const {
  if (prompt.empty()) throw std::invalid_argument("generate: the prompt must have at least one token");
  State state = start(1);
  base::Random random(sampling.seed);
  std::vector<std::int64_t> out, next = prompt;
  for (std::int64_t n = 0; n < count; ++n) {
    const at::Tensor logits = advance(state, {next});
    const at::Tensor row = logits.select(0, logits.size(0) - 1).to(at::kDouble).contiguous();
    const auto* first = row.data_ptr<double>();
    next = {choose({first, first + row.numel()}, sampling, random)};
    out.push_back(next.front());
  }
  return out;
}

}  // namespace yore::model
