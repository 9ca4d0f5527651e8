// The samplers against their definitions, written out rank by rank in long double; draws against the
// probabilities.
#include "yore/model/sampling.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <stdexcept>

#include "yore/base/random.h"
#include "yore/base/test_refusal.h"

namespace yore::model {
namespace {

using Real = long double;

/// By token, 0 where it was taken away. Nothing is sorted: a token is kept if few enough, or light enough,
/// tokens are likelier.
std::vector<Real> reference(std::vector<double> given, const std::vector<std::int64_t>& past,
                            const Sampling& s) {
  const std::size_t size = given.size();
  std::vector<Real> x(given.begin(), given.end());
  for (std::size_t t = 0; t < size; ++t) {
    bool seen = false;
    for (std::size_t i = 0; i < past.size(); ++i)
      seen = seen || (past.size() - i <= static_cast<std::size_t>(s.repeat_last) &&
                      past[i] == static_cast<std::int64_t>(t));
    if (seen) x[t] = x[t] > 0 ? x[t] / s.repeat_penalty : x[t] * s.repeat_penalty;
  }
  const auto likelier = [&](std::size_t a, std::size_t b) { return x[a] != x[b] ? x[a] > x[b] : a < b; };
  std::vector<bool> kept(size, true);
  const auto each = [&](const auto& stays) {
    std::vector<bool> next = kept;
    for (std::size_t t = 0; t < size; ++t) next[t] = kept[t] && stays(t);
    kept = next;
  };
  if (s.temperature == 0) {
    each([&](std::size_t t) {
      for (std::size_t o = 0; o < size; ++o)
        if (likelier(o, t)) return false;
      return true;
    });
  } else {
    if (s.top_k > 0)
      each([&](std::size_t t) {
        int before = 0;
        for (std::size_t o = 0; o < size; ++o) before += kept[o] && likelier(o, t) ? 1 : 0;
        return before < s.top_k;
      });
    if (s.top_p < 1)
      each([&](std::size_t t) {
        Real before = 0, all = 0;
        for (std::size_t o = 0; o < size; ++o) {
          if (!kept[o]) continue;
          all += std::exp(x[o]);
          if (likelier(o, t)) before += std::exp(x[o]);
        }
        return before < s.top_p * all;
      });
    each([&](std::size_t t) {
      Real most = -std::numeric_limits<Real>::infinity();
      for (std::size_t o = 0; o < size; ++o)
        if (kept[o]) most = std::max(most, x[o]);
      return std::exp(x[t] - most) >= s.min_p;
    });
  }
  std::vector<Real> p(size, 0);
  Real most = -std::numeric_limits<Real>::infinity(), sum = 0;
  for (std::size_t t = 0; t < size; ++t)
    if (kept[t]) most = std::max(most, x[t]);
  const Real temperature = s.temperature == 0 ? 1 : s.temperature;
  for (std::size_t t = 0; t < size; ++t)
    if (kept[t]) sum += p[t] = std::exp((x[t] - most) / temperature);
  for (Real& q : p) q /= sum;
  return p;
}

std::vector<double> random_logits(std::size_t size, base::Random& random) {
  std::vector<double> x;
  for (std::size_t t = 0; t < size; ++t) {
    x.push_back(8 * random.uniform() - 4);
    if (t > 0 && random.below(5) == 0) x.back() = x[random.below(t)];  // ties
  }
  return x;
}

TEST(Sampling, IsTheDefinitionInEveryCombination) {
  base::Random random(1);
  int combinations = 0;
  for (const double temperature : {0.0, 0.3, 1.0, 2.5})
    for (const int top_k : {0, 1, 3, 12, 100})
      for (const double top_p : {1.0, 0.9, 0.4, 0.01})
        for (const double min_p : {0.0, 0.05, 0.5, 1.0})
          for (const double penalty : {1.0, 1.3, 0.7, 5.0})
            for (const std::int64_t last : {1, 4, 64}) {
              Sampling s{temperature, top_k, top_p, min_p, penalty, last, 0};
              const std::size_t size = 1 + random.below(20);
              const std::vector<double> logits = random_logits(size, random);
              std::vector<std::int64_t> past;
              for (std::uint64_t n = random.below(8); n > 0; --n)
                past.push_back(static_cast<std::int64_t>(random.below(size)));
              const std::vector<Real> right = reference(logits, past, s);
              std::vector<Real> got(size, 0);
              std::int64_t before = -1;
              for (const Choice& c : choices(logits, past, s)) {
                ASSERT_GT(c.token, before);
                before = c.token;
                got[static_cast<std::size_t>(c.token)] = c.probability;
              }
              // Sums of 20 numbers of at most 1, exponentials of arguments up to 8 / 0.3 with their rounding.
              const Real allowed = 64 * std::numeric_limits<double>::epsilon();
              for (std::size_t t = 0; t < size; ++t)
                ASSERT_NEAR(static_cast<double>(got[t]), static_cast<double>(right[t]),
                            static_cast<double>(allowed))
                    << t << " of " << size;
              ++combinations;
            }
  EXPECT_EQ(combinations, 3840);
}

TEST(Sampling, ALargeVocabularyKeepsItsHead) {
  base::Random random(2);
  std::vector<double> logits(50000);
  for (double& x : logits) x = -4 * random.uniform();
  logits[41234] = 9;
  logits[7] = 8;
  const auto kept = choices(logits, {}, {1, 0, 0.15, 0, 1, 64, 0});
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].token, 41234);
  EXPECT_EQ(choices(logits, {}, {1, 2, 1, 0, 1, 64, 0}).front().token, 7);
  EXPECT_EQ(choices(logits, {}, {1, 0, 1, 0, 1, 64, 0}).size(), logits.size());
}

