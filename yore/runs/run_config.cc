#include "yore/runs/run_config.h"

#include <cmath>
#include <tuple>

#include "yore/base/checksum.h"
#include "yore/base/json_depth.h"
#include "yore/runs/capture.h"
#include "yore/runs/config_fields.h"
#include "yore/runs/measures.h"

namespace yore::runs {
namespace {

void require(bool fine, const char* field, const std::string& expected) {
  if (!fine) throw base::InputError(field, "expected " + expected);
}
void require(bool fine, const char* field, const std::string& expected, double found) {
  require(fine, field, fmt::format("{}, found {}", expected, found));
}

/// Fresh sequences of one size, all of which are in memory at once.
constexpr std::int64_t kMostCaptureSequences = 1 << 24;

void validate_capture(const TrainingConfig& c) {
  const bool any = !parse_sizes(c.capture, "training.capture").empty();
  require(!any || c.head_budget == 0, "training.capture", "no head_budget beside it");
  const auto least = [](std::int64_t number, const char* field) {
    require(number >= 1, field, "at least 1", static_cast<double>(number));
  };
  const auto within = [](std::int64_t number, const char* field) {
    require(1 <= number && number <= kMostCaptureSequences, field,
            fmt::format("1 to {}", kMostCaptureSequences), static_cast<double>(number));
  };
  within(c.capture_samples, "training.capture_samples");
  within(c.capture_batch, "training.capture_batch");
  within(c.capture_test, "training.capture_test");
  least(c.capture_steps, "training.capture_steps");
  require(std::isfinite(c.capture_learning_rate) && c.capture_learning_rate > 0,
          "training.capture_learning_rate", "a positive number", c.capture_learning_rate);
  if (any) return;
  const TrainingConfig d;
  require(c.capture_samples == d.capture_samples && c.capture_steps == d.capture_steps &&
              c.capture_batch == d.capture_batch && c.capture_learning_rate == d.capture_learning_rate &&
              c.capture_test == d.capture_test,
          "training.capture",
          "sizes such as 8,16,32 where a capture_.. option is given, which does nothing "
          "without them");
}

void validate(const TrainingConfig& c) {
  const auto rate = [](double x, double low, double high) {
    return std::isfinite(x) && low <= x && x <= high;
  };
  constexpr double kAny = std::numeric_limits<double>::max();
  require(c.steps >= 1, "training.steps", "at least 1", static_cast<double>(c.steps));
  require(c.batch >= 1, "training.batch", "at least 1", static_cast<double>(c.batch));
  require(rate(c.learning_rate, 0, kAny) && c.learning_rate > 0, "training.learning_rate",
          "a positive number", c.learning_rate);
  require(c.warmup_steps >= 0, "training.warmup_steps", "at least 0", static_cast<double>(c.warmup_steps));
  require(rate(c.final_learning_rate, 0, 1), "training.final_learning_rate", "a fraction from 0 to 1",
          c.final_learning_rate);
  require(rate(c.weight_decay, 0, kAny), "training.weight_decay", "a number of at least 0", c.weight_decay);
  require(rate(c.beta1, 0, 1) && c.beta1 < 1, "training.beta1", "0 <= beta1 < 1", c.beta1);
  require(rate(c.beta2, 0, 1) && c.beta2 < 1, "training.beta2", "0 <= beta2 < 1", c.beta2);
  require(rate(c.clip_norm, 0, kAny), "training.clip_norm", "a number of at least 0 (0 = off)", c.clip_norm);
  require(c.evaluate_every >= 1, "training.evaluate_every", "at least 1",
          static_cast<double>(c.evaluate_every));
  require(c.early_stop >= 0, "training.early_stop", "at least 0 (0 = never)",
          static_cast<double>(c.early_stop));
  require(rate(c.max_seconds, 0, kAny), "training.max_seconds", "a number of at least 0 (0 = no limit)",
          c.max_seconds);
  require(c.accumulate >= 1 && c.batch % c.accumulate == 0, "training.accumulate",
          fmt::format("a divisor of the batch of {}, found {}", c.batch, c.accumulate));
  require(c.threads >= 1 && c.threads <= 1024, "training.threads", "1 to 1024",
          static_cast<double>(c.threads));
  require(rate(c.early_stop_at, 0, kAny), "training.early_stop_at", "a number of at least 0 (0 = perfect)",
          c.early_stop_at);
  require(c.early_stop > 0 || c.early_stop_at == 0, "training.early_stop_at",
          "an early_stop beside it, without which it does nothing", c.early_stop_at);
  require(!c.init.empty(), "training.init", "random, compiled or a model's folder");
  parse_measures(c.measure, "training.measure");
  require(rate(c.head_budget, 0, 1) && c.head_budget < 1, "training.head_budget",
          "the lowest budget, more than 0 and less than 1, or 0 (no gates)", c.head_budget);
  require(rate(c.head_budget_full, 0, 1), "training.head_budget_full", "a share from 0 to 1",
          c.head_budget_full);
  require(rate(c.head_budget_dense, 0, 1) && c.head_budget_dense < 1, "training.head_budget_dense",
          "a share of the steps, at least 0 and less than 1", c.head_budget_dense);
  require(rate(c.head_budget_cost, 0, kAny), "training.head_budget_cost", "a number of at least 0",
          c.head_budget_cost);
  require(rate(c.head_budget_overshoot, 0, kAny), "training.head_budget_overshoot", "a number of at least 0",
          c.head_budget_overshoot);
  require(rate(c.head_budget_undershoot, 0, kAny), "training.head_budget_undershoot",
          "a number of at least 0", c.head_budget_undershoot);
  if (c.head_budget == 0) {
    const TrainingConfig d;
    for (const auto& [name, value, fallback] :
         {std::tuple("training.head_budget_full", c.head_budget_full, d.head_budget_full),
          std::tuple("training.head_budget_dense", c.head_budget_dense, d.head_budget_dense),
          std::tuple("training.head_budget_cost", c.head_budget_cost, d.head_budget_cost),
          std::tuple("training.head_budget_overshoot", c.head_budget_overshoot, d.head_budget_overshoot),
          std::tuple("training.head_budget_undershoot", c.head_budget_undershoot, d.head_budget_undershoot)})
      require(value == fallback, name, "a head_budget beside it, without which it does nothing", value);
  }
  validate_capture(c);
  std::int64_t left = c.steps;  // sums of what a file says may not fit
  for (const Phase& phase : c.phases) {
    require(phase.steps >= 1 && phase.steps <= c.steps, "training.phases.steps",
            fmt::format("1 to the run's {} steps, found {}", c.steps, phase.steps));
    require(phase.steps <= left, "training.phases",
            fmt::format("phases of at most the run's {} steps together, found one of {} where {} are left",
                        c.steps, phase.steps, left));
    left -= phase.steps;
    require(rate(phase.learning_rate, 0, kAny), "training.phases.learning_rate", "a number of at least 0",
            phase.learning_rate);
    require(phase.task.is_object(), "training.phases.task", "an object of the task's options");
  }
  for (std::size_t i = 0; i < c.continued.size(); ++i) {
    const Continuation& there = c.continued[i];
    const std::int64_t before = i == 0 ? 0 : c.continued[i - 1].at;
    const std::int64_t end = i + 1 < c.continued.size() ? c.continued[i + 1].steps : c.steps;
    require(there.at > before && there.at < end, "training.continued.at",
            fmt::format("steps in ascending order before the run's {}", c.steps));
    require(there.steps >= there.at, "training.continued.steps", "at least the steps done by then");
  }
}

// A configuration of version 0.1: its words were the only task.
Json modernised(const Json& json) {
  if (!json.is_object() || !json.contains("data") || !json["data"].is_object() || json.contains("task"))
    return json;
  Json result = json;
  Json task = {{"name", "formal"}};
  for (const auto& [name, value] : json["data"].items()) {
    task[name] = value;
    if (name != "test_buckets" || !value.is_array()) continue;
    task[name] = Json::array();
    for (const Json& bucket : value)
      if (bucket.is_array() && bucket.size() == 2)
        task[name].push_back(fmt::format("{}-{}", bucket[0].dump(), bucket[1].dump()));
  }
  result.erase("data");
  result["task"] = task;
  return result;
}

}  // namespace

Json to_json(const RunConfig& config) {
  return base::fields::write(config);
}

RunConfig run_config_from_json(const Json& json, const std::string& source) {
  RunConfig config;
  base::fields::read(modernised(base::without_checksum(json, source)), config, {source}, "");
  if (!config.task.is_object() || (config.task.contains("name") && !config.task.at("name").is_string()))
    base::fields::refuse({source}, "task", "an object with the task's name", config.task);
  return config;
}

void validate(const RunConfig& config) {
  arch::validate(config.model);
  validate(config.training);
}

std::vector<std::string> differences(const RunConfig& a, const RunConfig& b) {
  const Json left = to_json(a), right = to_json(b);
  std::vector<std::string> lines;
  for (const auto& [group, values] : left.items()) {
    std::vector<std::string> names;
    for (const Json* side : {&values, &right.at(group)})
      for (const auto& [name, unused] : side->items())
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    for (const std::string& name : names) {
      const Json x = values.value(name, Json()), y = right.at(group).value(name, Json());
      if (x != y) lines.push_back(fmt::format("{}.{}: {} and {}", group, name, x.dump(), y.dump()));
    }
  }
  return lines;
}

std::vector<std::string> paths(const std::vector<std::string>& task_options) {
  std::vector<std::string> all;
  const RunConfig config;
  for_each_field(config.model,
                 [&](const char* name, const auto&) { all.push_back(std::string("model.") + name); });
  all.emplace_back("task.name");
  for (const std::string& name : task_options) all.push_back("task." + name);
  for_each_field(config.training,
                 [&](const char* name, const auto&) { all.push_back(std::string("training.") + name); });
  return all;
}

std::string resolve_path(const std::string& name, const std::vector<std::string>& all,
                         const std::string& source) {
  std::vector<std::string> found, last_parts;
  for (const std::string& path : all) {
    if (path == name) return path;
    last_parts.push_back(path.substr(path.find('.') + 1));
    if (last_parts.back() == name) found.push_back(path);
  }
  if (found.size() == 1) return found.front();
  if (found.size() > 1)
    throw base::InputError(source, fmt::format("\"{}\" is {}; say which", name, fmt::join(found, " or ")));
  const bool whole = name.find('.') != std::string::npos;
  throw base::InputError(source, fmt::format("a run's configuration has no \"{}\"{}", name,
                                             base::did_you_mean(name, whole ? all : last_parts)));
}

void set_path(RunConfig& config, const std::string& path, const Json& value, const std::string& source) {
  const std::size_t dot = path.find('.');
  const std::string group = path.substr(0, dot);
  if (dot == std::string::npos || (group != "model" && group != "task" && group != "training"))
    throw std::invalid_argument("set_path: " + path);
  Json json = Json::object();
  if (group == "task") {
    config.task[path.substr(dot + 1)] = value;
    return;
  }
  json[group][path.substr(dot + 1)] = value;
  base::fields::read(json, config, {source}, "");
}

Json get_path(const RunConfig& config, const std::string& path) {
  const std::size_t dot = path.find('.');
  const Json all = to_json(config);
  const auto part = all.find(path.substr(0, dot));
  return part == all.end() || !part->is_object() ? Json() : part->value(path.substr(dot + 1), Json());
}

Json parse_value(const std::string& path, const std::string& text, const std::string& source) {
  if (get_path(RunConfig{}, path).is_string()) return text;
  const auto shallow = [&](int depth, Json::parse_event_t event, const Json&) {
    base::refuse_deep_json(depth, event, source);
    return true;
  };
  Json value = Json::parse(text, shallow, false);
  if (value.is_discarded())
    throw base::InputError(source, fmt::format("{}: expected a value such as {}, found \"{}\"", path,
                                               get_path(RunConfig{}, path).dump(), text));
  return value;
}

}  // namespace yore::runs
