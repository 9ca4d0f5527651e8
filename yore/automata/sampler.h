// Words drawn exactly uniformly from the accepted (or rejected) words of a given length, by counting paths.
#pragma once
#include <gmpxx.h>

#include <optional>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/base/random.h"

namespace yore::automata {

/// count[n] = number of accepted words of length n, n = 0..max_length. Exact.
std::vector<mpz_class> count_words(const Dfa& dfa, int max_length);

/// Draws uniformly among the accepted words of each length up to max_length. The table holds 64-bit thresholds; a draw that falls into
/// the one cell in 2^64 a threshold cuts is settled with exact integers, so the distribution is exact, not nearly so.
/// Memory: (max_length + 1) * states * |A| * 8 bytes; throws BudgetError("max-table") past `max_table_bytes`.
class WordSampler {
 public:
  WordSampler(const Dfa& dfa, int max_length, std::size_t max_table_bytes = std::size_t{1} << 30);
  int max_length() const { return max_length_; }
  /// How many words of that length there are.
  const mpz_class& count(int length) const { return counts_[static_cast<std::size_t>(length)]; }
  /// One word; nothing if there is none of that length.
  std::optional<Word> draw(int length, base::Random& random) const;

 private:
  Dfa dfa_;
  int max_length_;
  std::vector<mpz_class> counts_;
  std::vector<std::uint64_t> thresholds_;
};

}  // namespace yore::automata
