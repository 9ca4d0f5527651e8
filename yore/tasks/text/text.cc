// The task "text": the bytes of files, the next byte being asked at each.
//
//   yore train --task text:book.txt
//
// Tokens are bytes. Every file is a document of its own: no window spans two. Training draws windows of
// `context` tokens from the training part, a document with the probability of its length and the place
// evenly; validation and test go once through their parts in windows `stride` apart and ask each byte but a
// document's first exactly once (windows.h). The parts share no byte (corpus.h).
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "yore/base/random.h"
#include "yore/tasks/common/evaluation_sets.h"
#include "yore/tasks/common/streams.h"
#include "yore/tasks/common/task_options.h"
#include "yore/tasks/task.h"
#include "yore/tasks/text/corpus.h"
#include "yore/tasks/text/windows.h"

namespace yore::tasks {
namespace text {
namespace {

constexpr const char* kName = "text";
constexpr double kFraction = 0.05;

const std::vector<base::OptionSpec>& specs() {
  static const std::vector<base::OptionSpec> all = {
      {"file", "", "The text: a file, or several separated by commas, each a document of its own"},
      {"validation", "", "Files to validate on, instead of a share of each file"},
      {"test", "", "Files to test on, instead of a share of each file"},
      {"validation_fraction", kFraction, "Share of each file kept for validation, before that for the test"},
      {"test_fraction", kFraction, "Share of each file, at its end, kept for the test; 0 = no test"},
      {"context", 128, "Tokens of a window"},
      {"stride", 0, "Tokens from a window of an evaluation to the next; 0 = context, each token fed once"},
      {"validation_bytes", 65536, "Of the validation part the first so many bytes are scored; 0 = all"},
      {"identity", Json::array(),
       "Size and checksum of each file, filled in: a text that changed is refused"}};
  return all;
}

/// Loss in nats and what follows from it, and accuracy.
class TextScorer final : public Scorer {
 public:
  explicit TextScorer(const EvaluationSet& set) : set_(set), inner_(token_scorer(set)) {}
  void add(std::int64_t sequence, std::int64_t token, std::span<const float> outputs) override {
    inner_->add(sequence, token, outputs);
  }
  std::vector<Metric> finish() override {
    std::vector<Metric> metrics;
    for (Metric& m : inner_->finish()) {
      if (m.name == "loss") {
        metrics.push_back({set_.name, "bits_per_byte", m.value / std::numbers::ln2, m.count, set_.keys});
        metrics.push_back({set_.name, "perplexity", std::exp(m.value), m.count, set_.keys});
      }
      // Windows are no sentences: whether all of one is right says nothing.
      if (m.name != "sequence_accuracy") metrics.push_back(std::move(m));
    }
    return metrics;
  }

 private:
  const EvaluationSet& set_;
  std::unique_ptr<Scorer> inner_;
};

class Text final : public Task {
 public:
  explicit Text(const TaskOptions& options)
      : corpus_(files(options)),
        context_(static_cast<std::size_t>(options.integer("context", 1, 1 << 24))),
        stride_(static_cast<std::size_t>(options.integer("stride", 0, static_cast<int>(context_)))),
        validation_bytes_(static_cast<std::size_t>(
            options.whole("validation_bytes", 0, std::numeric_limits<std::int64_t>::max()))) {
    if (validation_bytes_ == 1) options.refuse("validation_bytes", "0 (= all) or at least 2, found 1");
    if (stride_ == 0) stride_ = context_;
    if (const std::vector<std::string> known = options.texts("identity"); !known.empty())
      corpus_.check_identities(known);
    require_set_memory(fmt::format("task {}", kName), 0,
                       tokens_of(corpus_.validation(), validation_bytes_) + tokens_of(corpus_.test(), 0));
    for (const std::string_view document : corpus_.training())
      ends_.push_back((ends_.empty() ? 0 : ends_.back()) + document.size() - 1);
  }

  const Corpus& corpus() const { return corpus_; }

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return 256; }
  int outputs() const override { return 256; }
  std::int64_t longest() const override { return static_cast<std::int64_t>(context_); }
  Goal goal() const override { return {"bits_per_byte", false, 0}; }

