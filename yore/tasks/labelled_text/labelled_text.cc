// The task "labelled_text": which class is this text of?
//
//   yore train --task labelled_text:news.csv
//
// A CSV file has a text a row: its class first, the text in the other columns (rows.h). A sequence is the
// tokens of a text, at most `context` with a last one, "?", at which the class is asked. Tokens are words
// (those of the training rows that occur twice there, the most frequent first, at most `word_count`; all
// others are one token,
// "<unk>"), or bytes.
//
// The split: row r, counted from 0, is for the test if r modulo `fold` is 0, for validation if it is 1, and
// for training otherwise, unless its tokens are those of a row of the test or of validation. Guessing the
// most frequent class of the test rows gets "chance".
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "yore/base/checksum.h"
#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/base/utf8.h"
#include "yore/tasks/common/drawn_task.h"
#include "yore/tasks/common/streams.h"
#include "yore/tasks/common/task_options.h"
#include "yore/tasks/labelled_text/rows.h"

namespace yore::tasks {
namespace labelled_text {
namespace {

constexpr const char* kName = "labelled_text";
constexpr int kBytes = 256;
constexpr int kWordCount = 8192;  // unless another is asked for
constexpr std::size_t kMostClasses = 4096;

std::vector<base::OptionSpec> specs() {
  return {
      {"file", "", "The labelled texts: a CSV file with the class in its first column"},
      {"units", "words", "What tokens are: words or bytes"},
      {"word_count", kWordCount, "Of words: so many are known, the most frequent ones of the training rows"},
      {"context", 64, "Tokens of a sequence, the one at which the class is asked included"},
      {"fold", 10, "Rows r with r modulo fold = 0 are for the test, 1 for validation"},
      {"identity", "", "Size and checksum of the file, filled in: what changed is refused"}};
}

using Tokens = std::vector<std::int32_t>;

class LabelledText final : public Task {
 public:
  explicit LabelledText(const TaskOptions& options)
      : path_(options.text("file")),
        bytes_(options.choice("units", {"words", "bytes"}) == 1),
        context_(options.integer("context", 2, 1 << 20)) {
    if (path_.empty()) options.refuse("file", "a CSV file, as in labelled_text:news.csv");
    const int fold = options.integer("fold", 3, 1'000'000);
    const std::string content = base::read_file(path_);
    identity_ = fmt::format("{} bytes, crc64 {}", content.size(), base::crc64_text(base::crc64(content)));
    if (const std::string known = options.text("identity"); !known.empty() && known != identity_)
      throw base::InputError(path_,
                             fmt::format("is not the file it was: expected {}, found {}", known, identity_));
    const std::vector<LabelledRow> rows = read_labelled_rows(content, path_);
    name_classes(rows);
    const int word_count = options.integer("word_count", 1, 1 << 24);
    if (bytes_ && word_count != kWordCount)
      options.refuse("word_count", fmt::format("none with units=bytes, found {}", word_count));
    if (!bytes_) {
      // Words stand in the model's files, which are JSON.
      for (const LabelledRow& row : rows)
        if (!base::is_utf8(row.text))
          throw base::InputError(
              path_, fmt::format("row {}: its text is not UTF-8; units=bytes reads any bytes", row.number));
      learn_words(rows, fold, word_count);
    }
    split(rows, fold);
  }

  const std::string& identity() const { return identity_; }

  Objective objective() const override { return Objective::Tags; }
  int vocabulary() const override { return (bytes_ ? kBytes : static_cast<int>(words_.size()) + 1) + 1; }
  int outputs() const override { return static_cast<int>(classes_.size()); }
  std::vector<std::string> token_names() const override {
    if (bytes_) return {};
    std::vector<std::string> names(words_.size());
    for (const auto& [word, token] : words_) names[static_cast<std::size_t>(token)] = word;
    names.insert(names.end(), {"<unk>", "?"});
    return names;
  }
  std::int64_t longest() const override { return context_; }

  Batch training_batch(std::uint64_t seed, std::int64_t step, int sequences) const override {
    Batch batch;
    for (int i = 0; i < sequences; ++i) {
      base::Random random(
          {streams::kTraining, seed, static_cast<std::uint64_t>(step), static_cast<std::uint64_t>(i)});
      add(training_[random.below(training_.size())], batch);
    }
    return batch;
  }
  EvaluationSet validation() const override { return as_set("validation", validation_); }
  std::vector<EvaluationSet> tests() const override { return {as_set("test", test_)}; }
  std::unique_ptr<Scorer> scorer(const EvaluationSet& set) const override {
    return with_chance(Task::scorer(set), chance_);
  }

 private:
  struct Text {
    Tokens tokens;
    std::int32_t label = 0;
  };

