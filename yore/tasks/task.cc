#include "yore/tasks/task.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/tasks/common/evaluation_sets.h"

namespace yore::tasks {
namespace {

using base::InputError;

Json share_keys(const EvaluationSet& set, std::int64_t correct) {
  Json keys = set.keys;
  keys["correct"] = correct;
  if (one_class(set.batch)) keys[kOneClass] = true;
  return keys;
}

class AcceptScorer final : public Scorer {
 public:
  explicit AcceptScorer(const EvaluationSet& set) : set_(set) {}
  void add(std::int64_t sequence, std::int64_t, std::span<const float> outputs) override {
    const bool truth = set_.batch.targets[static_cast<std::size_t>(sequence)] != 0;
    ++count_;
    correct_ += (outputs[0] > 0) == truth;
  }
  std::vector<Metric> finish() override {
    const double accuracy = count_ == 0 ? 0 : static_cast<double>(correct_) / static_cast<double>(count_);
    return {{set_.name, "accuracy", accuracy, count_, share_keys(set_, correct_)}};
  }

 private:
  const EvaluationSet& set_;
  std::int64_t count_ = 0, correct_ = 0;
};

class TokenScorer final : public Scorer {
 public:
  explicit TokenScorer(const EvaluationSet& set)
      : set_(set), wrong_(static_cast<std::size_t>(set.batch.sequences()), 0) {}

  void add(std::int64_t sequence, std::int64_t token, std::span<const float> outputs) override {
    const auto target = static_cast<std::size_t>(set_.batch.targets[static_cast<std::size_t>(token)]);
    std::size_t best = 0;
    for (std::size_t i = 1; i < outputs.size(); ++i)
      if (outputs[i] > outputs[best]) best = i;
    double sum = 0;
    for (const float logit : outputs)
      sum += std::exp(static_cast<double>(logit) - static_cast<double>(outputs[best]));
    loss_ += std::log(sum) + static_cast<double>(outputs[best]) - static_cast<double>(outputs[target]);
    ++count_;
    // Not "best == target": where all outputs are NaN nothing is right.
    const bool right = best == target && outputs[target] == outputs[best];
    correct_ += right;
    if (!right) wrong_[static_cast<std::size_t>(sequence)] = 1;
  }

  std::vector<Metric> finish() override {
    const auto mean = [](double sum, std::int64_t n) { return n == 0 ? 0.0 : sum / static_cast<double>(n); };
    std::int64_t asked = 0, whole = 0;
    for (std::int64_t b = 0; b < set_.batch.sequences(); ++b) {
      const auto first = set_.batch.targets.begin() + set_.batch.starts[static_cast<std::size_t>(b)];
      const bool any =
          std::any_of(first, first + set_.batch.length(b), [](std::int32_t t) { return t != kIgnored; });
      asked += any;
      whole += any && wrong_[static_cast<std::size_t>(b)] == 0;
    }
    return {{set_.name, "accuracy", mean(static_cast<double>(correct_), count_), count_,
             share_keys(set_, correct_)},
            {set_.name, "sequence_accuracy", mean(static_cast<double>(whole), asked), asked,
             share_keys(set_, whole)},
            {set_.name, "loss", mean(loss_, count_), count_, set_.keys}};
  }

 private:
  const EvaluationSet& set_;
  std::vector<char> wrong_;
  std::int64_t count_ = 0, correct_ = 0;
  double loss_ = 0;
};

}  // namespace

void Batch::add(std::span<const std::int32_t> sequence, std::span<const std::int32_t> sequence_targets) {
  tokens.insert(tokens.end(), sequence.begin(), sequence.end());
  targets.insert(targets.end(), sequence_targets.begin(), sequence_targets.end());
  starts.push_back(static_cast<std::int64_t>(tokens.size()));
}

std::unique_ptr<Scorer> accept_scorer(const EvaluationSet& set) {
  return std::make_unique<AcceptScorer>(set);
}
std::unique_ptr<Scorer> token_scorer(const EvaluationSet& set) {
  return std::make_unique<TokenScorer>(set);
}
std::unique_ptr<Scorer> Task::scorer(const EvaluationSet& set) const {
  return objective() == Objective::Accept ? accept_scorer(set) : token_scorer(set);
}

const TaskInfo& find_task(std::string_view name) {
  std::vector<std::string> known;
  for (const TaskInfo& info : task_infos()) {
    if (info.name == name) return info;
    known.push_back(info.name);
  }
  throw InputError("task", fmt::format("there is no task \"{}\"{}; yore tasks lists them: {}", name,
                                       base::did_you_mean(std::string(name), known), fmt::join(known, ", ")));
}

Json parse_task(const std::string& text) {
  const std::size_t colon = text.find(':');
  const TaskInfo& info = find_task(text.substr(0, colon));
  const std::string rest = colon == std::string::npos ? "" : text.substr(colon + 1);
  const std::string source = "task " + info.name;
  Json task = {{"name", info.name}};
  if (rest.empty()) return task;
  // A value of the main option, unless what stands before the first "=" is an option's name.
  const std::string first = rest.substr(0, rest.find('='));
  const bool named = std::any_of(info.options.begin(), info.options.end(),
                                 [&](const base::OptionSpec& o) { return o.name == first; });
  if (!named && !info.options.empty() && info.options.front().fallback.is_string()) {
    // "book.txt,context=64": the value ends where an option of the task begins.
    std::size_t end = rest.size();
    for (const base::OptionSpec& o : info.options) end = std::min(end, rest.find("," + o.name + "="));
    task[info.options.front().name] = rest.substr(0, end);
    if (end < rest.size()) task.update(base::parse_options(rest.substr(end + 1), info.options, source));
    return task;
  }
  task.update(base::parse_options(rest, info.options, source));
  return task;
}

namespace {

Json options_of(const Json& description) {
  Json options = description;
  options.erase("name");
  return options;
}

const TaskInfo& info_of(const Json& description) {
  if (!description.is_object() || !description.contains("name") || !description.at("name").is_string())
    throw InputError("task", "expected an object with a name, found " + description.dump());
  return find_task(description.at("name").get<std::string>());
}

}  // namespace

Json complete_task(const Json& description) {
  const TaskInfo& info = info_of(description);
  Json task = {{"name", info.name}};
  task.update(info.complete(info, options_of(description)));
  return task;
}

Json task_at_size(const Json& description, int size, int sequences) {
  const TaskInfo& info = info_of(description);
  if (info.sizes.at == nullptr) {
    std::vector<std::string> sized;
    for (const TaskInfo& other : task_infos())
      if (other.sizes.at != nullptr) sized.push_back(other.name);
    throw InputError("training.capture", fmt::format("the task {} has no sizes; expected one of {}",
                                                     info.name, fmt::join(sized, ", ")));
  }
  Json task = info.sizes.at(options_of(description), size, sequences);
  task["name"] = info.name;
  return complete_task(task);
}

std::unique_ptr<Task> make_task(const Json& description, const TaskContext& context) {
  const TaskInfo& info = info_of(description);
  return info.make(info, options_of(description), context);
}

}  // namespace yore::tasks
