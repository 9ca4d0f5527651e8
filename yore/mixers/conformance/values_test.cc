// Values and gradients of every mechanism against its definition.
#include <fmt/format.h>

#include <cmath>
#include <iostream>

#include "yore/kernels/targets.h"
#include "yore/mixers/conformance/support.h"

namespace yore::mixers::conformance {
namespace {

using Complex = Mechanism::Complex;

class Values : public Conformance {};
INSTANTIATE_TEST_SUITE_P(Mixers, Values, testing::ValuesIn(kernels::available_targets()),
                         [](const auto& target) { return target.param; });

/// Inputs of sequence b as complex numbers, plus kStep * i times a direction.
constexpr double kStep = 1e-40;
std::vector<std::vector<Complex>> complex_inputs(const Mechanism& mechanism, const Inputs& in,
                                                 const Packed& sequences, std::int64_t b,
                                                 std::size_t turned = 0,
                                                 const std::vector<double>& direction = {}) {
  std::vector<std::vector<Complex>> out;
  const std::vector<InputSpec> specs = mechanism.inputs();
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::size_t width = input_width(specs[i]);
    const std::size_t first =
        specs[i].per_token ? static_cast<std::size_t>(sequences.starts[static_cast<std::size_t>(b)]) * width
                           : 0;
    const std::size_t count =
        specs[i].per_token ? static_cast<std::size_t>(sequences.length(b)) * width : width;
    std::vector<Complex> x;
    for (std::size_t n = first; n < first + count; ++n)
      x.emplace_back(in.arrays[i][n], i == turned && !direction.empty() ? kStep * direction[n] : 0.0);
    out.push_back(std::move(x));
  }
  return out;
}

const std::vector<std::int64_t> kLengths = {1, 0, 2, 3, 90, 64, 17};

TEST_P(Values, EqualTheDefinition) {
  double most = 0;
  for (const auto& mechanism : all_mechanisms()) {
    if (mechanism->extreme()) continue;
    const Packed sequences = packed(kLengths);
    const Inputs in(*mechanism, sequences.tokens(), 1);
    const Outputs o = run(*mechanism, sequences, in, random_cotangent(*mechanism, sequences.tokens(), 2), 1);
    Worst worst;
    for (std::int64_t b = 0; b < sequences.batch(); ++b) {
      const auto expected =
          mechanism->reference(sequences.length(b), complex_inputs(*mechanism, in, sequences, b));
      const std::size_t first =
          static_cast<std::size_t>(sequences.starts[static_cast<std::size_t>(b)]) * output_width(*mechanism);
      for (std::size_t i = 0; i < expected.size(); ++i)
        worst.see(std::abs(o.out[first + i] - expected[i].real()),
                  mechanism->value_error(sequences.length(b)), fmt::format("sequence {} number {}", b, i));
    }
    EXPECT_LE(worst.ratio, 1) << mechanism->name() << ": " << worst.where;
    most = std::max(most, worst.ratio);
  }
  std::cout << "  measured/allowed: " << most << "\n";
}

TEST_P(Values, GradientsEqualComplexSteps) {
  double most = 0;
  base::Random random(5);
  for (const auto& mechanism : all_mechanisms()) {
    if (mechanism->extreme()) continue;
    const Packed sequences = packed(kLengths);
    const Inputs in(*mechanism, sequences.tokens(), 1);
    const Fenced cotangent = random_cotangent(*mechanism, sequences.tokens(), 2);
    const Outputs o = run(*mechanism, sequences, in, cotangent, 1);
    Worst worst;
    const std::vector<InputSpec> specs = mechanism->inputs();
    for (std::size_t i = 0; i < specs.size(); ++i)
      for (int trial = 0; trial < 8; ++trial) {
        // One number, or all of one token (of every token where there is only one row).
        std::vector<double> u(in.arrays[i].size(), 0.0);
        const auto at = static_cast<std::size_t>(random.uniform() * static_cast<double>(u.size()));
        double size = 1;
        if (trial < 5) {
          u[at] = 1;
        } else {
          const std::size_t width = input_width(specs[i]);
          for (std::size_t n = at / width * width; n < at / width * width + width; ++n)
            u[n] = random.uniform() < 0.5 ? -1 : 1;
          size = static_cast<double>(width);
        }
        double expected = 0, got = 0, terms = 0;
        std::int64_t longest = 1;
        for (std::int64_t b = 0; b < sequences.batch(); ++b) {
          const auto out =
              mechanism->reference(sequences.length(b), complex_inputs(*mechanism, in, sequences, b, i, u));
          const std::size_t first = static_cast<std::size_t>(sequences.starts[static_cast<std::size_t>(b)]) *
                                    output_width(*mechanism);
          for (std::size_t n = 0; n < out.size(); ++n) {
            const double term = cotangent[first + n] * out[n].imag() / kStep;
            expected += term;
            terms += std::abs(term);
          }
          longest = std::max(longest, sequences.length(b));
        }
        for (std::size_t n = 0; n < u.size(); ++n) got += o.grads[i][n] * u[n];
        // Each output's share of the derivative is a sum like the output itself, with its relative error; a
        // share whose parts cancel leaves theirs, of the size of one unit.
        const double allowed = 4 * mechanism->value_error(longest) * (terms + size);
        worst.see(std::abs(got - expected), allowed,
                  fmt::format("{} trial {}: {} for {}", specs[i].name, trial, got, expected));
      }
    EXPECT_LE(worst.ratio, 1) << mechanism->name() << ": " << worst.where;
    most = std::max(most, worst.ratio);
  }
  std::cout << "  measured/allowed: " << most << "\n";
}

TEST_P(Values, ExtremeInputsStayFinite) {
  int seen = 0;
  for (const auto& mechanism : all_mechanisms()) {
    if (!mechanism->extreme()) continue;
    ++seen;
    const Packed sequences = packed(kLengths);
    const Outputs o = run(*mechanism, sequences, Inputs(*mechanism, sequences.tokens(), 1),
                          random_cotangent(*mechanism, sequences.tokens(), 2), 1);
    for (std::size_t i = 0; i < o.out.size(); ++i) ASSERT_TRUE(std::isfinite(o.out[i])) << mechanism->name();
    for (const Fenced& g : o.grads)
      for (std::size_t i = 0; i < g.size(); ++i) ASSERT_TRUE(std::isfinite(g[i])) << mechanism->name();
  }
  EXPECT_GE(seen, 1);
}

}  // namespace
}  // namespace yore::mixers::conformance
