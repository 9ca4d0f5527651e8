// The kernel against the definition (ref.h): every target of this machine, float and double, values and
// gradients, the two ways it has of computing them.
#include "yore/mixers/attention/kernel.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <iostream>
#include <limits>

#include "yore/mixers/attention/kernel_test_support.h"

namespace yore::mixers::kernel {
namespace {

using testing::Arrays;
using testing::Case;
using testing::head_of;
using testing::number_at;
using testing::OnTarget;
using Complex = std::complex<double>;

std::vector<Case> cases() {
  const std::vector<int> mixed = {-1, 0, 1, 3, 7, 8, 20, 64, 100};
  std::vector<Case> list;
  for (bool strict : {false, true}) {
    const std::string s = strict ? " strict" : "";
    list.push_back(
        {"short" + s, mixed, strict, 0, 5, 3, {{1, 1}, {2, 2}, {9, 9}, {17, 17}}, 0, false, false, true});
    list.push_back({"long" + s, mixed, strict, 0, 16, 16, {{200, 200}}});
    list.push_back({"odd dims" + s, {-1, 2, 70}, strict, 0, 33, 70, {{131, 131}}});
    list.push_back({"alibi" + s, {-1, 2, 30, 90}, strict, 0, 8, 4, {{150, 150}}, 0, false, true});
    list.push_back({"grouped" + s,
                    {-1, 2, 30, 70, 5, 40},
                    strict,
                    2,
                    12,
                    12,
                    {{140, 140}, {65, 65}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"one key head" + s, {100, 33, 64}, strict, 1, 16, 16, {{129, 129}}});
    list.push_back({"fewer queries" + s,
                    {-1, 2, 50},
                    strict,
                    0,
                    8,
                    8,
                    {{1, 90}, {3, 90}, {40, 180}, {64, 65}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"more queries" + s,
                    {-1, 2, 50},
                    strict,
                    0,
                    8,
                    8,
                    {{90, 20}, {70, 1}, {10, 2}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"no keys" + s,
                    {-1, 2, 50},
                    strict,
                    0,
                    8,
                    8,
                    {{5, 0}, {0, 3}, {80, 0}, {4, 4}},
                    0,
                    false,
                    false,
                    true});
    list.push_back({"sinks" + s, {-1, 1, 5, 20, 66}, strict, 0, 8, 8, {{190, 190}}, 4});
    list.push_back(
        {"many sinks" + s, {2, 20, 66}, strict, 0, 8, 8, {{230, 230}, {100, 170}}, 70, true, false, true});
    list.push_back({"sink logits" + s, mixed, strict, 3, 8, 8, {{90, 90}, {3, 3}}, 0, true, false, true});
    list.push_back({"batch" + s, {-1, 2, 40}, strict, 0, 8, 8, {{75, 75}, {75, 75}, {75, 75}}});
    // Scores are up to 3 here: one cap bends them, one saturates them, one is far away.
    for (const double cap : {2.0, 0.1, 1e6}) {
      const std::string t = fmt::format(" {}{}", cap, s);
      list.push_back({"soft cap" + t, mixed, strict, 0, 16, 16, {{150, 150}}, 0, false, false, false, cap});
      list.push_back({"soft cap and all else" + t,
                      {-1, 2, 30, 70, 5, 40},
                      strict,
                      2,
                      9,
                      12,
                      {{140, 140}, {3, 90}, {2, 2}},
                      4,
                      true,
                      true,
                      true,
                      cap});
    }
    list.push_back({"batch of few queries" + s, {-1, 30, 1}, strict, 0, 64, 64, {{2, 75}, {2, 75}}});
  }
  list.push_back({"widest", {-1, 70}, false, 0, 256, 256, {{70, 70}}});
  list.push_back({"narrowest", {-1, 70, 1}, false, 0, 1, 1, {{90, 90}}});
  return list;
}

template <class Number, class T>
std::vector<Number> head_rows(const std::vector<T>& x, std::int64_t first, std::int64_t rows, int heads,
                              int h, int dim) {
  std::vector<Number> out;
  for (std::int64_t r = first; r < first + rows; ++r)
    for (int d = 0; d < dim; ++d)
      out.push_back(Number(x[static_cast<std::size_t>((r * heads + h) * dim + d)]));
  return out;
}

/// Relative error that arithmetic in T may bring into weights and sums of this case. A score sums D products
/// of numbers below 1 and the bias; exp turns its error into a relative one; sums have at most T terms; the
/// kernel's exp and divisions add a few ulp.
template <class T>
double relative_error(const Case& c) {
  double longest = 1;
  for (auto [nq, nk] : c.lengths) longest = std::max({longest, double(nq), double(nk)});
  const double score = 0.4 * c.dim + (c.alibi ? 0.03 * c.heads() * longest : 0.0) + 1;
  // A cap adds 10 units of the score: Tanh, its argument, the product (lanes-inl.h).
  const double units = 2 * (c.dim + 4) + (c.soft_cap > 0 ? 10 : 0);
  return std::numeric_limits<T>::epsilon() * (units * score + longest + c.value_dim + 16);
}

struct Worst {
  double ratio = 0;
  std::string where;
  void see(double error, double allowed, const std::string& place) {
    if (!(error <= ratio * allowed)) ratio = error / allowed, where = place;  // NaN counts
  }
};

template <class T>
double expect_values(const Case& c, const Arrays<T>& a) {
  Worst worst;
  const double allowed = 2 * relative_error<T>(c);
  for (std::size_t b = 0; b < c.lengths.size(); ++b)
    for (int h = 0; h < c.heads(); ++h) {
      const ref::Head head = head_of(c, b, h);
      const int g = h / (c.heads() / c.kv());
      const Complex sink = c.sink_logits ? Complex(a.sinks[static_cast<std::size_t>(h)]) : Complex(0);
      std::vector<Complex> lse;
      const auto expected =
          ref::attention(head_rows<Complex>(a.q, a.query_starts[b], head.queries, c.heads(), h, c.dim),
                         head_rows<Complex>(a.k, a.key_starts[b], head.keys, c.kv(), g, c.dim),
                         head_rows<Complex>(a.v, a.key_starts[b], head.keys, c.kv(), g, c.value_dim), head,
                         c.sink_logits ? &sink : nullptr, &lse);
      for (int i = 0; i < head.queries; ++i) {
        const std::int64_t row = (a.query_starts[b] + i) * c.heads() + h;
        const T got_lse = a.lse[a.kGuard + static_cast<std::size_t>(row)];
        const double wanted = lse[static_cast<std::size_t>(i)].real();
        const std::string place = fmt::format("sequence {} head {} row {}", b, h, i);
        if (std::isinf(wanted)) {
          EXPECT_EQ(got_lse, wanted) << place;
        } else {
          worst.see(std::abs(got_lse - wanted), allowed * (1 + std::abs(wanted)), "lse of " + place);
        }
        for (int d = 0; d < c.value_dim; ++d)
          worst.see(std::abs(static_cast<double>(
                                 a.out[a.kGuard + static_cast<std::size_t>(row * c.value_dim + d)]) -
                             expected[number_at(i, 1, 0, c.value_dim, d)].real()),
                    allowed, place);
      }
    }
  EXPECT_LE(worst.ratio, 1) << c.name << ": " << worst.where << ", error/allowed " << worst.ratio;
  return worst.ratio;
}

/// The derivative of sum(grad_out * out) along a direction of the inputs, by complex step on the definition
/// and from the kernel's gradients. Directions: all of one input at random signs, and single numbers.
template <class T>
double expect_gradients(const Case& c, const Arrays<T>& a, std::uint64_t seed) {
  base::Random random(seed);
  constexpr double kStep = 1e-40;
  Worst worst;
  const std::vector<T>* inputs[] = {&a.q, &a.k, &a.v, &a.sinks};
  const std::vector<T>* grads[] = {&a.grad_q, &a.grad_k, &a.grad_v, &a.grad_sinks};
  const char* names[] = {"q", "k", "v", "sink logits"};
  for (int input = 0; input < 4; ++input) {
    const std::size_t size = inputs[input]->size();
    for (int direction = 0; direction < (size == 0 ? 0 : 6); ++direction) {
      std::vector<double> u(size, 0.0);
      if (direction < 2)
        for (double& x : u) x = random.uniform() < 0.5 ? -1 : 1;
      else
        u[static_cast<std::size_t>(random.uniform() * static_cast<double>(size))] = 1;
      std::vector<Complex> x[4];
      for (int i = 0; i < 4; ++i)
        for (std::size_t n = 0; n < inputs[i]->size(); ++n)
          x[i].push_back(Complex((*inputs[i])[n], i == input ? kStep * u[n] : 0.0));
      double expected = 0, rows = 0;
      for (std::size_t b = 0; b < c.lengths.size(); ++b)
        for (int h = 0; h < c.heads(); ++h) {
          const ref::Head head = head_of(c, b, h);
          const int g = h / (c.heads() / c.kv());
          const auto out =
              ref::attention(head_rows<Complex>(x[0], a.query_starts[b], head.queries, c.heads(), h, c.dim),
                             head_rows<Complex>(x[1], a.key_starts[b], head.keys, c.kv(), g, c.dim),
                             head_rows<Complex>(x[2], a.key_starts[b], head.keys, c.kv(), g, c.value_dim),
                             head, c.sink_logits ? &x[3][static_cast<std::size_t>(h)] : nullptr);
          const auto weight =
              head_rows<double>(a.grad_out, a.query_starts[b], head.queries, c.heads(), h, c.value_dim);
          for (std::size_t n = 0; n < out.size(); ++n) expected += weight[n] * out[n].imag() / kStep;
          rows += head.queries;
        }
      double got = 0;
      for (std::size_t n = 0; n < size; ++n) got += static_cast<double>((*grads[input])[a.kGuard + n]) * u[n];
      // |d out| along one row is at most that of a score, 2 |v| |d s| with |d s| <= scale * D, or that of v.
      const double per_row = c.value_dim * std::max(1.0, 2 * 0.4 * c.dim);
      worst.see(std::abs(got - expected), 2 * relative_error<T>(c) * per_row * std::max(1.0, rows),
                fmt::format("{} direction {}: got {}, expected {}", names[input], direction, got, expected));
    }
  }
  EXPECT_LE(worst.ratio, 1) << c.name << ": " << worst.where << ", error/allowed " << worst.ratio;
  return worst.ratio;
}

INSTANTIATE_TEST_SUITE_P(Attention, OnTarget, ::testing::ValuesIn(kernels::available_targets()),
                         [](const auto& target) { return target.param; });

TEST(AttentionTargets, AllOfThisMachineAreTested) {
  const std::vector<std::string> targets = kernels::available_targets();
  ASSERT_GE(targets.size(), 1u);
  EXPECT_EQ(kernels::chosen_target(), targets.front());
  EXPECT_THROW(kernels::choose_target("AVX9"), std::invalid_argument);
}

template <class T>
void check_all() {
  std::uint64_t seed = 1;
  double values = 0, gradients = 0;
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Arrays<T> a(c, ++seed);
    a.run(c);
    a.expect_fences();
    values = std::max(values, expect_values(c, a));
    gradients = std::max(gradients, expect_gradients(c, a, seed + 1000));
  }
  std::cout << "  measured/allowed: values " << values << ", gradients " << gradients << "\n";
}
TEST_P(OnTarget, FloatEqualsTheDefinition) {
  check_all<float>();
}
TEST_P(OnTarget, DoubleEqualsTheDefinition) {
  check_all<double>();
}

}  // namespace
}  // namespace yore::mixers::kernel
