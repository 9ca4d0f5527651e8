#include "yore/tasks/formal/sample.h"

#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/tasks/formal/pool.h"

namespace yore::tasks {
namespace {

constexpr std::uint64_t kSampling = 4;  // first key of the random stream; recognition.cc has the others

void require_ordered(int low, int high, const char* what) {
  if (low < 0 || high < low)
    throw base::InputError(what, fmt::format("expected 0 <= low <= high, found {} and {}", low, high));
}

SampleOptions checked(const SampleOptions& options) {
  require_ordered(options.min_length, options.max_length, "lengths");
  require_ordered(options.data.train_min_length, options.data.train_max_length, "training lengths");
  if (options.count < 0) throw base::InputError("count", "expected at least 0");
  return options;
}

}  // namespace

struct WordDraws::State {
  State(const Dfa& dfa, const SampleOptions& given)
      : options(checked(given)),
        source(dfa, std::max(options.max_length, options.data.train_max_length)),
        split(dfa, source.accepted, source.rejected, options.data.train_min_length,
              options.data.train_max_length, options.data.split_seed),
        pool(source, split, options.min_length, options.max_length, WordPool::Reader::Anyone,
             options.data.near_miss_edits),
        random({kSampling, options.seed}) {}

  SampleOptions options;
  WordSource source;
  WordSplit split;
  WordPool pool;
  base::Random random;
  int drawn = 0;
};

WordDraws::WordDraws(const Dfa& dfa, const SampleOptions& options)
    : state_(std::make_unique<State>(dfa, options)) {
  for (const bool accepted : {true, false})
    if (options.which == (accepted ? Which::Positive : Which::Negative) && !state_->pool.has(accepted))
      throw base::InputError(
          "lengths", fmt::format("the language has no {} word of length {} to {}",
                                 accepted ? "accepted" : "rejected", options.min_length, options.max_length));
}

WordDraws::~WordDraws() = default;

std::optional<SampledWord> WordDraws::next() {
  State& s = *state_;
  if (s.drawn == s.options.count) return std::nullopt;
  const int i = s.drawn++;
  SampledWord sampled;
  if (s.options.which == Which::Both) {
    sampled.example = s.pool.draw(static_cast<std::uint64_t>(i), s.random);
  } else {
    const bool accepted = s.options.which == Which::Positive;
    sampled.example = {s.pool.draw(accepted, i % 2 == 1, s.random), accepted};
  }
  const Example& example = sampled.example;
  if (s.split.covers(static_cast<int>(example.word.size())))
    sampled.split = s.split.held_out(example.word, example.accepted) ? Split::Validation : Split::Train;
  return sampled;
}

std::vector<SampledWord> sample_words(const Dfa& dfa, const SampleOptions& options) {
  WordDraws draws(dfa, options);
  std::vector<SampledWord> words;
  while (auto word = draws.next()) words.push_back(std::move(*word));
  return words;
}

std::string tsv_header() {
  return "word\tlabel\tlength\tsplit\n";
}

std::string to_tsv(const SampledWord& word, const logic::Alphabet& alphabet) {
  const auto& [example, split] = word;
  return fmt::format("{}\t{}\t{}\t{}\n", alphabet.format_word(example.word), example.accepted ? 1 : 0,
                     example.word.size(), name(split));
}

std::string to_jsonl(const SampledWord& word, const logic::Alphabet& alphabet) {
  const auto& [example, split] = word;
  base::Json line;
  line["word"] = base::Json::array();
  for (const logic::Symbol s : example.word) line["word"].push_back(alphabet.name(s));
  line["label"] = example.accepted;
  line["length"] = example.word.size();
  line["split"] = name(split);
  return line.dump() + "\n";
}

}  // namespace yore::tasks
