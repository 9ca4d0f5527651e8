// Looking for a word on which a black box and an automaton differ, where no search is complete.
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "yore/automata/black_box.h"
#include "yore/automata/dfa.h"

namespace yore::automata {

/// How far WordSearch looks. Counts are of words of one call; 0 leaves that kind out.
struct SearchOptions {
  int max_length = 100;                    ///< no word is longer
  std::int64_t exhaustive_words = 10'000;  ///< the first so many in length-then-symbol order
  int extra_states = 1;                    ///< what the W-method aims at, see Searched
  std::int64_t cover_words = 20'000;       ///< of the W-method
  std::int64_t loop_words = 2'000;         ///< along repeated cycles
  std::int64_t random_words = 5'000;
  int max_edits = 3;  ///< of a near miss, at least 1
  /// How many words at a time are handed to the black box, at least 1. A difference found ends the call after
  /// its batch: large batches ask more words than they need, small ones call more often.
  std::size_t batch = 1'024;
  std::uint64_t seed = 0;
};

/// What one call compared, and what follows from it.
struct Searched {
  std::int64_t words = 0;      ///< different words
  int exhaustive_length = -1;  ///< all words up to that length agree; -1: none of that kind were compared
  /// If not -1: the black box has the hypothesis' language, or one whose minimal automaton has more states
  /// than the hypothesis' and these extra ones together (Vasilevskii 1973, Chow 1978).
  int extra_states = -1;
};

/// Compares a black box with an automaton on, in this order: all short words; access word + every word of up
/// to extra_states + 1 letters + characterising word (the W-method: every move, and what lies behind it);
/// access word + a cycle through each move, 2, 4, 8.. times + characterising word; random words: uniform,
/// accepted and rejected by the hypothesis (lengths uniform among those that have one), near misses of
/// accepted words, and access word + random word + characterising word. The random words of each call are
/// new. The same calls in the same order compare the same words on every platform.
class WordSearch {
 public:
  /// Keeps a reference to `box`. Throws std::invalid_argument on options out of range.
  explicit WordSearch(BlackBox& box, const SearchOptions& options = {});
  /// The shortest difference (then the first) of the first batch that has one. An interrupt ends the search
  /// early. Throws std::invalid_argument if the alphabets differ, BudgetError if the tables
  /// for drawing words of max_length letters are too large (WordSampler).
  std::optional<Word> operator()(const Dfa& hypothesis);
  /// What the last call compared.
  const Searched& last() const { return last_; }
  /// Words compared in all calls together; those of different calls may be the same.
  std::int64_t compared() const { return compared_; }

 private:
  BlackBox& box_;
  SearchOptions options_;
  Searched last_;
  std::int64_t compared_ = 0;
  std::uint64_t call_ = 0;
};

}  // namespace yore::automata
