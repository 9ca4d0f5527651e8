#include "yore/tasks/common/drawn_task.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/budget.h"
#include "yore/tasks/common/evaluation_sets.h"
#include "yore/tasks/common/free_words.h"
#include "yore/tasks/common/streams.h"

namespace yore::tasks {
namespace {

constexpr int kLongest = 1'000'000, kMostSequences = 10'000'000;

int draw_length(LengthRange lengths, base::Random& random) {
  return lengths.first +
         static_cast<int>(random.below(static_cast<std::uint64_t>(lengths.second - lengths.first) + 1));
}

class ChanceScorer final : public Scorer {
 public:
  ChanceScorer(std::unique_ptr<Scorer> inner, double chance) : inner_(std::move(inner)), chance_(chance) {}
  void add(std::int64_t sequence, std::int64_t token, std::span<const float> outputs) override {
    inner_->add(sequence, token, outputs);
  }
  std::vector<Metric> finish() override {
    std::vector<Metric> metrics = inner_->finish();
    for (Metric& m : metrics)
      if (m.name == "accuracy") m.keys["chance"] = chance_;
    return metrics;
  }

 private:
  std::unique_ptr<Scorer> inner_;
  double chance_;
};

}  // namespace

std::vector<base::OptionSpec> draw_options(LengthRange training, const std::vector<std::string>& tests,
                                           const std::string& what) {
  return {{"train_min_length", training.first, what + " in training and validation, at least"},
          {"train_max_length", training.second, what + " in training and validation, at most"},
          {"test_lengths", Json(tests), what + " in the test sets, such as 41-100 101-200"},
          {"validation_sequences", 512, "Sequences of the training lengths kept apart for validation"},
          {"test_sequences", 512, "Sequences a test set"},
          {"split_seed", std::uint64_t{0}, "Seed of the split and of validation and test sequences"}};
}

Draws read_draws(const TaskOptions& options, int shortest) {
  Draws d;
  d.training = {options.integer("train_min_length", shortest, kLongest),
                options.integer("train_max_length", shortest, kLongest)};
  if (d.training.first > d.training.second)
    options.refuse("train_min_length, train_max_length",
                   fmt::format("low <= high, found {} and {}", d.training.first, d.training.second));
  d.tests = options.ranges("test_lengths", shortest, kLongest);
  for (std::size_t i = 0; i < d.tests.size(); ++i)
    if (std::find(d.tests.begin(), d.tests.begin() + static_cast<std::ptrdiff_t>(i), d.tests[i]) !=
        d.tests.begin() + static_cast<std::ptrdiff_t>(i))
      options.refuse("test_lengths",
                     fmt::format("each range once, found {}-{} twice", d.tests[i].first, d.tests[i].second));
  d.validation_sequences = options.integer("validation_sequences", 1, kMostSequences);
  d.test_sequences = options.integer("test_sequences", 1, kMostSequences);
  d.split_seed = options.seed("split_seed");
  return d;
}

Sizes drawn_sizes(const std::string& procedure, bool costlier) {
  const auto at = [](const Json& options, int size, int sequences) {
    Json sized = options;
    sized.update({{"train_min_length", size},
                  {"train_max_length", size},
                  {"test_lengths", {fmt::format("{0}-{0}", size)}},
                  {"validation_sequences", sequences},
                  {"test_sequences", sequences}});
    return sized;
  };
  return {at, procedure, costlier};
}

std::vector<std::string> numbered_names(int letters, const std::vector<std::string>& more) {
  std::vector<std::string> names;
  for (int i = 0; i < letters; ++i) names.push_back(std::to_string(i));
  names.insert(names.end(), more.begin(), more.end());
  return names;
}

std::unique_ptr<Scorer> with_chance(std::unique_ptr<Scorer> scorer, double chance) {
  return std::make_unique<ChanceScorer>(std::move(scorer), chance);
}

DrawnTask::DrawnTask(const std::string& name, Draws draws, TokensOf tokens_of)
    : draws_(std::move(draws)),
      tokens_(tokens_of),
      name_(sequence_hash(0, std::vector<std::int32_t>(name.begin(), name.end()))) {
  const auto tokens = [&](int sequences, LengthRange lengths) {
    return sequences * (0.5 * static_cast<double>(tokens_at(lengths.first)) +
                        0.5 * static_cast<double>(tokens_at(lengths.second)));
  };
  double sequences = draws_.validation_sequences, all = tokens(draws_.validation_sequences, draws_.training);
  for (const LengthRange& lengths : draws_.tests) {
    sequences += draws_.test_sequences;
    all += tokens(draws_.test_sequences, lengths);
  }
  require_set_memory("task " + name, sequences, all);
}

std::int64_t DrawnTask::longest() const {
  std::int64_t most = tokens_at(draws_.training.second);
  for (const LengthRange& lengths : draws_.tests) most = std::max(most, tokens_at(lengths.second));
  return most;
}

Batch DrawnTask::training_batch(std::uint64_t seed, std::int64_t step, int sequences) const {
  Batch batch;
  for (int i = 0; i < sequences; ++i) {
    base::Random random({streams::kTraining, name_, draws_.split_seed, seed, static_cast<std::uint64_t>(step),
                         static_cast<std::uint64_t>(i)});
    const Sequence sequence = draw(draw_length(draws_.training, random), false, random);
    batch.add(sequence.tokens, sequence.targets);
  }
  return batch;
}

EvaluationSet DrawnTask::draw_set(const std::string& set, LengthRange lengths, int sequences,
                                  std::uint64_t purpose) const {
  std::vector<Sequence> drawn;
  base::Budget budget(fmt::format("drawing the sequences of {}", set));
  for (int i = 0; i < sequences; ++i) {
    budget.spend();
    base::Random random({purpose, name_, draws_.split_seed, static_cast<std::uint64_t>(lengths.first),
                         static_cast<std::uint64_t>(lengths.second), static_cast<std::uint64_t>(i)});
    drawn.push_back(draw(draw_length(lengths, random), true, random));
  }
  std::stable_sort(drawn.begin(), drawn.end(),
                   [](const Sequence& a, const Sequence& b) { return a.tokens.size() < b.tokens.size(); });
  EvaluationSet result{set, {{"min_length", lengths.first}, {"max_length", lengths.second}}, {}};
  for (const Sequence& sequence : drawn) result.batch.add(sequence.tokens, sequence.targets);
  return result;
}

EvaluationSet DrawnTask::validation() const {
  return draw_set("validation", draws_.training, draws_.validation_sequences, streams::kValidation);
}

std::vector<EvaluationSet> DrawnTask::tests() const {
  std::vector<EvaluationSet> sets;
  for (const LengthRange& lengths : draws_.tests)
    sets.push_back(draw_set(fmt::format("{}-{}", lengths.first, lengths.second), lengths,
                            draws_.test_sequences, streams::kTest));
  return sets;
}

std::unique_ptr<Scorer> DrawnTask::scorer(const EvaluationSet& set) const {
  return with_chance(Task::scorer(set), chance());
}

}  // namespace yore::tasks
