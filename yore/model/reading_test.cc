// Reading a prompt in chunks: the logits are those of the whole text, memory is that of a chunk.
#include "yore/model/reading.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "yore/model/test_models.h"

namespace yore::model {
namespace {

/// As in generate_test.cc: two computations in double, of numbers of size about 10, through two layers.
constexpr double kChunksAllowed = 1e4 * 90 * std::numeric_limits<double>::epsilon();

double logit_distance(const std::vector<double>& a, const at::Tensor& b) {
  EXPECT_EQ(static_cast<std::int64_t>(a.size()), b.size(0));
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    most = std::max(most, std::abs(a[i] - b[static_cast<std::int64_t>(i)].item<double>()));
  return most;
}

TEST(Reading, ChunksAreTheWholeInEveryMechanism) {
  for (const arch::Model& description : decoder_descriptions(7)) {
    SCOPED_TRACE(arch::mixer_text(description));
    const Model model(description, 2, at::kDouble);
    shake(model);
    const std::vector<std::int64_t> text = random_tokens(7, 90, 4);
    const at::Tensor whole = model.forward(continuation({text}, {0})).detach();
    for (const std::int64_t chunk : {1, 2, 7, 64, 90, 1000}) {
      Reading reading = start_reading(model);
      read(model, reading, text, chunk);
      EXPECT_LE(logit_distance(reading.logits, whole[89]), kChunksAllowed) << chunk;
      EXPECT_EQ(reading.tokens, text);
      EXPECT_EQ(reading.state.length(0), 90);
    }
  }
}

TEST(Reading, TheLastTokensLogitsAreThoseOfAdvance) {
  for (const arch::Model& description : descriptions()) {
    if (description.read_out.kind == arch::ReadOutKind::Accept) continue;
    const Model model(description, 3, at::kDouble);
    Model::State all = model.start(2), last = model.start(2);
    for (const auto& pieces :
         {std::vector<std::vector<std::int64_t>>{{1, 2, 0}, {3}}, {{2}, {1, 1, 0, 2, 3}}}) {
      const at::Tensor every = model.advance(all, pieces), ends = model.advance_last(last, pieces);
      const auto first = static_cast<std::int64_t>(pieces[0].size()),
                 second = static_cast<std::int64_t>(pieces[1].size());
      ASSERT_EQ(ends.size(0), 2);
      EXPECT_LE((ends[0] - every[first - 1]).abs().max().item<double>(), kChunksAllowed);
      EXPECT_LE((ends[1] - every[first + second - 1]).abs().max().item<double>(), kChunksAllowed);
    }
    EXPECT_THROW(model.advance_last(last, {{1}, {}}), std::invalid_argument);
    EXPECT_EQ(last.length(0), 4);
  }
}

TEST(Reading, KeepsABeginning) {
  for (const arch::Model& description : decoder_descriptions(7)) {
    SCOPED_TRACE(arch::mixer_text(description));
    const Model model(description, 2, at::kDouble);
    Reading reading = start_reading(model, 4);
    read(model, reading, random_tokens(7, 30, 1), 9);
    Reading further = reading;
    read(model, further, std::vector<std::int64_t>{1, 2, 3, 4});
    further.keep(34);
    EXPECT_FALSE(further.logits.empty());
    further.keep(31);
    EXPECT_TRUE(further.logits.empty());
    EXPECT_EQ(further.tokens.size(), 31u);
    read(model, further, std::vector<std::int64_t>{5});
    read(model, reading, std::vector<std::int64_t>{1, 5});
    for (std::size_t i = 0; i < 7; ++i) EXPECT_NEAR(further.logits[i], reading.logits[i], kChunksAllowed);
    EXPECT_THROW(reading.keep(33), std::invalid_argument);
    EXPECT_THROW(reading.keep(-1), std::invalid_argument);
  }
}

TEST(Reading, Refuses) {
  const Model accepts = recogniser(small_options(), 3, 1);
  EXPECT_THROW(start_reading(accepts), std::invalid_argument);
  const Model model(decoder_descriptions(7).front(), 1);
  Reading reading = start_reading(model);
  EXPECT_THROW(read(model, reading, std::vector<std::int64_t>{1}, 0), std::invalid_argument);
  EXPECT_THROW(read(model, reading, std::vector<std::int64_t>{7}), std::invalid_argument);
  read(model, reading, {});
  EXPECT_TRUE(reading.logits.empty());
}

}  // namespace
}  // namespace yore::model
