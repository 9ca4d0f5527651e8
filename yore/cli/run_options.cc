#include "yore/cli/run_options.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

#include "yore/base/error.h"
#include "yore/runs/config_fields.h"

namespace yore::cli {
namespace {

// A field added to the configuration without a line here is a start-up error that every test sees.
const std::map<std::string, std::string> kHelp = {
    {"attention",
     "global, local, local:K, hybrid, hybrid:K, a mix of heads \"3*local:2+1*global\"; layers separated by "
     "/"},
    {"strict",
     "Position i sees only j < i; false: itself too (a lookback of k is then a window of k+1 keys)"},
    {"layers", "Blocks"},
    {"width", "d_model"},
    {"heads", "Heads a layer"},
    {"head_width", "Width of a head; 0 = width / heads"},
    {"mlp_width", "Hidden width of the feed-forward part"},
    {"activation", "relu or gelu"},
    {"norm", "layer, rms or none"},
    {"norm_place", "post or pre"},
    {"positions", "none, sinusoidal, rotary, alibi or learned"},
    {"max_positions", "Table size of learned positions"},
    {"train_min_length", "Shortest training word"},
    {"train_max_length", "Longest training word"},
    {"test_buckets", "Length ranges to test on, such as 41-100 101-200"},
    {"validation_words", "Words of the training lengths kept apart for validation"},
    {"test_words_per_bucket", "Words a bucket"},
    {"near_miss_edits", "Half the rejected words are 1..this many edits from an accepted one"},
    {"witness_depth",
     "Test the witness strings of n = 1..this, and of n doubled from there up to the longest tested length"},
    {"split_seed", "Seed of the split and of validation and test words"},
    {"steps", "Optimiser steps"},
    {"batch", "Words a step"},
    {"learning_rate", "AdamW's rate after warm-up"},
    {"warmup_steps", "Linear warm-up"},
    {"final_learning_rate", "Rate at the last step, as a fraction of --learning-rate (cosine)"},
    {"weight_decay", "AdamW's decoupled decay"},
    {"beta1", "AdamW"},
    {"beta2", "AdamW"},
    {"clip_norm", "Largest gradient norm; 0 = no clipping"},
    {"evaluate_every", "Validate and write a checkpoint every this many steps"},
    {"early_stop", "Stop after this many validations in a row at 100%; 0 = never"},
    {"max_seconds", "Stop after this much training time; 0 = no limit (a run it stops is not reproducible)"},
    {"seed", "Weights and order of the training words"},
    {"init",
     "First weights: random, or those of the language's compiled transformer (yore compile); compiled-shape: "
     "random ones in a model of its shape. It brings its shape: no model options go with it"},
};

const std::map<std::string, std::string> kGroups = {
    {"model", "Model"}, {"data", "Words"}, {"training", "Training"}};

template <class T>
concept Simple = std::is_arithmetic_v<T> || std::is_same_v<T, std::string>;

std::string option_name(std::string field) {
  for (char& c : field)
    if (c == '_') c = '-';
  return "--" + field;
}

}  // namespace

std::pair<int, int> parse_bucket(const std::string& text, const std::string& option) {
  int low = 0, high = 0;
  const char* const end = text.data() + text.size();
  auto [at, error] = std::from_chars(text.data(), end, low);
  if (error == std::errc() && at != end && *at == '-') {
    auto [last, error2] = std::from_chars(at + 1, end, high);
    if (error2 == std::errc() && last == end && low >= 0 && low <= high) return {low, high};
  }
  throw base::InputError(
      option, fmt::format("\"{}\" is no range of lengths; expected LOW-HIGH such as 41-100", text));
}

void RunOptions::declare(CLI::App& app) {
  for (const auto& [low, high] : config_.data.test_buckets)
    buckets_.push_back(fmt::format("{}-{}", low, high));
  for_each_field(config_, [&](const char* group, auto& part) {
    for_each_field(part, [&](const std::string& name, auto& field) {
      if (name == "language" || name == "alphabet") return;
      if (!single_run_ && (name == "attention" || name == "seed" || name == "init")) return;
      CLI::Option* option = nullptr;
      if constexpr (Simple<std::remove_reference_t<decltype(field)>>)
        option = app.add_option(option_name(name), field, kHelp.at(name));
      else
        option = app.add_option(option_name(name), buckets_, kHelp.at(name));
      option->group(kGroups.at(group));
      if (std::string_view(group) == "model") model_options_.push_back(option);
    });
  });
}

std::string RunOptions::given_model_option() const {
  for (const CLI::Option* option : model_options_)
    if (option->count() > 0) return "--" + option->get_lnames().front();
  return "";
}

void RunOptions::finish() {
  config_.data.test_buckets.clear();
  for (const std::string& text : buckets_)
    config_.data.test_buckets.push_back(parse_bucket(text, "--test-buckets"));
}

}  // namespace yore::cli
