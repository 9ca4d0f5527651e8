#include "yore/cli/recognition_task.h"

#include "yore/expressivity/verdict.h"
#include "yore/study/prediction.h"

namespace yore::cli {

tasks::RecognitionTask recognition_task(const languages::Language& language, const runs::DataConfig& data,
                                        const runs::ModelConfig& model) {
  expressivity::ClassifyOptions options;
  options.formulas = false;
  options.lookback = study::class_of(model.attention, model).lookback;
  std::vector<tasks::WitnessWord> words;
  for (const expressivity::ClassVerdict& verdict : expressivity::classify(language.dfa, options).classes) {
    if (!verdict.witness) continue;
    for (int n = 1; n <= data.witness_depth; ++n) {
      auto [a, b] = expressivity::witness_strings(*verdict.witness, n);
      words.push_back({expressivity::name(verdict.of), n, std::move(a)});
      words.push_back({expressivity::name(verdict.of), n, std::move(b)});
    }
  }
  return tasks::RecognitionTask(language.dfa, data, std::move(words));
}

}  // namespace yore::cli
