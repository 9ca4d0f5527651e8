// Speculative decoding against plain decoding: the same tokens at temperature 0, the same distribution
// otherwise.
#include "yore/model/speculative.h"

#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <stdexcept>

#include "yore/model/test_models.h"

namespace yore::model {
namespace {

constexpr int kTokens = 7;

/// `like` moved a little: a draft that is right at times.
void resemble(const Model& model, const Model& like, double apart) {
  const at::NoGradGuard no_gradients;
  base::Random random(4);
  const at::Tensor to = model.parameters().flat(), from = like.parameters().flat();
  for (std::int64_t i = 0; i < to.numel(); ++i)
    to.data_ptr<double>()[i] = from.data_ptr<double>()[i] + apart * (2 * random.uniform() - 1);
}

Reading read_prompt(const Model& model, const std::vector<std::int64_t>& prompt, std::int64_t rollback) {
  Reading reading = start_reading(model, rollback);
  read(model, reading, prompt);
  return reading;
}

TEST(Speculative, GreedyTokensAreThoseOfPlainDecoding) {
  Speculation all;
  for (const arch::Model& description : decoder_descriptions(kTokens))
    for (const double apart : {0.0, 0.1, 5.0})
      for (std::uint64_t seed = 0; seed < 6; ++seed) {
        SCOPED_TRACE(testing::Message() << arch::mixer_text(description) << " " << apart << " " << seed);
        const Model model(description, seed, at::kDouble), draft_model(description, seed + 100, at::kDouble);
        shake(model);
        resemble(draft_model, model, apart);
        const std::vector<std::int64_t> prompt = random_tokens(kTokens, 1 + 5 * static_cast<int>(seed), seed);
        for (const auto& [proposals, count] :
             std::vector<std::pair<std::int64_t, std::int64_t>>{{1, 2}, {4, 33}, {9, 20}, {4, 1}}) {
          Sampling sampling;
          sampling.repeat_penalty = seed % 2 == 0 ? 1.0 : 1.2;
          Reading reading = read_prompt(model, prompt, proposals);
          Draft draft{draft_model, start_reading(draft_model, proposals), proposals, {}};
          std::vector<std::int64_t> told;
          const Generated made =
              speculate(model, reading, draft, {count, sampling, 0, [&](std::int64_t token) {
                                                  told.push_back(token);
                                                  return true;
                                                }});
          ASSERT_EQ(told, made.tokens);
          ASSERT_EQ(made.tokens, generate(model, prompt, count, sampling));
          ASSERT_EQ(made.seconds.size() + 1, made.tokens.size());
          // All but the last were read, by both no more than that.
          std::vector<std::int64_t> text = prompt;
          text.insert(text.end(), made.tokens.begin(), made.tokens.end() - 1);
          ASSERT_EQ(reading.tokens, text);
          ASSERT_EQ(reading.state.length(0), static_cast<std::int64_t>(text.size()));
          ASSERT_LE(draft.reading.tokens.size(), text.size());
          if (apart == 0) {
            ASSERT_EQ(draft.counts.accepted, draft.counts.proposed);
          }
          all.proposed += draft.counts.proposed;
          all.accepted += draft.counts.accepted;
        }
      }
  // Both cases were there.
  EXPECT_GT(all.accepted, 1000);
  EXPECT_GT(all.proposed - all.accepted, 1000);
}

TEST(Speculative, EndsAndGoesOnAnywhere) {
  for (const arch::Model& description : decoder_descriptions(kTokens)) {
    SCOPED_TRACE(arch::mixer_text(description));
    const Model model(description, 1, at::kDouble), draft_model(description, 2, at::kDouble);
    shake(model);
    resemble(draft_model, model, 0.05);
    const std::vector<std::int64_t> prompt = {1, 2, 3}, whole = generate(model, prompt, 40);
    Reading reading = read_prompt(model, prompt, 5);
    Draft draft{draft_model, start_reading(draft_model, 5), 5, {}};
    std::vector<std::int64_t> pieces;
    for (int round = 1; pieces.size() < 40; round = round % 7 + 1) {
      int told = 0;  // ends within what was computed together
      const auto left = static_cast<std::int64_t>(40 - pieces.size());
      const Generated made =
          speculate(model, reading, draft, {left, {}, 0, [&](std::int64_t) { return ++told < round; }});
      ASSERT_EQ(std::ssize(made.tokens), std::min<std::int64_t>(round, left));
      pieces.insert(pieces.end(), made.tokens.begin(), made.tokens.end());
      read(model, reading, {&made.tokens.back(), 1});
    }
    EXPECT_EQ(pieces, whole);
  }
}

/// Draws of three tokens, judged by the probabilities that the model's own logits give them. Chi-square with
/// n degrees of freedom is normal enough for n above 30: n + 4 sqrt(2 n) is passed once in 10,000.
void expect_distribution(const Model& model, const Model& draft_model, const Sampling& like, int draws) {
  constexpr std::int64_t kCount = 3, kProposals = 2;
  const std::vector<std::int64_t> prompt = {1, 0, 2};
  std::map<std::vector<std::int64_t>, double> right;
  const std::function<void(Reading, std::vector<std::int64_t>, double)> spread =
      [&](const Reading& reading, const std::vector<std::int64_t>& made, double p) {
        if (std::ssize(made) == kCount) {
          right[made] = p;
          return;
        }
        for (const Choice& c : choices(reading.logits, reading.tokens, like)) {
          Reading next = reading;
          read(model, next, {&c.token, 1});
          auto longer = made;
          longer.push_back(c.token);
          spread(next, longer, p * c.probability);
        }
      };
  const Reading begun = read_prompt(model, prompt, kProposals);
  spread(begun, {}, 1);
  const Reading draft_begun = read_prompt(draft_model, prompt, kProposals);
  std::map<std::vector<std::int64_t>, int> counts;
  Speculation all;
  for (int i = 0; i < draws; ++i) {
    Reading reading = begun;
    Draft draft{draft_model, draft_begun, kProposals, {}};
    ++counts[speculate(model, reading, draft, {kCount, like, static_cast<std::uint64_t>(i), {}}).tokens];
    all.proposed += draft.counts.proposed;
    all.accepted += draft.counts.accepted;
  }
  EXPECT_GT(all.accepted, all.proposed / 20);
  EXPECT_LT(all.accepted, all.proposed - all.proposed / 20);
  double chi = 0, sum = 0, rest = draws, rest_p = 1;
  int cells = 0;
  for (const auto& [tokens, p] : right) {
    sum += p;
    if (draws * p < 5) continue;  // all of these are one cell
    chi += std::pow(counts[tokens] - draws * p, 2) / (draws * p);
    rest -= counts[tokens];
    rest_p -= p;
    ++cells;
  }
  EXPECT_NEAR(sum, 1, 1e-12);
  if (draws * rest_p >= 5) {
    chi += std::pow(rest - draws * rest_p, 2) / (draws * rest_p);
    ++cells;
  }
  for (const auto& [tokens, n] : counts) EXPECT_TRUE(right.contains(tokens)) << n;
  ASSERT_GT(cells, 30);
  EXPECT_LT(chi, cells - 1 + 4 * std::sqrt(2.0 * (cells - 1)));
}

TEST(Speculative, SampledTextsHaveThePlainDistribution) {
  const arch::Model description = decoder_descriptions(5).front();
  const Model model(description, 1, at::kDouble), near(description, 2, at::kDouble),
      far(description, 3, at::kDouble);
  shake(model);
  resemble(near, model, 0.1);
  Sampling sampling;
  sampling.temperature = 1.5;
  expect_distribution(model, near, sampling, 2500);
  sampling.top_p = 0.95;
  sampling.repeat_penalty = 1.1;
  expect_distribution(model, far, sampling, 2500);
}

// What the model is asked with, it is asked with in every pass.
TEST(Speculative, KeepsTheContext) {
  const Model model(decoder_descriptions(kTokens)[0], 1);
  int passes = 0;
  Reading reading = read_prompt(model, {1, 2}, 3);
  reading.context.probe = [&](Point point, int /*block*/, const at::Tensor& rows) {
    passes += point == Point::Final ? 1 : 0;
    return rows;
  };
  Draft draft{model, read_prompt(model, {1, 2}, 3), 3, {}};
  speculate(model, reading, draft, {8, {}, 0, {}});
  EXPECT_EQ(passes, draft.counts.rounds);
}

TEST(Speculative, Refuses) {
  const std::vector<arch::Model> list = decoder_descriptions(kTokens);
  const Model model(list[0], 1), draft_model(list[3], 1), other(decoder_descriptions(6)[0], 1);
  const Generation some{5, {}, 0, {}};
  Reading reading = read_prompt(model, {1, 2}, 3);
  const auto refuses = [&](Reading& of, Draft draft) {
    EXPECT_THROW(speculate(model, of, draft, some), std::invalid_argument);
  };
  refuses(reading, {other, start_reading(other, 3), 3, {}});
  refuses(reading, {draft_model, start_reading(draft_model, 3), 0, {}});
  refuses(reading, {draft_model, start_reading(draft_model, 3), 4, {}});
  refuses(reading, {draft_model, start_reading(draft_model, 2), 3, {}});
  refuses(reading, {draft_model, read_prompt(draft_model, {1, 1}, 3), 3, {}});
  Reading nothing = start_reading(model, 3);
  refuses(nothing, {draft_model, start_reading(draft_model, 3), 3, {}});
  Draft draft{draft_model, start_reading(draft_model, 3), 3, {}};
  EXPECT_TRUE(speculate(model, reading, draft, {0, {}, 0, {}}).tokens.empty());
  EXPECT_EQ(reading.tokens.size(), 2u);
}

}  // namespace
}  // namespace yore::model
