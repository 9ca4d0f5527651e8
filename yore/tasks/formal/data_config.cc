#include "yore/tasks/formal/data_config.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/fields.h"
#include "yore/tasks/common/evaluation_sets.h"

namespace yore::tasks {
namespace {

using base::InputError;
using base::Json;

constexpr const char* kSource = "task formal";
constexpr int kLongestWord = 1'000'000, kMostWords = 10'000'000;
/// More leave nothing of the word that they begin from.
constexpr int kMostEdits = 1000;
/// The strings of depth n are some n times as long as the language's automaton is large.
constexpr int kDeepestWitness = 1000;

struct Help {
  const char* name;
  const char* text;
};
// A field without a line here is a start-up error that every test sees.
constexpr Help kHelp[] = {
    {"language", "A regex, or regex:R, ltl:F, dfa:FILE, name:N (yore languages)"},
    {"alphabet", "The alphabet: \"ab\", or names separated by commas; default: the letters that occur"},
    {"max_states", "Give up when the language's automaton grows past this"},
    {"train_min_length", "Shortest training word"},
    {"train_max_length", "Longest training word"},
    {"test_buckets", "Length ranges to test on, such as 41-100 101-200"},
    {"validation_words", "Words of the training lengths kept apart for validation"},
    {"test_words_per_bucket", "Words a bucket"},
    {"near_miss_edits", "Half the rejected words are 1..this many edits from an accepted one"},
    {"witness_depth",
     "Test the witness strings of n = 1..this, and of n doubled from there up to the longest tested length"},
    {"split_seed", "Seed of the split and of validation and test words"},
};

template <base::fields::Either<DataConfig> T, class Visitor>
void for_each_field(T& c, Visitor&& v) {
  v("language", c.language);
  v("alphabet", c.alphabet);
  v("max_states", c.max_states);
  v("train_min_length", c.train_min_length);
  v("train_max_length", c.train_max_length);
  v("test_buckets", c.test_buckets);
  v("validation_words", c.validation_words);
  v("test_words_per_bucket", c.test_words_per_bucket);
  v("near_miss_edits", c.near_miss_edits);
  v("witness_depth", c.witness_depth);
  v("split_seed", c.split_seed);
}

using Buckets = std::vector<std::pair<int, int>>;
Json write(const Buckets& buckets) {
  Json list = Json::array();
  for (const auto& [low, high] : buckets) list.push_back(fmt::format("{}-{}", low, high));
  return list;
}
template <class T>
Json write(const T& value) {
  return base::fields::write(value);
}

void require(bool fine, const std::string& field, const std::string& expected) {
  if (!fine) throw InputError(kSource, fmt::format("{}: expected {}", field, expected));
}
void require_range(int low, int high, const std::string& field) {
  require(0 <= low && low <= high && high <= kLongestWord, field,
          fmt::format("0 <= low <= high <= {}, found {} and {}", kLongestWord, low, high));
}

// Of the evaluation sets, whose lengths are even within their ranges.
void require_memory_for(const DataConfig& c) {
  const auto tokens = [](int words, std::pair<int, int> lengths) {
    return words * (1 + 0.5 * lengths.first + 0.5 * lengths.second);
  };
  double words = c.validation_words;
  double all = tokens(c.validation_words, {c.train_min_length, c.train_max_length});
  for (const auto& bucket : c.test_buckets) {
    words += c.test_words_per_bucket;
    all += tokens(c.test_words_per_bucket, bucket);
  }
  require_set_memory(kSource, words, all);
}

}  // namespace

std::vector<base::OptionSpec> data_option_specs() {
  std::vector<base::OptionSpec> specs;
  const DataConfig defaults;
  for_each_field(defaults, [&](const std::string& name, const auto& field) {
    const auto* help =
        std::find_if(std::begin(kHelp), std::end(kHelp), [&](const Help& h) { return name == h.name; });
    if (help == std::end(kHelp)) throw std::logic_error("no help for " + name);
    specs.push_back({name, write(field), help->text});
  });
  return specs;
}

DataConfig data_config(const Json& given) {
  const Json options = base::complete_options(given, data_option_specs(), kSource);
  DataConfig c;
  for_each_field(c, [&](const std::string& name, auto& field) {
    const Json& value = options.at(name);
    if constexpr (std::is_same_v<std::remove_reference_t<decltype(field)>, Buckets>) {
      field.clear();
      for (const Json& bucket : value) {
        if (!bucket.is_string()) throw InputError(kSource, "test_buckets: expected texts such as \"41-100\"");
        field.push_back(parse_bucket(bucket.get<std::string>(), std::string(kSource) + ": test_buckets"));
      }
    } else {
      base::fields::read(value, field, {kSource}, name);
    }
  });
  require(!c.language.empty(), "language", "a language");
  require(c.max_states >= 1, "max_states", fmt::format("at least 1, found {}", c.max_states));
  require_range(c.train_min_length, c.train_max_length, "train_min_length, train_max_length");
  for (const auto& [low, high] : c.test_buckets) {
    require_range(low, high, "test_buckets");
    require(std::count(c.test_buckets.begin(), c.test_buckets.end(), std::pair{low, high}) == 1,
            "test_buckets", fmt::format("each range once, found {}-{} again", low, high));
  }
  const auto within = [](int value, int low, int high, const char* field) {
    require(low <= value && value <= high, field, fmt::format("{} to {}, found {}", low, high, value));
  };
  within(c.validation_words, 1, kMostWords, "validation_words");
  within(c.test_words_per_bucket, 1, kMostWords, "test_words_per_bucket");
  within(c.near_miss_edits, 0, kMostEdits, "near_miss_edits");
  within(c.witness_depth, 0, kDeepestWitness, "witness_depth");
  require_memory_for(c);
  return c;
}

Json to_json(const DataConfig& data) {
  Json json = Json::object();
  for_each_field(data, [&](const char* name, const auto& field) { json[name] = write(field); });
  return json;
}

}  // namespace yore::tasks
