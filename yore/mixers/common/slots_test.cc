// Slots over sequences that backward goes through in several blocks. (Definitions, and shorter sequences: the
// conformance suite.)
#include "yore/mixers/common/slots.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "yore/base/random.h"
#include "yore/base/test_allocations.h"

namespace yore::mixers::slots {
namespace {

using Array = std::vector<double>;

/// A problem's arrays, all inputs and cotangents drawn.
struct Case {
  Setting setting{2, 1, 3, 4, 5, 0.7, true};  // differences move decays of nearly 1 above it
  std::vector<std::int64_t> starts;
  Array q, k, v, write, log_decay, filled, bias, initial_k, initial_v, grad_out, grad_k, grad_v;

  explicit Case(std::vector<std::int64_t> at, Erase erase = Erase::Decay) : starts(std::move(at)) {
    setting.erase = erase;
    if (delta()) setting.key_heads = setting.heads;
    base::Random random(1);
    const Setting& s = setting;
    const auto rows = static_cast<std::size_t>(starts.back()), batch = starts.size() - 1;
    const auto draw = [&](Array& x, std::size_t count, double low, double high) {
      x.resize(count);
      for (double& y : x) y = low + (high - low) * random.uniform();
    };
    draw(q, rows * static_cast<std::size_t>(s.key_heads * s.key_dim), -1, 1);
    draw(k, q.size(), -1, 1);
    draw(v, rows * static_cast<std::size_t>(s.heads * s.value_dim), -1, 1);
    draw(write, rows * static_cast<std::size_t>(s.heads * s.slots), 0, 0.1);
    draw(log_decay, write.size(), -0.1, 0);  // slow: blocks must hand on what they know
    draw(filled, write.size(), 0.5, 1);
    draw(bias, write.size(), -1, 1);
    draw(initial_k, batch * static_cast<std::size_t>(s.heads * s.slots * s.key_dim), -1, 1);
    draw(initial_v, batch * static_cast<std::size_t>(s.heads * s.slots * s.value_dim), -1, 1);
    draw(grad_out, v.size(), -1, 1);
    draw(grad_k, initial_k.size(), -1, 1);
    draw(grad_v, initial_v.size(), -1, 1);
  }

  bool delta() const { return setting.erase == Erase::Delta; }

  static scan::Rows<const double> rows(const Array& x, int heads, int dim) {
    return {x.data(), std::int64_t{heads} * dim, dim};
  }
  static scan::Rows<double> rows(Array& x, int heads, int dim) {
    return {x.data(), std::int64_t{heads} * dim, dim};
  }

  Problem<double> problem() const {
    const Setting& s = setting;
    Problem<double> p;
    p.setting = s;
    p.batch = static_cast<std::int64_t>(starts.size()) - 1;
    p.starts = starts.data();
    p.q = rows(q, s.key_heads, s.key_dim);
    p.k = rows(k, s.key_heads, s.key_dim);
    p.v = rows(v, s.heads, s.value_dim);
    p.write = rows(write, s.heads, s.slots);
    if (!delta()) p.log_decay = rows(log_decay, s.heads, s.slots);
    p.filled = rows(filled, s.heads, s.slots);
    p.bias = rows(bias, s.heads, s.slots);
    p.initial_k = initial_k.data();
    p.initial_v = initial_v.data();
    p.threads = 1;
    return p;
  }

  /// Those that have gradients; weights and decays last.
  std::vector<Array*> inputs() {
    std::vector<Array*> all = {&q, &k, &v, &initial_k, &initial_v, &write, &log_decay};
    if (delta()) all.pop_back();
    return all;
  }

  /// <outputs, cotangents>, final slots included.
  double loss() const {
    Array out(v.size()), last_k(initial_k.size()), last_v(initial_v.size());
    Saved<double> saved;
    forward<double>(problem(), rows(out, setting.heads, setting.value_dim), last_k.data(), last_v.data(),
                    saved);
    double sum = 0;
    const auto add = [&](const Array& x, const Array& y) {
      for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
    };
    add(out, grad_out);
    add(last_k, grad_k);
    add(last_v, grad_v);
    return sum;
  }

