#include "yore/tasks/mqar/row.h"

#include <cmath>
#include <unordered_set>

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

// An index with probability proportional to its weight.
std::size_t draw_weighted(const std::vector<std::uint64_t>& weights, std::uint64_t sum,
                          base::Random& random) {
  std::uint64_t x = random.below(sum);
  std::size_t i = 0;
  while (x >= weights[i]) x -= weights[i++];
  return i;
}

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
  std::vector<std::uint64_t> weights = gap_weights((shape.length - 2 * shape.pairs) / 2, power_);
  std::uint64_t sum = 0;
  for (const std::uint64_t w : weights) sum += w;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::size_t gap = draw_weighted(weights, sum, random), at = 2 * keys.size() + 2 * gap;
    sum -= weights[gap];
    weights[gap] = 0;
    tokens[at] = keys[i];
    targets[at] = values[i];
  }
}

}  // namespace yore::tasks
