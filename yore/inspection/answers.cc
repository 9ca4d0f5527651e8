#include "yore/inspection/answers.h"

#include <fmt/format.h>

#include "yore/base/text.h"
#include "yore/model/ask.h"

namespace yore::inspection {
namespace {

/// Letters of a batch: less than for evaluation, so that there is a batch for every thread.
constexpr std::size_t kLetters = std::size_t{1} << 13;

}  // namespace

base::InputError no_answer(const logic::Alphabet& alphabet, const Word& word) {
  return {"model",
          fmt::format("the logit of the word \"{}\" is not finite: its weights are broken, or too large",
                      base::shortened(alphabet.format_word(word), 200))};
}

std::vector<float> answers(const model::Model& model, const logic::Alphabet& alphabet,
                           std::span<const Word> words, int threads, bool stops_at_signals) {
  std::vector<std::int64_t> starts = {0};
  std::vector<std::int32_t> tokens;
  for (const Word& word : words) {
    tokens.insert(tokens.end(), word.begin(), word.end());
    tokens.push_back(model.letters());
    starts.push_back(static_cast<std::int64_t>(tokens.size()));
  }
  std::vector<float> out(words.size());
  try {
    model::ask(model, starts, tokens, {}, {kLetters, threads, stops_at_signals, {}, true},
               [&](std::int64_t word, std::int64_t, std::span<const float> logits) {
                 out[static_cast<std::size_t>(word)] = logits[0];
               });
  } catch (const model::NotFinite& e) {
    throw no_answer(alphabet, words[static_cast<std::size_t>(e.sequence())]);
  }
  return out;
}

}  // namespace yore::inspection
