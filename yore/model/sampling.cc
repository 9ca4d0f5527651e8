#include "yore/model/sampling.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "yore/base/error.h"
#include "yore/base/random.h"

namespace yore::model {
namespace {

/// A token with its logit.
struct Scored {
  std::int64_t token;
  double logit;
};

/// A total order, so that no choice depends on the library's sorting.
bool likelier(const Scored& a, const Scored& b) {
  return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
}

bool less_likely(const Scored& a, const Scored& b) {
  return likelier(b, a);
}

double best_logit(const std::vector<Scored>& kept) {
  return std::min_element(kept.begin(), kept.end(), likelier)->logit;
}

void penalise(std::vector<Scored>& all, std::span<const std::int64_t> past, const Sampling& sampling) {
  const auto last = std::min<std::size_t>(past.size(), static_cast<std::size_t>(sampling.repeat_last));
  std::vector<std::int64_t> seen(past.end() - static_cast<std::ptrdiff_t>(last), past.end());
  std::sort(seen.begin(), seen.end());
  seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
  for (const std::int64_t token : seen) {
    double& x = all.at(static_cast<std::size_t>(token)).logit;
    x = x > 0 ? x / sampling.repeat_penalty : x * sampling.repeat_penalty;
  }
}

void keep_top_k(std::vector<Scored>& kept, std::size_t k) {
  if (k >= kept.size()) return;
  std::nth_element(kept.begin(), kept.begin() + static_cast<std::ptrdiff_t>(k), kept.end(), likelier);
  kept.resize(k);
}

/// A heap gives the likeliest in turn, of which a few of a large vocabulary mostly do.
void keep_top_p(std::vector<Scored>& kept, double p) {
  const double best = best_logit(kept);
  double all = 0, sum = 0;
  for (const Scored& s : kept) all += std::exp(s.logit - best);
  std::make_heap(kept.begin(), kept.end(), less_likely);
  auto first = kept.end();
  while (first != kept.begin() && (first == kept.end() || sum < p * all)) {
    std::pop_heap(kept.begin(), first, less_likely);
    --first;
    sum += std::exp(first->logit - best);
  }
  kept.erase(kept.begin(), first);
}

void keep_min_p(std::vector<Scored>& kept, double p) {
  const double best = best_logit(kept);
  std::erase_if(kept, [&](const Scored& s) { return std::exp(s.logit - best) < p; });
}

}  // namespace

std::vector<Choice> choices(std::span<const double> logits, std::span<const std::int64_t> past,
                            const Sampling& sampling) {
  if (logits.empty()) throw std::invalid_argument("choices: there are no logits");
  std::vector<Scored> kept;
  kept.reserve(logits.size());
  for (const double x : logits) {
    const auto token = static_cast<std::int64_t>(kept.size());
    if (!std::isfinite(x))
      throw base::InputError("model", "the logit of token " + std::to_string(token) +
                                          " is not finite: its weights are broken, or too large");
    kept.push_back({token, x});
  }
  if (sampling.repeat_penalty != 1) penalise(kept, past, sampling);
  if (sampling.temperature <= 0) return {{std::min_element(kept.begin(), kept.end(), likelier)->token, 1.0}};
  if (sampling.top_k > 0) keep_top_k(kept, static_cast<std::size_t>(sampling.top_k));
  if (sampling.top_p < 1) keep_top_p(kept, sampling.top_p);
  if (sampling.min_p > 0) keep_min_p(kept, sampling.min_p);
  std::sort(kept.begin(), kept.end(), [](const Scored& a, const Scored& b) { return a.token < b.token; });
  const double best = best_logit(kept);
  std::vector<Choice> left;
  left.reserve(kept.size());
  double sum = 0;
  for (const Scored& s : kept) {
    left.push_back({s.token, std::exp((s.logit - best) / sampling.temperature)});
    sum += left.back().probability;
  }
  for (Choice& c : left) c.probability /= sum;
  return left;
}

std::int64_t pick(std::span<const Choice> choices, double uniform) {
  double sum = 0;
  std::int64_t last = choices.front().token;  // rounding may leave the sum below 1
  for (const Choice& c : choices) {
    if (c.probability > 0) last = c.token;
    sum += c.probability;
    if (uniform < sum) return c.token;
  }
  return last;
}

double uniform(const Sampling& sampling, std::uint64_t sample, Draw draw, std::int64_t position) {
  return base::Random(
             {sampling.seed, sample, static_cast<std::uint64_t>(draw), static_cast<std::uint64_t>(position)})
      .uniform();
}

}  // namespace yore::model
