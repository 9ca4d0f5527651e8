#include "yore/base/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <vector>

namespace yore::base {
namespace {

// Golden values were computed with a separate implementation of the published algorithms, in another
// language, after checking that one against the authors' first outputs for the states {1, 2, 3, 4}
// (xoshiro256**: 11520, 0, 1509978240, 1215971899390074240) and 1234567 (splitmix64: 6457827717110365317).
// They must never change: a language's training words depend on them.
TEST(Random, BitsAreTheSameEverywhere) {
  const auto first4 = [](Random r) {
    return std::vector<std::uint64_t>{r.bits(), r.bits(), r.bits(), r.bits()};
  };
  using Four = std::vector<std::uint64_t>;
  EXPECT_EQ(first4(Random(0)),
            (Four{0xff73d0ed7d9fce26, 0x2aebd5d6fe969244, 0x87a5ef76138322f2, 0x666183d968e8fb25}));
  EXPECT_EQ(first4(Random(1)),
            (Four{0x6f73217d7ae3781e, 0xedbecb5647672796, 0xdecd25203a0e3557, 0x54d76fc8b363698f}));
  EXPECT_EQ(first4(Random({1, 2, 3})),
            (Four{0xd789079db7b76a00, 0xe57798e39331a041, 0x5c103553ea3f879e, 0x67f32b2a8274d79d}));
  EXPECT_EQ(first4(Random(~std::uint64_t{0})),
            (Four{0x8fe6d4fec4e0e1bf, 0x5413e555f2f61ca3, 0x4862c7d5ad945c5b, 0x0651258d3700ab8c}));
}

TEST(Random, DistributionsAreTheSameEverywhere) {
  Random small(7);
  for (std::uint64_t expected : {6, 5, 0, 6, 6, 9, 0, 9, 8, 2, 6, 4, 0, 1, 2, 1, 5, 4, 7, 3})
    EXPECT_EQ(small.below(10), expected);
  Random large(7);  // 3 * 2^62 rejects a quarter of all draws
  for (std::uint64_t expected :
       {5514547222101381446u, 13344152937987377940u, 9595904606906229656u, 12828027286196981176u})
    EXPECT_EQ(large.below(std::uint64_t{3} << 62), expected);
  Random uniform(7);
  for (double expected :
       {0x1.321e6decb9e14p-2, 0x1.4c58091447290p-5, 0x1.725fe8cb22721p-1, 0x1.0a5700cc225c4p-1})
    EXPECT_EQ(uniform.uniform(), expected);
  // The logarithm may differ in its last bit between C libraries, and a compiler may fuse u * u + v * v.
  Random normal(7);
  for (double expected : {1.7834010459201242, 0.4322940669836774, -1.3145642923748042, -0.0325375183572178})
    EXPECT_NEAR(normal.normal(), expected, 1e-14);
}

TEST(Random, KeysNameStreams) {
  std::set<std::uint64_t> first;
  int drawn = 0;
  for (std::uint64_t a = 0; a < 30; ++a)
    for (std::uint64_t b = 0; b < 30; ++b) {
      first.insert(Random({a, b}).bits());
      ++drawn;
    }
  for (std::uint64_t a = 0; a < 30; ++a) {
    first.insert(Random({a}).bits());
    first.insert(Random({a, 0, 0}).bits());
    drawn += 2;
  }
  first.insert(Random(std::initializer_list<std::uint64_t>{}).bits());
  EXPECT_EQ(static_cast<int>(first.size()), drawn + 1) << "order, number and value of the keys all count";
}

TEST(Random, ACopyContinuesTheSameStream) {
  Random a(5);
  a.bits();
  Random b = a;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.bits(), b.bits());
}

// A chi-square statistic with d degrees of freedom exceeds d + 2 sqrt(d t) + 2 t with probability at most
// e^-t (Laurent & Massart 2000, lemma 1); t = 14 makes that one in a million.
double chi_square_limit(double d) {
  return d + 2 * std::sqrt(d * 14) + 2 * 14;
}

double chi_square(const std::vector<std::int64_t>& counts, double expected) {
  double sum = 0;
  for (std::int64_t c : counts)
    sum += (static_cast<double>(c) - expected) * (static_cast<double>(c) - expected) / expected;
  return sum;
}

TEST(Random, BelowIsUniform) {
  for (std::uint64_t n : {2u, 3u, 7u, 10u, 64u, 1000u}) {
    Random random({99, n});
    const int draws = 1000 * static_cast<int>(n);
    std::vector<std::int64_t> counts(n, 0);
    for (int i = 0; i < draws; ++i) {
      const std::uint64_t r = random.below(n);
      ASSERT_LT(r, n);
      ++counts[r];
    }
    EXPECT_LT(chi_square(counts, 1000), chi_square_limit(static_cast<double>(n - 1))) << n;
  }
  EXPECT_EQ(Random(1).below(1), 0u);
}

TEST(Random, BelowHasNoModuloBiasWhereItWouldBeLargest) {
  // With n = 3 * 2^62 a plain remainder would give the lowest third twice its share.
  Random random(3);
  std::vector<std::int64_t> thirds(3, 0);
  for (int i = 0; i < 30'000; ++i) ++thirds[random.below(std::uint64_t{3} << 62) >> 62];
  EXPECT_LT(chi_square(thirds, 10'000), chi_square_limit(2));
}

TEST(Random, PairsOfDrawsAreIndependent) {
  Random random(11);
  std::vector<std::int64_t> cells(64, 0);
  for (int i = 0; i < 64'000; ++i) {
    const std::uint64_t first = random.below(8);  // two statements: the order of operands is unspecified
    ++cells[8 * first + random.below(8)];
  }
  EXPECT_LT(chi_square(cells, 1000), chi_square_limit(63));
}

TEST(Random, UniformFillsItsInterval) {
  Random random(12);
  std::vector<std::int64_t> cells(100, 0);
  for (int i = 0; i < 100'000; ++i) {
    const double u = random.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    ++cells[static_cast<std::size_t>(u * 100)];
  }
  EXPECT_LT(chi_square(cells, 1000), chi_square_limit(99));
}

TEST(Random, NormalHasTheNormalDistribution) {
  Random random(13);
  // Cells of equal probability under the normal distribution, by its distribution function.
  std::vector<std::int64_t> cells(50, 0);
  for (int i = 0; i < 50'000; ++i) {
    const double p = 0.5 * std::erfc(-random.normal() / std::sqrt(2.0));
    ++cells[std::min<std::size_t>(49, static_cast<std::size_t>(p * 50))];
  }
  EXPECT_LT(chi_square(cells, 1000), chi_square_limit(49));
}

}  // namespace
}  // namespace yore::base
