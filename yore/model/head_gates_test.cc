#include "yore/model/head_gates.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/model/checkpoint.h"
#include "yore/model/test_models.h"

namespace yore::model {
namespace {

arch::Model description(const std::string& mixer = "attention:heads=4/gla:heads=2") {
  arch::ModelOptions o = small_options();
  o.attention = arch::ModelOptions{}.attention;
  o.mixer = mixer;
  return arch::expand(o, kLetters + 1, arch::ReadOutKind::Vocabulary);
}

void set_gates(const Parameters& parameters, std::uint64_t seed, double size) {
  base::Random random(seed);
  for (const Parameter& p : parameters.all())
    if (is_gate(p.name))
      for (std::int64_t i = 0; i < p.size; ++i)
        parameters.flat().data_ptr<float>()[p.offset + i] = static_cast<float>(size * random.normal());
}

TEST(HeadGates, BeginAsTheBudget) {
  const Parameters parameters = gated_parameters(description(), 1);
  for (const double budget : {0.01, 0.2, 0.5, 0.9, 1.0}) {
    const arch::PerHead gates = gate_values(description(), parameters, budget);
    ASSERT_EQ(gates.size(), 2u);
    EXPECT_TRUE(gates[1].empty());
    for (const double gate : gates[0]) EXPECT_NEAR(gate, budget, 1e-6);
  }
  EXPECT_FALSE(gates_at(description(), parameters, 1)[0].defined());
}

// The formula in double, a head at a time; and no gate falls as the budget grows, to the bit.
TEST(HeadGates, FollowTheFormulaAndNeverFall) {
  const Parameters parameters = gated_parameters(description(), 1);
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    set_gates(parameters, seed, seed % 4 == 0 ? 20 : 2);
    const float* intercept = parameters.value(parameters.index("gates.0.intercept")).data_ptr<float>();
    const float* sensitivity = parameters.value(parameters.index("gates.0.sensitivity")).data_ptr<float>();
    arch::PerHead before;
    for (int i = 1; i < 1000; ++i) {
      const double b = i / 1000.0;
      const arch::PerHead gates = gate_values(description(), parameters, b);
      for (std::size_t h = 0; h < 4; ++h) {
        const double slope = std::log1p(std::exp(static_cast<double>(sensitivity[h])));
        const double wanted =
            1 / (1 + std::exp(-(static_cast<double>(intercept[h]) + slope * std::log(b / (1 - b)))));
        EXPECT_NEAR(gates[0][h], wanted, 1e-5);
        if (!before.empty()) {
          EXPECT_GE(gates[0][h], before[0][h]) << b;
        }
      }
      before = gates;
    }
  }
}

// The model's own parameters are those that it has without gates, and so is its file.
TEST(HeadGates, TheModelIsTheSameWithoutThem) {
  const Model plain(description(), 7), gated(description(), gated_parameters(description(), 7));
  EXPECT_EQ(gated.parameters().size(), plain.parameters().size() + 8);
  EXPECT_EQ(to_file(gated, {}, {}).weights, to_file(plain, {}, {}).weights);
  EXPECT_NO_THROW(arch::check_weights(to_file(gated, {}, {}), "x"));
}

TEST(HeadGates, ComeBackFromAFolder) {
  const base::Scratch scratch;
  const Parameters parameters = gated_parameters(description(), 1);
  set_gates(parameters, 3, 1);
  save_gates(parameters, scratch.path());
  const base::NamedArrays read = read_gates(description(), scratch.path());
  EXPECT_EQ(read.arrays.size(), 2u);
  EXPECT_EQ(read.arrays.at("gates.0.intercept"), to_arrays(parameters).arrays.at("gates.0.intercept"));
  EXPECT_TRUE(
      base::refused([&] { read_gates(description("attention:heads=2"), scratch.path()); }, "another model"));
  EXPECT_TRUE(
      base::refused([&] { read_gates(description(), scratch / "nowhere"); }, "has no gates.safetensors"));
}

}  // namespace
}  // namespace yore::model
