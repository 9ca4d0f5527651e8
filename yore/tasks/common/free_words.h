// Random words over k letters, and which of them may be trained on.
//
// The rule. Every word has a hash of (split seed, letters). Of each length, the words whose hash lies below a
// threshold are held out: training never draws them, evaluation draws nothing else. A length with more than
// 1,024 words holds out an eighth (threshold 2^61). A smaller one is listed: the threshold lies just above
// the hash of its m-th word in hash order, m = an eighth of the words, rounded to nearest, at least 1. So
// with two letters or more every length has words on either side, and the two sides never meet, whatever
// lengths are trained on.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "yore/base/random.h"

namespace yore::tasks {

/// A hash of 64 bits, the same on every platform and in every version.
std::uint64_t sequence_hash(std::uint64_t seed, std::span<const std::int32_t> sequence);

/// Sequences with a hash below this are held out where there are too many to list: an eighth of them.
inline constexpr std::uint64_t kHeldOutHash = std::uint64_t{1} << 61;

/// What `draw` gives, drawn again until its tokens lie on the side asked for: for sequences that are no free
/// words, of which there must be many more than eight.
template <class Draw>
auto draw_on_side(bool held_out, std::uint64_t split_seed, const Draw& draw) {
  for (;;) {
    auto sequence = draw();
    if ((sequence_hash(split_seed, sequence.tokens) < kHeldOutHash) == held_out) return sequence;
  }
}

class FreeWords {
 public:
  /// At least two letters.
  FreeWords(int letters, std::uint64_t split_seed);

  int letters() const { return letters_; }
  /// Of a word of at least one letter.
  bool held_out(std::span<const std::int32_t> word) const;
  /// One of the held-out, or of the other words of that length (at least 1), each as likely as the next.
  std::vector<std::int32_t> draw(int length, bool held_out, base::Random& random) const;

 private:
  int letters_;
  std::uint64_t seed_;
  std::vector<std::uint64_t> thresholds_;  ///< of the listed lengths 1, 2 ..
};

}  // namespace yore::tasks
