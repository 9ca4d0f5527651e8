#include "yore/model/generate.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/model/test_models.h"

namespace yore::model {
namespace {

arch::ModelOptions config_of(const std::string& attention, const std::string& positions,
                             const std::string& place) {
  arch::ModelOptions c;
  c.attention = attention;
  c.positions = positions;
  c.norm_place = place;
  c.strict = false;
  c.layers = 3;
  c.width = 16;
  c.mlp_width = 24;
  return c;
}

/// Two computations in double of numbers of size about 10 through 3 layers of sums over at most 90 terms.
constexpr double kAllowed = 1e4 * 90 * std::numeric_limits<double>::epsilon();

/// Two sequences taken in piece by piece, at times without a new token, give what they give as wholes.
void expect_pieces_equal_the_whole(const Model& model) {
  const std::vector<std::vector<std::int64_t>> words = {random_tokens(7, 90, 1), random_tokens(7, 40, 2)};
  const at::Tensor whole = model.read(model.hidden(continuation(words, {0, 0}))).detach();
  Model::State state = model.start(2);
  std::vector<std::vector<at::Tensor>> parts(2);
  std::int64_t at[2] = {0, 0};
  for (const auto& [n0, n1] : {std::pair{1, 0}, {1, 30}, {60, 1}, {0, 9}, {28, 0}}) {
    const auto piece = [&](int b, int n) {
      const auto first = words[static_cast<std::size_t>(b)].begin() + at[b];
      at[b] += n;
      return std::vector<std::int64_t>(first, first + n);
    };
    const auto first = piece(0, n0), second = piece(1, n1);
    const at::Tensor logits = model.advance(state, {first, second});
    parts[0].push_back(logits.narrow(0, 0, n0));
    parts[1].push_back(logits.narrow(0, n0, n1));
  }
  const at::Tensor pieces = at::cat({at::cat(parts[0], 0), at::cat(parts[1], 0)}, 0);
  ASSERT_EQ(pieces.sizes(), whole.sizes());
  EXPECT_LE((pieces - whole).abs().max().item<double>(), kAllowed);
}

TEST(Decoder, AdvancingInAnyPiecesEqualsForward) {
  for (bool strict : {false, true})
    for (const char* attention : {"global", "local:5", "hybrid:20", "global/local:3/hybrid"})
      for (const char* positions : {"none", "sinusoidal", "rotary", "alibi", "learned", "periodic:3"})
        for (const char* place : {"pre", "post"}) {
          SCOPED_TRACE(testing::Message() << strict << " " << attention << " " << positions << " " << place);
          arch::ModelOptions c = config_of(attention, positions, place);
          c.strict = strict;
          expect_pieces_equal_the_whole(decoder(c, 7, 3, at::kDouble));
        }
}

// Every kind of block and read-out.
TEST(Decoder, AdvancingEqualsForwardInEveryDescription) {
  for (arch::Model description : descriptions()) {
    SCOPED_TRACE(arch::to_json(description).dump());
    description.embedding.vocabulary = 7;
    if (description.embedding.positions == arch::Positions::Learned) description.embedding.max_positions = 90;
    if (description.read_out.kind == arch::ReadOutKind::Vocabulary) description.read_out.outputs = 7;
    expect_pieces_equal_the_whole(Model(description, 3, at::kDouble));
  }
}

TEST(Decoder, MemoryIsBoundedAndRollsBack) {
  const Model model = decoder(config_of("local:6", "rotary", "pre"), 5, 1);
  Model::State state = model.start(1, 4);
  const std::size_t bytes = state.bytes();
  model.advance(state, {random_tokens(5, 300, 9)});
  EXPECT_EQ(state.bytes(), bytes);
  const at::Tensor straight = model.advance(state, {{1, 2, 3}});
  state.roll_back(0, 3);
  model.advance(state, {{4, 4, 4, 4}});
  state.roll_back(0, 4);
  EXPECT_TRUE(at::equal(straight, model.advance(state, {{1, 2, 3}})));
  EXPECT_THROW(state.roll_back(0, 50), std::invalid_argument);
  EXPECT_EQ(state.length(0), 303);
}

TEST(Decoder, GeneratesWhatTheWholeSequenceSays) {
  const Model model = decoder(config_of("hybrid", "none", "pre"), 6, 5, at::kDouble);
  const std::vector<std::int64_t> prompt = {1, 2, 3}, out = generate(model, prompt, 20);
  std::vector<std::int64_t> all = prompt;
  for (std::int64_t token : out) {
    const at::Tensor logits = model.forward(continuation({all}, {0}));
    EXPECT_EQ(token, logits.select(0, logits.size(0) - 1).argmax().item<std::int64_t>());
    all.push_back(token);
  }
  Sampling warm;
  warm.temperature = 1.5;
  warm.seed = 4;
  EXPECT_EQ(generate(model, prompt, 30, warm), generate(model, prompt, 30, warm));
  Sampling other = warm;
  other.seed = 5;
  EXPECT_NE(generate(model, prompt, 30, warm), generate(model, prompt, 30, other));
  other.top_k = 1;
  EXPECT_EQ(generate(model, prompt, 20, other), out);
}

// A text is the same in one go and in several, sampled or not: draws depend on the position alone.
TEST(Decoder, GoesOnWhereItEnded) {
  for (const arch::Model& description : decoder_descriptions(7)) {
    SCOPED_TRACE(arch::mixer_text(description));
    const Model model(description, 2, at::kDouble);
    shake(model);
    for (const double temperature : {0.0, 1.3}) {
      Sampling sampling;
      sampling.temperature = temperature;
      const std::vector<std::int64_t> prompt = {3, 1, 4, 1, 5}, whole = generate(model, prompt, 40, sampling);
      Reading reading = start_reading(model);
      read(model, reading, prompt, 2);
      std::vector<std::int64_t> pieces;
      for (const std::int64_t count : {1, 12, 27}) {
        const Reading before = reading;
        const Generated made = generate(model, reading, {count, sampling, 0, {}});
        EXPECT_EQ(made.seconds.size() + 1, made.tokens.size());
        pieces.insert(pieces.end(), made.tokens.begin(), made.tokens.end());
        read(model, reading, {&made.tokens.back(), 1});
        // A copy of what was read gives the same again, and other samples others.
        Reading again = before, another = before;
        EXPECT_EQ(generate(model, again, {count, sampling, 0, {}}).tokens, made.tokens);
        const bool same = generate(model, another, {count, sampling, 1, {}}).tokens == made.tokens;
        EXPECT_TRUE(same == (temperature == 0) || count == 1);
      }
      EXPECT_EQ(pieces, whole);
    }
  }
}

TEST(Decoder, EndsWhereItIsTold) {
  const Model model = decoder(config_of("hybrid", "none", "pre"), 6, 5, at::kDouble);
  Reading reading = start_reading(model);
  read(model, reading, std::vector<std::int64_t>{1, 2});
  int told = 0;
  const Generated made = generate(model, reading, {50, {}, 0, [&](std::int64_t) { return ++told < 5; }});
  EXPECT_EQ(made.tokens.size(), 5u);
  EXPECT_EQ(reading.tokens.size(), 2u + 4u);
  EXPECT_TRUE(generate(model, reading, {0, {}, 0, {}}).tokens.empty());
}

TEST(Decoder, Refuses) {
  EXPECT_THROW(decoder(config_of("global", "none", "pre"), 0, 1), base::InputError);
  const Model accepts = recogniser(config_of("global", "none", "pre"), 4, 1);
  EXPECT_THROW(generate(accepts, {1}, 3), std::invalid_argument);
  const Model model = decoder(config_of("global", "none", "pre"), 5, 1);
  EXPECT_THROW(generate(model, {}, 3), std::invalid_argument);
  EXPECT_THROW(generate(model, {5}, 3), std::invalid_argument);
  Model::State state = model.start(1, 0, 4);
  EXPECT_THROW(model.advance(state, {{1, 2, 3, 4, 0}}), std::length_error);
  EXPECT_EQ(state.length(0), 0);
}

}  // namespace
}  // namespace yore::model
