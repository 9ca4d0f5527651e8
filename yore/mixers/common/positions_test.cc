// Turned queries and keys: the two ways to pair dims, parts that stay, angles against long double, many
// threads at once.
#include "yore/mixers/common/positions.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <thread>

#include "yore/base/random.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers {
namespace {

std::vector<double> turned(const std::vector<double>& x, const Rotary& rotary, std::int64_t position) {
  const at::Tensor y = rotate(at::tensor(x, at::kDouble).view({1, 1, -1}),
                              rotary_table(position + 1, rotary, at::TensorOptions(at::kDouble)),
                              at::tensor(std::vector<std::int64_t>{position}), rotary.adjacent)
                           .contiguous();
  return {y.data_ptr<double>(), y.data_ptr<double>() + y.numel()};
}

void expect_near(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-14) << i;
}

TEST(RotaryPositions, PairsAreHalvesOrNeighbours) {
  const double c = std::cos(1.0), s = std::sin(1.0);  // .5403, .8415
  expect_near(turned({1, 0, 0, 0}, {4, 10000, false, {}}, 1), {c, 0, s, 0});
  expect_near(turned({1, 0, 0, 0}, {4, 10000, true, {}}, 1), {c, s, 0, 0});
  const double slow_c = std::cos(0.01), slow_s = std::sin(0.01);
  expect_near(turned({0, 0, 0, 1}, {4, 10000, false, {}}, 1), {0, -slow_s, 0, slow_c});
  expect_near(turned({0, 0, 0, 1}, {4, 10000, true, {}}, 1), {0, 0, -slow_s, slow_c});
}

TEST(RotaryPositions, DimsPastTheTurnedOnesStay) {
  const double c = std::cos(3.0), s = std::sin(3.0);
  for (const bool adjacent : {false, true})
    expect_near(turned({1, 0, 5, 6, 7}, {2, 10000, adjacent, {}}, 3), {c, s, 5, 6, 7});
}

/// A text that grows by a token at a time has its table made a few times, not at every token.
TEST(PositionTables, GrowInFewSteps) {
  std::int64_t made = 0, rows = 0;
  const PositionTable table([&](std::int64_t length) {
    ++made;
    rows += length;
    return std::vector<at::Tensor>{at::arange(length)};
  });
  EXPECT_EQ(table.at_least(5).front().size(0), 5);  // what is asked for at first, and no more
  for (std::int64_t length = 1; length <= 1000; ++length) {
    const at::Tensor rows_of_it = table.at_least(length).front();
    ASSERT_GE(rows_of_it.size(0), length);
    ASSERT_EQ(rows_of_it[length - 1].item<std::int64_t>(), length - 1);
  }
  EXPECT_LE(made, 9);
  EXPECT_LE(rows, 4 * 1000);
}

/// Angles of late positions hold all digits, scaled or not: in float t * frequency would be off by up to
/// 2^-24 t.
TEST(RotaryPositions, AnglesAreThoseOfLongDouble) {
  const std::int64_t position = 131071;
  for (const char* text : {"none", "linear:4", "llama3:8,1,4,8192", "yarn:16,4096"}) {
    const Rotary rotary{64, 500000, false, parse_rotary_scaling(text, "test")};
    const RotaryTable table = rotary_table(position + 1, rotary, at::TensorOptions(at::kDouble));
    const std::vector<double> factors = rotary_frequency_factors(rotary);
    for (int c = 0; c < 32; ++c) {
      const long double angle = position * std::pow(500000.0L, -2 * c / 64.0L) *
                                static_cast<long double>(factors[static_cast<std::size_t>(c)]);
      const double length = rotary_length_factor(rotary);
      // The exponent 2c/64 ln(base) < 14 has an error of a few units, which the angle multiplies.
      const double allowed = 16 * 2.3e-16 * (static_cast<double>(angle) + 1);
      EXPECT_NEAR(table.cos[position][c].item<double>(), length * static_cast<double>(std::cos(angle)),
                  allowed)
          << c;
      EXPECT_NEAR(table.sin[position][c].item<double>(), length * static_cast<double>(std::sin(angle)),
                  allowed)
          << c;
    }
  }
}

/// One layer, asked by several threads at once for ever longer sequences, makes its tables while others read
/// them.
TEST(RotaryPositions, ThreadsThatGrowTheTablesGetTheSameRows) {
  constexpr std::int64_t kLongest = 60, kThreads = 4;
  const MixerSetting setting{8, {{"heads", 2}, {"lookback", {-1, 3}}, {"positions", "rotary"}}};
  base::Random random(1);
  const auto draw = [&](const std::vector<std::int64_t>& shape) {
    at::Tensor x = at::empty(shape, at::kFloat);
    for (std::int64_t i = 0; i < x.numel(); ++i)
      x.data_ptr<float>()[i] = static_cast<float>(2 * random.uniform() - 1);
    return x;
  };
  const auto shared = make_mixer("attention", setting);
  std::vector<at::Tensor> parameters;
  for (const ParameterSpec& spec : shared->parameters()) parameters.push_back(draw(spec.shape));
  shared->bind(parameters);
  const at::Tensor x = draw({kLongest, 8});
  const auto run = [&](const Mixer& layer, std::int64_t length) {
    PackedRows rows;
    rows.starts = {0, length};
    rows.position = at::arange(length, at::kLong);
    rows.last = at::full({1}, length - 1, at::kLong);
    rows.last_position = rows.last;
    rows.longest = length;
    return layer.forward(x.narrow(0, 0, length), rows);
  };
  std::vector<at::Tensor> alone;
  for (std::int64_t length = 1; length <= kLongest; ++length) {
    const auto layer = make_mixer("attention", setting);
    layer->bind(parameters);
    alone.push_back(run(*layer, length));
  }
  std::vector<std::int64_t> wrong(kThreads, 0);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < kThreads; ++t)
    threads.emplace_back([&, t] {
      at::NoGradGuard no_gradients;
      for (std::int64_t length = 1; length <= kLongest; ++length)
        if (!at::equal(run(*shared, length), alone[static_cast<std::size_t>(length - 1)])) ++wrong[t];
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<std::int64_t>(kThreads, 0));
}

TEST(RotaryPositions, AreThereForNoTokens) {
  EXPECT_EQ(RotaryPositions().at_least(0, {6, 12345, false, {}}, at::kFloat).cos.sizes(),
            (std::vector<std::int64_t>{0, 3}));
}

TEST(RotaryPositions, AreOneTableForAllThatTurnAlike) {
  const Rotary one{8, 10000, false, {}}, other{8, 1000000, false, {}};
  const RotaryPositions a, b, c, d;
  const RotaryTable first = a.at_least(10, one, at::kFloat), second = b.at_least(7, one, at::kFloat);
  EXPECT_EQ(first.cos.data_ptr(), second.cos.data_ptr());
  EXPECT_NE(first.cos.data_ptr(), c.at_least(10, other, at::kFloat).cos.data_ptr());
  EXPECT_EQ(d.at_least(10, one, at::kDouble).cos.scalar_type(), at::kDouble);
  // Longer for one, longer for all; what was handed out stays.
  b.at_least(50, one, at::kFloat);
  EXPECT_GE(a.at_least(1, one, at::kFloat).cos.size(0), 50);
  EXPECT_TRUE(at::equal(first.cos, rotary_table(first.cos.size(0), one, at::kFloat).cos));
}

}  // namespace
}  // namespace yore::mixers
