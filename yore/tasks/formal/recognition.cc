#include "yore/tasks/formal/recognition.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/tasks/common/streams.h"
#include "yore/tasks/formal/pool.h"

namespace yore::tasks {
namespace {

int longest_drawn(const DataConfig& data) {
  int longest = data.train_max_length;
  for (const auto& [low, high] : data.test_buckets) longest = std::max(longest, high);
  return longest;
}

// A class the language has must be there to be trained on: otherwise a misplaced range would train on one
// answer.
void require_both_classes(const WordSource& source, const DataConfig& data) {
  for (const bool accepted : {true, false}) {
    bool found = false;
    for (int n = data.train_min_length; n <= data.train_max_length; ++n)
      found = found || source.side(accepted).count(n) != 0;
    const auto shortest =
        automata::shortest_accepted(accepted ? source.dfa : automata::complement(source.dfa));
    if (!found && shortest)
      throw base::InputError(
          "training lengths",
          fmt::format("the language has no {} word of length {} to {}; its shortest has length {}",
                      accepted ? "accepted" : "rejected", data.train_min_length, data.train_max_length,
                      shortest->size()));
  }
}

WordSet draw_set(std::string name, const WordPool& pool, int min_length, int max_length, int words,
                 base::Random random) {
  WordSet set{std::move(name), min_length, max_length, {}};
  base::Budget budget(fmt::format("drawing the words of {}", set.name));
  if (pool.has(true) || pool.has(false))
    for (int i = 0; i < words; ++i) {
      budget.spend();
      set.examples.push_back(pool.draw(static_cast<std::uint64_t>(i), random));
    }
  std::stable_sort(set.examples.begin(), set.examples.end(),
                   [](const Example& x, const Example& y) { return x.word.size() < y.word.size(); });
  return set;
}

}  // namespace

const char* name(Split split) {
  switch (split) {
    case Split::Train:
      return "train";
    case Split::Validation:
      return "validation";
    case Split::Test:
      return "test";
  }
  return "";
}

Batch make_batch(std::span<const Example> examples, int alphabet_size) {
  Batch batch;
  std::vector<std::int32_t> sequence;
  for (const Example& example : examples) {
    sequence.assign(example.word.begin(), example.word.end());
    sequence.push_back(alphabet_size);
    const std::int32_t target = example.accepted ? 1 : 0;
    batch.add(sequence, {&target, 1});
  }
  return batch;
}

// Behind a pointer because the pools refer to source and split: a moved task must not move them.
struct RecognitionTask::Parts {
  Parts(Dfa dfa, DataConfig config, std::vector<WitnessWord> witness_words)
      : data(std::move(config)),
        witnesses(std::move(witness_words)),
        source(std::move(dfa), longest_drawn(data)),
        split(source.dfa, source.accepted, source.rejected, data.train_min_length, data.train_max_length,
              data.split_seed),
        training(source, split, data.train_min_length, data.train_max_length, WordPool::Reader::Training,
                 data.near_miss_edits) {}

  WordPool unseen(int low, int high) const {
    return WordPool(source, split, low, high, WordPool::Reader::Unseen, data.near_miss_edits);
  }

  DataConfig data;
  std::vector<WitnessWord> witnesses;
  WordSource source;
  WordSplit split;
  WordPool training;
};

RecognitionTask::RecognitionTask(Dfa dfa, DataConfig data, std::vector<WitnessWord> witnesses)
    : parts_(std::make_unique<Parts>(std::move(dfa), std::move(data), std::move(witnesses))) {
  require_both_classes(parts_->source, parts_->data);
}
RecognitionTask::~RecognitionTask() = default;
RecognitionTask::RecognitionTask(RecognitionTask&&) noexcept = default;
RecognitionTask& RecognitionTask::operator=(RecognitionTask&&) noexcept = default;

const Dfa& RecognitionTask::dfa() const {
  return parts_->source.dfa;
}
const DataConfig& RecognitionTask::data() const {
  return parts_->data;
}
const std::vector<WitnessWord>& RecognitionTask::witnesses() const {
  return parts_->witnesses;
}

int RecognitionTask::longest_word() const {
  int longest = longest_drawn(parts_->data);
  for (const WitnessWord& w : parts_->witnesses) longest = std::max(longest, static_cast<int>(w.word.size()));
  return longest;
}

std::vector<Example> RecognitionTask::training_examples(std::uint64_t seed, std::int64_t step,
                                                        int batch) const {
  base::Random random({streams::kTraining, parts_->data.split_seed, seed, static_cast<std::uint64_t>(step)});
  // Counting through the steps keeps the classes balanced for odd batches too, and for batches of one.
  const std::uint64_t first = static_cast<std::uint64_t>(step) * static_cast<std::uint64_t>(batch);
  std::vector<Example> examples;
  examples.reserve(static_cast<std::size_t>(batch));
  for (int i = 0; i < batch; ++i)
    examples.push_back(parts_->training.draw(first + static_cast<std::uint64_t>(i), random));
  return examples;
}

Batch RecognitionTask::training_batch(std::uint64_t seed, std::int64_t step, int batch) const {
  return make_batch(training_examples(seed, step, batch), dfa().alphabet.size());
}

WordSet RecognitionTask::validation() const {
  const DataConfig& data = parts_->data;
  const int low = data.train_min_length, high = data.train_max_length;
  return draw_set("validation", parts_->unseen(low, high), low, high, data.validation_words,
                  base::Random({streams::kValidation, data.split_seed}));
}

std::vector<WordSet> RecognitionTask::tests() const {
  const DataConfig& data = parts_->data;
  std::vector<WordSet> sets;
  for (const auto& [low, high] : data.test_buckets)
    sets.push_back(draw_set(fmt::format("{}-{}", low, high), parts_->unseen(low, high), low, high,
                            data.test_words_per_bucket,
                            base::Random({streams::kTest, data.split_seed, static_cast<std::uint64_t>(low),
                                          static_cast<std::uint64_t>(high)})));
  return sets;
}

WordSet RecognitionTask::witness_set() const {
  WordSet set{"witness", 0, 0, {}};
  for (const WitnessWord& w : parts_->witnesses) {
    const int length = static_cast<int>(w.word.size());
    set.min_length = set.examples.empty() ? length : std::min(set.min_length, length);
    set.max_length = std::max(set.max_length, length);
    set.examples.push_back({w.word, dfa().accepts(w.word)});
  }
  return set;
}

Split RecognitionTask::split_of(const Word& word) const {
  if (!parts_->split.covers(static_cast<int>(word.size()))) return Split::Test;
  return parts_->split.held_out(word, dfa().accepts(word)) ? Split::Validation : Split::Train;
}

}  // namespace yore::tasks
