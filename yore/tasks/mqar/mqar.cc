// The task "mqar": multi-query associative recall; row.h has the form of a row.
//
// Shapes are texts, "64:4" for 4 pairs in 64 tokens, and with a count, "64:4:100000", for training: so many
// rows of that shape are its training set, each named by its number. Training goes through all of them once
// an epoch, in an order that the run's seed and the epoch name, shapes mixed. Test sets are named by their
// shapes; validation has the training shapes in the proportion of their counts. Guessing among the values in
// sight gets 1 / N: "chance".
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "yore/base/budget.h"
#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/evaluation_sets.h"
#include "yore/tasks/common/shuffle.h"
#include "yore/tasks/common/streams.h"
#include "yore/tasks/common/task_options.h"
#include "yore/tasks/mqar/row.h"

namespace yore::tasks {
namespace mqar {
namespace {

constexpr const char* kName = "mqar";
constexpr std::int64_t kMostRows = 1'000'000'000'000;
constexpr int kLongest = 1 << 20;

const std::vector<base::OptionSpec>& specs() {
  static const std::vector<base::OptionSpec> all = {
      {"train", Json{"64:4:100000", "128:8:20000", "256:16:20000", "256:32:20000", "256:64:20000"},
       "Training rows: TOKENS:PAIRS:ROWS"},
      {"test", Json{"64:4", "64:8", "64:16", "128:32", "256:64", "512:128", "1024:256"},
       "Test sets: TOKENS:PAIRS"},
      {"vocabulary", 8192, "Tokens; keys are of the lower half, values of the upper"},
      {"power", 0.01, "Exponent a of the queries' gaps: gap g has probability ~ (g + 1)^(a - 1)"},
      {"filler", "random", "Tokens between the queries: random (any) or zeros"},
      {"validation_sequences", 1000, "Rows for validation, of the training shapes"},
      {"test_sequences", 1000, "Rows a test set"},
      {"split_seed", std::uint64_t{0}, "Seed of the rows and of which are for evaluation"}};
  return all;
}

struct Slice {
  RowShape shape;
  std::int64_t rows = 0;
};

std::string name(const RowShape& shape) {
  return fmt::format("{}:{}", shape.length, shape.pairs);
}

class Mqar final : public Task {
 public:
  explicit Mqar(const TaskOptions& options)
      : vocabulary_(read_vocabulary(options)),
        seed_(options.seed("split_seed")),
        validation_sequences_(options.integer("validation_sequences", 1, 10'000'000)),
        test_sequences_(options.integer("test_sequences", 1, 10'000'000)),
        maker_(vocabulary_, options.number("power", 0, 1),
               options.choice("filler", {"random", "zeros"}) == 0 ? Filler::Random : Filler::Zeros, seed_) {
    for (const std::string& text : options.texts("train")) {
      train_.push_back(read_slice(options, "train", text));
      rows_ += train_.back().rows;
    }
    if (train_.empty()) options.refuse("train", "at least one shape");
    if (rows_ > kMostRows) options.refuse("train", fmt::format("at most {} rows in all", kMostRows));
    for (const std::string& text : options.texts("test")) {
      const RowShape shape = read_slice(options, "test", text).shape;
      if (std::find(test_.begin(), test_.end(), shape) != test_.end())
        options.refuse("test", fmt::format("each shape once, found {} twice", text));
      test_.push_back(shape);
    }
    double tokens = 0, longest_row = 0;
    for (const RowShape& shape : test_) tokens += static_cast<double>(test_sequences_) * shape.length;
    for (const Slice& slice : train_) longest_row = std::max(longest_row, double{1} * slice.shape.length);
    require_set_memory(fmt::format("task {}", kName),
                       validation_sequences_ + static_cast<double>(test_sequences_) * double(test_.size()),
                       tokens + validation_sequences_ * longest_row);
  }

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return vocabulary_; }
  int outputs() const override { return vocabulary_; }
  std::int64_t longest() const override {
    int most = 0;
    for (const Slice& slice : train_) most = std::max(most, slice.shape.length);
    for (const RowShape& shape : test_) most = std::max(most, shape.length);
    return most;
  }

  Batch training_batch(std::uint64_t seed, std::int64_t step, int sequences) const override {
    Batch batch;
    const std::int64_t first = step * sequences;
    for (std::int64_t i = first; i < first + sequences; ++i) {
      const auto rows = static_cast<std::uint64_t>(rows_);
      const std::uint64_t epoch = static_cast<std::uint64_t>(i) / rows,
                          place = static_cast<std::uint64_t>(i) % rows;
      auto row = static_cast<std::int64_t>(shuffled(place, rows, {seed_, seed, epoch}));
      std::size_t s = 0;
      while (row >= train_[s].rows) row -= train_[s++].rows;
      add_row(train_[s].shape, false,
              base::Random({streams::kTraining, seed_, s, static_cast<std::uint64_t>(row)}), batch);
    }
    return batch;
  }

