// ONNX Runtime as the judge of exported models: another program, which knows ONNX's definition and nothing of
// yore, must give the model's verdicts.
#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/onnx_models.h"
#include "tests/onnx_runtime.h"
#include "yore/base/files.h"
#include "yore/base/random.h"
#include "yore/base/test_scratch.h"
#include "yore/model/checkpoint.h"
#include "yore/onnx/onnx.h"
#include "yore/onnx/test_models.h"

namespace yore::onnx {
namespace {

using base::Scratch;

constexpr int kLetters = 3;

/// A word's row; what follows its letters is EOS if nothing else is said.
std::string line(Word word, const Word& after = {kLetters}) {
  word.insert(word.end(), after.begin(), after.end());
  return row(word);
}

Word random_word(base::Random& random, int length) {
  Word word;
  for (int i = 0; i < length; ++i) word.push_back(static_cast<std::int32_t>(random.below(kLetters)));
  return word;
}

/// A fresh model whose zeros and ones are moved, so that they hide nothing.
model::Model shaken(const arch::Model& description, std::uint64_t seed) {
  model::Model model(description, seed);
  base::Random random(seed + 1);
  float* x = model.parameters().flat().data_ptr<float>();
  for (std::int64_t i = 0; i < model.parameters().size(); ++i)
    x[i] += static_cast<float>(0.3 * (2 * random.uniform() - 1));
  return model;
}
model::Model shaken(const arch::ModelOptions& options, std::uint64_t seed) {
  return shaken(arch::expand(options, kLetters + 1, arch::ReadOutKind::Accept), seed);
}

std::string exported(const model::Model& model) {
  const bool accepts = model.description().read_out.kind == arch::ReadOutKind::Accept;
  const base::Json task = accepts ? arch::recognition_of("regex:(ab)*", "abc") : base::Json{{"name", "next"}};
  std::vector<std::string> names = {"a", "b", "c"};
  if (!accepts) names.emplace_back("d");
  return to_onnx(model::to_file(model, task, names));
}

TEST(OnnxRuntime, AnswersAsTheModelDoesInEveryConfiguration) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  // Each length once with its padding, words of one length, the longest alone and beside the shortest.
  base::Random random(7);
  std::vector<std::vector<Word>> batches(5);
  for (int length = 0; length <= 40; ++length) batches[0].push_back(random_word(random, length));
  for (int i = 0; i < 5; ++i) batches[1].push_back(random_word(random, 7));
  batches[2] = {random_word(random, 300)};
  batches[3] = {batches[0][0]};
  batches[4] = {batches[0][0], batches[2][0], batches[0][1]};
  std::string text;
  std::vector<Word> words;
  for (const auto& batch : batches) {
    for (const Word& word : batch) {
      text += line(word);
      words.push_back(word);
    }
    text += "\n";
  }

  const Scratch scratch;
  const auto configurations = all_configurations();
  std::vector<std::string> models;
  for (std::size_t i = 0; i < configurations.size(); ++i) {
    models.push_back(scratch / (std::to_string(i) + ".onnx"));
    base::write_file(models[i], exported(shaken(configurations[i], i)));
  }
  const auto result = ask_runtime(models, text);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<double> answers = logits_of(result);
  ASSERT_EQ(answers.size(), words.size() * models.size());

