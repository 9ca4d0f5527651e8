// Drawing words: exact uniform ones from both sides of a language, and near-misses; restricted to a range and
// a split.
#pragma once
#include <array>
#include <vector>

#include "yore/automata/sampler.h"
#include "yore/base/random.h"
#include "yore/tasks/formal/recognition.h"
#include "yore/tasks/formal/split.h"

namespace yore::tasks {

/// A language with counting tables for itself and its complement.
struct WordSource {
  WordSource(Dfa dfa, int max_length);
  const automata::WordSampler& side(bool accepted_side) const { return accepted_side ? accepted : rejected; }

  Dfa dfa;
  automata::WordSampler accepted, rejected;
};

/// The words of a length range that some reader may see.
class WordPool {
 public:
  enum class Reader {
    Training,  ///< the training split (of training lengths only)
    Unseen,    ///< everything but the training split
    Anyone,
  };
  /// Keeps references to `source` and `split`. The range must lie within the source's.
  WordPool(const WordSource& source, const WordSplit& split, int min_length, int max_length, Reader reader,
           int near_miss_edits);

  /// Whether there is such a word.
  bool has(bool accepted) const { return !lengths_[accepted ? 1 : 0].empty(); }
  /// A word of a class the pool has. With `near_miss` a rejected word is looked for near an accepted one; if
  /// 64 attempts find none (or there is no accepted word in the range) it is a uniform one.
  Word draw(bool accepted, bool near_miss, base::Random& random) const;
  /// Word number `index` of the scheme in recognition.h: classes alternate, every second rejected word is a
  /// near-miss. The pool must have a word.
  Example draw(std::uint64_t index, base::Random& random) const;

 private:
  bool visible(const Word& word, bool accepted) const;

  const WordSource& source_;
  const WordSplit& split_;
  int min_length_, max_length_;
  Reader reader_;
  int near_miss_edits_;
  std::array<std::vector<int>, 2> lengths_;  ///< by class: lengths with a visible word
  std::vector<int>
      accepted_lengths_;  ///< lengths with an accepted word, visible or not: where near-misses start
};

}  // namespace yore::tasks
