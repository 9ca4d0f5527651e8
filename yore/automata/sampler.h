// Words drawn exactly uniformly from the accepted (or rejected) words of a given length, by counting paths.
#pragma once
#include <gmpxx.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/base/random.h"

namespace yore::automata {

/// count[n] = number of accepted words of length n, n = 0..max_length. Exact.
std::vector<mpz_class> count_words(const Dfa& dfa, int max_length);

/// Of a WordSampler, unless it is told otherwise.
inline constexpr std::size_t kTableBytes = std::size_t{1} << 30;

/// The longest words that a WordSampler of so many bytes draws.
int longest_drawn(const Dfa& dfa, std::size_t max_table_bytes = kTableBytes);

/// Draws uniformly among the accepted words of each length up to max_length. The table holds 64-bit
/// thresholds; a draw that falls into the one cell in 2^64 a threshold cuts is settled with exact integers,
/// so the distribution is exact, not nearly so. Memory: max_length * states * |A| * 8 bytes, states of the
/// minimal automaton, and max_length^2 * log2 |A| / 16 for the exact numbers; throws
/// BudgetError("max_table_bytes") if either is more than that, base::Interrupted if a signal came.
class WordSampler {
 public:
  /// `threshold_bits` (1..64) is for tests: with few bits the exact path, one letter in 2^64 otherwise, is
  /// taken all the time.
  WordSampler(const Dfa& dfa, int max_length, std::size_t max_table_bytes = kTableBytes,
              int threshold_bits = 64);
  int max_length() const { return max_length_; }
  /// How many words of that length there are.
  const mpz_class& count(int length) const { return counts_[static_cast<std::size_t>(length)]; }
  /// One word; nothing if there is none of that length. std::invalid_argument unless 0 <= length <=
  /// max_length().
  std::optional<Word> draw(int length, base::Random& random) const;

 private:
  Symbol settle(State q, int remaining, std::uint64_t drawn, base::Random& random) const;

  Dfa dfa_;
  int max_length_;
  int shift_;  // 64 - threshold_bits
  std::vector<mpz_class> counts_;
  /// [remaining - 1][state][symbol]: the probability that the next letter is that symbol or an earlier one,
  /// when `remaining` letters are still to come; in units of 2^-threshold_bits, rounded down.
  std::vector<std::uint64_t> thresholds_;
};

}  // namespace yore::automata
