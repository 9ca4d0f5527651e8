// Which words of the training lengths may be trained on, and which are kept for validation.
//
// The rule. Every word has a 64-bit hash of (split seed, letters), the same on every platform. Each class
// (accepted, rejected) has a threshold; words below it are held out for validation. A class with more than
// 1,024 words in the training lengths has the threshold 2^61: an eighth is held out. A smaller class is
// listed, and the threshold lies just above the hash of its k-th word in hash order, k = an eighth of the
// class rounded to nearest, at least 1, but 0 if the class has a single word. So (ab)* up to length 40 (21
// accepted words) always trains on 18 and validates on 3; and a class of two words or more has some on either
// side.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/automata/sampler.h"

namespace yore::tasks {

using automata::Dfa;
using logic::Word;

/// The hash of the rule above.
std::uint64_t word_hash(std::uint64_t split_seed, const Word& word);

/// All words of exactly `length` letters that `dfa` accepts, in symbol order. For short lists: the caller
/// knows the count. Throws base::Interrupted.
std::vector<Word> accepted_words(const Dfa& dfa, int length);

class WordSplit {
 public:
  /// `accepted` and `rejected` count the words of the two classes at least up to max_length. Nothing is kept
  /// of them or of dfa. Throws base::Interrupted.
  WordSplit(const Dfa& dfa, const automata::WordSampler& accepted, const automata::WordSampler& rejected,
            int min_length, int max_length, std::uint64_t split_seed);

  /// Whether the length is a training length.
  bool covers(int length) const { return min_length_ <= length && length <= max_length_; }
  /// Whether a word of a training length is kept for validation. `accepted` is the truth about it.
  bool held_out(const Word& word, bool accepted) const {
    return word_hash(seed_, word) < threshold_[accepted ? 1 : 0];
  }
  /// Whether the class has words of this training length among the held-out (the trained) ones. Exact up to
  /// 1,024 words of a length; with more it answers yes, which is wrong with probability below 1e-59.
  bool has(bool accepted, int length, bool held_out) const;

 private:
  void settle(const Dfa& side, const automata::WordSampler& counts, bool accepted);

  int min_length_, max_length_;
  std::uint64_t seed_;
  std::array<std::uint64_t, 2> threshold_{};             ///< by class: rejected, accepted
  std::array<std::array<std::vector<char>, 2>, 2> has_;  ///< [class][held out][length - min_length]
};

}  // namespace yore::tasks
