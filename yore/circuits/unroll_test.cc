// Transformers as circuits: both evaluated exactly, on inputs whose scores tie.
#include "yore/circuits/unroll.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/random.h"
#include "yore/base/test_refusal.h"
#include "yore/circuits/construct.h"
#include "yore/circuits/evaluate.h"
#include "yore/circuits/precision.h"
#include "yore/circuits/run.h"
#include "yore/compiler/weights.h"

namespace yore::circuits {
namespace {

using base::refused;

/// A transformer of small whole weights, many of them 0.
arch::ModelFile random_model(std::uint64_t seed, arch::Activation activation, bool bias) {
  base::Random random(seed);
  arch::ModelFile file;
  file.model.embedding = {0, 3, 1, arch::Positions::None, 0};
  arch::Block block;
  block.mixer.options = mixers::find_spec("attention")
                            .complete(3, {{"heads", 2},
                                          {"kv_heads", 1},
                                          {"head_width", 3},
                                          {"mask", "none"},
                                          {"weights", "hard"},
                                          {"bias", bias}});
  block.feed_forward = {activation, 4, bias};
  block.norm.kind = arch::NormKind::None;
  block.norm_place = arch::NormPlace::Pre;
  file.model.blocks = {block, block};
  file.model.read_out = {arch::ReadOutKind::Tags, 2, bias, false, 0};
  for (const mixers::ParameterSpec& p : arch::parameters(file.model)) {
    compiler::Matrix m = compiler::zeros(p.shape.size() == 2 ? p.shape[0] : 1, p.shape.back());
    for (float& x : m.values)
      x = static_cast<float>(static_cast<int>(random.below(5)) - 2) / (random.below(2) == 0 ? 1 : 2);
    file.weights.arrays[p.name] = compiler::to_array(m, p.shape);
  }
  return file;
}

TEST(Unroll, SmallTransformersAreTheirCircuits) {
  for (const arch::Activation activation :
       {arch::Activation::Arithmetic, arch::Activation::Relu, arch::Activation::None})
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
      const HardTransformer model = hard_transformer(random_model(seed, activation, seed % 2 == 0), "model");
      for (const int tokens : {1, 2, 4}) {
        const Circuit circuit = unroll(model, {.tokens = tokens});
        EXPECT_EQ(circuit.inputs().size(), static_cast<std::size_t>(3 * tokens));
        EXPECT_EQ(circuit.outputs.size(), static_cast<std::size_t>(2 * tokens));
        const UnrollCheck check = check_unrolled(model, circuit, tokens, 20, seed);
        EXPECT_EQ(check.agree, 20) << "seed " << seed << ", " << tokens << " tokens";
      }
    }
}

// The circle: a circuit as tokens, through the transformer that was written as a circuit.
TEST(Unroll, ACircuitOfTheModelEvaluatesCircuits) {
  const CircuitModel model(construct(2), "model");
  const Circuit small = parse_circuit("x0 = input\nx1 = -3\nx2 = x0 * x1\nx3 = x2 + x1\noutput x3", "c");
  const Rows<Rational> tokens = tokens_of<Rational>(small, {Rational(1, 2)});
  const Circuit unrolled = unroll(model.transformer(), {.tokens = static_cast<int>(tokens.count)});
  const std::vector<Rational> values = evaluate<Rational>(unrolled, tokens.values, "c");
  EXPECT_EQ(values[static_cast<std::size_t>(unrolled.outputs[3])], Rational(-9, 2));
}

// Depth does not grow with the tokens: attention is of constant depth.
TEST(Unroll, DepthIsConstant) {
  const HardTransformer model =
      hard_transformer(random_model(2, arch::Activation::Arithmetic, true), "model");
  EXPECT_EQ(unroll(model, {.tokens = 3}).depth(), unroll(model, {.tokens = 6}).depth());
  EXPECT_THROW(unroll(model, {.tokens = 6, .max_gates = 100}), base::BudgetError);
  EXPECT_THROW(unroll(model, {.tokens = 2'000'000'000, .max_gates = 100}), base::BudgetError);
}

/// Of one number a token, all of whose scores are 0: attention is the mean.
HardTransformer mean_model() {
  HardTransformer model;
  model.width = 1;
  const SparseRow same{{{0, 1}}, 0};
  HardBlock block;
  block.query = block.key = SparseMap(1);
  block.value = block.out = {same};
  block.feed_forward.activation = arch::Activation::None;
  model.blocks = {block};
  model.read_out = {same};
  return model;
}

TEST(Unroll, WhatIsLookedAtIsBoundedToo) {
  const HardTransformer model = mean_model();
  constexpr int kTokens = 200;
  EXPECT_EQ(check_unrolled(model, unroll(model, {.tokens = kTokens}), kTokens, 2, 1).agree, 2);
  EXPECT_TRUE(unroll(model, {.tokens = kTokens}).gates.size() < 1000);
  EXPECT_THROW(unroll(model, {.tokens = kTokens, .max_gates = 1000}), base::BudgetError);
}

// x += x * x, 80 times: the circuit is small, its values are not.
TEST(Unroll, OverflowIsRefused) {
  HardTransformer model = mean_model();
  HardBlock& block = model.blocks[0];
  const SparseRow x{{{0, 1}}, 0};
  block.out = SparseMap(1);
  block.feed_forward.activation = arch::Activation::Arithmetic;
  block.gate = block.up = {x, {}};
  block.down = {x};
  model.blocks.assign(80, block);
  const Circuit circuit = unroll(model, {.tokens = 1});
  EXPECT_TRUE(refused([&] { check_unrolled(model, circuit, 1, 20, 1); }, "model: overflow after block"));
}

TEST(Unroll, RefusesOtherTransformers) {
  arch::ModelFile file = random_model(1, arch::Activation::Arithmetic, true);
  file.model.blocks[1].mixer.options["weights"] = "softmax";
  EXPECT_TRUE(
      refused([&] { hard_transformer(file, "m"); }, "blocks[1]: attention with mask=none and weights=hard"));
  file = random_model(1, arch::Activation::Relu, true);
  file.model.blocks[0].feed_forward.activation = arch::Activation::Gelu;
  EXPECT_TRUE(refused([&] { hard_transformer(file, "m"); }, "activation arithmetic or relu"));
  file = random_model(1, arch::Activation::Relu, true);
  file.model.blocks[0].norm.kind = arch::NormKind::Rms;
  EXPECT_TRUE(refused([&] { hard_transformer(file, "m"); }, "no norms"));
}

// Of a sum of n terms a chain of n roundings is off by n units of the last place of the sum of sizes at most;
// the model divides and multiplies by the fan-in as well.
TEST(Precision, LossesAreOfTheOrderOfTheRoundings) {
  const CircuitModel model(construct(2), "model");
  const auto rows = measure_precision(model, {.depths = {1, 2}, .widths = {4, 16}, .circuits = 10});
  ASSERT_EQ(rows.size(), 4U);
  for (const PrecisionRow& row : rows) {
    EXPECT_EQ(row.model_float.overflows, 0);
    EXPECT_GT(row.model_float.median, 1e-9);
    EXPECT_LT(row.model_float.largest, 1e-4);
    EXPECT_GT(row.model_double.median, 1e-18);
    EXPECT_LT(row.model_double.largest, 1e-12);
    EXPECT_LT(row.direct_double.largest, 1e-12);
  }
  EXPECT_TRUE(refused([&] { measure_precision(model, {.depths = {3}}); }, "expected 1 to the model's 2"));
  EXPECT_TRUE(refused(
      [&] {
        measure_precision(model, {.depths = {2}, .widths = {4, 10'000'000}});
      },
      "circuits of depth 2 and width 10000000"));
}

TEST(Precision, WhatHasNoLossIsCounted) {
  const auto rows = measure_precision(CircuitModel(construct(96), "model"),
                                      {.depths = {96, 1}, .widths = {2}, .circuits = 4});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_GT(rows[0].too_long, 0);
  EXPECT_EQ(rows[1].too_long, 0);
  const Loss none{std::nan(""), std::nan(""), 2}, some{1, 2, 0};
  const std::vector<PrecisionRow> row = {{1, 4, 3, 1, some, none, some, some}};
  EXPECT_NE(to_text(row).find("    3    1    1.0e+00   2.0e+00    0    1.0e+00"), std::string::npos)
      << to_text(row);
  EXPECT_NE(to_text(row).find("          -         -    2 "), std::string::npos) << to_text(row);
  EXPECT_EQ(to_json(row).at(0)["too_long"], 1);
  EXPECT_EQ(base::Json::parse(to_json(row).dump()).at(0)["fp32"]["model"]["largest"], nullptr);
}

}  // namespace
}  // namespace yore::circuits
