#include "yore/tasks/formal/sample.h"

#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/tasks/formal/pool.h"

namespace yore::tasks {
namespace {

constexpr std::uint64_t kSampling = 4;  // first key of the random stream; recognition.cc has the others

void require_range(int low, int high, const char* what) {
  if (low < 0 || high < low)
    throw base::InputError(what, fmt::format("expected 0 <= low <= high, found {} and {}", low, high));
}

}  // namespace

std::vector<SampledWord> sample_words(const Dfa& dfa, const SampleOptions& options) {
  const int train_low = options.data.train_min_length, train_high = options.data.train_max_length;
  require_range(options.min_length, options.max_length, "lengths");
  require_range(train_low, train_high, "training lengths");
  if (options.count < 0) throw base::InputError("count", "expected at least 0");

  const WordSource source(dfa, std::max(options.max_length, train_high));
  const WordSplit split(dfa, source.accepted, source.rejected, train_low, train_high,
                        options.data.split_seed);
  const WordPool pool(source, split, options.min_length, options.max_length, WordPool::Reader::Anyone,
                      options.data.near_miss_edits);
  for (const bool accepted : {true, false})
    if (options.which == (accepted ? Which::Positive : Which::Negative) && !pool.has(accepted))
      throw base::InputError(
          "lengths", fmt::format("the language has no {} word of length {} to {}",
                                 accepted ? "accepted" : "rejected", options.min_length, options.max_length));

  base::Random random({kSampling, options.seed});
  std::vector<SampledWord> words;
  for (int i = 0; i < options.count; ++i) {
    SampledWord sampled;
    if (options.which == Which::Both) {
      sampled.example = pool.draw(static_cast<std::uint64_t>(i), random);
    } else {
      const bool accepted = options.which == Which::Positive;
      sampled.example = {pool.draw(accepted, i % 2 == 1, random), accepted};
    }
    const Example& example = sampled.example;
    if (split.covers(static_cast<int>(example.word.size())))
      sampled.split = split.held_out(example.word, example.accepted) ? Split::Validation : Split::Train;
    words.push_back(std::move(sampled));
  }
  return words;
}

std::string to_tsv(const std::vector<SampledWord>& words, const logic::Alphabet& alphabet) {
  std::string text = "word\tlabel\tlength\tsplit\n";
  for (const auto& [example, split] : words)
    text += fmt::format("{}\t{}\t{}\t{}\n", alphabet.format_word(example.word), example.accepted ? 1 : 0,
                        example.word.size(), name(split));
  return text;
}

std::string to_jsonl(const std::vector<SampledWord>& words, const logic::Alphabet& alphabet) {
  std::string text;
  for (const auto& [example, split] : words) {
    base::Json line;
    line["word"] = base::Json::array();
    for (const logic::Symbol s : example.word) line["word"].push_back(alphabet.name(s));
    line["label"] = example.accepted;
    line["length"] = example.word.size();
    line["split"] = name(split);
    text += line.dump() + "\n";
  }
  return text;
}

}  // namespace yore::tasks