  void name_classes(const std::vector<LabelledRow>& rows) {
    for (const LabelledRow& row : rows) {
      if (classes_.emplace(row.label, 0).second && classes_.size() > kMostClasses)
        throw base::InputError(path_, fmt::format("has more than {} classes; expected the class of a text in "
                                                  "the first column",
                                                  kMostClasses));
    }
    if (classes_.size() < 2)
      throw base::InputError(path_, fmt::format("has {} rows of {} classes; expected two classes at least",
                                                rows.size(), classes_.size()));
    std::int32_t next = 0;
    for (auto& [name, number] : classes_) number = next++;
  }

  void learn_words(const std::vector<LabelledRow>& rows, int fold, int most) {
    std::map<std::string, std::int64_t> counts;
    for (std::size_t r = 0; r < rows.size(); ++r)
      if (r % static_cast<std::size_t>(fold) > 1)
        for (std::string& word : words_of(rows[r].text)) ++counts[std::move(word)];
    std::vector<std::pair<std::int64_t, std::string>> order;
    for (const auto& [word, count] : counts)
      if (count > 1) order.emplace_back(-count, word);
    std::sort(order.begin(), order.end());
    if (order.size() > static_cast<std::size_t>(most)) order.resize(static_cast<std::size_t>(most));
    for (const auto& [count, word] : order) words_.emplace(word, static_cast<std::int32_t>(words_.size()));
  }

  Tokens tokens_of(const std::string& text) const {
    Tokens tokens;
    if (bytes_) {
      for (const char c : text) tokens.push_back(static_cast<unsigned char>(c));
    } else {
      for (const std::string& word : words_of(text)) {
        const auto known = words_.find(word);
        tokens.push_back(known == words_.end() ? static_cast<std::int32_t>(words_.size()) : known->second);
      }
    }
    tokens.resize(std::min(tokens.size(), static_cast<std::size_t>(context_) - 1));
    tokens.push_back(vocabulary() - 1);
    return tokens;
  }

  void split(const std::vector<LabelledRow>& rows, int fold) {
    std::set<Tokens> evaluated;
    std::vector<Text> rest;
    for (std::size_t r = 0; r < rows.size(); ++r) {
      Text text{tokens_of(rows[r].text), classes_.at(rows[r].label)};
      const std::size_t part = r % static_cast<std::size_t>(fold);
      if (part <= 1) evaluated.insert(text.tokens);
      (part == 0 ? test_ : part == 1 ? validation_ : rest).push_back(std::move(text));
    }
    const std::size_t drawn = rest.size();
    for (Text& text : rest)
      if (!evaluated.contains(text.tokens)) training_.push_back(std::move(text));
    const std::size_t repeats = drawn - training_.size();
    std::vector<std::int64_t> counts;
    for (const auto& [part, texts] :
         {std::pair("training", &training_), {"validation", &validation_}, {"test", &test_}}) {
      counts.assign(classes_.size(), 0);
      for (const Text& text : *texts) ++counts[static_cast<std::size_t>(text.label)];
      for (const auto& [name, label] : classes_)
        if (counts[static_cast<std::size_t>(label)] == 0)
          throw base::InputError(
              path_, fmt::format("no {} row is of the class \"{}\"; expected some of each class "
                                 "in every part, and no line of names above the rows{}",
                                 part, name,
                                 repeats == 0 ? std::string()
                                              : fmt::format(" ({} of the training rows were left out: they "
                                                            "repeat the text of a test or validation row)",
                                                            repeats)));
    }
    chance_ = static_cast<double>(*std::max_element(counts.begin(), counts.end())) /
              static_cast<double>(test_.size());
  }

  static void add(const Text& text, Batch& batch) {
    Tokens targets(text.tokens.size(), kIgnored);
    targets.back() = text.label;
    batch.add(text.tokens, targets);
  }
  EvaluationSet as_set(const std::string& name, const std::vector<Text>& texts) const {
    EvaluationSet set{name, {{"rows", texts.size()}}, {}};
    for (const Text& text : texts) add(text, set.batch);
    return set;
  }

  std::string path_, identity_;
  bool bytes_;
  int context_;
  std::map<std::string, std::int32_t> classes_, words_;
  std::vector<Text> training_, validation_, test_;
  double chance_ = 0;
};

Json complete(const TaskInfo& info, const Json& given) {
  const TaskOptions options(given, info.options, info.name);
  Json result = options.json();
  result["identity"] = LabelledText(options).identity();
  return result;
}

}  // namespace
}  // namespace labelled_text

/// Named in CMakeLists.txt's list of tasks.
TaskInfo labelled_text_task() {
  using namespace labelled_text;
  return {kName,
          "texts of a CSV file, the class asked behind each (labelled_text:FILE)",
          "Zhang, Zhao & LeCun 2015, arXiv 1509.01626 (AG News and others in this form)",
          Objective::Tags,
          specs(),
          decoder_defaults({{"training.batch", 16}}),
          complete,
          make_from_options<LabelledText>};
}

}  // namespace yore::tasks
