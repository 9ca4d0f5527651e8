#include "yore/inspection/verify.h"

#include <fmt/format.h>

#include <limits>

#include "yore/automata/sampler.h"
#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/inspection/answers.h"
#include "yore/tasks/formal/sample.h"

namespace yore::inspection {
namespace {

/// Words asked at a time: enough for all threads, little enough to hold.
constexpr std::size_t kChunk = std::size_t{1} << 16;
/// Letters held at a time.
constexpr std::size_t kChunkLetters = std::size_t{1} << 24;

class Counter {
 public:
  Counter(const model::Model& model, const Dfa& dfa, const std::function<void(std::int64_t)>& progress)
      : model_(model), dfa_(dfa), progress_(progress) {
    tally_.least_accepting = std::numeric_limits<double>::infinity();
    tally_.largest_rejecting = -std::numeric_limits<double>::infinity();
  }

  void add(const Word& word) {
    budget_.spend();
    letters_ += word.size() + 1;
    words_.push_back(word);
    if (words_.size() >= kChunk || letters_ >= kChunkLetters) flush();
  }

  Tally finish() {
    flush();
    return tally_;
  }

 private:
  void flush() {
    const std::vector<float> logits = answers(model_, dfa_.alphabet, words_, 0, true);
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const bool accepted = dfa_.accepts(words_[i]);
      const double logit = logits[i];
      ++tally_.words;
      if ((logit > 0) != accepted) {
        ++tally_.wrong;
        if (!tally_.shortest_wrong || words_[i].size() < tally_.shortest_wrong->size())
          tally_.shortest_wrong = words_[i];
      } else if (accepted) {
        tally_.least_accepting = std::min(tally_.least_accepting, logit);
      } else {
        tally_.largest_rejecting = std::max(tally_.largest_rejecting, logit);
      }
    }
    if (progress_) progress_(tally_.words);
    words_.clear();
    letters_ = 0;
  }

  const model::Model& model_;
  const Dfa& dfa_;
  const std::function<void(std::int64_t)>& progress_;
  base::Budget budget_{"asking the model about words"};
  std::vector<Word> words_;
  std::size_t letters_ = 0;
  Tally tally_;
};

}  // namespace

Exhaustive verify_all(const model::Model& model, const Dfa& dfa, int max_length, std::int64_t max_words,
                      const std::function<void(std::int64_t)>& progress) {
  const int letters = dfa.alphabet.size();
  Exhaustive result;
  // Over one letter few words have many letters: what is asked stays what max_words of usual length are.
  constexpr double kLettersAWord = 64;
  double all = 0, of_length = 1, in_all = 0;
  for (int length = 0; length <= max_length; ++length, of_length *= letters) {
    all += of_length;
    in_all += of_length * length;
    const auto most = static_cast<double>(max_words);
    if (all > most || in_all > kLettersAWord * most) break;
    result.length = length;
  }
  Counter counter(model, dfa, progress);
  if (result.length >= 0)
    automata::for_all_words(letters, result.length, [&](const Word& word) { counter.add(word); });
  result.tally = counter.finish();
  result.right_to_length =
      result.tally.shortest_wrong ? static_cast<int>(result.tally.shortest_wrong->size()) - 1 : result.length;
  return result;
}

void require_drawable(const Dfa& dfa, int count, int max_length) {
  if (const int longest = automata::longest_drawn(dfa); count > 0 && max_length > longest)
    throw base::InputError("--length",
                           fmt::format("words of up to {} letters cannot be drawn, of this language "
                                       "words of up to {} can; --random 0 draws none",
                                       max_length, longest));
  base::require_memory("--random, --length", count * (60.0 + sizeof(logic::Symbol) * 0.5 * max_length),
                       fmt::format("{} words of up to {} letters", count, max_length));
}

Tally verify_some(const model::Model& model, const Dfa& dfa, int count, int max_length, std::uint64_t seed,
                  const std::vector<Word>& given, const std::function<void(std::int64_t)>& progress) {
  Counter counter(model, dfa, progress);
  for (const Word& word : given) counter.add(word);
  if (count > 0) {
    tasks::SampleOptions options;
    options.max_length = max_length;
    options.count = count;
    options.seed = seed;
    require_drawable(dfa, count, max_length);  // they are drawn before they are asked
    for (const tasks::SampledWord& word : tasks::sample_words(dfa, options)) counter.add(word.example.word);
  }
  return counter.finish();
}

std::optional<Word> first_wrong_prefix(const model::Model& model, const Dfa& dfa, const Word& word) {
  // Shortest first, in parts: the first wrong one is mostly short, and all together are half the square of
  // the word's length.
  constexpr std::size_t kLettersAtOnce = 100'000;
  for (std::size_t n = 0; n <= word.size();) {
    std::vector<Word> prefixes;
    for (std::size_t letters = 0; n <= word.size() && (prefixes.empty() || letters + n <= kLettersAtOnce);
         ++n) {
      prefixes.emplace_back(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(n));
      letters += n;
    }
    const std::vector<float> logits = answers(model, dfa.alphabet, prefixes, 0, true);
    for (std::size_t i = 0; i < prefixes.size(); ++i)
      if ((logits[i] > 0) != dfa.accepts(prefixes[i])) return prefixes[i];
  }
  return std::nullopt;
}

}  // namespace yore::inspection
