// The construction against exact evaluation, the search for the largest score against every pair, and what is
// no model for circuits.
#include "yore/circuits/construct.h"

#include <gtest/gtest.h>

#include <limits>
#include <set>

#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/circuits/arg_max.h"
#include "yore/circuits/evaluate.h"
#include "yore/circuits/verify.h"

namespace yore::circuits {
namespace {

using base::refused;

CircuitModel model_of(int depth) {
  return {construct(depth), "model"};
}

TEST(Construct, IsAnOrdinaryModel) {
  const arch::ModelFile file = construct(3);
  EXPECT_EQ(file.model.blocks.size(), 6U);
  EXPECT_EQ(file.model.blocks[0].mixer.options["mask"], "none");
  EXPECT_EQ(file.model.blocks[0].mixer.options["weights"], "hard");
  EXPECT_EQ(file.model.blocks[0].mixer.options["heads"], 1);
  const base::Scratch scratch;
  arch::write_model(file, scratch.path() / "model");
  const arch::ModelFile again = arch::read_model(scratch.path() / "model");
  EXPECT_EQ(again.model, file.model);
  EXPECT_EQ(depth_of(again, "model"), 3);
  EXPECT_TRUE(refused([] { construct(0); }, "expected 1 to 2048"));
  EXPECT_TRUE(refused([] { construct(2049); }, "expected 1 to 2048"));
}

TEST(Construct, SmallCircuitsExhaustively) {
  const Verification v = verify(model_of(3), {.random = 0, .exhaustive = 4});
  EXPECT_FALSE(v.difference) << v.difference->circuit << v.difference->gate;
  EXPECT_GT(v.small_circuits, 4000);
}

TEST(Construct, RandomCircuitsAreExact) {
  const Verification v = verify(model_of(8), {.random = 60, .gates = 200, .exhaustive = 0});
  EXPECT_FALSE(v.difference) << v.difference->circuit << v.difference->gate;
  EXPECT_EQ(v.random_circuits, 60);
}

// Of the definition: all scores of all pairs, in the same arithmetic.
TEST(Construct, SortedSearchIsTheDefinition) {
  const CircuitModel model = model_of(5);
  for (int n = 0; n < 30; ++n) {
    base::Random random({7, static_cast<std::uint64_t>(n)});
    const Circuit c = random_circuit(random, {.depth = 1 + n % 5, .gates = 30});
    const std::vector<Rational> inputs = random_inputs(random, c);
    const auto same = [&]<class T>(T) {
      EXPECT_EQ(model.ask<T>(c, inputs, "c").values,
                model.ask<T>(c, inputs, "c", false, Search::Naive).values);
    };
    same(Rational());
    same(double());
    same(float());
  }
}

// Products of whole numbers that fit 64 bits need not fit 128: here one is 2^127.
TEST(Construct, SortedSearchOfLargeNumbersIsTheDefinition) {
  HardTransformer copies;  // its one head attends to the token most like its own
  copies.width = 2;
  const SparseMap same = {{{{0, 1.0F}}}, {{{1, 1.0F}}}};
  copies.blocks = {{1, 1, 2, same, same, same, same, {}, {}, {}, {}}};
  const Rational least(std::numeric_limits<long>::min());
  const Rows<Rational> rows = {3, 2, {least, least, 1, 1, 5, -7}};
  const Rows<Rational> sorted = run_blocks<Rational>(copies, rows);
  EXPECT_EQ(sorted.values, run_blocks<Rational>(copies, rows, {}, Search::Naive).values);
  EXPECT_EQ(sorted.values[0], least + least);
}

// A level's gates are final after it: they stay what they are.
TEST(Construct, LevelsAreFinalInTheirOrder) {
  const CircuitModel model = model_of(6);
  base::Random random(5);
  const Circuit c = random_circuit(random, {.depth = 4, .gates = 60});
  const Answer<Rational> answer = model.ask<Rational>(c, random_inputs(random, c), "c", true);
  ASSERT_EQ(answer.levels.size(), 6U);
  EXPECT_EQ(answer.levels.back(), answer.values);
  for (std::size_t l = 1; l <= 6; ++l)
    for (std::size_t g = 0; g < c.gates.size(); ++g)
      if (c.level[g] <= static_cast<int>(l)) {
        EXPECT_EQ(answer.levels[l - 1][g], answer.values[g]);
      }
}

// Products of whole numbers below 2^24 and sums of two are exact in float too.
TEST(Construct, FloatsAreExactWhereNothingIsRounded) {
  const Circuit c = parse_circuit(
      "x1 = input\nx2 = input\nx3 = x1 * x2\nx4 = x3 + x1\nx5 = sign(x4)\nx6 = x5 * x3\noutput x6", "c");
  const CircuitModel model = model_of(4);
  EXPECT_EQ(model.ask<float>(c, {1001, -7}, "c").values, evaluate<float>(c, {1001, -7}, "c"));
  EXPECT_EQ(model.ask<double>(c, {Rational(1, 4), 12345}, "c").values,
            evaluate<double>(c, {Rational(1, 4), 12345}, "c"));
}

TEST(Construct, LargestIdsAreToldApart) {
  const auto id = std::to_string(kLargestId), next = std::to_string(kLargestId - 1);
  const Circuit c = parse_circuit(
      "x" + id + " = 3\nx" + next + " = 5\nx0 = x" + next + " + x" + id + " + x" + id + "\noutput x0", "c");
  EXPECT_EQ(model_of(1).ask<Rational>(c, {}, "c").values[2], 11);
  EXPECT_EQ(model_of(1).ask<double>(c, {}, "c").values[2], 11);
  EXPECT_TRUE(refused([&] { model_of(1).ask<float>(c, {}, "c"); },
                      "gate x" + id + ": fp32 tells ids apart up to 4095"));
  const Circuit fits = parse_circuit("x4095 = 3\nx4094 = 5\nx0 = x4094 + x4095 + x4095\noutput x0", "c");
  EXPECT_EQ(model_of(1).ask<float>(fits, {}, "c").values[2], 11);
}

TEST(Construct, RefusesWhatItCannotEvaluate) {
  const CircuitModel model = model_of(2);
  const Circuit c = parse_circuit("x1 = input\nx2 = x1 * x1\nx3 = x2 * x2\nx4 = x3 * x3\noutput x4", "c");
  EXPECT_TRUE(refused([&] { model.ask<Rational>(c, {1}, "c"); }, "has depth 3, the model is for depth 2"));
  EXPECT_TRUE(refused([&] { model_of(3).ask<Rational>(c, {}, "c"); }, "has 1 input, found 0 values"));
  EXPECT_TRUE(refused([&] { model_of(3).ask<float>(c, {1 << 20}, "c"); }, "overflow at x4 = x3 * x3"));
  EXPECT_TRUE(refused([&] { model_of(3).ask<float>(c, {parse_rational("1e39", "c")}, "c"); },
                      "overflow at x1 = input"));
  arch::ModelFile other = construct(2);
  other.compiled = nullptr;
  EXPECT_TRUE(refused([&] { CircuitModel(other, "other"); }, "no model for circuits"));
  other = construct(2);
  other.compiled["depth"] = 3;
  EXPECT_TRUE(refused([&] { CircuitModel(other, "other"); }, "does not fit its description"));
}

// A weight that is changed is found out. Of level 1 what gates compute, of level 2 what edges read: what
// level 1 reads has nothing computed to clear, and nobody comes after the last level.
TEST(Construct, EveryWeightCounts) {
  const arch::ModelFile right = construct(3);
  int checked = 0;
  for (const auto& [name, array] : right.weights.arrays) {
    if (!name.starts_with("layers.1.") && !name.starts_with("layers.2.") && !name.starts_with("read_out"))
      continue;
    for (std::size_t at = 0; at < array.bytes.size(); at += sizeof(float)) {
      float weight = 0;
      std::memcpy(&weight, array.bytes.data() + at, sizeof weight);
      if (weight == 0) continue;
      weight *= -3;
      arch::ModelFile wrong = right;
      std::memcpy(wrong.weights.arrays[name].bytes.data() + at, &weight, sizeof weight);
      const CircuitModel broken(wrong, "broken");
      EXPECT_TRUE(verify(broken, {.random = 100, .gates = 12, .exhaustive = 0}).difference)
          << name << " " << at / sizeof(float);
      ++checked;
    }
  }
  EXPECT_GT(checked, 30);
}

template <class C, class W>
void check_arg_max(int points, int range, std::uint64_t seed) {
  base::Random random(seed);
  const auto draw = [&] {
    return C(static_cast<long>(random.below(2 * static_cast<std::uint64_t>(range) + 1)) - range);
  };
  std::vector<std::array<C, 2>> keys;
  for (int i = 0; i < points; ++i) keys.push_back({draw(), draw()});
  ArgMax<C, W> fast(keys);
  std::map<int, std::set<int>> sets;
  for (int n = 0; n < 200; ++n) {
    const std::array<C, 2> q = {draw(), draw()};
    std::set<int> expected;
    C best = 0;
    for (int i = 0; i < points; ++i) {
      const auto& key = keys[static_cast<std::size_t>(i)];
      const C score = q[0] * key[0] + q[1] * key[1];
      if (i == 0 || score > best) expected.clear();
      if (i == 0 || score > best) best = score;
      if (score == best) expected.insert(i);
    }
    fast.find(q, [&](int number, const auto& visit) {
      std::set<int> found;
      visit([&](int i) { found.insert(i); });
      EXPECT_EQ(found, expected);
      EXPECT_EQ(sets.emplace(number, found).first->second, found);
    });
  }
}

TEST(ArgMax, FindsAllOfTheLargest) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const int points = static_cast<int>(1 + seed % 25), range = static_cast<int>(1 + seed % 7);
    check_arg_max<std::int64_t, std::int64_t>(points, range, seed);
    check_arg_max<Rational, Rational>(points, range, seed);
  }
}

}  // namespace
}  // namespace yore::circuits
