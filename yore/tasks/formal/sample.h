// Words of a language as a table, for `yore sample`.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "yore/tasks/formal/recognition.h"

namespace yore::tasks {

/// Which side of the language to draw from.
enum class Which { Positive, Negative, Both };

struct SampleOptions {
  int min_length = 0;
  int max_length = 40;
  int count = 10;
  Which which = Which::Both;
  std::uint64_t seed = 0;
  /// near_miss_edits (0 = uniform rejected words only), training lengths and split_seed are read from here.
  DataConfig data;
};

/// A drawn word and the split of `data` it falls into.
struct SampledWord {
  Example example;
  Split split = Split::Test;
};

/// Words drawn as in recognition.h, from all splits, one after the other. Nothing is kept, so
/// `count` may be any number. Throws InputError if the range is bad or holds no word of the kind asked for,
/// before the first word is drawn.
class WordDraws {
 public:
  WordDraws(const Dfa& dfa, const SampleOptions& options);
  ~WordDraws();
  /// The next word; nothing after `count` of them.
  std::optional<SampledWord> next();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// All of them.
std::vector<SampledWord> sample_words(const Dfa& dfa, const SampleOptions& options);

/// The header line of the table, "word<TAB>label<TAB>length<TAB>split", with its end of line.
std::string tsv_header();
/// A line of it: the word as Alphabet::format_word writes it, label 1 or 0.
std::string to_tsv(const SampledWord& word, const logic::Alphabet& alphabet);
/// One object as a line: {"word":["a","b"],"label":true,"length":2,"split":"train"}.
std::string to_jsonl(const SampledWord& word, const logic::Alphabet& alphabet);

}  // namespace yore::tasks
