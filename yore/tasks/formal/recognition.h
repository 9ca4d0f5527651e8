// Recognition as integer batches: words of a language and of its complement, drawn for training, validation
// and test.
//
// Tokens: letters are 0..|A|-1, EOS is |A|; a sequence is a word and EOS.
//
// What is drawn. Classes alternate, so that half the words are accepted ones (if both classes have words in
// the range; else all are of the one that does). An accepted word: its length is uniform over the lengths in
// range that have one, then every accepted word of that length is equally likely. A rejected word is, in
// turns, a uniform rejected word (same rule) or a near-miss: 1..near_miss_edits random edits (insert, delete,
// substitute, exchange neighbours) of an accepted word, rejected by the automaton, its length in range. Words
// may repeat, within a set too: (ab)* has one accepted word for every even length.
//
// Who may see it. Every word within the training lengths belongs to the training or to the validation split
// by its hash alone (split.h); words of other lengths are test words. A test range that overlaps the training
// lengths draws no word of the training split.
//
// Randomness. A batch depends on (data, seed, step) only, so a run resumes without generator state;
// validation and test sets depend on `data` (with its split_seed) only, so all runs of a study answer the
// same words.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "yore/automata/dfa.h"
#include "yore/tasks/formal/data_config.h"
#include "yore/tasks/task.h"

namespace yore::tasks {

using automata::Dfa;
using logic::Word;

/// A word and the truth about it.
struct Example {
  Word word;
  bool accepted = false;
  bool operator==(const Example&) const = default;
};

/// A fixed set to be scored.
struct WordSet {
  std::string name;                    ///< "validation", "41-100", "witness"
  int min_length = 0, max_length = 0;  ///< the range asked for (of the words, for "witness")
  std::vector<Example> examples;       ///< shortest first, so that batches of neighbours pad little
};

/// A word out of a theoretical "no": which class it refutes, at which n.
struct WitnessWord {
  std::string witness_of;  ///< "global", "local" ...
  int n = 0;
  Word word;
};

/// Where a word belongs.
enum class Split { Train, Validation, Test };
/// "train", "validation", "test".
const char* name(Split split);

/// The sequences of a run of examples.
Batch make_batch(std::span<const Example> examples, int alphabet_size);

/// Word recognition for one language.
class RecognitionTask {
 public:
  /// Throws InputError if the training lengths hold no accepted (rejected) word although the language has
  /// some, naming the shortest one; BudgetError("max_table_bytes") if the counting tables are too large.
  RecognitionTask(Dfa dfa, DataConfig data, std::vector<WitnessWord> witnesses = {});
  ~RecognitionTask();
  RecognitionTask(RecognitionTask&&) noexcept;
  RecognitionTask& operator=(RecognitionTask&&) noexcept;

  const Dfa& dfa() const;
  const DataConfig& data() const;
  /// Letters plus EOS: the model's number of embeddings.
  int vocabulary() const { return dfa().alphabet.size() + 1; }
  /// The EOS token.
  int eos() const { return dfa().alphabet.size(); }
  /// The longest word any set of this task holds, witnesses included; a model needs positions for one more.
  int longest_word() const;

  /// The words of step `step` (0, 1, ..). Safe to call from several threads.
  Batch training_batch(std::uint64_t seed, std::int64_t step, int batch) const;
  /// As above, before they become rows.
  std::vector<Example> training_examples(std::uint64_t seed, std::int64_t step, int batch) const;

  /// data.validation_words words of the validation split (fewer only if the split holds none).
  WordSet validation() const;
  /// One set a bucket, in the order of data.test_buckets, each of data.test_words_per_bucket words.
  std::vector<WordSet> tests() const;

  /// As given, in the order given.
  const std::vector<WitnessWord>& witnesses() const;
  /// The witnesses with their truth: examples[i] is witnesses()[i] (so NOT sorted by length).
  WordSet witness_set() const;

  /// The split a word belongs to. Witness words of training lengths may belong to Train: ask here before
  /// calling them unseen.
  Split split_of(const Word& word) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace yore::tasks
