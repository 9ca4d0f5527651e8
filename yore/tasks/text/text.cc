// The task "text": the tokens of files, the next one being asked at each.
//
//   yore train --task text:book.txt
//   yore train --task text:book.txt,tokenizer=model/tokenizer.json
//
// Tokens are bytes, or what a tokenizer makes of the text (yore/text). Every file is a document of its own,
// or every part of it between blank lines: no window spans two, and what a tokenizer puts around a document
// is around each. Training draws windows of `context` tokens from the training part, a document with the
// probability of its length and the place evenly; validation and test go once through their parts in windows
// `stride` apart and ask each token but a document's first exactly once (windows.h). The parts share no byte
// (corpus.h).
//
// What is measured: `loss`, nats a predicted token; `perplexity`, its exponential; `bits_per_byte`, the sum
// of all losses in bits over the bytes of the text behind each document's first token, which nothing predicts
// (a token in front of the text counts as the first: then over all bytes); `word_perplexity`, the exponential
// of that sum in nats over the words that end there, line breaks included. The last two compare models of
// different tokens; where a list of words has unknown ones, they hide what those are.
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
#include "yore/tasks/text/documents.h"
#include "yore/tasks/text/windows.h"

namespace yore::tasks {
namespace text {
namespace {

constexpr const char* kName = "text";
constexpr double kFraction = 0.05;
constexpr const char* kByFile = "file";
constexpr const char* kByBlankLines = "blank_lines";
/// Keys of a set's metrics: what its predictions are spread over.
constexpr const char* kPredictedBytes = "predicted_bytes";
constexpr const char* kPredictedWords = "predicted_words";

const std::vector<base::OptionSpec>& specs() {
  static const std::vector<base::OptionSpec> all = {
      {"file", "",
       "The text: a file, or several separated by commas; empty: the King James Bible (scripts/setup texts)"},
      {"validation", "", "Files to validate on, instead of a share of each file"},
      {"test", "", "Files to test on, instead of a share of each file"},
      {"validation_fraction", kFraction, "Share of each file kept for validation, before that for the test"},
      {"test_fraction", kFraction, "Share of each file, at its end, kept for the test; 0 = no test"},
      {"tokenizer", "bytes", "What tokens are: bytes, words:FILE (one a line), or a tokenizer.json"},
      {"documents", kByFile, "A document, which no window leaves, is a file, or stands between blank_lines"},
      {"context", 128, "Tokens of a window"},
      {"stride", 0, "Tokens from a window of an evaluation to the next; 0 = context, each token fed once"},
      {"validation_bytes", 65536, "Of the validation part the first so many bytes are scored; 0 = all"},
      {"identity", Json::array(),
       "Size and checksum of each file, the tokenizer's too, filled in: what changed is refused"}};
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
        metrics.push_back({set_.name, "bits_per_byte",
                           m.value / std::numbers::ln2 * tokens_a(kPredictedBytes, m), m.count, set_.keys});
        metrics.push_back({set_.name, "perplexity", std::exp(m.value), m.count, set_.keys});
        if (set_.keys.at(kPredictedWords) != 0)
          metrics.push_back({set_.name, "word_perplexity", std::exp(m.value * tokens_a(kPredictedWords, m)),
                             m.count, set_.keys});
      }
      // Windows are no sentences: whether all of one is right says nothing.
      if (m.name != "sequence_accuracy") metrics.push_back(std::move(m));
    }
    return metrics;
  }

 private:
  /// Predicted tokens a byte or word.
  double tokens_a(const char* key, const Metric& loss) const {
    return static_cast<double>(loss.count) / set_.keys.at(key).get<double>();
  }
  const EvaluationSet& set_;
  std::unique_ptr<Scorer> inner_;
};

class Text final : public Task {
 public:
  explicit Text(const TaskOptions& options)
      : reading_(read_tokenizer(options.text("tokenizer"),
                                options.choice("documents", {kByFile, kByBlankLines}) == 1)),
        context_(static_cast<std::size_t>(options.integer("context", 1, 1 << 24))),
        stride_(static_cast<std::size_t>(options.integer("stride", 0, static_cast<int>(context_)))) {
    const auto validation_bytes = static_cast<std::size_t>(
        options.whole("validation_bytes", 0, std::numeric_limits<std::int64_t>::max()));
    if (validation_bytes == 1) options.refuse("validation_bytes", "0 (= all) or at least 2, found 1");
    if (stride_ == 0) stride_ = context_;
    Corpus corpus(files(options, reading_.cut()));
    if (!reading_.bytes()) corpus.identify(reading_.source, reading_.source_content);
    if (const std::vector<std::string> known = options.texts("identity"); !known.empty())
      corpus.check_identities(known);
    identities_ = corpus.identities();
    training_ = read_documents(corpus.training(), reading_, 0, "training");
    validation_ = read_documents(corpus.validation(), reading_, validation_bytes, "validation");
    test_ = read_documents(corpus.test(), reading_, 0, "test");
    require_set_memory(fmt::format("task {}", kName), 0, tokens_of(validation_) + tokens_of(test_));
    for (const Document& document : training_)
      ends_.push_back((ends_.empty() ? 0 : ends_.back()) + document.tokens.size() - 1);
  }

