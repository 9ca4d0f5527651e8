// Exported mixers before ONNX Runtime: a model of one block, whose logits follow from the definition that the
// conformance suite holds the layer to. Every mechanism in every setting of the suite, with either domain's
// operators. No torch.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "tests/onnx_runtime.h"
#include "yore/base/files.h"
#include "yore/base/random.h"
#include "yore/base/test_scratch.h"
#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/tolerance.h"
#include "yore/onnx/onnx.h"
#include "yore/onnx/test_models.h"

namespace yore::onnx {
namespace {

using arch::ReadOutKind;
using mixers::conformance::Complex;
using mixers::conformance::Judged;
using mixers::conformance::LayerCase;
using mixers::conformance::Numbers;
using Word = std::vector<std::int32_t>;

constexpr int kLetters = 3;

/// The case's layer between an embedding and a read-out, the rest left out: x + mixer(x) of each token.
arch::Model model_of(const LayerCase& c, ReadOutKind kind) {
  arch::ModelOptions shape = arch::small_options();
  shape.layers = 1;
  shape.heads = 1;
  shape.width = static_cast<int>(c.setting.width);
  shape.attention = "global";
  shape.positions = shape.norm = shape.activation = "none";
  shape.norm_place = "pre";
  arch::Model model = arch::expand(shape, kLetters + 1, kind, kind == ReadOutKind::Tags ? 5 : 1);
  model.final_norm.kind = arch::NormKind::None;
  model.blocks[0].mixer = {c.mechanism, c.setting.options};
  return model;
}

Numbers numbers_of(const base::NamedArray& array) {
  std::vector<float> x(array.bytes.size() / sizeof(float));
  std::memcpy(x.data(), array.bytes.data(), array.bytes.size());
  return {x.begin(), x.end()};
}

/// The logits of a word with its EOS as the definition gives them; of all weights, in the order of
/// arch::parameters.
Numbers definition(const LayerCase& c, const arch::Model& model, const Word& word,
                   const std::vector<Numbers>& weights) {
  const std::vector<mixers::ParameterSpec> specs = arch::parameters(model);
  const std::string own = "layers.0." + c.mechanism + ".";
  const auto width = static_cast<std::size_t>(c.setting.width);
  mixers::conformance::LayerInput in;
  const Numbers *embedding = nullptr, *out = nullptr, *bias = nullptr;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const std::string& name = specs[i].name;
    if (name.rfind(own, 0) == 0)
      in.parameters[name.substr(own.size())] = {weights[i].begin(), weights[i].end()};
    if (name == "embedding.weight") embedding = &weights[i];
    if (name == "read_out.weight") out = &weights[i];
    if (name == "read_out.bias") bias = &weights[i];
  }
  in.tokens = static_cast<std::int64_t>(word.size());
  for (const std::int32_t token : word)
    for (std::size_t d = 0; d < width; ++d)
      in.x.emplace_back((*embedding)[static_cast<std::size_t>(token) * width + d]);
  const std::vector<Complex> mixed = c.reference(c.setting, in);
  Numbers logits;
  const std::size_t first = model.read_out.kind == ReadOutKind::Accept ? word.size() - 1 : 0;
  for (std::size_t t = first; t < word.size(); ++t)
    for (std::size_t o = 0; o < bias->size(); ++o) {
      double sum = (*bias)[o];
      for (std::size_t d = 0; d < width; ++d)
        sum += (*out)[o * width + d] * (in.x[t * width + d] + mixed[t * width + d]).real();
      logits.push_back(sum);
    }
  return logits;
}

/// Roundings that a logit goes through: the longest sums, and some for functions.
double operations(const arch::Model& model, const Word& word) {
  double all = static_cast<double>(word.size()) + 64;
  for (const mixers::ParameterSpec& p : arch::parameters(model))
    if (p.shape.size() > 1) all += static_cast<double>(p.shape.back());
  return all;
}

TEST(OnnxMixers, LogitsAreThoseOfTheDefinition) {
  if (const std::string why = runtime_missing(); !why.empty()) GTEST_SKIP() << why;
  base::Random random(8);
  std::vector<Word> words;  // one batch: shorter ones are padded
  std::string text;
  for (const int length : {6, 0, 40, 3}) {
    words.emplace_back();
    for (int i = 0; i < length; ++i)
      words.back().push_back(static_cast<std::int32_t>(random.below(kLetters)));
    words.back().push_back(kLetters);
    text += row(words.back());
  }
  const base::Scratch scratch;
  const std::vector<LayerCase>& cases = mixers::conformance::all_layer_cases();
  const ReadOutKind kinds[] = {ReadOutKind::Accept, ReadOutKind::Vocabulary, ReadOutKind::Tags};
  std::vector<arch::ModelFile> files;
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    files.push_back(random_model(model_of(cases[i], kinds[i % 3]), i + 1));
    for (const Operators operators : {Operators::Onnx, Operators::Microsoft}) {
      paths.push_back(scratch / fmt::format("{}.onnx", paths.size()));
      base::write_file(paths.back(), to_onnx(files.back(), operators));
    }
  }
  const auto result = ask_runtime(paths, text);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const std::vector<double> answers = logits_of(result);
  std::size_t at = 0;
  double most = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const arch::Model& model = files[i].model;
    std::vector<Numbers> weights;
    for (const mixers::ParameterSpec& p : arch::parameters(model))
      weights.push_back(numbers_of(files[i].weights.arrays.at(p.name)));
    std::vector<std::vector<Judged>> right;
    for (const Word& word : words)
      right.push_back(mixers::conformance::judge(
          [&](const std::vector<Numbers>& in) { return definition(cases[i], model, word, in); }, weights,
          operations(model, word)));
    for (const char* operators : {"onnx", "microsoft"}) {
      mixers::conformance::Worst worst;
      for (const std::vector<Judged>& logits : right)
        for (const Judged& logit : logits) {
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
