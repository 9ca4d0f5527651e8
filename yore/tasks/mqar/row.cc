#include "yore/tasks/mqar/row.h"

#include <bit>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "yore/tasks/common/free_words.h"
#include "yore/tasks/task.h"

namespace yore::tasks {
namespace {

// `count` distinct numbers from low .. low + range - 1, in a random order.
std::vector<std::int32_t> distinct(int count, int low, int range, base::Random& random) {
  std::vector<std::int32_t> drawn;
  std::unordered_set<std::int32_t> seen;
  while (static_cast<int>(drawn.size()) < count) {
    const auto x =
        static_cast<std::int32_t>(low + static_cast<int>(random.below(static_cast<std::uint64_t>(range))));
    if (seen.insert(x).second) drawn.push_back(x);
  }
  return drawn;
}

// Draws indices without replacement, each with probability proportional to its weight, in time logarithmic in
// their number: a Fenwick tree, in which sums_[i - 1] is that of the weights i - (i & -i) .. i - 1.
class WeightedDraws {
 public:
  explicit WeightedDraws(std::vector<std::uint64_t> weights) : weights_(std::move(weights)), sums_(weights_) {
    for (std::size_t i = 1; i <= sums_.size(); ++i) {
      total_ += weights_[i - 1];
      if (const std::size_t above = i + (i & -i); above <= sums_.size()) sums_[above - 1] += sums_[i - 1];
    }
  }
  std::size_t draw(base::Random& random) {
    std::uint64_t x = random.below(total_);
    std::size_t index = 0;
    for (std::size_t step = std::bit_floor(sums_.size()); step > 0; step /= 2)
      if (index + step <= sums_.size() && sums_[index + step - 1] <= x) {
        index += step;
        x -= sums_[index - 1];
      }
    const std::uint64_t weight = weights_[index];
    total_ -= weight;
    for (std::size_t i = index + 1; i <= sums_.size(); i += i & -i) sums_[i - 1] -= weight;
    return index;
  }

 private:
  std::vector<std::uint64_t> weights_, sums_;
  std::uint64_t total_ = 0;
};

}  // namespace

std::vector<std::uint64_t> RowMaker::gap_weights(int places, double power) {
  std::vector<std::uint64_t> weights;
  for (int g = 0; g < places; ++g)
    weights.push_back(static_cast<std::uint64_t>(std::llround(0x1p32 * std::pow(g + 1.0, power - 1))));
  return weights;
}

bool RowMaker::held_out(const std::vector<std::int32_t>& pairs) const {
  return sequence_hash(seed_, pairs) < kHeldOutHash;
}

void RowMaker::draw(const RowShape& shape, bool held_out_side, base::Random& random,
                    std::vector<std::int32_t>& tokens, std::vector<std::int32_t>& targets) const {
  const int half = vocabulary_ / 2;
  std::vector<std::int32_t> keys, values;
  do {
    keys = distinct(shape.pairs, 1, half - 1, random);
    values = distinct(shape.pairs, half, vocabulary_ - half, random);
    tokens.clear();
    for (std::size_t i = 0; i < keys.size(); ++i) {
      tokens.push_back(keys[i]);
      tokens.push_back(values[i]);
    }
  } while (held_out(tokens) != held_out_side);

  targets.assign(static_cast<std::size_t>(shape.length), kIgnored);
  tokens.resize(static_cast<std::size_t>(shape.length), 0);
  if (filler_ == Filler::Random)
    for (std::size_t i = 2 * keys.size(); i < tokens.size(); ++i)
      tokens[i] = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(vocabulary_)));
  WeightedDraws gaps(gap_weights((shape.length - 2 * shape.pairs) / 2, power_));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t at = 2 * keys.size() + 2 * gaps.draw(random);
    tokens[at] = keys[i];
    targets[at] = values[i];
  }
}

}  // namespace yore::tasks
