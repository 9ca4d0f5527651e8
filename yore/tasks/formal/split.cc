#include "yore/tasks/formal/split.h"

#include <algorithm>

#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace {

constexpr unsigned long kListed = 1024;  // classes and lengths with at most this many words are listed

}  // namespace

std::uint64_t word_hash(std::uint64_t split_seed, const Word& word) {
  return sequence_hash(split_seed, word);
}

std::vector<Word> accepted_words(const Dfa& dfa, int length) {
  // live[r][q]: some r letters lead from q to acceptance. Keeps the search out of dead ends.
  const auto states = static_cast<std::size_t>(dfa.states);
  std::vector<std::vector<char>> live(static_cast<std::size_t>(length) + 1, std::vector<char>(states, 0));
  live[0] = dfa.accepting;
  for (std::size_t r = 1; r < live.size(); ++r)
    for (automata::State q = 0; q < dfa.states; ++q)
      for (logic::Symbol a = 0; a < dfa.alphabet.size(); ++a)
        if (live[r - 1][static_cast<std::size_t>(dfa.step(q, a))]) live[r][static_cast<std::size_t>(q)] = 1;

  std::vector<Word> words;
  Word word;
  const auto extend = [&](const auto& self, automata::State q) -> void {
    const std::size_t left = static_cast<std::size_t>(length) - word.size();
    if (!live[left][static_cast<std::size_t>(q)]) return;
    if (left == 0) {
      words.push_back(word);
      return;
    }
    for (logic::Symbol a = 0; a < dfa.alphabet.size(); ++a) {
      word.push_back(a);
      self(self, dfa.step(q, a));
      word.pop_back();
    }
  };
  extend(extend, dfa.start);
  return words;
}

WordSplit::WordSplit(const Dfa& dfa, const automata::WordSampler& accepted,
                     const automata::WordSampler& rejected, int min_length, int max_length,
                     std::uint64_t split_seed)
    : min_length_(min_length), max_length_(max_length), seed_(split_seed) {
  settle(dfa, accepted, true);
  settle(automata::complement(dfa), rejected, false);
}

void WordSplit::settle(const Dfa& side, const automata::WordSampler& counts, bool accepted) {
  const std::size_t lengths =
      static_cast<std::size_t>(max_length_) - static_cast<std::size_t>(min_length_) + 1;
  mpz_class total = 0;
  for (int n = min_length_; n <= max_length_; ++n) total += counts.count(n);

  std::vector<std::vector<std::uint64_t>> listed(lengths);
  for (std::size_t i = 0; i < lengths; ++i) {
    const int n = min_length_ + static_cast<int>(i);
    if (counts.count(n) > kListed) continue;
    for (const Word& word : accepted_words(side, n)) listed[i].push_back(word_hash(seed_, word));
  }

  std::uint64_t& threshold = threshold_[accepted ? 1 : 0];
  threshold = kHeldOutHash;
  if (total <= kListed) {
    std::vector<std::uint64_t> hashes;
    for (const auto& some : listed) hashes.insert(hashes.end(), some.begin(), some.end());
    std::sort(hashes.begin(), hashes.end());
    const std::size_t held = hashes.size() < 2 ? 0 : std::max<std::size_t>(1, (hashes.size() + 4) / 8);
    threshold = held == 0 ? 0 : hashes[held - 1] + 1;
  }

  for (int held = 0; held < 2; ++held) {
    std::vector<char>& has = has_[accepted ? 1 : 0][static_cast<std::size_t>(held)];
    has.resize(lengths);
    for (std::size_t i = 0; i < lengths; ++i)
      has[i] = counts.count(min_length_ + static_cast<int>(i)) > kListed ||
               std::any_of(listed[i].begin(), listed[i].end(),
                           [&](std::uint64_t hash) { return (hash < threshold) == (held == 1); });
  }
}

bool WordSplit::has(bool accepted, int length, bool held_out) const {
  return has_[accepted ? 1 : 0][held_out ? 1 : 0][static_cast<std::size_t>(length - min_length_)] != 0;
}

}  // namespace yore::tasks
