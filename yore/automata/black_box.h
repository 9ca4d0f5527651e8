// A language that is known only by asking whether words are in it: many words a question, no word twice.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "yore/automata/dfa.h"

namespace yore::automata {

/// Asked about words, says for each, in order, whether it is in the language (0 or not).
using Membership = std::function<std::vector<char>(std::span<const Word>)>;

/// Mixes all letters and the length.
struct WordHash {
  std::size_t operator()(const Word& word) const;
};

/// A membership oracle with a memory. Because no word is asked twice, even an oracle that contradicts itself
/// is one language, which is what lets a learner's progress be proved. Whoever asks the same black box (a
/// learner, a search for differences) should share one of these.
class BlackBox {
 public:
  using Answer = std::pair<const Word, bool>;

  BlackBox(Alphabet alphabet, Membership membership);
  BlackBox(const BlackBox&) = delete;
  BlackBox& operator=(const BlackBox&) = delete;
  ~BlackBox() = default;

  const Alphabet& alphabet() const { return alphabet_; }
  /// The answers, in order. The new ones among `words` are asked in one call, each once; none, no call.
  /// Throws std::invalid_argument on a symbol outside the alphabet, or if the oracle does not give one answer
  /// a word; what the oracle throws passes through, and then nothing new is remembered.
  std::vector<char> ask(std::span<const Word> words);
  bool ask(const Word& word) { return ask(std::span(&word, 1)).front() != 0; }
  /// As ask(), unless more than `limit` of them are new: then nothing is asked and nothing returned.
  std::optional<std::vector<char>> ask_at_most(std::int64_t limit, std::span<const Word> words);
  /// What is remembered of a word.
  std::optional<bool> recall(const Word& word) const;

  /// All words asked so far with their answers, in the order they were asked. The pointers stay valid.
  const std::vector<const Answer*>& answers() const { return order_; }
  /// How many words were asked so far.
  std::int64_t asked() const { return static_cast<std::int64_t>(order_.size()); }
  /// How often the oracle was called.
  std::int64_t calls() const { return calls_; }

 private:
  Alphabet alphabet_;
  Membership membership_;
  std::unordered_map<Word, bool, WordHash> memory_;
  std::vector<const Answer*> order_;
  std::int64_t calls_ = 0;
};

}  // namespace yore::automata
