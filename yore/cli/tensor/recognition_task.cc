#include "yore/cli/tensor/recognition_task.h"

#include <algorithm>

#include "yore/expressivity/verdict.h"
#include "yore/study/prediction.h"

namespace yore::cli {

tasks::RecognitionTask recognition_task(const languages::Language& language, const runs::DataConfig& data,
                                        const runs::ModelConfig& model) {
  expressivity::ClassifyOptions options;
  options.formulas = false;
  options.lookback = study::class_of(model.attention, model).lookback;
  std::size_t longest = static_cast<std::size_t>(data.train_max_length);
  for (const auto& [low, high] : data.test_buckets)
    longest = std::max(longest, static_cast<std::size_t>(high));
  std::vector<tasks::WitnessWord> words;
  for (const expressivity::ClassVerdict& verdict : expressivity::classify(language.dfa, options).classes) {
    if (!verdict.witness) continue;
    for (int n = 1; data.witness_depth > 0; n += n < data.witness_depth ? 1 : n) {
      auto [a, b] = expressivity::witness_strings(*verdict.witness, n);
      if (n > data.witness_depth && std::max(a.size(), b.size()) > longest) break;
      words.push_back({expressivity::name(verdict.of), n, std::move(a)});
      words.push_back({expressivity::name(verdict.of), n, std::move(b)});
    }
  }
  return tasks::RecognitionTask(language.dfa, data, std::move(words));
}

}  // namespace yore::cli
