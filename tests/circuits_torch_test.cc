// The model that yore circuit compile writes, as an ordinary model of the tensor half, against its own
// evaluation in the theory half.
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"
#include "yore/circuits/construct.h"
#include "yore/circuits/random_circuit.h"
#include "yore/circuits/run.h"
#include "yore/model/checkpoint.h"

namespace yore::tests {
namespace {

TEST(CircuitsTorch, TheSameNumbers) {
  const arch::ModelFile file = circuits::construct(4);
  const circuits::CircuitModel asked(file, "model");
  const model::Model model(file.model, 1, at::kDouble);
  model::from_arrays(file.weights, model.parameters(), "model");
  for (int n = 0; n < 10; ++n) {
    base::Random random({11, static_cast<std::uint64_t>(n)});
    const circuits::Circuit circuit = circuits::random_circuit(random, {.depth = 1 + n % 4, .gates = 40});
    const std::vector<circuits::Rational> inputs = circuits::random_inputs(random, circuit);
    circuits::Rows<double> rows = circuits::tokens_of<double>(circuit, inputs);
    const std::vector<std::int64_t> starts = {0, rows.count};
    const std::vector<std::int32_t> tokens(static_cast<std::size_t>(rows.count), 0);
    model::Input input = model::pack(starts, tokens);
    EXPECT_TRUE(base::refused([&] { model.forward(input); }, "reads rows of numbers"));
    input.numbers = at::from_blob(rows.values.data(), {rows.count, rows.width}, at::kDouble).clone();
    const at::Tensor out = model.forward(input);
    const std::vector<double> expected = asked.ask<double>(circuit, inputs, "circuit").values;
    for (std::size_t g = 0; g < expected.size(); ++g) {
      // Sums may be added in another order: 40 roundings of numbers no larger than the largest there.
      double largest = 0;
      for (const double x : expected) largest = std::max(largest, std::abs(x));
      EXPECT_NEAR((out.accessor<double, 2>()[static_cast<std::int64_t>(g)][0]), expected[g], largest * 1e-12);
    }
  }
}

}  // namespace
}  // namespace yore::tests
