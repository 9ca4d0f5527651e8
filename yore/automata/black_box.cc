#include "yore/automata/black_box.h"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <unordered_set>

namespace yore::automata {

std::size_t WordHash::operator()(const Word& word) const {
  std::uint64_t hash = word.size();
  for (const Symbol a : word) {
    // One round of splitmix64: words of a black box often differ in one letter, or in the order of two.
    hash += static_cast<std::uint64_t>(a) + 0x9e3779b97f4a7c15U;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebU;
    hash ^= hash >> 31;
  }
  return static_cast<std::size_t>(hash);
}

BlackBox::BlackBox(Alphabet alphabet, Membership membership)
    : alphabet_(std::move(alphabet)), membership_(std::move(membership)) {
  if (!membership_) throw std::invalid_argument("BlackBox: no membership oracle");
}

std::vector<char> BlackBox::ask(std::span<const Word> words) {
  return *ask_at_most(std::numeric_limits<std::int64_t>::max(), words);
}

std::optional<std::vector<char>> BlackBox::ask_at_most(std::int64_t limit, std::span<const Word> words) {
  std::vector<Word> fresh;
  std::unordered_set<Word, WordHash> seen;
  for (const Word& word : words) {
    if (memory_.contains(word) || !seen.insert(word).second) continue;
    for (const Symbol a : word)
      if (a < 0 || a >= alphabet_.size())
        throw std::invalid_argument("BlackBox: a symbol outside the alphabet");
    if (static_cast<std::int64_t>(fresh.size()) >= limit) return std::nullopt;
    fresh.push_back(word);
  }
  if (!fresh.empty()) {
    const std::vector<char> answers = membership_(fresh);
    if (answers.size() != fresh.size())
      throw std::invalid_argument("BlackBox: the oracle must give one answer a word");
    ++calls_;
    for (std::size_t i = 0; i < fresh.size(); ++i) {
      const auto at = memory_.emplace(std::move(fresh[i]), answers[i] != 0).first;
      order_.push_back(&*at);
    }
  }
  std::vector<char> result;
  result.reserve(words.size());
  for (const Word& word : words) result.push_back(memory_.at(word) ? 1 : 0);
  return result;
}

std::optional<bool> BlackBox::recall(const Word& word) const {
  const auto at = memory_.find(word);
  if (at == memory_.end()) return std::nullopt;
  return at->second;
}

}  // namespace yore::automata
