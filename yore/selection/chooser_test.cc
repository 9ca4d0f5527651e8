// Representatives and proxies against the definition of math.md, spelled out in double, on every target.
#include "yore/selection/chooser.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "yore/base/random.h"
#include "yore/kernels/targets.h"

namespace yore::selection {
namespace {

using kernels::available_targets;
using kernels::choose_target;
using kernels::last_target;

struct Rows {
  std::int64_t count, dim;
  std::vector<float> x;
  const float* row(std::int64_t i) const { return x.data() + i * dim; }
};

double cosine(const Rows& r, std::int64_t i, std::int64_t j) {
  double ij = 0, ii = 0, jj = 0;
  for (std::int64_t k = 0; k < r.dim; ++k) {
    const double a = r.row(i)[k], b = r.row(j)[k];
    ij += a * b;
    ii += a * a;
    jj += b * b;
  }
  if (ii == 0 || jj == 0 || !std::isfinite(ii) || !std::isfinite(jj)) return 0;
  return std::min(1.0, std::max(-1.0, ij / std::sqrt(ii * jj)));
}

/// The rules one token and one cosine at a time. `inherited` all 1 is the plain scan.
Choice by_definition(const Rows& r, double tau, const std::vector<char>& inherited) {
  const auto n = static_cast<std::size_t>(r.count);
  Choice choice;
  std::vector<char> kept(n, 0), more(n, 0);
  std::vector<double> likest(n, -2);
  choice.proxy.assign(n, -1);
  const auto hold = [&](std::size_t t, const std::vector<char>& set, std::int64_t& pairs) {
    for (std::size_t s = 0; s < t; ++s) {
      if (set[s] == 0) continue;
      ++pairs;
      const double c = cosine(r, static_cast<std::int64_t>(t), static_cast<std::int64_t>(s));
      const bool earlier = c == likest[t] && static_cast<std::int64_t>(s) < choice.proxy[t];
      if (c > likest[t] || earlier) likest[t] = c, choice.proxy[t] = static_cast<std::int64_t>(s);
    }
  };
  for (std::size_t t = 0; t < n; ++t) {
    if (inherited[t] == 0) continue;
    hold(t, kept, choice.pairs.inherited);
    kept[t] = likest[t] < tau ? 1 : 0;
  }
  for (std::size_t t = 0; t < n; ++t)
    if (inherited[t] == 0) hold(t, kept, choice.pairs.cross);
  for (std::size_t t = 0; t < n; ++t) {
    if (inherited[t] != 0 || likest[t] >= tau) continue;
    hold(t, more, choice.pairs.added);
    if (likest[t] < tau) more[t] = 1;
  }
  for (std::size_t t = 0; t < n; ++t) {
    const bool was_open =
        inherited[t] == 0 && (more[t] != 0 || (likest[t] >= tau && choice.proxy[t] >= 0 &&
                                               more[static_cast<std::size_t>(choice.proxy[t])] != 0));
    if (kept[t] != 0 || was_open) continue;
    hold(t, more, choice.pairs.proxies);
  }
  for (std::size_t t = 0; t < n; ++t)
    if (kept[t] != 0 || more[t] != 0) choice.proxy[t] = static_cast<std::int64_t>(t);
  return choice;
}

/// Rows of +1 and -1 of which each is an earlier one with some signs turned; with dim a power of 4 the length
/// is a power of 2 and every cosine a multiple of 2 / dim that float holds. Some rows are zero.
Rows signs(std::int64_t count, std::int64_t dim, std::uint64_t seed) {
  base::Random random(seed);
  Rows r{count, dim, {}};
  for (std::int64_t i = 0; i < count; ++i) {
    std::vector<float> row(static_cast<std::size_t>(dim));
    const bool fresh = i == 0 || random.below(4) == 0, zero = random.below(20) == 0;
    const auto from = fresh ? 0 : static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(i)));
    for (std::int64_t k = 0; k < dim; ++k) {
      const float before =
          fresh || r.row(from)[k] == 0 ? (random.below(2) == 0 ? 1.0f : -1.0f) : r.row(from)[k];
      row[static_cast<std::size_t>(k)] = zero ? 0.0f : random.below(8) == 0 ? -before : before;
    }
    r.x.insert(r.x.end(), row.begin(), row.end());
  }
  return r;
}