  EvaluationSet validation() const override {
    EvaluationSet set{"validation", Json::object(), {}};
    base::Budget budget("drawing the rows for validation");
    for (int i = 0; i < validation_sequences_; ++i) {
      budget.spend();
      base::Random random({streams::kValidation, seed_, static_cast<std::uint64_t>(i)});
      auto row = static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(rows_)));
      std::size_t s = 0;
      while (row >= train_[s].rows) row -= train_[s++].rows;
      add_row(train_[s].shape, true, random, set.batch);
    }
    return set;
  }

  std::vector<EvaluationSet> tests() const override {
    std::vector<EvaluationSet> sets;
    base::Budget budget("drawing the rows of the test sets");
    for (const RowShape& shape : test_) {
      sets.push_back({name(shape), {{"length", shape.length}, {"pairs", shape.pairs}}, {}});
      for (int i = 0; i < test_sequences_; ++i) {
        budget.spend();
        add_row(shape, true,
                base::Random({streams::kTest, seed_, static_cast<std::uint64_t>(shape.length),
                              static_cast<std::uint64_t>(shape.pairs), static_cast<std::uint64_t>(i)}),
                sets.back().batch);
      }
    }
    return sets;
  }

  std::unique_ptr<Scorer> scorer(const EvaluationSet& set) const override {
    // One right answer in N for each of a row's N questions: on average, rows to questions.
    const auto asked =
        static_cast<double>(set.batch.targets.size()) -
        static_cast<double>(std::count(set.batch.targets.begin(), set.batch.targets.end(), kIgnored));
    return with_chance(Task::scorer(set),
                       asked == 0 ? 0 : static_cast<double>(set.batch.sequences()) / asked);
  }

 private:
  static int read_vocabulary(const TaskOptions& options) {
    const int vocabulary = options.integer("vocabulary", 4, 1 << 24);
    if (vocabulary % 2 != 0)
      options.refuse("vocabulary",
                     fmt::format("an even number, half of it keys, half values; found {}", vocabulary));
    return vocabulary;
  }

  // "64:4" or, for training, "64:4:100000".
  Slice read_slice(const TaskOptions& options, const std::string& option, const std::string& text) const {
    const bool counted = option == "train";
    std::int64_t numbers[3] = {0, 0, 0};
    const int wanted = counted ? 3 : 2;
    const char *at = text.data(), *const end = at + text.size();
    bool fine = true;
    for (int i = 0; i < wanted && fine; ++i) {
      const auto [last, error] = std::from_chars(at, end, numbers[i]);
      fine = error == std::errc() && (i + 1 == wanted ? last == end : last != end && *last == ':') &&
             numbers[i] >= 1;
      at = last + 1;
    }
    const auto refuse = [&](const std::string& expected) {
      options.refuse(option, expected + ", found " + text);
    };
    if (!fine) refuse(counted ? "TOKENS:PAIRS:ROWS such as 64:4:100000" : "TOKENS:PAIRS such as 64:4");
    const std::int64_t length = numbers[0], pairs = numbers[1];
    if (length > kLongest || length % 2 != 0)
      refuse(fmt::format("an even number of tokens up to {}", kLongest));
    if (pairs > length / 4) refuse("at least 4 tokens a pair");
    if (pairs > vocabulary_ / 2 - 1)
      refuse(
          fmt::format("at most {} pairs, the keys of a vocabulary of {}", vocabulary_ / 2 - 1, vocabulary_));
    if (numbers[2] > kMostRows) refuse(fmt::format("at most {} rows", kMostRows));
    std::int64_t contexts = 1;
    for (std::int64_t i = 0; i < pairs && contexts < kFewestContexts; ++i)
      contexts *= (vocabulary_ / 2 - 1 - i) * (vocabulary_ / 2 - i);
    if (contexts < kFewestContexts)
      refuse(fmt::format(
          "at least {} different lists of pairs, to split them (a larger vocabulary or more pairs)",
          kFewestContexts));
    return {{static_cast<int>(length), static_cast<int>(pairs)}, numbers[2]};
  }

  void add_row(const RowShape& shape, bool held_out, base::Random random, Batch& batch) const {
    std::vector<std::int32_t> tokens, targets;
    maker_.draw(shape, held_out, random, tokens, targets);
    batch.add(tokens, targets);
  }

  int vocabulary_;
  std::uint64_t seed_;
  int validation_sequences_, test_sequences_;
  RowMaker maker_;
  std::vector<Slice> train_;
  std::int64_t rows_ = 0;
  std::vector<RowShape> test_;
};

}  // namespace
}  // namespace mqar

/// Named in CMakeLists.txt's list of tasks.
TaskInfo mqar_task() {
  using namespace mqar;
  return {kName,
          "multi-query associative recall: pairs, then every key once more, asked for its value",
          "Arora et al. 2023, arXiv 2312.04927; HazyResearch/zoology",
          Objective::NextToken,
          specs(),
          decoder_defaults({{"model.tied", true},
                            {"training.learning_rate", 3e-3},
                            {"training.weight_decay", 0.1},
                            {"training.early_stop", 1},
                            {"training.early_stop_at", 0.99}}),
          complete_options<Mqar>,
          make_from_options<Mqar>};
}

}  // namespace yore::tasks