  Batch training_batch(std::uint64_t seed, std::int64_t step, int sequences) const override {
    Batch batch;
    for (int i = 0; i < sequences; ++i) {
      base::Random random(
          {streams::kTraining, seed, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(i)});
      const std::uint64_t byte = random.below(ends_.back());
      const auto d =
          static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), byte) - ends_.begin());
      const std::string_view document = corpus_.training()[d];
      const std::size_t length = std::min(context_, document.size() - 1);
      const std::size_t begin = random.below(document.size() - length);
      add_window(document, begin, begin + length, begin, batch);
    }
    return batch;
  }
  EvaluationSet validation() const override {
    return as_set("validation", corpus_.validation(), validation_bytes_);
  }
  std::vector<EvaluationSet> tests() const override {
    if (corpus_.test().empty()) return {};
    return {as_set("test", corpus_.test(), 0)};
  }
  std::unique_ptr<Scorer> scorer(const EvaluationSet& set) const override {
    return std::make_unique<TextScorer>(set);
  }

 private:
  static CorpusFiles files(const TaskOptions& options) {
    CorpusFiles f{options.text("file"), options.text("validation"), options.text("test"),
                  options.number("validation_fraction", 0, 0.9), options.number("test_fraction", 0, 0.9)};
    if (f.training.empty()) options.refuse("file", "a text to train on, as in text:book.txt");
    const auto settle = [&](const std::string& given, double& fraction, const std::string& name) {
      if (given.empty()) return;
      if (fraction != 0 && fraction != kFraction)
        options.refuse(name + "_fraction", fmt::format("none beside {} files, found {}", name, fraction));
      fraction = 0;
    };
    settle(f.validation, f.validation_fraction, "validation");
    settle(f.test, f.test_fraction, "test");
    if (f.validation.empty() && f.validation_fraction == 0)
      options.refuse("validation_fraction", "more than 0, or validation files");
    if (f.validation_fraction + f.test_fraction > 0.95)
      options.refuse(
          "validation_fraction, test_fraction",
          fmt::format("at most 0.95 together, found {} and {}", f.validation_fraction, f.test_fraction));
    return f;
  }

  /// Of the windows over the first `most` bytes (0 = all), at most: those `stride` apart overlap.
  double tokens_of(const std::vector<std::string_view>& documents, std::size_t most) const {
    double bytes = 0;
    for (const std::string_view document : documents) bytes += static_cast<double>(document.size());
    if (most > 0) bytes = std::min(bytes, static_cast<double>(most));
    const double windows = bytes / static_cast<double>(stride_);
    return bytes + windows * static_cast<double>(context_ - stride_);
  }

  EvaluationSet as_set(const std::string& name, const std::vector<std::string_view>& documents,
                       std::size_t most) const {
    EvaluationSet set{name, Json::object(), {}};
    std::size_t bytes = 0, count = 0;
    for (std::string_view document : documents) {
      if (most > 0) document = document.substr(0, most - bytes);
      if (document.size() < 2) break;
      add_windows(document, context_, stride_, set.batch);
      bytes += document.size();
      ++count;
    }
    set.keys = {{"bytes", bytes}, {"documents", count}};
    return set;
  }

  Corpus corpus_;
  std::size_t context_, stride_, validation_bytes_;
  std::vector<std::uint64_t> ends_;  ///< predictions in the training documents up to and with this one
};

// Printable characters as they are, the others as C writes them.
Json complete(const TaskInfo& info, const Json& given) {
  const TaskOptions options(given, info.options, info.name);
  const Text text(options);
  Json result = options.json();
  if (!options.text("validation").empty()) result["validation_fraction"] = 0.0;
  if (!options.text("test").empty()) result["test_fraction"] = 0.0;
  result["identity"] = text.corpus().identities();
  return result;
}

}  // namespace
}  // namespace text

/// Named in CMakeLists.txt's list of tasks.
TaskInfo text_task() {
  using namespace text;
  return {kName,
          "the bytes of files, the next one asked at each (text:FILE)",
          "Al-Rfou et al. 2018, arXiv 1808.04444 (language models of bytes)",
          Objective::NextToken,
          specs(),
          decoder_defaults({{"model.activation", "gelu"},
                            {"model.width", 128},
                            {"model.mlp_width", 512},
                            {"training.batch", 16},
                            {"training.steps", 1000},
                            {"training.learning_rate", 2e-3},
                            {"training.weight_decay", 0.1}}),
          complete,
          make_from_options<Text>};
}

}  // namespace yore::tasks