/// Normal numbers around a few centres.
Rows clouds(std::int64_t count, std::int64_t dim, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<double> centres;
  for (std::int64_t k = 0; k < 5 * dim; ++k) centres.push_back(random.normal());
  Rows r{count, dim, {}};
  for (std::int64_t i = 0; i < count; ++i) {
    const auto centre = static_cast<std::int64_t>(random.below(5));
    const double size = std::exp(random.normal());
    for (std::int64_t k = 0; k < dim; ++k)
      r.x.push_back(static_cast<float>(
          size * (centres[static_cast<std::size_t>(centre * dim + k)] + 0.6 * random.normal())));
  }
  return r;
}

std::vector<char> marks(std::int64_t count, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<char> all;
  for (std::int64_t i = 0; i < count; ++i) all.push_back(random.below(3) == 0 ? 1 : 0);
  return all;
}

void expect_equal(const Choice& a, const Choice& b) {
  EXPECT_EQ(a.proxy, b.proxy);
  EXPECT_EQ(a.pairs.inherited, b.pairs.inherited);
  EXPECT_EQ(a.pairs.cross, b.pairs.cross);
  EXPECT_EQ(a.pairs.added, b.pairs.added);
  EXPECT_EQ(a.pairs.proxies, b.pairs.proxies);
}

class Choosing : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { choose_target(GetParam()); }
  void TearDown() override {
    EXPECT_EQ(last_target(), GetParam()) << "another target ran";
    choose_target("");
  }
};
INSTANTIATE_TEST_SUITE_P(Kernels, Choosing, ::testing::ValuesIn(available_targets()),
                         [](const auto& target) { return target.param; });

TEST_P(Choosing, IsTheDefinitionWhereFloatIsExact) {
  for (const std::int64_t dim : {4, 16, 64})
    for (const std::int64_t count : {1, 2, 63, 64, 65, 200, 331}) {
      const Rows r = signs(count, dim, static_cast<std::uint64_t>(dim * 1000 + count));
      for (const double tau : {-1.0, -0.5, 0.0, 0.25, 0.5, 0.75, 1.0}) {
        SCOPED_TRACE(testing::Message() << "dim " << dim << " count " << count << " tau " << tau);
        const std::vector<char> all(static_cast<std::size_t>(count), 1), some = marks(count, 3);
        expect_equal(Chooser(dim, tau).scan(r.x.data(), count, dim), by_definition(r, tau, all));
        expect_equal(Chooser(dim, tau).cascade(r.x.data(), count, dim, some), by_definition(r, tau, some));
      }
    }
}

/// With any numbers: every decision is one that rounding allows.
TEST_P(Choosing, KeepsTheRulesUpToRounding) {
  std::int64_t as_defined = 0, cases = 0;
  for (const std::int64_t dim : {1, 3, 17, 576})
    for (const double tau : {0.3, 0.7, 0.95}) {
      const std::int64_t count = 150;
      const Rows r = clouds(count, dim, static_cast<std::uint64_t>(dim));
      for (const bool cascade : {false, true}) {
        const std::vector<char> from =
            cascade ? marks(count, 5) : std::vector<char>(static_cast<std::size_t>(count), 1);
        const Choice choice = Chooser(dim, tau).cascade(r.x.data(), count, dim, from);
        // Two rows of length 1, each number rounded, and a sum of dim products.
        const double allowed = static_cast<double>(dim + 4) * std::numeric_limits<float>::epsilon();
        for (std::int64_t t = 0; t < count; ++t) {
          const std::int64_t proxy = choice.proxy[static_cast<std::size_t>(t)];
          ASSERT_GE(proxy, 0);
          ASSERT_LE(proxy, t);
          ASSERT_EQ(choice.proxy[static_cast<std::size_t>(proxy)], proxy) << "stands for itself";
          if (proxy != t) {
            EXPECT_GE(cosine(r, t, proxy), tau - allowed);
          }
          for (std::int64_t s = 0; s < t; ++s) {
            if (choice.proxy[static_cast<std::size_t>(s)] != s) continue;
            if (proxy != t) {
              EXPECT_LE(cosine(r, t, s), cosine(r, t, proxy) + 2 * allowed) << "nothing is liker";
            } else if (!cascade) {
              EXPECT_LE(cosine(r, t, s), tau + allowed) << "nothing earlier stands for a representative";
            }
          }
        }
        ++cases;
        if (choice.proxy == by_definition(r, tau, from).proxy) ++as_defined;
      }
    }
  EXPECT_GT(2 * as_defined, cases) << "most have no cosine within rounding of tau";
}

