#include "yore/runs/run_config.h"

#include <cmath>

#include "yore/runs/config_fields.h"

namespace yore::runs {
namespace {

constexpr int kLongestWord = 1'000'000;
constexpr int kWidestHead = 256;  // what the attention kernel takes
// Heads, and layers: lists of them are made before a file's weights are looked at, which must not fill the
// memory on a broken file's word.
constexpr int kMostHeads = 4096;

void require(bool fine, const char* field, const std::string& expected) {
  if (!fine) throw base::InputError(field, "expected " + expected);
}

void require_one_of(const std::string& value, const char* field, const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), value) == words.end())
    throw base::InputError(field, fmt::format("expected one of {}; found \"{}\"{}", fmt::join(words, ", "),
                                              value, base::did_you_mean(value, words)));
}

void require_range(int low, int high, const std::string& field) {
  require(0 <= low && low <= high && high <= kLongestWord, field.c_str(),
          fmt::format("0 <= low <= high <= {}, found {} and {}", kLongestWord, low, high));
}

void validate(const DataConfig& c) {
  require(!c.language.empty(), "data.language", "a language");
  require_range(c.train_min_length, c.train_max_length, "data.train_min_length, data.train_max_length");
  for (const auto& [low, high] : c.test_buckets) require_range(low, high, "data.test_buckets");
  require(c.validation_words >= 1, "data.validation_words", "at least 1");
  require(c.test_words_per_bucket >= 1, "data.test_words_per_bucket", "at least 1");
  require(c.near_miss_edits >= 0, "data.near_miss_edits", "at least 0");
  require(c.witness_depth >= 0, "data.witness_depth", "at least 0");
}

void validate(const TrainingConfig& c) {
  const auto rate = [](double x, double low, double high) {
    return std::isfinite(x) && low <= x && x <= high;
  };
  constexpr double kAny = std::numeric_limits<double>::max();
  require(c.steps >= 1, "training.steps", "at least 1");
  require(c.batch >= 1, "training.batch", "at least 1");
  require(rate(c.learning_rate, 0, kAny) && c.learning_rate > 0, "training.learning_rate",
          "a positive number");
  require(c.warmup_steps >= 0, "training.warmup_steps", "at least 0");
  require(rate(c.final_learning_rate, 0, 1), "training.final_learning_rate", "a fraction from 0 to 1");
  require(rate(c.weight_decay, 0, kAny), "training.weight_decay", "a number of at least 0");
  require(rate(c.beta1, 0, 1) && c.beta1 < 1, "training.beta1", "0 <= beta1 < 1");
  require(rate(c.beta2, 0, 1) && c.beta2 < 1, "training.beta2", "0 <= beta2 < 1");
  require(rate(c.clip_norm, 0, kAny), "training.clip_norm", "a number of at least 0 (0 = off)");
  require(c.evaluate_every >= 1, "training.evaluate_every", "at least 1");
  require(c.early_stop >= 0, "training.early_stop", "at least 0 (0 = never)");
  require(rate(c.max_seconds, 0, kAny), "training.max_seconds", "a number of at least 0 (0 = no limit)");
  require_one_of(c.init, "training.init", {"random", "compiled"});
}

}  // namespace

Json to_json(const RunConfig& config) {
  return fields::write(config);
}

RunConfig run_config_from_json(const Json& json, const std::string& source) {
  RunConfig config;
  fields::read(json, config, {source}, "");
  return config;
}

void validate(const ModelConfig& c) {
  require(c.layers >= 1 && c.layers <= kMostHeads, "model.layers",
          fmt::format("1 to {}, found {}", kMostHeads, c.layers));
  require(c.heads >= 1 && c.heads <= kMostHeads, "model.heads",
          fmt::format("1 to {}, found {}", kMostHeads, c.heads));
  require(c.head_width >= 0 && c.head_width <= kWidestHead, "model.head_width",
          fmt::format("0 (= width / heads) to {}, found {}", kWidestHead, c.head_width));
  require(c.width >= 1 && (c.head_width > 0 || c.width % c.heads == 0), "model.width",
          fmt::format("a positive multiple of the {} heads, found {}", c.heads, c.width));
  require(c.mlp_width >= 1, "model.mlp_width", "at least 1");
  require_one_of(c.activation, "model.activation", {"relu", "gelu"});
  require_one_of(c.norm, "model.norm", {"layer", "rms", "none"});
  require_one_of(c.norm_place, "model.norm_place", {"pre", "post"});
  require_one_of(c.positions, "model.positions", {"none", "sinusoidal", "rotary", "alibi", "learned"});
  require(c.positions != "rotary" || c.width_of_head() % 2 == 0, "model.width",
          fmt::format("an even width per head for rotary positions, found {}", c.width_of_head()));
  require(c.positions != "sinusoidal" || c.width % 2 == 0, "model.width",
          "an even width for sinusoidal positions");
  require(c.max_positions >= 1, "model.max_positions", "at least 1");
  parse_attention(c.attention, c.layers, c.heads);
}

void validate(const RunConfig& config) {
  validate(config.model);
  validate(config.data);
  validate(config.training);
  if (config.model.positions == "learned") {
    int longest = config.data.train_max_length;
    for (const auto& [low, high] : config.data.test_buckets) longest = std::max(longest, high);
    require(config.model.max_positions > longest, "model.max_positions",
            fmt::format("at least {} (the longest word and EOS) for learned positions, found {}", longest + 1,
                        config.model.max_positions));
  }
}

std::vector<std::string> differences(const RunConfig& a, const RunConfig& b) {
  const Json left = to_json(a), right = to_json(b);
  std::vector<std::string> lines;
  for (const auto& [group, values] : left.items())
    for (const auto& [name, value] : values.items())
      if (const Json& other = right.at(group).at(name); value != other)
        lines.push_back(fmt::format("{}.{}: {} and {}", group, name, value.dump(), other.dump()));
  return lines;
}

}  // namespace yore::runs
