#include "yore/tasks/formal/data_config.h"

#include <gtest/gtest.h>

#include "yore/base/test_refusal.h"

namespace yore::tasks {
namespace {

using base::Json;

TEST(DataConfig, EveryFieldThereAndBack) {
  DataConfig data;
  data.language = "regex:(ab)*";
  data.alphabet = "abc";
  data.max_states = 50;
  data.train_min_length = 1;
  data.train_max_length = 12;
  data.test_buckets = {{13, 20}, {21, 21}};
  data.validation_words = 2;
  data.test_words_per_bucket = 3;
  data.near_miss_edits = 0;
  data.witness_depth = 5;
  data.split_seed = ~std::uint64_t{0};
  const Json json = base::parse_json(to_json(data).dump(), "x");
  EXPECT_EQ(data_config(json), data);
  EXPECT_EQ(json["test_buckets"], (Json{"13-20", "21-21"}));
  // Each of them differs from its default, so that a field missing from the list would show.
  const Json defaults = to_json(DataConfig{});
  EXPECT_EQ(json.size(), 11u);
  for (const auto& [name, value] : json.items()) EXPECT_NE(value, defaults[name]) << name;
}

TEST(DataConfig, WhatIsLeftOutKeepsItsDefault) {
  DataConfig data;
  data.language = "a*";
  EXPECT_EQ(data_config({{"language", "a*"}}), data);
  data.test_buckets.clear();
  EXPECT_EQ(data_config({{"language", "a*"}, {"test_buckets", Json::array()}}), data);
}

TEST(DataConfig, OptionsAreTheFieldsInOrder) {
  const Json defaults = to_json(DataConfig{});
  std::size_t i = 0;
  const std::vector<base::OptionSpec> specs = data_option_specs();
  ASSERT_EQ(specs.size(), defaults.size());
  for (const auto& [name, value] : defaults.items()) {
    EXPECT_EQ(specs[i].name, name);
    EXPECT_EQ(specs[i].fallback, value);
    EXPECT_FALSE(specs[i++].help.empty()) << name;
  }
}

TEST(DataConfig, WhatCannotBeMeantIsRefusedByName) {
  const auto refuses = [](const std::string& field, const Json& value, const std::string& part) {
    Json options = {{"language", "a*"}};
    options[field] = value;
    return base::refused([&] { data_config(options); }, part);
  };
  EXPECT_TRUE(
      base::refused([] { data_config(Json::object()); }, "task formal: language: expected a language"));
  EXPECT_TRUE(refuses("languages", "a", "unknown option \"languages\"; did you mean language?"));
  EXPECT_TRUE(
      refuses("train_min_length", 41, "train_min_length, train_max_length: expected 0 <= low <= high"));
  EXPECT_TRUE(
      refuses("train_min_length", -1, "train_min_length, train_max_length: expected 0 <= low <= high"));
  EXPECT_TRUE(refuses("train_max_length", 1'000'001, "found 0 and 1000001"));
  EXPECT_TRUE(refuses("train_max_length", 3'000'000'000, "train_max_length: expected an integer"));
  EXPECT_TRUE(refuses("train_max_length", "9", "train_max_length: expected a whole number"));
  EXPECT_TRUE(refuses("test_buckets", {"5-9", "5-9"}, "each range once, found 5-9 again"));
  EXPECT_TRUE(refuses("test_buckets", {"9-8"}, "test_buckets: \"9-8\" is no range of lengths"));
  EXPECT_TRUE(refuses("test_buckets", {"1-2000000"}, "test_buckets: expected 0 <= low <= high <= 1000000"));
  EXPECT_TRUE(refuses("test_buckets", {{1, 2}}, "test_buckets: expected texts such as \"41-100\""));
  EXPECT_TRUE(refuses("validation_words", 0, "validation_words: expected 1 to 10000000, found 0"));
  EXPECT_TRUE(refuses("test_words_per_bucket", 0, "test_words_per_bucket: expected 1 to 10000000, found 0"));
  EXPECT_TRUE(refuses("near_miss_edits", -1, "near_miss_edits: expected 0 to 1000, found -1"));
  EXPECT_TRUE(refuses("witness_depth", -1, "witness_depth: expected 0 to 1000, found -1"));
  // What would take all memory, or minutes in which no signal is seen.
  EXPECT_TRUE(refuses("test_words_per_bucket", 2'000'000'000, "expected 1 to 10000000, found 2000000000"));
  EXPECT_TRUE(refuses("validation_words", 2'000'000'000, "expected 1 to 10000000, found 2000000000"));
  EXPECT_TRUE(refuses("near_miss_edits", 2'000'000'000, "expected 0 to 1000, found 2000000000"));
  EXPECT_TRUE(refuses("witness_depth", 100'000, "expected 0 to 1000, found 100000"));
  EXPECT_TRUE(refuses("split_seed", -1, "split_seed: expected an integer from 0"));
}

// Each number by itself is within its range, what they need together is not: 10^7 words of 10^6 letters.
TEST(DataConfig, SetsThatDoNotFitMemoryAreRefused) {
  const Json options = {
      {"language", "a*"}, {"test_words_per_bucket", 10'000'000}, {"test_buckets", {"1000000-1000000"}}};
  EXPECT_TRUE(base::refused([&] { data_config(options); },
                            "task formal: its 10000512 sequences for validation and test, of 1e+13 tokens in "
                            "all, would need about"));
}

TEST(ParseBucket, ReadsARangeAndNothingElse) {
  EXPECT_EQ(parse_bucket("41-100", "x"), std::make_pair(41, 100));
  EXPECT_EQ(parse_bucket("0-0", "x"), std::make_pair(0, 0));
  for (const char* text : {"", "-", "41", "41-", "-100", "100-41", "41-100 ", " 41-100", "41--100", "a-b",
                           "1-2-3", "99999999999-2"})
    EXPECT_TRUE(
        base::refused([&] { parse_bucket(text, "here"); }, "here: \"" + std::string(text) + "\" is no"));
}

}  // namespace
}  // namespace yore::tasks
