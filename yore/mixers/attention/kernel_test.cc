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

#include "yore/mixers/attention/kernel_test_cases.h"

namespace yore::mixers::kernel {
namespace {

using testing::Arrays;
using testing::Case;
using testing::head_of;
using testing::head_rows;
using testing::number_at;
using testing::OnTarget;
using testing::relative_error;
using testing::Worst;
using Complex = std::complex<double>;

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
  // A refused choice leaves the one before.
  kernels::choose_target(targets.back());
  EXPECT_THROW(kernels::choose_target("AVX9"), std::invalid_argument);
  EXPECT_EQ(kernels::chosen_target(), targets.back());
  kernels::choose_target("");
  EXPECT_EQ(kernels::chosen_target(), targets.front());
}

template <class T>
void check_all() {
  std::uint64_t seed = 1;
  double values = 0, gradients = 0;
  for (const Case& c : testing::cases()) {
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
