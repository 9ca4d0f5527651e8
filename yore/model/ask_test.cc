// What many sequences are answered must not depend on how they are shared out among batches and threads.
#include "yore/model/ask.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>
#include <mutex>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/model/test_models.h"
#include "yore/model/threads.h"

namespace yore::model {
namespace {

/// Words of lengths that come unsorted; some are longer than what a batch may hold.
Words many_words() {
  base::Random random(5);
  std::vector<Word> words;
  for (int i = 0; i < 60; ++i)
    for (int length : {90, 3, 0, 40, 17, 1}) {
      words.emplace_back();
      for (int n = 0; n < length + i; ++n)
        words.back().push_back(static_cast<std::int32_t>(random.below(kLetters)));
    }
  for (int length : {900, 700, 650})
    words.insert(words.begin() + length / 10, Word(static_cast<std::size_t>(length), length % 3));
  return with_ends(words);
}

/// The answer at each asked token, [token][output]; empty where none came. Every one must come once.
using Answers = std::vector<std::vector<float>>;
Answers answers(const Model& model, const Words& words, const std::vector<char>& asked,
                const AskOptions& options) {
  Answers all(words.tokens.size());
  std::mutex mutex;
  int twice = 0, misplaced = 0;
  ask(model, words.starts, words.tokens, asked, options,
      [&](std::int64_t sequence, std::int64_t token, std::span<const float> logits) {
        const std::lock_guard lock(mutex);
        auto& place = all[static_cast<std::size_t>(token)];
        twice += !place.empty();
        misplaced += token < words.starts[static_cast<std::size_t>(sequence)] ||
                     token >= words.starts[static_cast<std::size_t>(sequence) + 1];
        place.assign(logits.begin(), logits.end());
      });
  EXPECT_EQ(twice, 0);
  EXPECT_EQ(misplaced, 0);
  return all;
}

/// Each sequence in a batch of its own, as the model itself answers; at the tokens where `like` has answers.
Answers one_by_one(const Model& model, const Words& words, const Answers& like) {
  const at::NoGradGuard no_gradients;
  Answers all(words.tokens.size());
  const bool accepts = model.description().read_out.kind == arch::ReadOutKind::Accept;
  for (std::size_t b = 0; b + 1 < words.starts.size(); ++b) {
    const std::vector<std::int64_t> which = {static_cast<std::int64_t>(b)};
    const at::Tensor logits =
        model.forward(pack(words.starts, words.tokens, which)).view({-1, model.outputs()});
    for (std::int64_t t = words.starts[b]; t < words.starts[b + 1]; ++t) {
      if (like[static_cast<std::size_t>(t)].empty()) continue;
      const float* first = logits.data_ptr<float>() + (accepts ? 0 : t - words.starts[b]) * model.outputs();
      all[static_cast<std::size_t>(t)].assign(first, first + model.outputs());
    }
  }
  return all;
}

/// Up to 1e3 terms a sum, of numbers of size 1, in float.
constexpr float kRounding = 1e3F * 1.2e-7F;

void expect_near(const Answers& a, const Answers& b, const std::string& what) {
  ASSERT_EQ(a.size(), b.size());
  float largest = 0;
  for (std::size_t t = 0; t < a.size(); ++t) {
    ASSERT_EQ(a[t].size(), b[t].size()) << what << ", token " << t;
    for (std::size_t o = 0; o < a[t].size(); ++o)
      largest = std::max(largest, std::abs(a[t][o] - b[t][o]) / (1 + std::abs(b[t][o])));
  }
  EXPECT_LE(largest, kRounding) << what;
}

class AskPositions : public testing::TestWithParam<const char*> {};

// Tables of positions grow while several threads read them: each question goes to a model without any yet.
TEST_P(AskPositions, ThreadsAndBatchesChangeNothing) {
  use_threads(1);
  arch::ModelOptions c = small_options();
  c.positions = GetParam();
  c.max_positions = 1000;
  const Words words = many_words();
  std::vector<char> asked(words.tokens.size());
  for (std::size_t t = 0; t < asked.size(); ++t) asked[t] = t % 3 == 1;
  using arch::ReadOutKind;
  for (const ReadOutKind kind : {ReadOutKind::Accept, ReadOutKind::Vocabulary, ReadOutKind::Tags}) {
    const arch::Model description = arch::expand(c, kLetters + 1, kind, kind == ReadOutKind::Tags ? 2 : 1);
    const auto with = [&](std::size_t tokens, int threads) {
      return answers(Model(description, 7), words, asked, {tokens, threads});
    };
    const Answers expected = with(500, 1);
    std::size_t sequence = 1;
    for (std::size_t t = 0; t < expected.size(); ++t) {
      const bool last = static_cast<std::int64_t>(t) + 1 == words.starts[sequence];
      if (last) ++sequence;
      EXPECT_EQ(!expected[t].empty(), kind == ReadOutKind::Accept ? last : asked[t] != 0) << t;
    }
    for (int threads : {2, 3, 8, 0}) EXPECT_TRUE(with(500, threads) == expected) << threads << " threads";
    for (std::size_t tokens : {std::size_t{1}, std::size_t{97}, std::size_t{1} << 20})
      expect_near(with(tokens, 2), expected, std::to_string(tokens) + " tokens a batch");
    expect_near(expected, one_by_one(Model(description, 7), words, expected), "one by one");
  }
}

INSTANTIATE_TEST_SUITE_P(All, AskPositions,
                         testing::Values("none", "rotary", "sinusoidal", "alibi", "learned", "periodic:3"),
                         [](const auto& tested) {
                           const std::string positions = tested.param;
                           return positions.substr(0, positions.find(':'));
                         });

TEST(Ask, LeavesTorchItsThreads) {
  const Words words = many_words();
  for (int threads : {2, 1}) {
    use_threads(threads);
    answers(recogniser(small_options(), kLetters, 1), words, {}, {500, 3});
    EXPECT_EQ(at::get_num_threads(), threads);
  }
}

TEST(Ask, PassesErrorsOnFromAnyThread) {
  arch::ModelOptions c = small_options();
  c.positions = "learned";
  c.max_positions = 50;  // the longest words have more tokens
  const Words words = many_words();
  for (int threads : {1, 4})
    EXPECT_THROW(answers(recogniser(c, kLetters, 1), words, {}, {500, threads}), base::InputError);
  Words foreign = words;
  foreign.tokens[100] = 9;
  c.positions = "none";
  EXPECT_THROW(answers(recogniser(c, kLetters, 1), foreign, {}, {500, 2}), std::invalid_argument);
  EXPECT_THROW(answers(decoder(c, kLetters + 1, 1), words, {}, {}), std::invalid_argument) << "no marks";
  EXPECT_TRUE(answers(recogniser(c, kLetters, 1), Words(), {}, {}).empty());
}

}  // namespace
}  // namespace yore::model
