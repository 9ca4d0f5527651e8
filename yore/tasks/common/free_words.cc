#include "yore/tasks/common/free_words.h"

#include <algorithm>
#include <stdexcept>

namespace yore::tasks {
namespace {

constexpr std::uint64_t kMostListed = 1024;

// A bijection of 64 bits in which every input bit moves every output bit (the finaliser of MurmurHash3).
std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 33)) * 0xFF51AFD7ED558CCDu;
  x = (x ^ (x >> 33)) * 0xC4CEB9FE1A85EC53u;
  return x ^ (x >> 33);
}

}  // namespace

std::uint64_t sequence_hash(std::uint64_t seed, std::span<const std::int32_t> sequence) {
  std::uint64_t h = mix(seed + 0x9E3779B97F4A7C15u);
  for (const std::int32_t s : sequence) h = mix(h + static_cast<std::uint64_t>(s) + 1) + 0x9E3779B97F4A7C15u;
  return mix(h ^ sequence.size());
}

FreeWords::FreeWords(int letters, std::uint64_t split_seed) : letters_(letters), seed_(split_seed) {
  if (letters < 2) throw std::invalid_argument("FreeWords: fewer than two letters");
  const auto base = static_cast<std::uint64_t>(letters);
  std::vector<std::int32_t> word;
  for (std::uint64_t words = base; words <= kMostListed; words *= base) {
    word.push_back(0);
    std::vector<std::uint64_t> hashes;
    for (std::uint64_t i = 0; i < words; ++i) {
      std::uint64_t rest = i;
      for (std::int32_t& letter : word) {
        letter = static_cast<std::int32_t>(rest % base);
        rest /= base;
      }
      hashes.push_back(sequence_hash(seed_, word));
    }
    const auto held = static_cast<std::ptrdiff_t>(std::max<std::uint64_t>(1, (words + 4) / 8));
    std::nth_element(hashes.begin(), hashes.begin() + held - 1, hashes.end());
    thresholds_.push_back(hashes[static_cast<std::size_t>(held) - 1] + 1);
  }
}

bool FreeWords::held_out(std::span<const std::int32_t> word) const {
  const std::uint64_t threshold =
      word.size() <= thresholds_.size() ? thresholds_.at(word.size() - 1) : kHeldOutHash;
  return sequence_hash(seed_, word) < threshold;
}

std::vector<std::int32_t> FreeWords::draw(int length, bool held_out_side, base::Random& random) const {
  std::vector<std::int32_t> word(static_cast<std::size_t>(length));
  do {
    for (std::int32_t& letter : word)
      letter = static_cast<std::int32_t>(random.below(static_cast<std::uint64_t>(letters_)));
  } while (held_out(word) != held_out_side);
  return word;
}

}  // namespace yore::tasks
