#include "yore/runs/run_config.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "yore/base/error.h"
#include "yore/base/test_refusal.h"
#include "yore/runs/config_fields.h"

namespace yore::runs {
namespace {

RunConfig example_config() {
  RunConfig config;
  config.task = {{"name", "formal"}, {"language", "regex:(ab)*"}, {"alphabet", "ab"}};
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
  void operator()(const char*, Json& x) const { x["name"] = "text"; }
  void operator()(const char*, std::vector<Phase>& x) const {
    x = {{}, {}};
    for (Phase& phase : x) for_each_field(phase, *this);
  }
  void operator()(const char*, std::vector<Continuation>& x) const { x = {{60, 90}, {70, 80}}; }
  template <base::fields::Visitable T>
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
  RunConfig config = example_config();
  for_each_field(config, Change{});
  const Json json = base::parse_json(to_json(config).dump(), "text");
  EXPECT_EQ(run_config_from_json(json, "text"), config);
  // The members of the structs, counted by hand: a member left out of the field list shows here or in the
  // next line. The task differs by its name.
  EXPECT_EQ(json["model"].size(), 17u);
  EXPECT_EQ(json["training"].size(), 32u);
  EXPECT_EQ(json["training"]["phases"][1].size(), 4u);
  EXPECT_EQ(json["training"]["continued"][0], (Json{{"at", 60}, {"steps", 90}}));
  RunConfig other;
  other.task = {{"name", "formal"}, {"language", "regex:(ab)*"}, {"alphabet", "ab"}};
  EXPECT_EQ(differences(config, other).size(), 17u + 1 + 32u);
}

TEST(RunConfigJson, AVersion01ConfigurationIsWordsOfALanguage) {
  const RunConfig config = run_config_from_json(base::parse_json(R"({
      "model": {"attention": "local:2", "strict": true, "layers": 3},
      "data": {"language": "regex:(ab)*", "alphabet": "ab", "train_min_length": 0, "train_max_length": 40,
               "test_buckets": [[41, 100], [101, 200]], "validation_words": 512, "split_seed": 7},
      "training": {"steps": 12, "seed": 5, "init": "compiled"}})",
                                                                 "x"),
                                                "x");
  EXPECT_EQ(config.model.attention, "local:2");
  EXPECT_EQ(config.training.init, "compiled");
  EXPECT_EQ(config.task, (Json{{"name", "formal"},
                               {"language", "regex:(ab)*"},
                               {"alphabet", "ab"},
                               {"train_min_length", 0},
                               {"train_max_length", 40},
                               {"test_buckets", {"41-100", "101-200"}},
                               {"validation_words", 512},
                               {"split_seed", 7}}));
  EXPECT_FALSE(to_json(config).contains("data"));
  EXPECT_EQ(run_config_from_json(to_json(config), "x"), config);
  EXPECT_EQ(message_of(base::parse_json(R"({"data": {}, "task": {}})", "x")).substr(0, 17),
            "data: unknown key");
  EXPECT_EQ(message_of(base::parse_json(R"({"data": 3})", "x")).substr(0, 17), "data: unknown key");
}

TEST(RunConfigJson, PhasesAreReadAndNamedByTheirPlace) {
  const RunConfig config = run_config_from_json(
      base::parse_json(R"({"training": {"phases": [{"steps": 10, "task": {"train_max_length": 5}},
                                                   {"steps": 20, "learning_rate": 0.5, "trainable": "head*"}]}})",
                       "x"),
      "x");
  ASSERT_EQ(config.training.phases.size(), 2u);
  EXPECT_EQ(config.training.phases[0].steps, 10);
  EXPECT_EQ(config.training.phases[0].learning_rate, 0);
  EXPECT_EQ(config.training.phases[0].task, (Json{{"train_max_length", 5}}));
  EXPECT_EQ(config.training.phases[1].trainable, "head*");
  EXPECT_EQ(message_of(base::parse_json(R"({"training": {"phases": [{}, {"step": 1}]}})", "x")),
            "training.phases[1].step: unknown key; did you mean steps?");
  EXPECT_EQ(message_of(base::parse_json(R"({"training": {"phases": {"steps": 1}}})", "x")),
            "training.phases: expected a list, found {\"steps\":1}");
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
  for (const char* task : {"5", "[]", "\"x\"", "{\"name\":5}"})
    EXPECT_EQ(message_of(base::parse_json(fmt::format(R"({{"task": {}}})", task), "x")),
              fmt::format("task: expected an object with the task's name, found {}", task));
  EXPECT_EQ(message_of(base::parse_json(R"({"model": {"strict": 1}})", "x")),
            "model.strict: expected true or false, found 1");
  EXPECT_EQ(message_of(base::parse_json(R"({"training": {"learning_rate": null}})", "x")),
            "training.learning_rate: expected a number, found null");
}

