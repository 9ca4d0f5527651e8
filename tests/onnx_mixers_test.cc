// Exported mixers before ONNX Runtime: every mechanism in every setting of the conformance suite, with either
// domain's operators, held to the layer's definition.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/onnx_layers.h"
#include "tests/onnx_runtime.h"
#include "yore/base/files.h"
#include "yore/base/test_scratch.h"
#include "yore/onnx/onnx.h"

namespace yore::onnx {
namespace {

TEST(OnnxMixers, LogitsAreThoseOfTheDefinition) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  const std::vector<Word> words = some_words();
  std::string text;
  for (const Word& word : words) text += row(word);
  const base::Scratch scratch;
  const std::vector<LayerCase>& cases = mixers::conformance::all_layer_cases();
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < cases.size(); ++i)
    for (const Operators operators : {Operators::Onnx, Operators::Microsoft}) {
      paths.push_back(scratch / fmt::format("{}.onnx", paths.size()));
      base::write_file(paths.back(), to_onnx(file_of(i), operators));
    }
  const auto result = ask_runtime(paths, text);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<double> answers = logits_of(result);
  std::size_t at = 0;
  double most = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::vector<Judged> right = logits_by_definition(i, file_of(i), words);
    for (const char* operators : {"onnx", "microsoft"}) {
      mixers::conformance::Worst worst;
      for (const Judged& logit : right) {
        ASSERT_LT(at, answers.size());
        worst.see(logit.value, answers[at], logit.allowed(mixers::conformance::kUnit<float>), at);
        ++at;
      }
      EXPECT_LE(worst.ratio, 1) << cases[i].mechanism << ", " << cases[i].name << ", operators of "
                                << operators << ": " << worst.found << " for " << worst.expected;
      most = std::max(most, worst.ratio);
    }
  }
  EXPECT_EQ(at, answers.size());
  fmt::print("  {} models, {} logits: measured/allowed {:.3f}\n", paths.size(), at, most);
}

}  // namespace
}  // namespace yore::onnx
