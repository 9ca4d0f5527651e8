#include "yore/automata/sampler.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <iostream>
#include <map>

#include "yore/automata/convert.h"
#include "yore/automata/test_support.h"
#include "yore/base/error.h"

namespace yore::automata {
namespace {

using testing::first_letters;

Dfa of(const char* pattern, int letters = 2) {
  return dfa_from_regex(logic::parse_regex(pattern, first_letters(letters)));
}

// P(X >= x) for X chi-square with k degrees of freedom: the regularised upper incomplete gamma function
// Q(k/2, x/2), by its series below the mean and Lentz's continued fraction above (Abramowitz &
// Stegun 6.5.29, 6.5.31).
double chi_square_tail(double x, double k) {
  const double s = k / 2, z = x / 2, front = std::exp(s * std::log(z) - z - std::lgamma(s));
  if (z < s + 1) {
    double term = 1 / s, sum = term;
    for (int n = 1; n < 10'000 && term > sum * 1e-15; ++n) sum += term *= z / (s + n);
    return 1 - front * sum;
  }
  double b = z + 1 - s, c = 1e300, d = 1 / b, h = d;
  for (int n = 1; n < 10'000; ++n) {
    const double a = -n * (n - s);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    h *= c * d;
    if (std::abs(c * d - 1) < 1e-15) break;
  }
  return front * h;
}

// The value a chi-square variable exceeds with probability p.
double critical_value(double p, double k) {
  double low = 0, high = 10 * k + 1000;
  for (int i = 0; i < 200; ++i) (chi_square_tail((low + high) / 2, k) > p ? low : high) = (low + high) / 2;
  return low;
}

TEST(ChiSquare, TailAgreesWithTables) {
  // Any table of the distribution has these.
  EXPECT_NEAR(critical_value(0.05, 1), 3.841, 5e-4);
  EXPECT_NEAR(critical_value(0.01, 10), 23.209, 5e-4);
  EXPECT_NEAR(critical_value(0.001, 100), 149.449, 5e-4);
  EXPECT_NEAR(critical_value(0.95, 10), 3.940, 5e-4);
}

std::vector<Word> accepted(const Dfa& dfa, int length) {
  std::vector<Word> words;
  for_all_words(dfa.alphabet.size(), length, [&](const Word& w) {
    if (static_cast<int>(w.size()) == length && dfa.accepts(w)) words.push_back(w);
  });
  return words;
}

// Sum of (observed - expected)^2 / expected over all words; a word outside the list is an error.
double statistic(const std::vector<Word>& words, int draws, const std::function<Word()>& draw) {
  std::map<Word, int> seen;
  for (const Word& w : words) seen[w] = 0;
  for (int i = 0; i < draws; ++i) {
    const auto it = seen.find(draw());
    if (it == seen.end()) throw std::logic_error("a word outside the language was drawn");
    ++it->second;
  }
  const double expected = static_cast<double>(draws) / static_cast<double>(words.size());
  double sum = 0;
  for (const auto& [word, count] : seen) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

// With fixed seeds a correct sampler fails this never or always; at 1e-6 a case, a failure means a fault.
constexpr double kChance = 1e-6;

TEST(CountWords, EqualsEnumeration) {
  base::Random random({6, 1});
  for (int round = 0; round < 100; ++round) {
    const Dfa dfa = testing::random_dfa(random, 1 + static_cast<int>(random.below(7)), 2, 3);
    const std::vector<mpz_class> counts = count_words(dfa, 9);
    ASSERT_EQ(counts.size(), 10u);
    const WordSampler sampler(dfa, 9);
    for (int n = 0; n <= 9; ++n) {
      ASSERT_EQ(counts[n], accepted(dfa, n).size());
      ASSERT_EQ(sampler.count(n), counts[n]);
    }
  }
}

TEST(CountWords, StaysExactFarBeyond64Bits) {
  // All words: 3^n. No two equal neighbours over 3 letters: 3 * 2^(n-1).
  const auto all = count_words(of(".*", 3), 500), proper = count_words(of("!(.*(aa|bb|cc).*)", 3), 500);
  mpz_class power;
  mpz_ui_pow_ui(power.get_mpz_t(), 3, 500);
  EXPECT_EQ(all[500], power);
  mpz_ui_pow_ui(power.get_mpz_t(), 2, 499);
  EXPECT_EQ(proper[500], 3 * power);
}

TEST(WordSampler, IsUniformAlsoWhenThresholdsAreCoarse) {
  struct Case {
    const char* pattern;
    int letters, length;
  };
  base::Random random({6, 2});
  for (const Case& c : {Case{".*aa.*", 2, 8},
                        {"!(.*aa.*)", 3, 5},
                        {"(ab|ba)*", 2, 12},
                        {".*a.*b.*a.*", 2, 8},
                        {"a*b*", 2, 30},
                        {"(ab*a|b)*", 2, 9},
                        {"a(b|cc)*c?", 3, 11},
                        {"(.*a..)&!(.*bb.*)", 2, 10}}) {
    const Dfa dfa = of(c.pattern, c.letters);
    const std::vector<Word> words = c.length <= 12 ? accepted(dfa, c.length) : [&] {
      std::vector<Word> sorted;  // a*b*, too long to search for
      for (int i = 0; i <= c.length; ++i) {
        Word w(static_cast<std::size_t>(c.length), 1);
        std::fill(w.begin(), w.begin() + i, 0);
        sorted.push_back(w);
      }
      return sorted;
    }();
    ASSERT_GT(words.size(), 10u) << c.pattern;
    const double critical = critical_value(kChance, static_cast<double>(words.size() - 1));
    // With 1 bit nearly every letter is settled exactly, with 64 none; the distribution must not change.
    for (const int bits : {1, 2, 5, 16, 64}) {
      const WordSampler sampler(dfa, c.length, std::size_t{1} << 30, bits);
      ASSERT_EQ(sampler.count(c.length), words.size());
      const int draws = static_cast<int>(words.size()) * (bits < 16 ? 40 : 1000);
      const double x = statistic(words, draws, [&] { return *sampler.draw(c.length, random); });
      EXPECT_LT(x, critical) << c.pattern << ", " << bits << " bits";
    }
  }
}

TEST(WordSampler, TheTestWouldNoticeABias) {
  // Choosing each letter uniformly among those that can still lead to acceptance is the common mistake.
  const Dfa dfa = of("a*b*");
  std::vector<Word> words = accepted(dfa, 8);
  base::Random random({6, 3});
  const double x = statistic(words, 9000, [&] {
    Word word;
    for (bool b = false; word.size() < 8;) {
      b = b || random.below(2) == 1;
      word.push_back(b);
    }
    return word;
  });
  EXPECT_GT(x, critical_value(kChance, static_cast<double>(words.size() - 1)));
}

TEST(WordSampler, RareWordsAreDrawnAtTheirRate) {
  // From the start an a leads to 1 of 2^12 + 1 words: thresholds close to 0 must not be rounded away, with
  // few bits least of all.
  const Dfa dfa = of("a{13}|b.{12}");
  base::Random random({6, 4});
  for (const int bits : {1, 4, 64}) {
    const WordSampler sampler(dfa, 13, std::size_t{1} << 30, bits);
    ASSERT_EQ(sampler.count(13), 4097);
    const int draws = 4097 * (bits == 64 ? 100 : 10);
    int rare = 0;
    for (int i = 0; i < draws; ++i) rare += (*sampler.draw(13, random))[0] == 0;
    // Poisson with mean 10 or 100: five standard deviations.
    const double mean = draws / 4097.0;
    EXPECT_NEAR(rare, mean, 5 * std::sqrt(mean)) << bits;
    EXPECT_GT(rare, 0);
  }
}

TEST(WordSampler, LengthsWithoutWordsAndBadLengths) {
  const WordSampler sampler(of("(ab)*"), 6);
  base::Random random({6, 5});
  EXPECT_EQ(sampler.max_length(), 6);
  EXPECT_EQ(sampler.draw(0, random), Word{});
  EXPECT_EQ(sampler.draw(3, random), std::nullopt);
  EXPECT_EQ(sampler.draw(6, random), (Word{0, 1, 0, 1, 0, 1}));
  EXPECT_THROW((void)sampler.draw(7, random), std::invalid_argument);
  EXPECT_THROW((void)sampler.draw(-1, random), std::invalid_argument);
  EXPECT_THROW(WordSampler(of("a"), -1), std::invalid_argument);
  EXPECT_THROW(WordSampler(of("a"), 1, 1000, 0), std::invalid_argument);
  EXPECT_THROW(WordSampler(of("a"), 1, 1000, 65), std::invalid_argument);
  EXPECT_EQ(WordSampler(of("[]"), 3).draw(2, random), std::nullopt);
}

TEST(WordSampler, TableIsBudgeted) {
  // (ab)*: 3 states x 2 letters x 8 bytes = 48 bytes a letter of length.
  EXPECT_NO_THROW(WordSampler(of("(ab)*"), 100, 4800));
  EXPECT_EQ(longest_drawn(of("(ab)*"), 4800), 100);
  EXPECT_EQ(longest_drawn(of("(ab)*")), 131072) << "here the exact numbers are what is large";
  try {
    const WordSampler sampler(of("(ab)*"), 101, 4800);
    FAIL() << "no BudgetError for a length of " << sampler.max_length();
  } catch (const base::BudgetError& error) {
    EXPECT_EQ(error.budget(), "max_table_bytes");
    EXPECT_STREQ(
        error.what(),
        "the table for drawing words of up to 101 letters (bytes) went past the budget of 4800 (shorter "
        "words need less)");
    EXPECT_EQ(error.limit(), 4800u);
  }
}

TEST(WordSampler, LongWordsAreAcceptedAndFast) {
  base::Random random({6, 6});
  for (const char* pattern : {"(ab|ba)*", "(a(ab)*b)*", ".*a.*b.*a.*"}) {
    const Dfa dfa = of(pattern);
    const WordSampler sampler(dfa, 500);
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(dfa.accepts(*sampler.draw(500, random)));
  }
  const WordSampler sampler(of("(ab|ba)*"), 40);
  const auto begin = std::chrono::steady_clock::now();
  std::size_t letters = 0;
  for (int i = 0; i < 100'000; ++i) letters += sampler.draw(40, random)->size();
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::cout << static_cast<double>(letters) / seconds / 1e6 << " million letters a second\n";
  EXPECT_LT(seconds, 20);  // a sanitizer build takes a few
}

}  // namespace
}  // namespace yore::automata
