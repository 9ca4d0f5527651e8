// Values worked out by hand, and the mechanisms that retention is a case of.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "yore/base/random.h"
#include "yore/mixers/common/scan_state.h"

namespace yore::mixers {
namespace {

using scan::Decay;
using scan::Rows;

// Decay 1/2, all ones: 1, 1.5, 1.75, 1.875, whole and in pieces of any sizes.
TEST(Retention, HalvesWhatItHolds) {
  for (const std::int64_t tokens : {4, 200}) {
    const std::vector<float> ones(static_cast<std::size_t>(tokens), 1),
        logs(static_cast<std::size_t>(tokens), std::log(0.5f));
    scan::Setting setting;
    setting.decay = Decay::Head;
    scan::Problem<float> p;
    p.setting = setting;
    p.threads = 1;
    p.q = p.k = p.v = {ones.data(), 1, 1};
    p.log_decay = {logs.data(), 1, 1};
    for (const std::int64_t piece : {std::int64_t{1}, std::int64_t{3}, std::int64_t{65}, tokens}) {
      std::vector<float> out(static_cast<std::size_t>(tokens));
      const auto state = scan::start<float>(setting, "retention", 1, 0, 0);
      for (std::int64_t at = 0; at < tokens; at += piece) {
        const std::int64_t starts[] = {0, std::min(piece, tokens - at)};
        scan::Problem<float> part = p;
        part.batch = 1;
        part.starts = starts;
        scan::advance<float>(*state, part, Rows<float>{out.data() + at, 1, 1});
      }
      for (std::int64_t t = 0; t < tokens; ++t)
        EXPECT_NEAR(out[static_cast<std::size_t>(t)], 2 - std::exp2(-static_cast<double>(t)), 1e-6)
            << "token " << t << " in pieces of " << piece;
    }
    std::vector<float> out(static_cast<std::size_t>(tokens));
    const std::int64_t starts[] = {0, tokens};
    p.batch = 1;
    p.starts = starts;
    scan::forward<float>(p, {out.data(), 1, 1}, nullptr, nullptr);
    const float expected[] = {1, 1.5, 1.75, 1.875};
    for (std::size_t t = 0; t < 4; ++t) EXPECT_FLOAT_EQ(out[t], expected[t]) << t;
  }
}

/// Outputs, final states and the gradients of q, k, v of random sequences (the same whatever the decay), each
/// head h having log_decay logs[h] at every token and, where it has many, every channel.
struct Results {
  std::vector<double> out, final, dq, dk, dv;
};
Results run(Decay decay, const std::vector<double>& logs) {
  constexpr int kKeys = 7, kValues = 5;
  const std::int64_t starts[] = {0, 70, 71, 71, 140}, tokens = 140;
  const int heads = static_cast<int>(logs.size());
  const int each = decay == Decay::None ? 0 : decay == Decay::Head ? 1 : kKeys;
  base::Random random(3);
  const auto draw = [&](std::int64_t count) {
    std::vector<double> x(static_cast<std::size_t>(count));
    for (double& y : x) y = 2 * random.uniform() - 1;
    return x;
  };
  const std::vector<double> q = draw(tokens * heads * kKeys), k = draw(tokens * heads * kKeys),
                            v = draw(tokens * heads * kValues), cotangent = draw(tokens * heads * kValues),
                            initial = draw(4 * heads * kKeys * kValues);
  std::vector<double> decays;
  for (std::int64_t t = 0; t < tokens; ++t)
    for (const double log : logs) decays.insert(decays.end(), static_cast<std::size_t>(each), log);
  scan::Problem<double> p;
  p.setting = {heads, heads, kKeys, kValues, decay, scan::Rule::Add, 0.3};
  p.batch = 4;
  p.starts = starts;
  p.threads = 1;
  p.q = {q.data(), heads * kKeys, kKeys};
  p.k = {k.data(), heads * kKeys, kKeys};
  p.v = {v.data(), heads * kValues, kValues};
  if (each > 0) p.log_decay = {decays.data(), heads * each, each};
  p.initial = initial.data();
  Results r{std::vector<double>(v.size()), std::vector<double>(initial.size()), std::vector<double>(q.size()),
            std::vector<double>(k.size()), std::vector<double>(v.size())};
  std::vector<double> kept(static_cast<std::size_t>(scan::kept_size(p.setting, 4, starts)));
  const std::int64_t row = heads * kValues;
  scan::forward<double>(p, {r.out.data(), row, kValues}, r.final.data(), kept.data());
  std::vector<double> to_decays(decays.size());
  scan::Gradients<double> g;
  g.q = {r.dq.data(), heads * kKeys, kKeys};
  g.k = {r.dk.data(), heads * kKeys, kKeys};
  g.v = {r.dv.data(), row, kValues};
  if (each > 0) g.log_decay = {to_decays.data(), heads * each, each};
  scan::backward<double>(p, {r.out.data(), row, kValues}, kept.data(), {cotangent.data(), row, kValues},
                         nullptr, g);
  return r;
}

void expect_equal(const Results& a, const Results& b) {
  const auto near = [](const std::vector<double>& x, const std::vector<double>& y) {
    ASSERT_EQ(x.size(), y.size());
    double size = 0;
    for (const double value : x) size = std::max(size, std::abs(value));
    // Sums of some hundred terms in double, each within u of the largest.
    for (std::size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(x[i], y[i], 300 * 0x1p-53 * size) << i;
  };
  near(a.out, b.out);
  near(a.final, b.final);
  near(a.dq, b.dq);
  near(a.dk, b.dk);
  near(a.dv, b.dv);
}

TEST(Retention, IsGatedLinearAttentionWithOneDecayForAllChannels) {
  const std::vector<double> logs = {std::log1p(-1.0 / 32), std::log1p(-1.0 / 64), std::log(0.5)};
  expect_equal(run(Decay::Head, logs), run(Decay::Key, logs));
}

TEST(Retention, WithDecayOneIsLinearAttention) {
  expect_equal(run(Decay::Head, {0, 0}), run(Decay::None, {0, 0}));
}

}  // namespace
}  // namespace yore::mixers
