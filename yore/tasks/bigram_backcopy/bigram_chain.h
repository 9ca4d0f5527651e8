// A random bigram chain over letters with triggers, the generator of the task bigram_backcopy.
#pragma once
#include <cstdint>
#include <vector>

#include "yore/base/random.h"

namespace yore::tasks {

/// Letters 0 .. letters - 1, of which 0 .. triggers - 1 are triggers. After another letter x comes letter y
/// with probability proportional to rank_x(y)^-skew, where rank_x is a random order of all letters, its own
/// for every x. After a trigger comes the letter before it, which is never a trigger.
class BigramChain {
 public:
  /// At least two letters that are no triggers.
  BigramChain(int letters, int triggers, int skew, std::uint64_t seed);

  int letters() const { return letters_; }
  bool is_trigger(std::int32_t letter) const { return letter < triggers_; }
  /// A sequence begins with a letter that is no trigger, each as likely as the next.
  std::int32_t draw_first(base::Random& random) const;
  std::int32_t draw_next(std::int32_t letter, base::Random& random) const;

  /// What comes after x: its probabilities [letters].
  const std::vector<double>& next(std::int32_t x) const { return next_[static_cast<std::size_t>(x)]; }
  /// Their entropy in nats, and the largest of them.
  double entropy(std::int32_t x) const { return entropy_[static_cast<std::size_t>(x)]; }
  double most_likely(std::int32_t x) const;
  /// Of the first letter.
  double first_entropy() const;
  double first_share() const { return 1.0 / (letters_ - triggers_); }

 private:
  int letters_, triggers_;
  std::vector<std::vector<double>> next_;  ///< [letters][letters]
  std::vector<double> entropy_;
};

}  // namespace yore::tasks