  /// Its gradients, in the order of inputs().
  std::vector<Array> gradients() {
    const Setting& s = setting;
    Array out(v.size());
    Saved<double> saved;
    const Problem<double> p = problem();
    forward<double>(p, rows(out, s.heads, s.value_dim), nullptr, nullptr, saved);
    std::vector<Array> all;
    for (const Array* x : inputs()) all.emplace_back(x->size(), std::nan(""));
    Gradients<double> g{rows(all[0], s.key_heads, s.key_dim),
                        rows(all[1], s.key_heads, s.key_dim),
                        rows(all[2], s.heads, s.value_dim),
                        {},
                        {},
                        all[3].data(),
                        all[4].data()};
    g.write = rows(all[5], s.heads, s.slots);
    if (!delta()) g.log_decay = rows(all[6], s.heads, s.slots);
    backward<double>(p, saved, rows(std::as_const(out), s.heads, s.value_dim),
                     rows(std::as_const(grad_out), s.heads, s.value_dim), grad_k.data(), grad_v.data(), g);
    return all;
  }
};

/// Lengths around a block's, and several sequences to a block.
std::vector<std::int64_t> lengths_around_blocks() {
  std::vector<std::int64_t> starts = {0};
  for (const std::int64_t length : {std::int64_t{3}, 2 * kBlock + 77, std::int64_t{0}, kBlock, kBlock + 1,
                                    kBlock / 2, kBlock / 2, std::int64_t{1}})
    starts.push_back(starts.back() + length);
  return starts;
}

class Slots : public testing::TestWithParam<Erase> {};
INSTANTIATE_TEST_SUITE_P(Erasing, Slots, testing::Values(Erase::Decay, Erase::Delta),
                         [](const auto& one) { return one.param == Erase::Delta ? "delta" : "decay"; });

TEST_P(Slots, GradientsOfLongSequencesAreThoseOfDifferences) {
  Case c(lengths_around_blocks(), GetParam());
  const std::vector<Array> gradients = c.gradients();
  base::Random random(2);
  const std::vector<Array*> inputs = c.inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Array at = *inputs[i];
    Array direction(at.size());
    double derivative = 0, size = 0;
    for (std::size_t n = 0; n < at.size(); ++n) {
      direction[n] = random.uniform() < 0.5 ? -1 : 1;
      derivative += direction[n] * gradients[i][n];
      size += gradients[i][n] * gradients[i][n];
    }
    const auto moved = [&](double step) {
      for (std::size_t n = 0; n < at.size(); ++n) (*inputs[i])[n] = at[n] + step * direction[n];
      return c.loss();
    };
    // Central differences: the error is step^2 times a third derivative, and rounding / step.
    const double step = 1e-5, difference = (moved(step) - moved(-step)) / (2 * step);
    *inputs[i] = at;
    EXPECT_GT(size, 0) << "input " << i;
    EXPECT_NEAR(derivative, difference, 1e-6 * (1 + std::sqrt(size))) << "input " << i;
  }
}

// A sequence's gradients do not depend on what shares its block, to the bit.
TEST_P(Slots, SequencesInABatchAreAsAlone) {
  Case all(lengths_around_blocks(), GetParam());
  const std::vector<Array> together = all.gradients();
  const std::vector<Array*> inputs = all.inputs();
  for (std::size_t b = 0; b + 1 < all.starts.size(); ++b) {
    const std::int64_t first = all.starts[b], count = all.starts[b + 1] - first;
    Case one({0, count}, GetParam());
    const auto part = [&](const Array& x, bool states) {
      const std::size_t rows = states ? all.starts.size() - 1 : static_cast<std::size_t>(all.starts.back());
      const auto width = static_cast<std::ptrdiff_t>(x.size() / rows);
      const std::ptrdiff_t from = states ? static_cast<std::ptrdiff_t>(b) : first, its = states ? 1 : count;
      return Array(x.begin() + from * width, x.begin() + (from + its) * width);
    };
    const std::vector<Array*> its = one.inputs();
    const auto of_sequences = [](std::size_t i) { return i == 3 || i == 4; };
    for (std::size_t i = 0; i < its.size(); ++i) *its[i] = part(*inputs[i], of_sequences(i));
    one.filled = part(all.filled, false);
    one.bias = part(all.bias, false);
    one.grad_out = part(all.grad_out, false);
    one.grad_k = part(all.grad_k, true);
    one.grad_v = part(all.grad_v, true);
    const std::vector<Array> alone = one.gradients();
    for (std::size_t i = 0; i < alone.size(); ++i)
      EXPECT_EQ(alone[i], part(together[i], of_sequences(i))) << b << " " << i;
  }
}

TEST(SlotMemory, ForwardAddsTheKeptStatesAlone) {
  const auto peak = [](std::int64_t tokens) {
    const Case c({0, tokens});
    Array out(c.v.size());
    const auto run = [&] {
      Saved<double> saved;
      forward<double>(c.problem(), Case::rows(out, c.setting.heads, c.setting.value_dim), nullptr, nullptr,
                      saved);
    };
    run();  // the threads' memory stays
    const std::ptrdiff_t before = base::allocations.live;
    base::allocations.peak = before;
    run();
    return static_cast<double>(base::allocations.peak - before);
  };
  const Setting s = Case({0, 1}).setting;
  const double kept = static_cast<double>(s.heads * s.state_size()) * sizeof(double) / scan::kKept;
  const double a_token = (peak(16384) - peak(8192)) / 8192;
  EXPECT_GT(a_token, 0.9 * kept);
  EXPECT_LT(a_token, 1.1 * kept) << "logits of a token would be " << s.heads * s.slots * sizeof(double);
}

// What a bias does to the softmax: a slot's logit and its filling are not told apart from it.
TEST(SlotBias, IsAddedToLogits) {
  Case c({0, 70});
  const auto answer = [&] {
    Array out(c.v.size());
    Saved<double> saved;
    forward<double>(c.problem(), Case::rows(out, c.setting.heads, c.setting.value_dim), nullptr, nullptr,
                    saved);
    return out;
  };
  const Array usual = answer();
  for (double& b : c.bias) b += 3;  // as much for all slots: nothing
  const Array same = answer();
  for (std::size_t i = 0; i < usual.size(); ++i) ASSERT_NEAR(same[i], usual[i], 1e-13);
  // Only slot 2 of every head is left to be seen.
  for (std::size_t i = 0; i < c.bias.size(); ++i) c.bias[i] = i % 5 == 2 ? 0 : -1e5;
  const Array one = answer();
  for (std::size_t i = 0; i < c.filled.size(); ++i)
    if (i % 5 != 2) c.filled[i] = 0;
  const Array unseen = answer();
  EXPECT_EQ(one, unseen);
  // However little a slot holds.
  for (std::size_t i = 0; i < c.filled.size(); ++i)
    if (i % 5 != 2) c.filled[i] = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(answer(), unseen);
}

TEST(SlotErase, RefusesWhatItCannot) {
  Setting s{2, 1, 3, 4, 5};
  check(s);
  s.erase = Erase::Delta;
  EXPECT_THROW(check(s), std::invalid_argument);
}

}  // namespace
}  // namespace yore::mixers::slots