  /// Of every file, the tokenizer's last.
  const std::vector<std::string>& identities() const { return identities_; }

  Objective objective() const override { return Objective::NextToken; }
  int vocabulary() const override { return static_cast<int>(reading_.tokenizer.vocabulary()); }
  int outputs() const override { return vocabulary(); }
  std::string tokenizer_json() const override { return reading_.bytes() ? "" : reading_.tokenizer.to_json(); }
  std::int64_t longest() const override { return static_cast<std::int64_t>(context_); }
  Goal goal() const override { return {"bits_per_byte", false, 0}; }
  std::string remark() const override {
    std::size_t longest = 0;
    for (const Document& document : training_) longest = std::max(longest, document.tokens.size() - 1);
    if (longest >= context_) return {};
    return fmt::format(
        "the text is shorter than a context: no window of training has more than {} tokens, "
        "where context is {}",
        longest, context_);
  }

  Batch training_batch(std::uint64_t seed, std::int64_t step, int sequences) const override {
    Batch batch;
    for (int i = 0; i < sequences; ++i) {
      base::Random random(
          {streams::kTraining, seed, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(i)});
      const std::uint64_t token = random.below(ends_.back());
      const auto d =
          static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), token) - ends_.begin());
      const std::vector<std::int32_t>& document = training_[d].tokens;
      const std::size_t length = std::min(context_, document.size() - 1);
      const std::size_t begin = random.below(document.size() - length);
      add_window(document, begin, begin + length, begin, batch);
    }
    return batch;
  }
  EvaluationSet validation() const override { return as_set("validation", validation_); }
  std::vector<EvaluationSet> tests() const override {
    if (test_.empty()) return {};
    return {as_set("test", test_)};
  }
  std::unique_ptr<Scorer> scorer(const EvaluationSet& set) const override {
    return std::make_unique<TextScorer>(set);
  }

 private:
  static CorpusFiles files(const TaskOptions& options, CutAt cut) {
    CorpusFiles f{options.text("file"),
                  options.text("validation"),
                  options.text("test"),
                  options.number("validation_fraction", 0, 0.9),
                  options.number("test_fraction", 0, 0.9),
                  cut};
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

  /// Of their windows, at most: those `stride` apart overlap.
  double tokens_of(const std::vector<Document>& documents) const {
    double tokens = 0;
    for (const Document& document : documents) tokens += static_cast<double>(document.tokens.size());
    const double windows = tokens / static_cast<double>(stride_);
    return tokens + windows * static_cast<double>(context_ - stride_);
  }

  EvaluationSet as_set(const std::string& name, const std::vector<Document>& documents) const {
    EvaluationSet set{name, Json::object(), {}};
    std::size_t bytes = 0, predicted_bytes = 0, predicted_words = 0;
    for (const Document& document : documents) {
      add_windows(document.tokens, context_, stride_, set.batch);
      bytes += document.bytes;
      predicted_bytes += document.predicted_bytes;
      predicted_words += document.predicted_words;
    }
    set.keys = {{"bytes", bytes},
                {"documents", documents.size()},
                {kPredictedBytes, predicted_bytes},
                {kPredictedWords, predicted_words},
                {"window", context_},
                {"stride", stride_}};
    return set;
  }

  Reading reading_;
  std::size_t context_, stride_;
  std::vector<std::string> identities_;
  std::vector<Document> training_, validation_, test_;
  std::vector<std::uint64_t> ends_;  ///< predictions in the training documents up to and with this one
};

Json complete(const TaskInfo& info, const Json& given) {
  const TaskOptions options(given, info.options, info.name);
  const Text text(options);
  Json result = options.json();
  if (!options.text("validation").empty()) result["validation_fraction"] = 0.0;
  if (!options.text("test").empty()) result["test_fraction"] = 0.0;
  result["identity"] = text.identities();
  return result;
}

}  // namespace
}  // namespace text

/// Named in CMakeLists.txt's list of tasks.
TaskInfo text_task() {
  using namespace text;
  return {kName,
          "the bytes or tokens of files, the next one asked at each (text:FILE)",
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
