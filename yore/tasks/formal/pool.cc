#include "yore/tasks/formal/pool.h"

#include "yore/automata/edit.h"

namespace yore::tasks {
namespace {

constexpr int kAttempts = 64;

int pick(const std::vector<int>& values, base::Random& random) {
  return values[random.below(values.size())];
}

}  // namespace

WordSource::WordSource(Dfa language, int max_length)
    : dfa(std::move(language)), accepted(dfa, max_length), rejected(automata::complement(dfa), max_length) {}

WordPool::WordPool(const WordSource& source, const WordSplit& split, int min_length, int max_length,
                   Reader reader, int near_miss_edits)
    : source_(source),
      split_(split),
      min_length_(min_length),
      max_length_(max_length),
      reader_(reader),
      near_miss_edits_(near_miss_edits) {
  for (int n = min_length; n <= max_length; ++n) {
    for (const bool accepted : {false, true}) {
      if (source.side(accepted).count(n) == 0) continue;
      const bool seen = reader == Reader::Anyone ? true
                        : split.covers(n)        ? split.has(accepted, n, reader == Reader::Unseen)
                                                 : reader == Reader::Unseen;
      if (seen) lengths_[accepted ? 1 : 0].push_back(n);
    }
    if (source.accepted.count(n) != 0) accepted_lengths_.push_back(n);
  }
}

bool WordPool::visible(const Word& word, bool accepted) const {
  if (reader_ == Reader::Anyone) return true;
  const bool trained = split_.covers(static_cast<int>(word.size())) && !split_.held_out(word, accepted);
  return trained == (reader_ == Reader::Training);
}

Word WordPool::draw(bool accepted, bool near_miss, base::Random& random) const {
  if (!accepted && near_miss && near_miss_edits_ > 0 && !accepted_lengths_.empty()) {
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
      Word word = *source_.accepted.draw(pick(accepted_lengths_, random), random);
      const int edits = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(near_miss_edits_)));
      automata::edit(word, edits, source_.dfa.alphabet.size(), min_length_, max_length_, random);
      if (!source_.dfa.accepts(word) && visible(word, false)) return word;
    }
  }
  // lengths_ holds only lengths with a visible word, so trying again at the same length ends, and keeps
  // lengths even.
  const int length = pick(lengths_[accepted ? 1 : 0], random);
  for (;;) {
    Word word = *source_.side(accepted).draw(length, random);
    if (visible(word, accepted)) return word;
  }
}

Example WordPool::draw(std::uint64_t index, base::Random& random) const {
  const bool accepted = !has(false) || (has(true) && index % 2 == 0);
  return {draw(accepted, index % 4 == 3, random), accepted};
}

}  // namespace yore::tasks