TEST(RunConfigJson, TheLargestSeedSurvives) {
  RunConfig config;
  config.training.seed = ~std::uint64_t{0};
  EXPECT_EQ(run_config_from_json(base::parse_json(to_json(config).dump(), "x"), "x").training.seed,
            ~std::uint64_t{0});
}

TEST(RunConfigValidate, TheDefaultsAreFine) {
  EXPECT_EQ(refused_field(example_config()), "accepted");
}

TEST(RunConfigValidate, NamesTheField) {
  const auto refused = [](auto change) {
    RunConfig config = example_config();
    change(config);
    return refused_field(config);
  };
  const double nan = std::nan("");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.width = 30; }), "mixer attention");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.width = 0; }), "model.width");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.heads = 0; }), "model.heads");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.layers = 0; }), "model.layers");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.mlp_width = 0; }), "model.mlp_width");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.activation = "rleu"; }), "model.activation");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.norm = "batch"; }), "model.norm");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.norm_place = "mid"; }), "model.norm_place");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.positions = "rope"; }), "model.positions");
  EXPECT_EQ(refused([](RunConfig& c) { c.model.attention = "hybird"; }), "attention");
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
  EXPECT_EQ(refused([&](RunConfig& c) { c.training.early_stop_at = nan; }), "training.early_stop_at");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.early_stop_at = 0.99; }), "training.early_stop_at")
      << "without early_stop";
  EXPECT_EQ(refused([](RunConfig& c) {
              c.training.early_stop_at = 0.99;
              c.training.early_stop = 1;
            }),
            "accepted");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.threads = 0; }), "training.threads");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.threads = 1025; }), "training.threads");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.threads = 2; }), "accepted");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.accumulate = 0; }), "training.accumulate");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.accumulate = 3; }), "training.accumulate");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.accumulate = 4; }), "accepted");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.init.clear(); }), "training.init");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.init = "a/model"; }), "accepted");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.measure = "sinks,w8"; }), "training.measure");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.measure = "w8a8,sinks"; }), "accepted");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.phases = {{}}; }), "training.phases.steps");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.phases = {{10, 0, "", Json::object()}}; }), "accepted");
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(refused([](RunConfig& c) {
              c.training.phases = {{kMost, 0, "", Json::object()}, {kMost, 0, "", Json::object()}};
            }),
            "training.phases.steps")
      << "their sum does not fit";
  EXPECT_EQ(refused([](RunConfig& c) {
              c.training.steps = kMost;
              c.training.phases = {{kMost, 0, "", Json::object()}, {kMost, 0, "", Json::object()}};
            }),
            "training.phases")
      << "nor here";
  EXPECT_EQ(refused([](RunConfig& c) { c.training.continued = {{60, 90}, {100, 100}}; }), "accepted");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.continued = {{0, 90}}; }), "training.continued.at");
  EXPECT_EQ(refused([](RunConfig& c) {
              c.training.continued = {{c.training.steps, 5000}};
            }),
            "training.continued.at");
  EXPECT_EQ(refused([](RunConfig& c) {
              c.training.continued = {{60, 90}, {60, 90}};
            }),
            "training.continued.at");
  EXPECT_EQ(refused([](RunConfig& c) { c.training.continued = {{60, 50}}; }), "training.continued.steps");
  EXPECT_EQ(refused([](RunConfig& c) {
              c.training.phases = {{10, -1, "", Json::object()}};
            }),
            "training.phases.learning_rate");
  EXPECT_EQ(refused([](RunConfig& c) {
              c.training.phases = {{10, 0, "", "formal"}};
            }),
            "training.phases.task");
}

TEST(RunConfigDifferences, NamesFieldAndBothValues) {
  RunConfig a = example_config(), b = example_config();
  EXPECT_TRUE(differences(a, b).empty());
  b.model.width = 64;
  b.training.seed = 7;
  EXPECT_EQ(differences(a, b),
            (std::vector<std::string>{"model.width: 32 and 64", "training.seed: 1 and 7"}));
}

TEST(RunConfigDifferences, ATaskOptionThatOnlyOneHasIsNamed) {
  RunConfig a = example_config(), b = example_config();
  b.task["split_seed"] = 3;
  EXPECT_EQ(differences(a, b), (std::vector<std::string>{"task.split_seed: null and 3"}));
  EXPECT_EQ(differences(b, a), (std::vector<std::string>{"task.split_seed: 3 and null"}));
}

