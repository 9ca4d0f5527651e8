#include "yore/runs/run_config.h"

#include <gtest/gtest.h>

#include <cmath>

#include "yore/base/error.h"
#include "yore/runs/config_fields.h"

namespace yore::runs {
namespace {

RunConfig example() {
  RunConfig config;
  config.data.language = "regex:(ab)*";
  config.data.alphabet = "ab";
  return config;
}

// Changes every field to something else than its default, through the field list itself.
struct Change {
  void operator()(const char*, std::string& x) const { x += "?"; }
  void operator()(const char*, bool& x) const { x = !x; }
  void operator()(const char*, int& x) const { x += 1; }
  void operator()(const char*, std::int64_t& x) const { x += 1'000'000'000'000; }
  void operator()(const char*, std::uint64_t& x) const { x = ~x; }
  void operator()(const char*, double& x) const { x += 0.1; }
  void operator()(const char*, std::vector<std::pair<int, int>>& x) const { x = {{1, 2}, {3, 4}}; }
  template <fields::Visitable T>
  void operator()(const char*, T& x) const {
    for_each_field(x, *this);
  }
};

std::string message_of(const Json& json) {
  try {
    run_config_from_json(json, "config.json");
    return "accepted";
  } catch (const base::InputError& error) {
    EXPECT_EQ(error.source(), "config.json");
    return error.message();
  }
}

std::string refused_field(const RunConfig& config) {
  try {
    validate(config);
    return "accepted";
  } catch (const base::InputError& error) {
    return error.source();
  }
}

TEST(RunConfigJson, RoundTripOfEveryField) {
  RunConfig config = example();
  for_each_field(config, Change{});
  const Json json = base::parse_json(to_json(config).dump(), "text");
  EXPECT_EQ(run_config_from_json(json, "text"), config);
  // 36 = the members of the three structs, counted by hand: a member left out of the field list shows here or
  // in the next line.
  EXPECT_EQ(json["model"].size() + json["data"].size() + json["training"].size(), 36u);
  EXPECT_EQ(differences(config, RunConfig{}).size(), 36u);
}

TEST(RunConfigJson, MissingKeysKeepTheirDefaults) {
  EXPECT_EQ(run_config_from_json(Json::object(), "x"), RunConfig{});
  const RunConfig config = run_config_from_json(base::parse_json(R"({"model": {"heads": 8}})", "x"), "x");
  EXPECT_EQ(config.model.heads, 8);
  EXPECT_EQ(config.model.width, RunConfig{}.model.width);
}

TEST(RunConfigJson, UnknownKeysAreRefusedWithTheNearest) {
  EXPECT_EQ(message_of(base::parse_json(R"({"model": {"widht": 8}})", "x")),
            "model.widht: unknown key; did you mean width?");
  EXPECT_EQ(message_of(base::parse_json(R"({"modell": {}})", "x")),
            "modell: unknown key; did you mean model?");
  EXPECT_EQ(message_of(base::parse_json(R"({"training": {"qqqq": 1}})", "x")), "training.qqqq: unknown key");
}

TEST(RunConfigJson, WrongTypesAreRefused) {
  EXPECT_EQ(message_of(Json::array()), "top level: expected an object, found []");
  EXPECT_EQ(message_of(base::parse_json(R"({"model": 3})", "x")), "model: expected an object, found 3");
  EXPECT_NE(message_of(base::parse_json(R"({"model": {"width": 2.5}})", "x")).find("an integer from"),
            std::string::npos);
  EXPECT_NE(message_of(base::parse_json(R"({"model": {"width": 3000000000}})", "x")).find("to 2147483647"),
            std::string::npos);
  EXPECT_NE(message_of(base::parse_json(R"({"training": {"seed": -1}})", "x")).find("from 0"),
            std::string::npos);
  EXPECT_EQ(message_of(base::parse_json(R"({"model": {"strict": 1}})", "x")),
            "model.strict: expected true or false, found 1");
  EXPECT_EQ(message_of(base::parse_json(R"({"training": {"learning_rate": null}})", "x")),
            "training.learning_rate: expected a number, found null");
  EXPECT_EQ(message_of(base::parse_json(R"({"data": {"test_buckets": [[1,2],[3]]}})", "x")),
            "data.test_buckets[1]: expected a pair [low, high], found [3]");
  EXPECT_NE(message_of(base::parse_json(R"({"data": {"test_buckets": [[1,"2"]]}})", "x"))
                .find("data.test_buckets[0][1]"),
            std::string::npos);
}

TEST(RunConfigJson, TheLargestSeedSurvives) {
  RunConfig config;
  config.training.seed = ~std::uint64_t{0};
  EXPECT_EQ(run_config_from_json(base::parse_json(to_json(config).dump(), "x"), "x").training.seed,
            ~std::uint64_t{0});
}

TEST(RunConfigValidate, TheDefaultsAreFine) {
  EXPECT_EQ(refused_field(example()), "accepted");
}

TEST(RunConfigValidate, NamesTheField) {
  const auto refused = [](auto change) {
    RunConfig config = example();
    change(config);
    return refused_field(config);
  };
  const double nan = std::nan("");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.width = 30; }), "model.width");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.heads = 0; }), "model.heads");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.layers = 0; }), "model.layers");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.mlp_width = 0; }), "model.mlp_width");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.activation = "rleu"; }), "model.activation");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.norm = "batch"; }), "model.norm");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.norm_place = "mid"; }), "model.norm_place");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.positions = "rope"; }), "model.positions");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.attention = "hybird"; }), "attention");
  EXPECT_EQ(refused([](RunConfig& c) {
              c.model.positions = "learned";
              c.model.max_positions = 500;
            }),
            "model.max_positions");
  EXPECT_EQ(refused([](RunConfig& c) {
              c.model.positions = "learned";
              c.model.max_positions = 501;
            }),
            "accepted");
  EXPECT_EQ(refused([](RunConfig& c) {
              c.model.positions = "rotary";
              c.model.width = 12;
            }),
            "model.width");
  EXPECT_EQ(refused([](RunConfig& c) { c.data.language.clear(); }), "data.language");
  EXPECT_EQ(refused([](RunConfig& c) { c.data.train_min_length = 41; }),
            "data.train_min_length, data.train_max_length");
  EXPECT_EQ(refused([](RunConfig& c) { c.data.train_min_length = -1; }),
            "data.train_min_length, data.train_max_length");
  EXPECT_EQ(refused([](RunConfig& c) { c.data.test_buckets = {{5, 4}}; }), "data.test_buckets");
  EXPECT_EQ(refused([](RunConfig& c) { c.data.test_buckets.clear(); }), "accepted");
  EXPECT_EQ(refused([](RunConfig& c) { c.data.validation_words = 0; }), "data.validation_words");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.steps = 0; }), "training.steps");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.batch = 0; }), "training.batch");
  EXPECT_EQ(refused([&](RunConfig& c) { c.training.learning_rate = nan; }), "training.learning_rate");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.learning_rate = 0; }), "training.learning_rate");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.learning_rate = HUGE_VAL; }), "training.learning_rate");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.final_learning_rate = 1.5; }),
            "training.final_learning_rate");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.beta2 = 1; }), "training.beta2");
  EXPECT_EQ(refused([&](RunConfig& c) { c.training.clip_norm = nan; }), "training.clip_norm");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.evaluate_every = 0; }), "training.evaluate_every");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.early_stop = -1; }), "training.early_stop");
  EXPECT_EQ(refused([&](RunConfig& c) { c.training.max_seconds = nan; }), "training.max_seconds");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.init = "compiled-shape"; }), "training.init");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.init = "compiled"; }), "accepted");
}

TEST(RunConfigDifferences, NamesFieldAndBothValues) {
  RunConfig a = example(), b = example();
  EXPECT_TRUE(differences(a, b).empty());
  b.model.width = 64;
  b.training.seed = 7;
  EXPECT_EQ(differences(a, b),
            (std::vector<std::string>{"model.width: 32 and 64", "training.seed: 1 and 7"}));
}

}  // namespace
}  // namespace yore::runs
