#include "yore/automata/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <utility>

#include "yore/base/budget.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

// How many accepted words of the current length start in each state; grows by one letter a step.
class Counter {
 public:
  explicit Counter(const Dfa& dfa) : dfa_(dfa) {
    for (char accepting : dfa.accepting) counts_.emplace_back(accepting ? 1 : 0);
    longer_.resize(counts_.size());
  }
  const mpz_class& operator[](State q) const { return counts_[q]; }
  void grow() {
    for (State q = 0; q < dfa_.states; ++q) {
      longer_[q] = 0;
      for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) longer_[q] += counts_[dfa_.step(q, a)];
    }
    counts_.swap(longer_);
  }

 private:
  const Dfa& dfa_;
  std::vector<mpz_class> counts_, longer_;
};

static_assert(sizeof(unsigned long) == 8, "GMP's word-sized functions are used for 64-bit thresholds");

void require_length(int length, int max_length) {
  if (length < 0 || length > max_length)
    throw std::invalid_argument("a word's length must lie in 0..max_length");
}

}  // namespace

std::vector<mpz_class> count_words(const Dfa& dfa, int max_length) {
  require_length(max_length, std::numeric_limits<int>::max());
  base::Budget budget("counting the words of a language");
  Counter counter(dfa);
  std::vector<mpz_class> result{counter[dfa.start]};
  for (int length = 1; length <= max_length; ++length) {
    budget.spend();
    counter.grow();
    result.push_back(counter[dfa.start]);
  }
  return result;
}

int longest_drawn(const Dfa& dfa, std::size_t max_table_bytes) {
  const auto bytes = static_cast<double>(max_table_bytes);
  const double thresholds = bytes / (static_cast<double>(dfa.next.size()) * sizeof(std::uint64_t));
  // The numbers of words are numbers of up to length * log2(letters) bits, one a length.
  const double counts = std::sqrt(bytes * 16 / std::log2(std::max(1, dfa.alphabet.size())));
  return static_cast<int>(
      std::min({thresholds, counts, static_cast<double>(std::numeric_limits<int>::max())}));
}

WordSampler::WordSampler(const Dfa& dfa, int max_length, std::size_t max_table_bytes, int threshold_bits)
    : dfa_(minimise(dfa)), max_length_(max_length), shift_(64 - threshold_bits) {
  require_length(max_length, std::numeric_limits<int>::max());
  if (threshold_bits < 1 || threshold_bits > 64)
    throw std::invalid_argument("WordSampler: threshold_bits must lie in 1..64");
  if (max_length > longest_drawn(dfa_, max_table_bytes))
    throw base::BudgetError(
        "max_table_bytes", max_table_bytes,
        fmt::format("the table for drawing words of up to {} letters (bytes)", max_length),
        "shorter words need less");
  thresholds_.reserve(static_cast<std::size_t>(max_length) * dfa_.next.size());
  base::Budget budget("counting the words of a language");

  const int letters = dfa_.alphabet.size();
  const std::uint64_t last = ~std::uint64_t{0} >> shift_;
  Counter counter(dfa_);
  counts_.push_back(counter[dfa_.start]);
  mpz_class total, cumulated, quotient;
  for (int remaining = 1; remaining <= max_length; ++remaining) {
    for (State q = 0; q < dfa_.states; ++q) {
      budget.spend();
      total = 0;
      for (Symbol a = 0; a < letters; ++a) total += counter[dfa_.step(q, a)];
      cumulated = 0;
      for (Symbol a = 0; a < letters; ++a) {
        cumulated += counter[dfa_.step(q, a)];
        // Probability one does not fit; the cell below it then counts as cut, which only costs an exact
        // decision there.
        if (cumulated == total) {
          thresholds_.push_back(last);
          continue;
        }
        mpz_mul_2exp(quotient.get_mpz_t(), cumulated.get_mpz_t(), static_cast<mp_bitcnt_t>(threshold_bits));
        mpz_fdiv_q(quotient.get_mpz_t(), quotient.get_mpz_t(), total.get_mpz_t());
        thresholds_.push_back(mpz_get_ui(quotient.get_mpz_t()));
      }
    }
    counter.grow();
    counts_.push_back(counter[dfa_.start]);
  }
}

std::optional<Word> WordSampler::draw(int length, base::Random& random) const {
  require_length(length, max_length_);
  if (count(length) == 0) return std::nullopt;
  const auto letters = static_cast<std::size_t>(dfa_.alphabet.size());
  const std::size_t row_stride = static_cast<std::size_t>(dfa_.states) * letters;
  Word word(static_cast<std::size_t>(length));
  State q = dfa_.start;
  for (int i = 0; i < length; ++i) {
    const int remaining = length - i;
    const std::uint64_t* row = thresholds_.data() + static_cast<std::size_t>(remaining - 1) * row_stride +
                               static_cast<std::size_t>(q) * letters;
    const std::uint64_t drawn = random.bits() >> shift_;
    // The drawn number u stands for the stretch [u, u + 1) of the unit interval. Below a threshold it lies
    // wholly below the true probability, above it wholly above; on it the probability may cut it.
    Symbol a = 0;
    while (row[a] < drawn) ++a;
    if (row[a] == drawn) [[unlikely]]
      a = settle(q, remaining, drawn, random);
    word[i] = a;
    q = dfa_.step(q, a);
  }
  return word;
}

// Counts again and draws further bits until the stretch lies within one letter's share. The counts are not
// kept: they would take far more memory than the thresholds, for an event that never happens at 64 bits.
Symbol WordSampler::settle(State q, int remaining, std::uint64_t drawn, base::Random& random) const {
  Counter counter(dfa_);
  for (int length = 1; length < remaining; ++length) counter.grow();
  mpz_class total = 0;
  for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) total += counter[dfa_.step(q, a)];
  mpz_class stretch = drawn;
  for (mp_bitcnt_t bits = static_cast<mp_bitcnt_t>(64 - shift_);; bits += 64) {
    // Letter a's share in units of 2^-bits / total: [below, above) with the stretch at [stretch * total,
    // (stretch + 1) * total).
    const mpz_class from = stretch * total, to = from + total;
    mpz_class below = 0, above = 0;
    for (Symbol a = 0; a < dfa_.alphabet.size(); ++a) {
      above += counter[dfa_.step(q, a)] << bits;
      if (below <= from && to <= above) return a;
      below = above;
    }
    stretch = (stretch << 64) + mpz_class(random.bits());
  }
}

}  // namespace yore::automata
