// The scan against its definition, for every rule, decay and target: values, final states and gradients of
// every input, in pieces and whole.
#include "yore/mixers/common/scan.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "yore/base/random.h"
#include "yore/kernels/targets.h"
#include "yore/mixers/common/scan_ref.h"

namespace yore::mixers::scan {
namespace {

using Array = std::vector<double>;

/// A problem and its arrays, in T.
template <class T>
struct Case {
  Setting setting;
  std::vector<std::int64_t> starts;
  std::vector<std::vector<T>> arrays;  ///< q, k, v, log_decay, beta, initial
  std::vector<T> grad_out, grad_final;

  std::int64_t batch() const { return static_cast<std::int64_t>(starts.size()) - 1; }
  std::size_t width(std::size_t array) const {
    const Setting& s = setting;
    const int widths[] = {s.key_heads * s.key_dim,
                          s.key_heads * s.key_dim,
                          s.heads * s.value_dim,
                          s.heads * s.decays(),
                          s.heads,
                          0};
    return static_cast<std::size_t>(widths[array]);
  }
  std::size_t states() const {
    return static_cast<std::size_t>(batch() * setting.heads * setting.state_size());
  }
  template <class X>
  Rows<X> rows(X* data, std::size_t array) const {
    const int heads = array < 2 ? setting.key_heads : setting.heads;
    if (width(array) == 0) return {};
    const auto token = static_cast<std::int64_t>(width(array));
    return {data, token, token / heads};
  }
  Problem<T> problem() const {
    Problem<T> p;
    p.setting = setting;
    p.batch = batch();
    p.starts = starts.data();
    p.q = rows(arrays[0].data(), 0);
    p.k = rows(arrays[1].data(), 1);
    p.v = rows(arrays[2].data(), 2);
    p.log_decay = rows(arrays[3].data(), 3);
    p.beta = rows(arrays[4].data(), 4);
    p.initial = arrays[5].data();
    p.threads = 1;
    return p;
  }
};

template <class T>
Case<T> make(const Setting& setting, const std::vector<std::int64_t>& lengths, std::uint64_t seed) {
  Case<T> c;
  c.setting = setting;
  c.starts = {0};
  for (const std::int64_t n : lengths) c.starts.push_back(c.starts.back() + n);
  base::Random random(seed);
  const auto draw = [&](std::size_t count, double low, double high) {
    std::vector<T> x(count);
    for (T& y : x) y = static_cast<float>(low + (high - low) * random.uniform());
    return x;
  };
  const auto tokens = static_cast<std::size_t>(c.starts.back());
  const double norm = 1 / std::sqrt(setting.key_dim);  // keys of at most norm 1: the delta rule stays stable
  for (std::size_t a = 0; a < 5; ++a)
    c.arrays.push_back(draw(tokens * c.width(a),
                            a == 3   ? -1
                            : a == 4 ? 0
                            : a == 1 ? -norm
                                     : -1,
                            a == 3   ? 0
                            : a == 1 ? norm
                                     : 1));
  c.arrays.push_back(draw(c.states(), -1, 1));
  c.grad_out = draw(tokens * c.width(2), -1, 1);
  c.grad_final = draw(c.states(), -1, 1);
  return c;
}

/// sum(grad_out out) + sum(grad_final final) of the definition, array `moved` moved by h i along `direction`.
template <class T>
std::complex<double> loss(const Case<T>& c, std::size_t moved, const Array& direction) {
  constexpr double kStep = 1e-30;
  std::complex<double> sum = 0;
  const auto per_sequence = static_cast<std::size_t>(c.setting.heads * c.setting.state_size());
  for (std::size_t b = 0; b + 1 < c.starts.size(); ++b) {
    const auto part = [&](std::size_t a) {
      const std::size_t first =
          a == 5 ? b * per_sequence : static_cast<std::size_t>(c.starts[b]) * c.width(a);
      const std::size_t end =
          a == 5 ? first + per_sequence : static_cast<std::size_t>(c.starts[b + 1]) * c.width(a);
      ref::Numbers x;
      for (std::size_t i = first; i < end; ++i)
        x.emplace_back(c.arrays[a][i], a == moved ? kStep * direction[i] : 0.0);
      return x;
    };
    const ref::Output y = ref::scan(
        c.setting, {c.starts[b + 1] - c.starts[b], part(0), part(1), part(2), part(3), part(4), part(5)});
    for (std::size_t i = 0; i < y.out.size(); ++i)
      sum +=
          y.out[i] * static_cast<double>(c.grad_out[static_cast<std::size_t>(c.starts[b]) * c.width(2) + i]);
    for (std::size_t i = 0; i < y.state.size(); ++i)
      sum += y.state[i] * static_cast<double>(c.grad_final[b * per_sequence + i]);
  }
  return {sum.real(), sum.imag() / kStep};
}

template <class T>
void judge(const Setting& setting, double tolerance,
           const std::vector<std::int64_t>& lengths = {1, 0, 15, 16, 17, 130, 64}) {
  const Case<T> c = make<T>(setting, lengths, 3);
  const Problem<T> p = c.problem();
  std::vector<T> out(c.grad_out.size()), final(c.states()),
      kept(static_cast<std::size_t>(kept_size(setting, c.batch(), c.starts.data())));
  forward<T>(p, c.rows(out.data(), 2), final.data(), kept.data());
  const auto per_sequence = static_cast<std::size_t>(setting.heads * setting.state_size());
  double worst = 0;
  for (std::size_t b = 0; b + 1 < c.starts.size(); ++b) {
    const auto part = [&](std::size_t a) {
      const std::size_t first =
          a == 5 ? b * per_sequence : static_cast<std::size_t>(c.starts[b]) * c.width(a);
      const std::size_t end =
          a == 5 ? first + per_sequence : static_cast<std::size_t>(c.starts[b + 1]) * c.width(a);
      return ref::Numbers(c.arrays[a].begin() + static_cast<std::ptrdiff_t>(first),
                          c.arrays[a].begin() + static_cast<std::ptrdiff_t>(end));
    };
    const ref::Output y = ref::scan(
        setting, {c.starts[b + 1] - c.starts[b], part(0), part(1), part(2), part(3), part(4), part(5)});
    for (std::size_t i = 0; i < y.out.size(); ++i)
      worst = std::max(
          worst, std::abs(y.out[i].real() - out[static_cast<std::size_t>(c.starts[b]) * c.width(2) + i]));
    for (std::size_t i = 0; i < y.state.size(); ++i)
      worst = std::max(worst, std::abs(y.state[i].real() - final[b * per_sequence + i]));
  }
  EXPECT_LT(worst, tolerance) << "values";

  std::vector<std::vector<T>> grads;
  for (const auto& a : c.arrays) grads.emplace_back(a.size(), std::numeric_limits<T>::quiet_NaN());
  const Gradients<T> g{c.rows(grads[0].data(), 0), c.rows(grads[1].data(), 1), c.rows(grads[2].data(), 2),
                       c.rows(grads[3].data(), 3), c.rows(grads[4].data(), 4), grads[5].data()};
  backward<T>(p, c.rows(static_cast<const T*>(out.data()), 2), kept.data(), c.rows(c.grad_out.data(), 2),
              c.grad_final.data(), g);
  base::Random random(9);
  for (std::size_t a = 0; a < c.arrays.size(); ++a) {
    if (c.arrays[a].empty()) continue;
    for (int trial = 0; trial < 4; ++trial) {
      Array direction(c.arrays[a].size());
      double norm = 0, got = 0;
      for (std::size_t i = 0; i < direction.size(); ++i) {
        direction[i] = 2 * random.uniform() - 1;
        norm += direction[i] * direction[i];
        got += direction[i] * static_cast<double>(grads[a][i]);
      }
      EXPECT_NEAR(got, loss(c, a, direction).imag(), tolerance * 4 * std::sqrt(norm)) << "array " << a;
    }
  }

  // The same in pieces.
  std::vector<T> states(c.arrays[5]), pieces(out.size());
  std::vector<std::int64_t> at(c.starts.begin(), c.starts.end() - 1);
  for (const std::int64_t piece : {1, 3, 5, 16, 20, 500}) {
    for (std::size_t b = 0; b + 1 < c.starts.size(); ++b) {
      const std::int64_t end = std::min(c.starts[b + 1], at[b] + piece);
      const std::int64_t starts[] = {at[b], end};
      Problem<T> one = p;
      one.batch = 1;
      one.starts = starts;
      advance<T>(one, states.data() + b * per_sequence, c.rows(pieces.data(), 2));
      at[b] = end;
    }
  }
  for (std::size_t i = 0; i < out.size(); ++i)
    ASSERT_NEAR(out[i], pieces[i], tolerance) << "in pieces, " << i;
  for (std::size_t i = 0; i < final.size(); ++i) ASSERT_NEAR(final[i], states[i], tolerance) << i;
}

class Scan : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override { yore::kernels::choose_target(GetParam()); }
  void TearDown() override { yore::kernels::choose_target(""); }
};
INSTANTIATE_TEST_SUITE_P(Targets, Scan, testing::ValuesIn(yore::kernels::available_targets()),
                         [](const auto& target) { return target.param; });

TEST_P(Scan, IsItsDefinition) {
  for (const Rule rule : {Rule::Add, Rule::Delta})
    for (const Decay decay : {Decay::None, Decay::Head, Decay::Key, Decay::Value}) {
      if (rule == Rule::Delta && decay == Decay::Value) continue;
      for (const auto& [heads, key_heads, key_dim, value_dim] :
           {std::tuple{1, 1, 1, 1}, std::tuple{2, 2, 8, 8}, std::tuple{4, 2, 5, 19},
            std::tuple{1, 1, 17, 33}}) {
        SCOPED_TRACE(testing::Message()
                     << "rule " << static_cast<int>(rule) << ", decay " << static_cast<int>(decay)
                     << ", dims " << key_dim << " " << value_dim);
        const Setting setting{heads, key_heads, key_dim, value_dim, decay, rule, 0.7};
        judge<double>(setting, 1e-11);
        judge<float>(setting, 2e-3);
      }
    }
}

TEST_P(Scan, RefusesADecayAboveZero) {
  Case<float> c = make<float>({2, 2, 8, 8, Decay::Key}, {40}, 1);
  c.arrays[3][20 * 16 + 9] = 0.5f;
  std::vector<float> out(c.grad_out.size());
  try {
    forward<float>(c.problem(), c.rows(out.data(), 2), nullptr, nullptr);
    FAIL() << "taken";
  } catch (const std::invalid_argument& e) {
    EXPECT_NE(std::string(e.what()).find("at token 20, head 1"), std::string::npos) << e.what();
  }
}

// In chunks and token by token, also where a number that is none stands before or after it.
TEST_P(Scan, RefusesADecayTooHighBesideNaN) {
  constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
  for (const bool grows : {false, true})
    for (const Decay decay : {Decay::Head, Decay::Key, Decay::Value})
      for (const std::int64_t tokens : {2, 16}) {
        Case<float> c = make<float>({1, 1, 8, 8, decay, Rule::Add, 1, grows}, {tokens}, 1);
        const std::size_t row = c.width(3), at = row * 3 / 4;
        std::vector<float>& decays = c.arrays[3];
        std::fill(decays.begin(), decays.end(), kNaN);
        decays[at] = grows ? 1.5f : 0.5f;
        std::vector<float> out(c.grad_out.size()), state(c.states());
        const std::string what = std::string("scan: log_decay: expected at most ") +
                                 (grows ? "1, got 1.500000" : "0, got 0.500000") + " at token 0, head 0";
        const auto refused = [&](const auto& call) {
          try {
            call();
            ADD_FAILURE() << "taken: " << static_cast<int>(decay) << ", " << tokens << " tokens";
          } catch (const std::invalid_argument& e) {
            EXPECT_EQ(e.what(), what);
          }
        };
        refused([&] { forward<float>(c.problem(), c.rows(out.data(), 2), nullptr, nullptr); });
        refused([&] { advance<float>(c.problem(), state.data(), c.rows(out.data(), 2)); });
      }
}

/// Every rule with every decay it takes.
std::vector<Setting> all_settings(int heads, int key_dim, int value_dim) {
  std::vector<Setting> all;
  for (const Rule rule : {Rule::Add, Rule::Delta})
    for (const Decay decay : {Decay::None, Decay::Head, Decay::Key, Decay::Value})
      if (rule == Rule::Add || decay != Decay::Value)
        all.push_back({heads, heads, key_dim, value_dim, decay, rule, 0.7});
  return all;
}

// Wide enough for every register tile, in float too.
TEST_P(Scan, WideStatesAreTheirDefinition) {
  for (const Setting& setting : all_settings(1, 90, 84)) {
    SCOPED_TRACE(testing::Message() << "rule " << static_cast<int>(setting.rule) << ", decay "
                                    << static_cast<int>(setting.decay));
    judge<double>(setting, 1e-11, {37});
    judge<float>(setting, 2e-3, {37});
  }
}

// A state that does not fit the first cache is gone through some columns at a time, over several chunks; the
// last columns may be padding alone.
TEST_P(Scan, LargeStatesAreTheirDefinition) {
  for (const Setting& setting : all_settings(2, 97, 65)) {
    SCOPED_TRACE(testing::Message() << "rule " << static_cast<int>(setting.rule) << ", decay "
                                    << static_cast<int>(setting.decay));
    constexpr std::int64_t kTokens = 150;
    const Case<double> c = make<double>(setting, {kTokens}, 8);
    std::vector<double> out(c.grad_out.size()), final(c.states());
    forward<double>(c.problem(), c.rows(out.data(), 2), final.data(), nullptr);
    const auto all = [&](std::size_t a) { return ref::Numbers(c.arrays[a].begin(), c.arrays[a].end()); };
    const ref::Output y = ref::scan(setting, {kTokens, all(0), all(1), all(2), all(3), all(4), all(5)});
    for (std::size_t i = 0; i < out.size(); ++i) ASSERT_NEAR(out[i], y.out[i].real(), 1e-11) << i;
    for (std::size_t i = 0; i < final.size(); ++i) ASSERT_NEAR(final[i], y.state[i].real(), 1e-11) << i;
  }
}

// Heads are taken side by side by as many threads as there are, and each is computed as if it were alone.
TEST_P(Scan, ThreadsChangeNoBit) {
  for (const Setting& setting : all_settings(6, 24, 40)) {
    const Case<float> c = make<float>(setting, {150, 3, 70}, 9);
    std::vector<std::vector<float>> first;
    for (const int threads : {1, 2, 3, 4}) {
      Problem<float> p = c.problem();
      p.threads = threads;
      std::vector<float> out(c.grad_out.size()), final(c.states()),
          kept(static_cast<std::size_t>(kept_size(setting, c.batch(), c.starts.data())));
      forward<float>(p, c.rows(out.data(), 2), final.data(), kept.data());
      std::vector<std::vector<float>> all;
      for (const auto& a : c.arrays) all.emplace_back(a.size());
      const Gradients<float> g{c.rows(all[0].data(), 0), c.rows(all[1].data(), 1), c.rows(all[2].data(), 2),
                               c.rows(all[3].data(), 3), c.rows(all[4].data(), 4), all[5].data()};
      backward<float>(p, c.rows(static_cast<const float*>(out.data()), 2), kept.data(),
                      c.rows(static_cast<const float*>(c.grad_out.data()), 2), c.grad_final.data(), g);
      all.push_back(out);
      all.push_back(final);
      if (first.empty()) first = all;
      for (std::size_t a = 0; a < all.size(); ++a)
        ASSERT_EQ(all[a], first[a]) << threads << " threads, array " << a;
    }
  }
}

// A log decay of -infinity is a restart: what came before has no part in what follows, nor any gradient.
TEST_P(Scan, TotalDecayIsARestart) {
  for (const Setting& setting : all_settings(2, 8, 8)) {
    if (setting.decay == Decay::None) continue;
    for (const std::int64_t at : {1, 15, 16, 20}) {
      SCOPED_TRACE(testing::Message() << "rule " << static_cast<int>(setting.rule) << ", decay "
                                      << static_cast<int>(setting.decay) << ", at " << at);
      constexpr std::int64_t kTokens = 40;
      Case<float> c = make<float>(setting, {kTokens}, 4);
      for (std::size_t i = 0; i < c.width(3); ++i)
        c.arrays[3][static_cast<std::size_t>(at) * c.width(3) + i] = -std::numeric_limits<float>::infinity();
      // Only what stands from there on is asked for.
      std::fill_n(c.grad_out.begin(), static_cast<std::size_t>(at) * c.width(2), 0.0f);
      std::vector<float> out(c.grad_out.size()), alone(out.size()), final(c.states()),
          kept(static_cast<std::size_t>(kept_size(setting, 1, c.starts.data())));
      forward<float>(c.problem(), c.rows(out.data(), 2), final.data(), kept.data());
      Problem<float> rest = c.problem();
      const std::int64_t starts[] = {at, kTokens};
      rest.starts = starts;
      rest.initial = nullptr;
      forward<float>(rest, c.rows(alone.data(), 2), nullptr, nullptr);
      for (std::size_t i = static_cast<std::size_t>(at) * c.width(2); i < out.size(); ++i)
        ASSERT_NEAR(out[i], alone[i], 1e-5) << i;
      std::vector<std::vector<float>> grads;
      for (const auto& a : c.arrays) grads.emplace_back(a.size(), std::numeric_limits<float>::quiet_NaN());
      const Gradients<float> g{c.rows(grads[0].data(), 0), c.rows(grads[1].data(), 1),
                               c.rows(grads[2].data(), 2), c.rows(grads[3].data(), 3),
                               c.rows(grads[4].data(), 4), grads[5].data()};
      backward<float>(c.problem(), c.rows(static_cast<const float*>(out.data()), 2), kept.data(),
                      c.rows(static_cast<const float*>(c.grad_out.data()), 2), c.grad_final.data(), g);
      for (std::size_t a = 0; a < grads.size(); ++a)
        for (const float x : grads[a]) ASSERT_TRUE(std::isfinite(x)) << "array " << a;
      for (const std::size_t a : {0, 1, 2, 4})
        for (std::size_t i = 0; i < static_cast<std::size_t>(at) * c.width(a); ++i)
          ASSERT_EQ(grads[a][i], 0) << "array " << a << ", " << i;
      for (const float x : grads[5]) ASSERT_EQ(x, 0);
    }
  }
}

// From no decay to all of it, nothing becomes infinite or NaN.
TEST_P(Scan, StaysFiniteWhateverTheDecay) {
  for (const Setting& setting : all_settings(1, 8, 8))
    for (const float least :
         {0.0f, -1e-30f, -1e-6f, -0.1f, -5.0f, -50.0f, -88.0f, -104.0f, -500.0f, -3e38f}) {
      Case<float> c = make<float>(setting, {70}, 5);
      base::Random random(6);
      for (float& x : c.arrays[3]) x = least * static_cast<float>(random.uniform());
      std::vector<float> out(c.grad_out.size()),
          kept(static_cast<std::size_t>(kept_size(setting, 1, c.starts.data())));
      forward<float>(c.problem(), c.rows(out.data(), 2), nullptr, kept.data());
      std::vector<std::vector<float>> grads;
      for (const auto& a : c.arrays) grads.emplace_back(a.size());
      const Gradients<float> g{c.rows(grads[0].data(), 0), c.rows(grads[1].data(), 1),
                               c.rows(grads[2].data(), 2), c.rows(grads[3].data(), 3),
                               c.rows(grads[4].data(), 4), grads[5].data()};
      backward<float>(c.problem(), c.rows(static_cast<const float*>(out.data()), 2), kept.data(),
                      c.rows(static_cast<const float*>(c.grad_out.data()), 2), c.grad_final.data(), g);
      for (const float x : out) ASSERT_TRUE(std::isfinite(x)) << least;
      for (std::size_t a = 0; a < grads.size(); ++a)
        for (const float x : grads[a]) ASSERT_TRUE(std::isfinite(x)) << least << ", array " << a;
    }
}

// 100,000 tokens in float against the same in double: errors stay roundings, they do not pile up.
TEST(ScanDrift, StaysSmallOverALongSequence) {
  for (const Setting& setting : all_settings(1, 16, 16)) {
    constexpr std::int64_t kTokens = 100'000;
    Case<double> c = make<double>(setting, {kTokens}, 7);
    // Without decay an additive state grows with the square root of the tokens; keys and values are random.
    for (double& x : c.arrays[3]) x *= 0.01;
    Case<float> f{setting, c.starts, {}, {}, {}};
    for (const auto& a : c.arrays) f.arrays.emplace_back(a.begin(), a.end());
    std::vector<double> right(c.grad_out.size());
    std::vector<float> out(right.size());
    forward<double>(c.problem(), c.rows(right.data(), 2), nullptr, nullptr);
    forward<float>(f.problem(), f.rows(out.data(), 2), nullptr, nullptr);
    double worst = 0, size = 0;
    for (std::size_t i = right.size() - 1600; i < right.size(); ++i) {
      worst = std::max(worst, std::abs(out[i] - right[i]));
      size = std::max(size, std::abs(right[i]));
    }
    std::printf("  rule %d, decay %d: %.1e of the largest output after %lld tokens\n",
                static_cast<int>(setting.rule), static_cast<int>(setting.decay), worst / size,
                static_cast<long long>(kTokens));
    EXPECT_LT(worst / size, 1e-4);
  }
}

}  // namespace
}  // namespace yore::mixers::scan
