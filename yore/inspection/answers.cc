#include "yore/inspection/answers.h"

#include "yore/model/ask.h"

namespace yore::inspection {
namespace {

/// Letters of a batch: less than for evaluation, so that there is a batch for every thread.
constexpr std::size_t kLetters = std::size_t{1} << 13;

}  // namespace

std::vector<float> answers(const model::Model& model, std::span<const Word> words, int threads,
                           bool stops_at_signals) {
  std::vector<std::int64_t> starts = {0};
  std::vector<std::int32_t> tokens;
  for (const Word& word : words) {
    tokens.insert(tokens.end(), word.begin(), word.end());
    tokens.push_back(model.letters());
    starts.push_back(static_cast<std::int64_t>(tokens.size()));
  }
  std::vector<float> out(words.size());
  model::ask(model, starts, tokens, {}, {kLetters, threads, stops_at_signals},
             [&](std::int64_t word, std::int64_t, std::span<const float> logits) {
               out[static_cast<std::size_t>(word)] = logits[0];
             });
  return out;
}

}  // namespace yore::inspection
