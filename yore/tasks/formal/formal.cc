#include "yore/tasks/formal/formal.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "yore/base/budget.h"
#include "yore/base/error.h"
#include "yore/expressivity/verdict.h"

namespace yore::tasks {
namespace {

EvaluationSet as_set(const WordSet& words, int alphabet_size) {
  return {words.name,
          {{"min_length", words.min_length}, {"max_length", words.max_length}},
          make_batch(words.examples, alphabet_size)};
}

/// Of witness strings, which grow with the depth and with the language's automaton.
constexpr std::size_t kWitnessBytes = std::size_t{1} << 30;

/// Accuracy of a set and of each of its lengths.
class WordScorer final : public Scorer {
 public:
  explicit WordScorer(const EvaluationSet& set) : set_(set) {
    score_.name = set.name;
    score_.min_length = set.keys.at("min_length").get<int>();
    score_.max_length = set.keys.at("max_length").get<int>();
  }
  void add(std::int64_t sequence, std::int64_t, std::span<const float> outputs) override {
    const bool truth = set_.batch.targets[static_cast<std::size_t>(sequence)] != 0;
    const bool correct = (outputs[0] > 0) == truth;  // NaN rejects
    ++score_.words;
    score_.correct += correct;
    score_.positives += truth;
    score_.positives_correct += truth && correct;
    const int length = static_cast<int>(set_.batch.length(sequence)) - 1;
    auto row = std::lower_bound(lengths_.begin(), lengths_.end(), length,
                                [](const LengthScore& s, int n) { return s.length < n; });
    if (row == lengths_.end() || row->length != length) row = lengths_.insert(row, {length, 0, 0});
    ++row->words;
    row->correct += correct;
  }
  std::vector<Metric> finish() override {
    std::vector<Metric> metrics = to_metrics(score_);
    for (Metric& m : to_metrics(lengths_)) metrics.push_back(std::move(m));
    return metrics;
  }

 private:
  const EvaluationSet& set_;
  Score score_;
  std::vector<LengthScore> lengths_;
};

/// The answer to each witness word.
class WitnessScorer final : public Scorer {
 public:
  explicit WitnessScorer(const RecognitionTask& task) {
    for (const WitnessWord& w : task.witnesses())
      scores_.push_back({w.witness_of, w.n, static_cast<int>(w.word.size()), task.dfa().accepts(w.word), 0});
  }
  void add(std::int64_t sequence, std::int64_t, std::span<const float> outputs) override {
    scores_[static_cast<std::size_t>(sequence)].logit = static_cast<double>(outputs[0]);
  }
  std::vector<Metric> finish() override {
    std::vector<Metric> metrics;
    for (const WitnessScore& score : scores_) metrics.push_back(to_metric(score));
    return metrics;
  }

 private:
  std::vector<WitnessScore> scores_;
};

languages::Language read_formal(const DataConfig& data) {
  return languages::read_language(data.language,
                                  data.alphabet.empty() ? std::nullopt : std::optional(data.alphabet),
                                  static_cast<std::size_t>(data.max_states));
}

Json complete_formal(const TaskInfo&, const Json& given) {
  DataConfig data = data_config(given);
  const languages::Language language = read_formal(data);
  data.language = language.spec;
  data.alphabet = language.dfa.alphabet.text();
  return to_json(data);
}

std::unique_ptr<Task> make_formal(const TaskInfo&, const Json& options, const TaskContext& context) {
  const DataConfig data = data_config(options);
  return std::make_unique<FormalTask>(recognition_task(read_formal(data), data, context.lookback));
}

}  // namespace

EvaluationSet FormalTask::validation() const {
  return as_set(words_.validation(), words_.eos());
}

std::vector<EvaluationSet> FormalTask::tests() const {
  std::vector<EvaluationSet> sets;
  for (const WordSet& words : words_.tests()) sets.push_back(as_set(words, words_.eos()));
  if (!words_.witnesses().empty()) sets.push_back(as_set(words_.witness_set(), words_.eos()));
  return sets;
}

std::unique_ptr<Scorer> FormalTask::scorer(const EvaluationSet& set) const {
  if (set.name == kWitness) return std::make_unique<WitnessScorer>(words_);
  return std::make_unique<WordScorer>(set);
}

RecognitionTask recognition_task(const languages::Language& language, const DataConfig& data, int lookback) {
  expressivity::ClassifyOptions options;
  options.formulas = false;
  options.lookback = lookback;
  std::size_t longest = static_cast<std::size_t>(data.train_max_length);
  for (const auto& [low, high] : data.test_buckets)
    longest = std::max(longest, static_cast<std::size_t>(high));
  std::vector<WitnessWord> words;
  base::Budget budget("the witness strings", {.bytes = kWitnessBytes, .option = "witness-depth"});
  for (const expressivity::ClassVerdict& verdict : expressivity::classify(language.dfa, options).classes) {
    if (!verdict.witness) continue;
    for (int n = 1; data.witness_depth > 0; n += n < data.witness_depth ? 1 : n) {
      budget.spend();
      auto [a, b] = expressivity::witness_strings(*verdict.witness, n);
      budget.hold((a.size() + b.size()) * sizeof(logic::Symbol));
      if (n > data.witness_depth && std::max(a.size(), b.size()) > longest) break;
      words.push_back({expressivity::name(verdict.of), n, std::move(a)});
      words.push_back({expressivity::name(verdict.of), n, std::move(b)});
    }
  }
  return RecognitionTask(language.dfa, data, std::move(words));
}

/// Named in CMakeLists.txt's list of tasks.
TaskInfo formal_task() {
  return {"formal",
          "words of a formal language: accept or reject",
          "Li & Cotterell 2025 and 2026, arXiv 2505.23623, 2605.00768 (protocol)",
          Objective::Accept,
          data_option_specs(),
          Json::object(),
          complete_formal,
          make_formal};
}

}  // namespace yore::tasks
