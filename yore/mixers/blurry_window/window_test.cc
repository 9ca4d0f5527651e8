// The weights of blurry windows against sums of waves, and what the slots come to.
#include "yore/mixers/blurry_window/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>
#include <stdexcept>
#include <tuple>

#include "yore/base/random.h"
#include "yore/mixers/attention/kernel.h"
#include "yore/mixers/blurry_window/ref.h"
#include "yore/mixers/common/slots.h"

namespace yore::mixers::blurry {
namespace {

TEST(Dirichlet, IsAMeanOfWaves) {
  for (const std::int64_t slots : {1, 2, 3, 8, 9, 64})
    for (int step = 0; step < 379; ++step) {
      const double x = -70 + 0.37 * step;
      EXPECT_NEAR(dirichlet(x, slots), ref::dirichlet(x, slots), 1e-12) << x << " of " << slots;
    }
  EXPECT_EQ(dirichlet(0, 8), 1);
  EXPECT_EQ(dirichlet(16, 8), 1);
  EXPECT_EQ(dirichlet(3, 8), 0);
}

// Rounding takes a quotient of sines above 1 near 0, of which 1 minus it would be no decay.
TEST(Dirichlet, IsNeverAboveOne) {
  for (const auto& [slots, phase, stretch] : {std::tuple{std::int64_t{11}, 1e-9, std::int64_t{1}},
                                              std::tuple{std::int64_t{100}, 0.3333333333, std::int64_t{3}}}) {
    const Table table({slots, Kernel::Signed, false, {{stretch, 1, phase}}});
    for (const double log_decay : table.log_decay()) ASSERT_FALSE(std::isnan(log_decay)) << slots;
  }
  for (const std::int64_t slots : {2, 11, 64, 100, 127})
    for (double x = 1e-12; x < 1e-3; x *= 1.01) ASSERT_LE(dirichlet(x, slots), 1) << x << " of " << slots;
}

// A table is refused rather than used while it still changes from period to period.
TEST(Table, OfTooFewPeriodsIsRefused) {
  const Setting setting{4, Kernel::MainLobe, true, {{8, 1, 0.5}}};  // z - 1 falls by e^-1.18 a period
  const Table table(setting);
  const std::int64_t numbers = table.period() * 4, filled = static_cast<std::int64_t>(table.filled().size());
  EXPECT_GT(filled, 10 * numbers);
  EXPECT_NO_THROW(Table(setting, 2 * numbers + filled));
  EXPECT_THROW(Table(setting, 2 * numbers + filled - numbers), std::invalid_argument);
  EXPECT_THROW(Table(setting, 4 * numbers), std::invalid_argument);
}

TEST(Table, HasTheWeightsOfTheDefinition) {
  const std::vector<Head> heads = {{1, 1, 0}, {4, 1, 0.5}, {3, 2, 0.25}, {8, 1, 0}};
  for (const auto& [kernel, name] :
       {std::pair{Kernel::Signed, "signed"}, std::pair{Kernel::MainLobe, "main_lobe"},
        std::pair{Kernel::Squared, "squared"}})
    for (const std::int64_t slots : {7, 8}) {
      const Table table({slots, kernel, false, heads});
      for (const std::int64_t t : {0, 1, 5, 100, 1'000'003})
        for (std::size_t h = 0; h < heads.size(); ++h)
          for (std::int64_t m = 0; m < slots; ++m) {
            const auto at = (static_cast<std::size_t>(t % table.period()) * heads.size() + h) *
                                static_cast<std::size_t>(slots) +
                            static_cast<std::size_t>(m);
            const double right = ref::blurry_weight(t, m, slots, heads[h].numerator, heads[h].denominator,
                                                    heads[h].phase, name, false);
            EXPECT_NEAR(table.write()[at], right, 1e-10)
                << name << ", t " << t << ", head " << h << ", slot " << m;
            EXPECT_NEAR(std::exp(table.log_decay()[at]), 1 - right, 1e-10);
          }
    }
}

// 2^53 / stretch in floating point would be off by whole slots.
TEST(Table, IsExactFarOut) {
  const Table table({64, Kernel::MainLobe, false, {{3, 2, 0}}});
  const std::int64_t far = std::int64_t{1} << 53;
  const auto at = static_cast<std::size_t>(far % table.period()) * 64;
  // x = far 2/3 modulo 64, from whole numbers.
  const std::int64_t thirds = far % std::int64_t{64 * 3} * 2 % std::int64_t{64 * 3};
  for (std::int64_t m = 0; m < 64; ++m) {
    const double x = static_cast<double>(thirds - 3 * m) / 3;
    const double near = std::remainder(x, 64);
    EXPECT_NEAR(table.write()[at + static_cast<std::size_t>(m)],
                std::abs(near) < 1 ? ref::dirichlet(near, 64) : 0, 1e-12);
  }
}

TEST(Table, FillsSlotsOnceAndForAll) {
  for (const Kernel kernel : {Kernel::Signed, Kernel::MainLobe, Kernel::Squared})
    for (const bool gain : {false, true}) {
      const Table table({8, kernel, gain, {{4, 1, 0.25}, {3, 1, 0}}});
      EXPECT_TRUE(table.bias().empty());
      std::vector<double> z(16, 0);
      for (std::int64_t t = 0; t < 20 * table.period(); ++t) {
        const std::size_t row = static_cast<std::size_t>(t % table.period()) * 16;
        for (std::size_t i = 0; i < 16; ++i)
          z[i] = (1 - table.write()[row + i]) * z[i] + table.write()[row + i];
        for (std::size_t i = 0; i < 16; ++i)
          ASSERT_NEAR(table.filled()[static_cast<std::size_t>(table.filled_row(t)) * 16 + i], z[i], 1e-7)
              << t;
      }
    }
}

// The same rule with keys of 1, the state a vector. What is left to settle once a period is like the one
// before to 1e-7 is less than 1e-6 here: a period takes a tenth off, or more.
TEST(Table, FillsSlotsByTheDeltaRule) {
  for (const Kernel kernel : {Kernel::Signed, Kernel::MainLobe, Kernel::Squared})
    for (const bool gain : {false, true}) {
      const Table table({8, kernel, gain, {{4, 1, 0.25}, {3, 1, 0}}, Erase::Delta});
      std::vector<double> z(16, 0);
      for (std::int64_t t = 0; t < table.warm() + 40 * table.period(); ++t) {
        const double* w = table.write().data() + t % table.period() * 16;
        for (std::size_t h = 0; h < 2; ++h) {
          double given = 0;
          for (std::size_t m = 0; m < 8; ++m) given += w[h * 8 + m] * z[h * 8 + m];
          for (std::size_t m = 0; m < 8; ++m) z[h * 8 + m] += w[h * 8 + m] - w[h * 8 + m] * given;
        }
        for (std::size_t i = 0; i < 16; ++i) {
          ASSERT_NEAR(table.filled()[static_cast<std::size_t>(table.filled_row(t)) * 16 + i], z[i], 1e-6)
              << t;
          // Kernels without side lobes leave no slot with less than nothing in it.
          if (kernel != Kernel::Signed) {
            ASSERT_GE(z[i], -1e-12) << t;
          }
        }
      }
      EXPECT_TRUE(kernel != Kernel::Signed || std::abs(z[0] - (gain ? 4 : 1)) < 1e-5) << z[0];
    }
}

TEST(Table, LowersSlotsByTheMeanAgeOfWhatTheyHold) {
  for (const Kernel kernel : {Kernel::MainLobe, Kernel::Squared})
    for (const Erase erase : {Erase::Decay, Erase::Delta}) {
      const Table table({5, kernel, true, {{2, 1, 0.25, 0.1}, {3, 1, 0, 0.7}}, erase});
      ASSERT_EQ(table.bias().size(), table.filled().size());
      const std::int64_t tokens = 5 * table.period();
      for (std::size_t h = 0; h < 2; ++h) {
        std::vector<double> weights;
        for (std::int64_t t = 0; t < tokens; ++t)
          for (std::size_t m = 0; m < 5; ++m)
            weights.push_back(table.write()[(static_cast<std::size_t>(t % table.period()) * 2 + h) * 5 + m]);
        const std::vector<double> ages = ref::blurry_ages(5, weights);
        for (std::int64_t t = 0; t < tokens; ++t)
          for (std::size_t m = 0; m < 5; ++m)
            ASSERT_NEAR(table.bias()[(static_cast<std::size_t>(table.filled_row(t)) * 2 + h) * 5 + m],
                        -table.setting().heads[h].age_bias * ages[static_cast<std::size_t>(t) * 5 + m], 1e-9)
                << "token " << t << ", head " << h << ", slot " << m;
      }
    }
}

TEST(Table, IsMadeOnceForASetting) {
  const Setting delta{8, Kernel::MainLobe, false, {{4, 1, 0.25}}, Erase::Delta};
  Setting other = delta;
  other.heads[0].phase = 0;
  const auto first = table_of(delta);
  EXPECT_EQ(table_of(delta), first);
  const auto second = table_of(other);
  EXPECT_NE(second, first);
  EXPECT_EQ(second->setting(), other);
  EXPECT_EQ(table_of(delta), first) << "it is still in use";
}

TEST(Table, RefusesWhatDoesNotFit) {
  EXPECT_THROW(Table({8, Kernel::Signed, false, {{2, 1, 0, 0.1}}}), std::invalid_argument);
  EXPECT_THROW(Table({128, Kernel::MainLobe, false, std::vector<Head>(4, {8, 1, 0}), Erase::Delta}),
               std::invalid_argument);
  EXPECT_THROW(Table({0, Kernel::MainLobe, false, {{1, 1, 0}}}), std::invalid_argument);
  EXPECT_THROW(Table({8, Kernel::MainLobe, false, {}}), std::invalid_argument);
  EXPECT_THROW(Table({8, Kernel::MainLobe, false, {{1, 2, 0}}}), std::invalid_argument);
  EXPECT_EQ(period({64, Kernel::MainLobe, false, {{9973, 1, 0}, {9967, 1, 0}}}), 0);
  EXPECT_EQ(period({64, Kernel::MainLobe, false, {{4096, 1, 0}}}), 64 * 4096);
  EXPECT_EQ(period({64, Kernel::MainLobe, false, {{4096, 1, 0}, {4096, 1, 0}}}),
            0);  // write, log_decay, filled three times
}

// What a head of slots answers with a table's weights, for random queries, keys and values [tokens, dim].
struct Answer {
  std::vector<double> q, k, v, out;
};
Answer answer(const Table& table, std::int64_t tokens, int dim) {
  const int slots = static_cast<int>(table.setting().slots);
  base::Random random(5);
  Answer a;
  for (auto* x : {&a.q, &a.k, &a.v})
    for (std::int64_t i = 0; i < tokens * dim; ++i) x->push_back(2 * random.uniform() - 1);
  a.out.resize(a.q.size());
  std::vector<double> write, decay, filled, bias;
  for (std::int64_t t = 0; t < tokens; ++t)
    for (std::int64_t m = 0; m < slots; ++m) {
      if (!table.bias().empty())
        bias.push_back(table.bias()[static_cast<std::size_t>(table.filled_row(t) * slots + m)]);
      const auto row = static_cast<std::size_t>(t % table.period() * slots + m);
      write.push_back(table.write()[row]);
      decay.push_back(table.log_decay()[row]);
      filled.push_back(table.filled()[static_cast<std::size_t>(table.filled_row(t) * slots + m)]);
    }
  const std::int64_t starts[] = {0, tokens};
  slots::Problem<double> p;
  p.setting = {1, 1, dim, dim, slots, 0.5, table.setting().kernel == Kernel::Signed, table.setting().erase};
  p.batch = 1;
  p.starts = starts;
  p.q = {a.q.data(), dim, dim};
  p.k = {a.k.data(), dim, dim};
  p.v = {a.v.data(), dim, dim};
  p.write = {write.data(), slots, slots};
  p.log_decay = {decay.data(), slots, slots};
  p.filled = {filled.data(), slots, slots};
  if (!bias.empty()) p.bias = {bias.data(), slots, slots};
  slots::Saved<double> saved;
  slots::forward<double>(p, {a.out.data(), dim, dim}, nullptr, nullptr, saved);
  return a;
}

// Stretch 1: softmax attention over a window of as many keys as there are slots, warm-up included, however
// slots are erased; with a bias on ages it is ALiBi of that slope.
TEST(BlurryWindow, OfStretchOneIsAttentionOverAWindow) {
  constexpr std::int64_t kTokens = 100;
  constexpr int kDim = 6;
  for (const std::int64_t slots : {1, 5, 8, 64})
    for (const Erase erase : {Erase::Decay, Erase::Delta})
      for (const double slope : {0.0, 0.3}) {
        const Answer a =
            answer(Table({slots, Kernel::MainLobe, false, {{1, 1, 0, slope}}, erase}), kTokens, kDim);
        std::vector<double> right(a.out.size());
        kernel::Problem<double> p;
        p.sequences = {1, kTokens, kTokens};
        p.heads = p.kv_heads = 1;
        p.dim = p.value_dim = kDim;
        p.q = {a.q.data(), 0, kDim, kDim};
        p.k = {a.k.data(), 0, kDim, kDim};
        p.v = {a.v.data(), 0, kDim, kDim};
        AttentionParams params;
        params.lookback = {static_cast<int>(slots) - 1};
        params.strict = false;
        params.scale = 0.5;
        if (slope != 0) params.alibi_slopes = {slope};
        kernel::forward<double>(p, params, {right.data(), 0, kDim, kDim}, nullptr);
        for (std::size_t i = 0; i < right.size(); ++i)
          ASSERT_NEAR(a.out[i], right[i], 1e-13)
              << slots << ", slope " << slope << (erase == Erase::Delta ? ", delta, " : ", ") << i;
      }
}

// Without decays, slots are what M undamped waves add up to (math.md, "Frequencies").
TEST(BlurryWindow, InFrequencyFormIsTheSame) {
  using Complex = std::complex<double>;
  constexpr std::int64_t kSlots = 9, kStretch = 4, kTokens = 200;
  const Table table({kSlots, Kernel::Signed, false, {{kStretch, 1, 0}}});
  base::Random random(6);
  std::vector<double> slots(kSlots, 0);
  std::vector<Complex> waves(kSlots, 0);
  const double turn = 2 * std::numbers::pi / static_cast<double>(kSlots);
  for (std::int64_t t = 0; t < kTokens; ++t) {
    const double k = 2 * random.uniform() - 1;
    const auto row = static_cast<std::size_t>(t % table.period()) * kSlots;
    for (std::size_t m = 0; m < kSlots; ++m) slots[m] += table.write()[row + m] * k;
    // In the frame that turns with time: Z <- e^(i w) Z + k, w = 2 pi n / (M r).
    for (std::int64_t n = -kSlots / 2; n <= kSlots / 2; ++n) {
      Complex& z = waves[static_cast<std::size_t>(n + kSlots / 2)];
      z = z * std::polar(1.0, turn * static_cast<double>(n) / kStretch) + k;
    }
    for (std::int64_t m = 0; m < kSlots; ++m) {
      Complex sum = 0;
      for (std::int64_t n = -kSlots / 2; n <= kSlots / 2; ++n) {
        const double x = static_cast<double>(m) - static_cast<double>(t) / kStretch;
        sum += waves[static_cast<std::size_t>(n + kSlots / 2)] *
               std::polar(1.0, turn * static_cast<double>(n) * x);
      }
      ASSERT_NEAR(sum.real() / kSlots, slots[static_cast<std::size_t>(m)], 1e-11)
          << "token " << t << ", slot " << m;
    }
  }
}

}  // namespace
}  // namespace yore::mixers::blurry