std::vector<std::string> example_paths() {
  return paths({"language", "width", "train_max_length"});
}

TEST(RunConfigPaths, AreThoseOfTheJson) {
  const std::vector<std::string> all = example_paths();
  std::vector<std::string> expected;
  RunConfig config;
  config.task = {{"name", ""}, {"language", ""}, {"width", 0}, {"train_max_length", 0}};
  const Json json = to_json(config);
  for (const auto& [group, values] : json.items())
    for (const auto& [name, value] : values.items()) expected.push_back(group + "." + name);
  EXPECT_EQ(all, expected);
}

TEST(RunConfigPaths, AreFoundByTheirLastPart) {
  const std::vector<std::string> all = example_paths();
  EXPECT_EQ(resolve_path("training.seed", all, "axis"), "training.seed");
  EXPECT_EQ(resolve_path("seed", all, "axis"), "training.seed");
  EXPECT_EQ(resolve_path("language", all, "axis"), "task.language");
  EXPECT_EQ(resolve_path("name", all, "axis"), "task.name");
  EXPECT_EQ(resolve_path("task.width", all, "axis"), "task.width");
}

TEST(RunConfigPaths, UnknownAndAmbiguousNamesAreRefused) {
  const auto message = [](const std::string& name) {
    return base::refusal<base::InputError>([&] { resolve_path(name, example_paths(), "--axis"); });
  };
  EXPECT_EQ(message("width"), "--axis: \"width\" is model.width or task.width; say which");
  EXPECT_EQ(message("langauge"), "--axis: a run's configuration has no \"langauge\"; did you mean language?");
  EXPECT_EQ(
      message("training.sead"),
      "--axis: a run's configuration has no \"training.sead\"; did you mean training.seed, training.steps or "
      "training.beta1?");
  EXPECT_EQ(message("zzzzzzzz"), "--axis: a run's configuration has no \"zzzzzzzz\"");
}

// Through every path of the model and of the training: the value set is the value got, and nothing else
// moves.
TEST(RunConfigPaths, AreSetAndGot) {
  RunConfig changed = example_config();
  for_each_field(changed, Change{});
  for (const std::string& path : paths({"language"})) {
    RunConfig config = example_config();
    const Json value = get_path(changed, path);
    set_path(config, path, value, "x");
    EXPECT_EQ(get_path(config, path), value) << path;
    const std::vector<std::string> moved = differences(config, example_config());
    EXPECT_EQ(moved.size(), path == "task.language" ? 0u : 1u) << path;
    for (const std::string& line : moved) EXPECT_EQ(line.substr(0, line.find(':')), path);
  }
  RunConfig config;
  set_path(config, "task.copies", 3, "x");
  EXPECT_EQ(config.task, (Json{{"copies", 3}}));
  EXPECT_EQ(get_path(config, "task.copies"), 3);
  EXPECT_TRUE(get_path(config, "task.nothing").is_null());
}

TEST(RunConfigPaths, ValuesOfAnotherTypeAndUnknownFieldsAreRefused) {
  RunConfig config = example_config();
  EXPECT_TRUE(base::refused([&] { set_path(config, "model.width", "wide", "--axis"); },
                            "--axis: model.width: expected an integer"));
  EXPECT_TRUE(base::refused([&] { set_path(config, "model.widht", 8, "--axis"); }, "did you mean width?"));
  EXPECT_EQ(config, example_config());
  EXPECT_THROW(set_path(config, "modell.width", 8, "x"), std::invalid_argument);
  EXPECT_THROW(set_path(config, "width", 8, "x"), std::invalid_argument);
}

TEST(RunConfigPaths, TextIsReadAsTheFieldWantsIt) {
  EXPECT_EQ(parse_value("model.width", "48", "x"), Json(48));
  EXPECT_EQ(parse_value("model.strict", "false", "x"), Json(false));
  EXPECT_EQ(parse_value("training.learning_rate", "1e-3", "x"), Json(1e-3));
  EXPECT_EQ(parse_value("model.mixer", "2*attention:window=64/gla", "x"), Json("2*attention:window=64/gla"));
  EXPECT_EQ(parse_value("training.init", "17", "x"), Json("17")) << "a text that looks like a number";
  EXPECT_EQ(parse_value("training.phases", R"([{"steps": 3}])", "x"), (Json{{{"steps", 3}}}));
  EXPECT_TRUE(base::refused([] { parse_value("model.width", "wide", "--axis"); },
                            "--axis: model.width: expected a value such as 32, found \"wide\""));
}

}  // namespace
}  // namespace yore::runs
