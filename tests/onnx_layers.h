// Models of one layer, and what their logits are by the definition that the conformance suite holds the layer
// to: for judges of exported files. No torch.
#pragma once
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "yore/base/random.h"
#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/tolerance.h"
#include "yore/onnx/test_models.h"

namespace yore::onnx {

using arch::ReadOutKind;
using mixers::conformance::Complex;
using mixers::conformance::Judged;
using mixers::conformance::LayerCase;
using mixers::conformance::Numbers;
/// Letters, and EOS (= kLetters) at its end.
using Word = std::vector<std::int32_t>;

inline constexpr int kLetters = 3;

/// Of several lengths, to be asked in one batch: shorter ones are padded.
inline std::vector<Word> some_words() {
  base::Random random(8);
  std::vector<Word> words;
  for (const int length : {6, 0, 40, 3}) {
    words.emplace_back();
    for (int i = 0; i < length; ++i)
      words.back().push_back(static_cast<std::int32_t>(random.below(kLetters)));
    words.back().push_back(kLetters);
  }
  return words;
}

/// The case's layer between an embedding and a read-out, the rest left out: x + mixer(x) of each token.
inline arch::Model model_of(const LayerCase& c, ReadOutKind kind) {
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

inline Numbers numbers_of(const base::NamedArray& array) {
  std::vector<float> x(array.bytes.size() / sizeof(float));
  std::memcpy(x.data(), array.bytes.data(), array.bytes.size());
  return {x.begin(), x.end()};
}

/// The logits of a word with its EOS as the definition gives them; of all weights, in the order of
/// arch::parameters.
inline Numbers definition(const LayerCase& c, const arch::Model& model, const Word& word,
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
inline double operations(const arch::Model& model, const Word& word) {
  double all = static_cast<double>(word.size()) + 64;
  for (const mixers::ParameterSpec& p : arch::parameters(model))
    if (p.shape.size() > 1) all += static_cast<double>(p.shape.back());
  return all;
}

/// Case number i: its read-out takes turns. Weights follow from its place among its mechanism's cases, so
/// that one mechanism's new cases leave the others' models as they are.
inline arch::ModelFile file_of(std::size_t i) {
  const ReadOutKind kinds[] = {ReadOutKind::Accept, ReadOutKind::Vocabulary, ReadOutKind::Tags};
  const std::vector<LayerCase>& cases = mixers::conformance::all_layer_cases();
  const auto of_its_own = [&](const LayerCase& c) { return c.mechanism == cases[i].mechanism; };
  const auto place = static_cast<std::size_t>(
      std::count_if(cases.begin(), cases.begin() + static_cast<std::ptrdiff_t>(i), of_its_own));
  return random_model(model_of(cases[i], kinds[place % 3]), place + 1);
}

/// The logits of its words in order, and how far float arithmetic may be off.
inline std::vector<Judged> logits_by_definition(std::size_t i, const arch::ModelFile& file,
                                                const std::vector<Word>& words) {
  const LayerCase& c = mixers::conformance::all_layer_cases()[i];
  std::vector<Numbers> weights;
  for (const mixers::ParameterSpec& p : arch::parameters(file.model))
    weights.push_back(numbers_of(file.weights.arrays.at(p.name)));
  std::vector<Judged> all;
  for (const Word& word : words) {
    const std::vector<Judged> its = mixers::conformance::judge(
        [&](const std::vector<Numbers>& in) { return definition(c, file.model, word, in); }, weights,
        operations(file.model, word));
    all.insert(all.end(), its.begin(), its.end());
  }
  return all;
}

}  // namespace yore::onnx
