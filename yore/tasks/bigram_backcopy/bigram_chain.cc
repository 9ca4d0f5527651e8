#include "yore/tasks/bigram_backcopy/bigram_chain.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace yore::tasks {
namespace {

/// Names the stream of chains; 1 to 3 are those of common/streams.h.
constexpr std::uint64_t kChain = 4;

/// Probabilities by rank. Products and sums alone, which are the same on every platform.
std::vector<double> shares(int letters, int skew) {
  std::vector<double> all;
  for (int rank = 1; rank <= letters; ++rank) {
    double weight = 1;
    for (int i = 0; i < skew; ++i) weight /= rank;
    all.push_back(weight);
  }
  const double sum = std::accumulate(all.begin(), all.end(), 0.0);
  for (double& share : all) share /= sum;
  return all;
}

}  // namespace

BigramChain::BigramChain(int letters, int triggers, int skew, std::uint64_t seed)
    : letters_(letters), triggers_(triggers) {
  const auto count = static_cast<std::size_t>(letters);
  const std::vector<double> by_rank = shares(letters, skew);
  for (std::size_t x = 0; x < count; ++x) {
    base::Random random({kChain, seed, x});
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    std::vector<double> next(count);
    double entropy = 0;
    for (std::size_t rank = 0; rank < count; ++rank) {
      next[order[rank]] = by_rank[rank];
      entropy -= by_rank[rank] * std::log(by_rank[rank]);
    }
    next_.push_back(std::move(next));
    entropy_.push_back(entropy);
  }
}

std::int32_t BigramChain::draw_first(base::Random& random) const {
  return triggers_ +
         static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(letters_ - triggers_)));
}

std::int32_t BigramChain::draw_next(std::int32_t letter, base::Random& random) const {
  const std::vector<double>& p = next(letter);
  double left = random.uniform();
  for (std::size_t y = 0; y + 1 < p.size(); ++y)
    if ((left -= p[y]) < 0) return static_cast<std::int32_t>(y);
  return letters_ - 1;
}

double BigramChain::most_likely(std::int32_t x) const {
  return *std::max_element(next(x).begin(), next(x).end());
}

double BigramChain::first_entropy() const {
  return std::log(static_cast<double>(letters_ - triggers_));
}

}  // namespace yore::tasks