  double largest = 0, nearest = 0, loosest = 0;
  int undecided = 0, accepted = 0;
  for (std::size_t m = 0; m < models.size(); ++m) {
    const arch::ModelOptions& c = configurations[m];
    const model::Model model = shaken(c, m), exact = exactly(model);
    const std::vector<double> own = forward(model, words), truth = forward(exact, words);
    for (std::size_t w = 0; w < words.size(); ++w) {
      const double got = answers[m * words.size() + w], allowed = tolerances(exact, words[w]).front();
      const double off = std::abs(got - truth[w]);
      EXPECT_LE(off, allowed) << title(c) << ", word " << w;
      EXPECT_LE(std::abs(got - own[w]), 2 * allowed) << title(c) << ", word " << w;
      // Within its rounding of zero a logit decides nothing.
      if (std::abs(truth[w]) <= allowed) {
        ++undecided;
      } else {
        EXPECT_EQ(got > 0, own[w] > 0) << title(c) << ", word " << w;
      }
      accepted += got > 0;
      largest = std::max(largest, std::abs(got - own[w]));
      nearest = std::max(nearest, off / allowed);
      loosest = std::max(loosest, allowed);
    }
  }
  std::printf(
      "%zu configurations, %zu words each: largest difference of a logit %.2g, at most %.2g of its tolerance "
      "(largest %.2g); %d of %zu verdicts undecided\n",
      models.size(), words.size(), largest, nearest, loosest, undecided, answers.size());
  // The words tell models apart, and hardly any logit is too close to call.
  EXPECT_GT(accepted, static_cast<int>(answers.size()) / 5);
  EXPECT_LT(accepted, static_cast<int>(answers.size()) * 4 / 5);
  EXPECT_LE(undecided, static_cast<int>(answers.size()) / 1000);
}

// Every activation, norm, place of norms, bias, tie, scale and read-out, and blocks that are not alike.
TEST(OnnxRuntime, AnswersAsEveryDescriptionDoes) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  base::Random random(8);
  std::vector<Word> words;  // one batch: shorter ones are padded
  std::string text;
  for (const int length : {6, 0, 3}) {
    words.push_back(random_word(random, length));
    text += line(words.back());
  }
  const Scratch scratch;
  const std::vector<arch::Model> descriptions = all_descriptions();
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < descriptions.size(); ++i) {
    paths.push_back(scratch / (std::to_string(i) + ".onnx"));
    base::write_file(paths[i], exported(shaken(descriptions[i], i)));
  }
  const auto result = ask_runtime(paths, text);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<double> answers = logits_of(result);
  std::size_t at = 0;
  double nearest = 0, loosest = 0;
  for (std::size_t m = 0; m < descriptions.size(); ++m) {
    const model::Model model = shaken(descriptions[m], m), exact = exactly(model);
    const std::vector<double> truth = forward(exact, words), own = forward(model, words);
    std::size_t n = 0;
    for (const Word& word : words)
      for (const double allowed : tolerances(exact, word)) {
        ASSERT_LT(at, answers.size());
        const double got = answers[at++];
        EXPECT_LE(std::abs(got - truth[n]), allowed) << title(descriptions[m]) << ", logit " << n;
        EXPECT_LE(std::abs(got - own[n]), 2 * allowed) << title(descriptions[m]) << ", logit " << n;
        nearest = std::max(nearest, std::abs(got - truth[n]) / allowed);
        loosest = std::max(loosest, allowed / (1 + std::abs(truth[n])));
        ++n;
      }
    ASSERT_EQ(n, truth.size());
  }
  EXPECT_EQ(at, answers.size());
  std::printf("%zu descriptions, %zu logits: at most %.2g of its tolerance (largest %.2g of 1 + the logit)\n",
              descriptions.size(), at, nearest, loosest);
}

TEST(OnnxRuntime, ReadsAtTheFirstEosAndOnlyThere) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  const Scratch scratch;
  arch::ModelOptions c;
  c.positions = "learned";
  c.max_positions = 6;
  const std::string path = scratch / "m.onnx";
  base::write_file(path, exported(shaken(c, 3)));
  const Word word = {0, 2, 1, 1, 0};
  // Padding, and rubbish after the EOS, may reach beyond the positions the model has.
  const auto result =
      ask_runtime({path}, line(word) + "\n" + line(word, {3, 3, 3, 3, 3}) + "\n" +
                              line(word, {3, 0, 1, 2, 3}) + "\n" + line(word, {}) + "\n" + line({}));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<double> answers = logits_of(result);
  ASSERT_EQ(answers.size(), 5u);
  EXPECT_EQ(answers[0], answers[1]);
  EXPECT_EQ(answers[0], answers[2]);
  EXPECT_TRUE(std::isnan(answers[3])) << "a row without EOS";
  EXPECT_NEAR(answers[4], forward(shaken(c, 3), {{}})[0], 1e-5);
  // One letter too many is an error, not an answer.
  const auto longer = ask_runtime({path}, line({0, 2, 1, 1, 0, 0}));
  EXPECT_EQ(longer.exit_code, 1) << longer.out;
  EXPECT_NE(longer.err.find("positions"), std::string::npos) << longer.err;
}

TEST(OnnxRuntime, EmptyRowsAreZeroWhateverTheWeights) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  // Scores of +-1e4 and values of 1e4: any share that a masked key kept would show.
  const Scratch scratch;
  arch::ModelOptions c;
  c.layers = 1;
  c.norm = "none";
  c.attention = "local:1";
  const model::Model model = shaken(c, 5);
  for (const model::Parameter& p : model.parameters().all())
    if (p.name == "layers.0.attention.qkv.weight") {
      const at::NoGradGuard no_gradients;
      model.parameters().flat().narrow(0, p.offset, p.size).mul_(1e3);
    }
  const std::string path = scratch / "m.onnx";
  base::write_file(path, exported(model));
  const std::vector<Word> words = {{}, {0}, {1}, {0, 1}, {2, 2, 2}};
  std::string text;
  for (const Word& word : words) text += line(word);
  const auto result = ask_runtime({path}, text);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<double> got = logits_of(result), own = forward(model, words);
  ASSERT_EQ(got.size(), words.size());
  for (std::size_t w = 0; w < words.size(); ++w)
    EXPECT_NEAR(got[w], own[w], 1e-5 * std::max(1.0, std::abs(own[w]))) << w;
}

}  // namespace
}  // namespace yore::onnx
