// The bar itself: rounding passes it, the mistakes that the suite looks for do not.
#include "yore/mixers/conformance/tolerance.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/random.h"

namespace yore::mixers::conformance {
namespace {

Numbers random_numbers(std::int64_t count, std::uint64_t seed) {
  base::Random random(seed);
  Numbers x;
  for (std::int64_t i = 0; i < count; ++i) x.push_back(static_cast<float>(2 * random.uniform() - 1));
  return x;
}

Numbers mean(const std::vector<Numbers>& in) {
  double sum = 0;
  for (const double x : in[0]) sum += x;
  return {sum / static_cast<double>(in[0].size())};
}

TEST(Tolerance, RoundingPasses) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Numbers x = random_numbers(kMostTokens, seed);
    // A sum of squares and products, as kernels form them.
    const Function f = [](const std::vector<Numbers>& in) {
      Numbers out(2, 0.0);
      for (const double v : in[0]) out[0] += v * v, out[1] += v * (1 - v);
      return out;
    };
    float squares = 0, products = 0;
    for (const double v : x) {
      squares += static_cast<float>(v) * static_cast<float>(v);
      products += static_cast<float>(v) * (1 - static_cast<float>(v));
    }
    const std::vector<Judged> judged = judge(f, {x}, static_cast<double>(x.size()));
    EXPECT_LE(std::abs(squares - judged[0].value), judged[0].allowed(kUnit<float>)) << seed;
    EXPECT_LE(std::abs(products - judged[1].value), judged[1].allowed(kUnit<float>)) << seed;
    EXPECT_GT(std::abs(squares - judged[0].value), 0) << seed;
  }
}

TEST(Tolerance, ATokenTooFewDoesNotPass) {
  Numbers x(kMostTokens, 1.0);
  const Judged right = judge(mean, {x}, static_cast<double>(x.size()))[0];
  x.back() = 0;
  EXPECT_GT(right.value - mean({x})[0], 50 * right.allowed(kUnit<float>));
}

TEST(Tolerance, NoSensitivityLiftsItPastTheCap) {
  // Two numbers a millionth apart: their difference, blown up, has no correct digit in float.
  const Function f = [](const std::vector<Numbers>& in) { return Numbers{1e6 * (in[0][0] - in[0][1])}; };
  const Judged judged = judge(f, {{1 + 1e-6, 1}}, 2)[0];
  EXPECT_DOUBLE_EQ(judged.allowed(kUnit<float>), kMostError * judged.value);
  EXPECT_LT(judged.allowed(kUnit<double>), 1e-8);
}

TEST(Tolerance, SumsAreJudgedByTheirTerms) {
  const Numbers x = random_numbers(1000, 7);
  const Function terms = [](const std::vector<Numbers>& in) { return in[0]; };
  const Judged judged = judge_sum(terms, {x}, 1000, 0);
  float sum = 0;
  for (const double v : x) sum += static_cast<float>(v);
  EXPECT_LE(std::abs(sum - judged.value), judged.allowed(kUnit<float>));
  EXPECT_GT(std::abs(sum - judged.value), 0);
  EXPECT_LT(judged.allowed(kUnit<float>), 1e-3);
}

TEST(Tolerance, NaNIsAnError) {
  Worst worst;
  worst.see(1, std::nan(""), 1, 5);
  worst.see(1, 1.5, 1, 6);  // does not hide it
  EXPECT_FALSE(worst.ratio <= 1);
  EXPECT_EQ(worst.index, 5u);
  worst = {};
  worst.see(2, 2, 0, 0);
  EXPECT_EQ(worst.ratio, 0);
}

}  // namespace
}  // namespace yore::mixers::conformance
