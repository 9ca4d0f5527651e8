// What the program trains and exports, before ONNX Runtime: models with every mechanism, in both domains'
// operators, must accept what the trained model accepts.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/onnx_models.h"
#include "tests/onnx_runtime.h"
#include "tests/program.h"
#include "yore/base/random.h"
#include "yore/model/checkpoint.h"

namespace yore::onnx {
namespace {

struct Trained {
  std::string name, task;
  std::vector<std::string> options;
};

// Each mechanism once, beside another or beside a window of attention.
std::vector<Trained> all_trained() {
  const std::string recall =
      "mqar:vocabulary=16,train=[16:2:400],test=[16:2],validation_sequences=8,test_sequences=8";
  const auto language = [](const std::string& name, const std::string& mixers) {
    return Trained{
        name,
        "",
        {"name:factor-ab-3", "--mixer", mixers, "--validation-words", "32", "--test-words-per-bucket", "16"}};
  };
  return {language("gated_delta_net", "gated_delta_net:heads=2,head_dim=8,expand_v=1/attention:lookback=3"),
          language("mamba2", "mamba2:head_width=8,state=8/gla:heads=2"),
          language("kda", "kda:heads=2,head_dim=8/gsa:heads=2,slots=8"),
          language("blurry_window", "blurry_window:heads=2,slots=4,stretch=4/retention:heads=2"),
          language("delta_net", "delta_net:heads=2/linear_attention:heads=2/abc:heads=2,slots=4"),
          {"recall",
           recall,
           {"--task", recall, "--mixer", "short_conv:width=3/gated_delta_net:heads=2,head_dim=8"}}};
}

TEST(OnnxTrained, AnswersAsTheTrainedModelDoes) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  const base::Scratch scratch;
  base::Random random(11);
  for (const Trained& one : all_trained()) {
    SCOPED_TRACE(one.name);
    const std::string run = scratch / one.name;
    std::vector<std::string> train = {"train"};
    train.insert(train.end(), one.options.begin(), one.options.end());
    for (const char* option :
         {"--out", run.c_str(), "--steps", "150", "--warmup-steps", "15", "--width", "16", "--mlp-width",
          "32", "--batch", "32", "--evaluate-every", "150", "--quiet"})
      train.emplace_back(option);
    const auto trained = tests::yore(train);
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
    std::vector<std::string> files;
    for (const char* operators : {"onnx", "microsoft"}) {
      files.push_back(scratch / fmt::format("{}-{}.onnx", one.name, operators));
      const auto exported = tests::yore({"export", run, "--operators", operators, "-o", files.back()});
      ASSERT_EQ(exported.exit_code, 0) << exported.err;
    }
    const model::Model model = model::load_model(run).model, exact = exactly(model);
    const auto letters = static_cast<std::uint64_t>(model.description().embedding.vocabulary - 1);
    std::vector<Word> words;
    std::string text;
    for (const int length : {9, 0, 16, 3, 12, 1, 30}) {
      Word word;
      for (int i = 0; i < length; ++i) word.push_back(static_cast<std::int32_t>(random.below(letters)));
      words.push_back(word);
      word.push_back(static_cast<std::int32_t>(letters));
      text += row(word);
    }
    const auto result = ask_runtime(files, text);
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const std::vector<double> answers = logits_of(result), truth = forward(exact, words);
    ASSERT_EQ(answers.size(), files.size() * truth.size());
    std::size_t at = 0;
    double nearest = 0;
    for (std::size_t f = 0; f < files.size(); ++f) {
      std::size_t n = 0;
      for (const Word& word : words)
        for (const double allowed : tolerances(exact, word)) {
          const double off = std::abs(answers[at] - truth[n]);
          EXPECT_LE(off, allowed) << files[f] << ", logit " << n;
          EXPECT_TRUE(std::abs(truth[n]) <= allowed || (answers[at] > 0) == (truth[n] > 0))
              << files[f] << ", logit " << n;
          nearest = std::max(nearest, off / allowed);
          ++at, ++n;
        }
    }
    fmt::print("  {}: {} logits, measured/allowed {:.3f}\n", one.name, at, nearest);
  }
}

}  // namespace
}  // namespace yore::onnx
