#include "yore/tasks/formal/split.h"

#include <algorithm>

#include "yore/base/budget.h"
#include "yore/tasks/common/free_words.h"

namespace yore::tasks {
namespace {

constexpr unsigned long kListed = 1024;  // classes and lengths with at most this many words are listed

/// [r][state]: some r letters lead from there to acceptance. Keeps the search for words out of dead ends.
using Live = std::vector<std::vector<char>>;

Live live_states(const Dfa& dfa, int length, base::Budget& budget) {
  Live live{dfa.accepting};
  for (int r = 1; r <= length; ++r) {
    budget.spend();
    std::vector<char>& now = live.emplace_back(dfa.accepting.size(), 0);
    const std::vector<char>& before = live[live.size() - 2];
    for (automata::State q = 0; q < dfa.states; ++q)
      for (logic::Symbol a = 0; a < dfa.alphabet.size(); ++a)
        if (before[static_cast<std::size_t>(dfa.step(q, a))]) now[static_cast<std::size_t>(q)] = 1;
  }
  return live;
}

/// Calls found(word) for those of this length, in symbol order.
template <class Found>
void words_of_length(const Dfa& dfa, int length, const Live& live, base::Budget& budget, const Found& found) {
  const auto alive = [&](std::size_t left, automata::State q) {
    return live[left][static_cast<std::size_t>(q)] != 0;
  };
  Word word;
  std::vector<automata::State> path{dfa.start};  // the states before and after each letter of `word`
  logic::Symbol next = 0;                        // the letter to try behind it
  if (!alive(static_cast<std::size_t>(length), dfa.start)) return;
  for (;;) {
    budget.spend();
    const std::size_t left = static_cast<std::size_t>(length) - word.size();
    if (left == 0) found(word);
    if (left > 0 && next < dfa.alphabet.size()) {
      const automata::State after = dfa.step(path.back(), next);
      if (alive(left - 1, after)) {
        word.push_back(next);
        path.push_back(after);
        next = 0;
      } else {
        ++next;
      }
      continue;
    }
    if (word.empty()) return;
    next = word.back() + 1;
    word.pop_back();
    path.pop_back();
  }
}

}  // namespace

std::uint64_t word_hash(std::uint64_t split_seed, const Word& word) {
  return sequence_hash(split_seed, word);
}

std::vector<Word> accepted_words(const Dfa& dfa, int length) {
  base::Budget budget("listing the words of a length");
  std::vector<Word> words;
  words_of_length(dfa, length, live_states(dfa, length, budget), budget,
                  [&](const Word& word) { words.push_back(word); });
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
  int longest_listed = 0;
  for (int n = min_length_; n <= max_length_; ++n) {
    total += counts.count(n);
    if (counts.count(n) <= kListed) longest_listed = n;
  }

  base::Budget budget("splitting the words of the training lengths");
  const Live live = live_states(side, longest_listed, budget);
  std::vector<std::vector<std::uint64_t>> listed(lengths);
  for (std::size_t i = 0; i < lengths; ++i) {
    const int n = min_length_ + static_cast<int>(i);
    if (counts.count(n) > kListed) continue;
    words_of_length(side, n, live, budget,
                    [&](const Word& word) { listed[i].push_back(word_hash(seed_, word)); });
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