/// Chi-square of 20,000 draws with 7 degrees of freedom stays below 29.9 but for one case in 10,000.
TEST(Sampling, DrawsAsOftenAsTheProbabilitiesSay) {
  const std::vector<double> logits = {0.5, -1, 2, 2, 0, 1.5, -0.5, 1, -30};
  Sampling s;
  s.temperature = 1.2;
  const auto from = choices(logits, {}, s);
  constexpr int kDraws = 20000;
  std::map<std::int64_t, int> counts;
  for (int i = 0; i < kDraws; ++i) {
    s.seed = static_cast<std::uint64_t>(i % 100);
    ++counts[pick(from, uniform(s, static_cast<std::uint64_t>(i / 100 % 10), Draw::Token, i / 1000))];
  }
  double chi = 0;
  for (const Choice& c : from) {
    const double expected = kDraws * c.probability;
    if (expected < 1) continue;
    chi += std::pow(counts[c.token] - expected, 2) / expected;
  }
  EXPECT_LT(chi, 29.9);
}

TEST(Sampling, PicksByRunningSums) {
  const std::vector<Choice> all = {{3, 0.25}, {4, 0}, {9, 0.5}, {11, 0.25}, {12, 0}};
  EXPECT_EQ(pick(all, 0), 3);
  EXPECT_EQ(pick(all, 0.25), 9);
  EXPECT_EQ(pick(all, 0.7499), 9);
  EXPECT_EQ(pick(all, 0.75), 11);
  const std::vector<Choice> short_of_one = {{1, 0.5}, {2, 0.4999999}, {3, 0}};
  EXPECT_EQ(pick(short_of_one, 1 - 0x1p-53), 2);
}

/// These numbers are the same wherever yore runs: a change of the streams would change every text.
TEST(Sampling, DrawsAreNamedByWhatTheyAreFor) {
  Sampling s;
  s.seed = 7;
  const double first = uniform(s, 0, Draw::Token, 5);
  EXPECT_EQ(first, base::Random({7, 0, 0, 5}).uniform());
  EXPECT_NE(first, uniform(s, 1, Draw::Token, 5));
  EXPECT_NE(first, uniform(s, 0, Draw::Proposal, 5));
  EXPECT_NE(first, uniform(s, 0, Draw::Token, 6));
}

TEST(Sampling, RefusesWhatIsNotANumber) {
  for (const double x : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    const std::vector<double> logits = {1, x};
    EXPECT_TRUE(base::refused([&] { choices(logits, {}, {}); }, "token 1 is not finite"));
  }
  EXPECT_THROW(choices({}, {}, {}), std::invalid_argument);
}

}  // namespace
}  // namespace yore::model
