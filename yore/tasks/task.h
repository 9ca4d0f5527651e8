// What a task is: sequences of tokens to train on, what is asked of a model at which of them, sets to
// evaluate on, and how answers are scored. Torch-free. A task is a folder here and a line in the build;
// the registry reaches training, studies and the command line.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yore/base/metric.h"
#include "yore/base/options.h"

namespace yore::tasks {

using base::Json;
using base::Metric;

/// What a model is asked.
enum class Objective {
  Accept,     ///< one logit at a sequence's last token: > 0 accepts
  NextToken,  ///< a logit for each token of the vocabulary, at every token
  Tags,       ///< a logit for each label, at every token
};

/// The target of a token at which nothing is asked.
inline constexpr std::int32_t kIgnored = -1;

/// Sequences one after another: b owns tokens starts[b] .. starts[b+1]-1.
struct Batch {
  std::vector<std::int64_t> starts{0};
  std::vector<std::int32_t> tokens;
  /// Accept: one a sequence, 1 or 0. NextToken, Tags: one a token, the right output or kIgnored.
  std::vector<std::int32_t> targets;

  std::int64_t sequences() const { return static_cast<std::int64_t>(starts.size()) - 1; }
  std::int64_t length(std::int64_t b) const {
    return starts[static_cast<std::size_t>(b) + 1] - starts[static_cast<std::size_t>(b)];
  }
  /// Adds a sequence; for Accept `sequence_targets` is one number, else one a token.
  void add(std::span<const std::int32_t> sequence, std::span<const std::int32_t> sequence_targets);
};

/// A fixed set of sequences.
struct EvaluationSet {
  std::string name;            ///< "validation", "41-100"
  Json keys = Json::object();  ///< what its metrics repeat, such as {"min_length": 41, "max_length": 100}
  Batch batch;
};

/// Takes in a model's outputs on one set and scores them.
class Scorer {
 public:
  virtual ~Scorer() = default;
  /// The outputs at one token of the set (of Accept: at the last) that has a target; every one is given once,
  /// the sequences in any order. `outputs` are logits.
  virtual void add(std::int64_t sequence, std::int64_t token, std::span<const float> outputs) = 0;
  /// One metric at least of each name that the set has, even if no outputs were given.
  virtual std::vector<Metric> finish() = 0;
};

/// The number by which validation is judged.
struct Goal {
  std::string metric = "accuracy";
  bool higher_is_better = true;
  double perfect = 1;  ///< early stopping counts validations at least this good
};

class Task {
 public:
  virtual ~Task() = default;
  virtual Objective objective() const = 0;
  /// Tokens are 0 .. vocabulary() - 1.
  virtual int vocabulary() const = 0;
  /// Logits at a token: 1, vocabulary(), or the number of labels.
  virtual int outputs() const = 0;
  /// Names of the tokens, where they have some; of Accept: of the letters, without EOS.
  virtual std::vector<std::string> token_names() const { return {}; }
  /// Of tokens of a text that are not bytes: the tokenizer.json that makes them (text/tokenizer.h), else
  /// empty.
  virtual std::string tokenizer_json() const { return {}; }
  /// The longest sequence, in tokens, of any set and any batch.
  virtual std::int64_t longest() const = 0;
  virtual Goal goal() const { return {}; }
  /// What whoever trains on it should know beforehand, where the data are not what the options ask for, as a
  /// sentence without its full stop; else empty.
  virtual std::string remark() const { return {}; }

  /// The sequences of step `step` (0, 1 ..). Depends on the arguments alone, so that a resumed run needs no
  /// generator's state. Safe to call from several threads.
  virtual Batch training_batch(std::uint64_t seed, std::int64_t step, int sequences) const = 0;
  /// Sequences that training never draws, of the kind that it draws. The same for every seed.
  virtual EvaluationSet validation() const = 0;
  /// What is measured at the end.
  virtual std::vector<EvaluationSet> tests() const = 0;
  /// By default: Accept: accuracy. NextToken, Tags: accuracy over all targets, "sequence_accuracy" (every
  /// target of a sequence right), and "loss", the mean cross-entropy in nats. `set` must outlive the scorer.
  virtual std::unique_ptr<Scorer> scorer(const EvaluationSet& set) const;
};

/// The scorers of the default.
std::unique_ptr<Scorer> accept_scorer(const EvaluationSet& set);
std::unique_ptr<Scorer> token_scorer(const EvaluationSet& set);

/// What a task may know of the model that it is for.
struct TaskContext {
  int lookback = 1;  ///< the smallest of the model's local attention heads; 1 if it has none
};

/// Of a task whose sequences have a size T that can be asked for, such as the letters of a list: what it
/// means for a model to have captured it (runs/capture.h).
struct Sizes {
  /// Options whose sequences, in training, validation and one test set, are all of this size; so many of them
  /// in either set. Null: the task has no sizes.
  Json (*at)(const Json& options, int size, int sequences) = nullptr;
  std::string procedure;  ///< what its cheapest known procedure does with a sequence, and its cost in T
  bool costlier = false;  ///< rounds of looking things up that follow one another grow with T
};

/// A row of the registry.
struct TaskInfo {
  std::string name;     ///< that of its folder
  std::string summary;  ///< one line, for `yore tasks`
  std::string source;   ///< where it comes from
  Objective objective = Objective::Accept;
  std::vector<base::OptionSpec> options;
  /// Paths of a run's configuration and their values, for whatever the user leaves open:
  /// {"model.strict": false}.
  Json defaults = Json::object();
  /// Options in full and in one form, checked. Throws InputError("task NAME"). For this and make,
  /// common/task_options.h has what serves tasks that their options alone determine.
  Json (*complete)(const TaskInfo& info, const Json& given) = nullptr;
  /// Of complete options.
  std::unique_ptr<Task> (*make)(const TaskInfo& info, const Json& options,
                                const TaskContext& context) = nullptr;
  Sizes sizes = {};
};

/// The registry, in the order of the list.
const std::vector<TaskInfo>& task_infos();
/// Throws InputError("task") with the nearest names.
const TaskInfo& find_task(std::string_view name);

/// Reads "NAME", "NAME:option=value,.." or, for a task with a main option, "NAME:VALUE" or
/// "NAME:VALUE,option=value,..": {"name", options..}.
/// The main option is the task's first one, if it is a text: "text:book.txt" is {"name": "text", "file":
/// "book.txt"}. Options are checked for their names and types only. Throws InputError("task").
Json parse_task(const std::string& text);

/// The task that {"name", options..} describes. Throws InputError.
std::unique_ptr<Task> make_task(const Json& description, const TaskContext& context = {});
/// The description in full and in one form.
Json complete_task(const Json& description);
/// The description with sequences of one size alone (Sizes::at), in full. Throws
/// InputError("training.capture") if the task has no sizes, naming those that have; and as complete_task for
/// a size that its options do not allow.
Json task_at_size(const Json& description, int size, int sequences);

}  // namespace yore::tasks