TEST_P(Choosing, DoesNotDependOnTheCut) {
  const Rows r = clouds(210, 24, 9);
  for (const double tau : {0.5, 0.9}) {
    const std::vector<char> from = marks(r.count, 8);
    const Choice whole = Chooser(24, tau).cascade(r.x.data(), r.count, 24, from);
    for (const std::int64_t piece : {1, 7, 64, 100}) {
      Chooser chooser(24, tau);
      Choice all;
      for (std::int64_t t = 0; t < r.count; t += piece) {
        const std::int64_t some = std::min(piece, r.count - t);
        const Choice part = chooser.cascade(
            r.row(t), some, 24,
            std::span(from).subspan(static_cast<std::size_t>(t), static_cast<std::size_t>(some)));
        all.proxy.insert(all.proxy.end(), part.proxy.begin(), part.proxy.end());
      }
      EXPECT_EQ(all.proxy, whole.proxy) << piece;
    }
  }
}

TEST_P(Choosing, EndsOfTheScale) {
  Rows r = clouds(130, 16, 2);
  std::fill_n(r.x.begin() + 16 * 5, 16, 0.0f);
  r.x[16 * 9] = std::numeric_limits<float>::infinity();
  r.x[16 * 80 + 3] = std::numeric_limits<float>::quiet_NaN();
  const Choice one = Chooser(16, -1).scan(r.x.data(), r.count, 16);
  for (std::int64_t t = 0; t < r.count; ++t) {
    const std::int64_t proxy = one.proxy[static_cast<std::size_t>(t)];
    EXPECT_EQ(proxy, 0);
  }
  const Choice half = Chooser(16, 0.5).scan(r.x.data(), r.count, 16);
  for (const std::int64_t t : {5, 9, 80})
    EXPECT_EQ(half.proxy[static_cast<std::size_t>(t)], t) << "cosine 0 with every other row";
  const Choice all = Chooser(16, 1.5).scan(r.x.data(), r.count, 16);
  for (std::int64_t t = 0; t < r.count; ++t) EXPECT_EQ(all.proxy[static_cast<std::size_t>(t)], t);
  EXPECT_EQ(all.pairs.all(), 0);
}

TEST_P(Choosing, GivenRepresentativesServeTheMostAlike) {
  const Rows r = signs(150, 16, 4);
  std::vector<char> chosen = marks(r.count, 6);
  chosen[0] = 1;
  const Choice choice = Chooser(16, 0.5).given(r.x.data(), r.count, 16, chosen);
  for (std::int64_t t = 0; t < r.count; ++t) {
    std::int64_t wanted = t;
    if (chosen[static_cast<std::size_t>(t)] == 0) {
      wanted = 0;
      for (std::int64_t s = 1; s < t; ++s)
        if (chosen[static_cast<std::size_t>(s)] != 0 && cosine(r, t, s) > cosine(r, t, wanted)) wanted = s;
    }
    EXPECT_EQ(choice.proxy[static_cast<std::size_t>(t)], wanted);
  }
}

TEST(Chooser, RefusesWhatIsNoThreshold) {
  EXPECT_THROW(Chooser(4, -1.01), std::invalid_argument);
  EXPECT_THROW(Chooser(4, std::nan("")), std::invalid_argument);
  EXPECT_THROW(Chooser(0, 0.5), std::invalid_argument);
  const std::vector<float> x(8, 1.0f);
  EXPECT_THROW(Chooser(4, 0.5).given(x.data(), 2, 4, std::vector<char>{0, 1}), std::invalid_argument);
}

}  // namespace
}  // namespace yore::selection
