// Training that starts from a compiled transformer, and the study that measures one.
#include <gtest/gtest.h>

#include "tests/program.h"

namespace yore::tests {
namespace {

std::vector<std::string> small(std::vector<std::string> first) {
  for (const char* option : {"--steps", "60", "--evaluate-every", "20", "--batch", "16", "--validation-words",
                             "64", "--test-words-per-bucket", "32", "--test-buckets", "41-60", "61-80",
                             "--witness-depth", "2", "--quiet"})
    first.emplace_back(option);
  return first;
}

/// The words that a result says were answered wrongly.
std::int64_t wrong(const base::Json& result) {
  std::int64_t n = 0;
  for (const base::Json& metric : result.at("metrics")) {
    const base::Json& keys = metric.at("keys");
    if (metric.at("set") == "witness")
      n += (metric.at("value").get<double>() > 0) != keys.at("accepted").get<bool>();
    else if (!keys.contains("length"))  // the sets, not their lengths once more
      n += metric.at("count").get<std::int64_t>() - keys.at("correct").get<std::int64_t>();
  }
  return n;
}

TEST(TrainInit, CompiledWeightsAreRightBeforeTheFirstStepAndKeptByASmallOne) {
  const Scratch scratch;
  const auto run = yore(small({"train", "(ab)*", "--init", "compiled", "--learning-rate", "1e-9", "--out",
                               scratch / "run", "--json"}));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const base::Json result = base::parse_json(run.out, "result");
  EXPECT_EQ(wrong(result), 0) << run.out;
  const base::Json config = base::read_json(scratch / "run/config.json");
  EXPECT_EQ(config["training"]["init"], "compiled");
  const auto compiled = yore({"compile", "(ab)*", "--json"});
  EXPECT_EQ(config["model"], base::parse_json(compiled.out, "compiled").at("model"));
  EXPECT_EQ(result["parameters"], base::parse_json(compiled.out, "compiled").at("parameters"));
  // A random start of the same shape knows nothing.
  const auto random = yore(small({"train", "(ab)*", "--init", "compiled-shape", "--learning-rate", "1e-9",
                                  "--out", scratch / "random", "--json"}));
  ASSERT_EQ(random.exit_code, 0) << random.err;
  EXPECT_GT(wrong(base::parse_json(random.out, "random")), 20);
  const base::Json shape = base::read_json(scratch / "random/config.json");
  EXPECT_EQ(shape["training"]["init"], "random");
  EXPECT_EQ(shape["model"], config["model"]);
}

TEST(TrainInit, ResumedIsTheSameToTheBit) {
  const Scratch scratch;
  // A formula is compiled as it stands, here and when the run is resumed.
  const std::string language = "ltl:P (b & Y a) & !Y b";
  const auto arguments = [&](const char* folder) {
    return small({"train", language, "--alphabet", "ab", "--init", "compiled", "--out", scratch / folder});
  };
  ASSERT_EQ(yore(arguments("whole")).exit_code, 0);
  auto cut = arguments("cut");
  cut.insert(cut.end(), {"--stop-after", "37"});
  ASSERT_EQ(yore(cut).exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(scratch / "cut/result.json"));
  ASSERT_EQ(yore({"train", "--run", scratch / "cut", "--quiet"}).exit_code, 0);
  EXPECT_EQ(base::read_file(scratch / "whole/model.safetensors"),
            base::read_file(scratch / "cut/model.safetensors"));
  // As a study starts a run: the configuration alone, weights computed by whoever trains it.
  std::filesystem::create_directory(scratch / "bare");
  std::filesystem::copy_file(scratch / "whole/config.json", scratch / "bare/config.json");
  ASSERT_EQ(yore({"train", "--run", scratch / "bare", "--quiet"}).exit_code, 0);
  EXPECT_EQ(base::read_file(scratch / "whole/model.safetensors"),
            base::read_file(scratch / "bare/model.safetensors"));
  // One that does not have the compiled model's dimensions.
  base::Json config = base::read_json(scratch / "whole/config.json");
  config["model"]["mlp_width"] = 77;
  config.erase("crc64");  // changed on purpose
  std::filesystem::create_directory(scratch / "other");
  base::write_file(scratch / "other/config.json", config.dump());
  const auto refused = yore({"train", "--run", scratch / "other", "--quiet"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("feed_forward.width: 77 and "), std::string::npos) << refused.err;
}

TEST(TrainInit, RefusesWhatDoesNotGoTogether) {
  const Scratch scratch;
  const auto refused = [&](std::vector<std::string> arguments, const std::string& reason) {
    arguments.insert(arguments.end(), {"--out", scratch / "run"});
    const auto result = yore(small(std::move(arguments)));
    EXPECT_EQ(result.exit_code, 2) << result.out;
    EXPECT_NE(result.err.find(reason), std::string::npos) << result.err;
    EXPECT_FALSE(std::filesystem::exists(scratch / "run"));
  };
  refused({"train", "(ab)*", "--init", "compiled", "--width", "32"},
          "--width: does not go with --init compiled");
  refused({"train", "(ab)*", "--init", "compiled-shape", "--attention", "global"},
          "--attention: does not go");
  refused({"train", "(ab)*", "--init", "compield"}, "did you mean compiled");
  refused({"train", "name:parity", "--init", "compiled"}, "not in LTL[P,Y]");
  refused({"train", "ltl:(a S b) & P (b & P a) & !(Y b S a)", "--alphabet", "ab", "--init", "compield-shape"},
          "did you mean compiled-shape");
  base::write_file(scratch / "c.toml", "init = \"compiled\"\nlayers = 3\n");
  refused({"train", "(ab)*", "--config", scratch / "c.toml"}, "--layers: does not go");
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", scratch / "model"}).exit_code, 0);
  refused({"train", "(ab)*", "--init", scratch / "model"}, "holds a model of another shape");
}

// The command line is read once, by the program that trains: what it has to say of the language is said once.
TEST(TrainInit, NotesArePrintedOnce) {
  const Scratch scratch;
  const auto noted = yore(small({"train", ".*ab", "--out", scratch / "noted"}));
  ASSERT_EQ(noted.exit_code, 0) << noted.err;
  const std::string note = "yore: note: the alphabet";
  const auto first = noted.err.find(note);
  ASSERT_NE(first, std::string::npos) << noted.err;
  EXPECT_EQ(noted.err.find(note, first + 1), std::string::npos) << noted.err;
}

TEST(EvaluateData, TestsOnTheWordsOfAnotherRun) {
  const Scratch scratch;
  ASSERT_EQ(yore(small({"train", "(ab)*", "--layers", "1", "--width", "8", "--heads", "2", "--out",
                        scratch / "run"}))
                .exit_code,
            0);
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", scratch / "model"}).exit_code, 0);
  const auto scores = yore({"evaluate", scratch / "model", "--data", scratch / "run", "--json"});
  ASSERT_EQ(scores.exit_code, 0) << scores.err;
  const base::Json mine = base::parse_json(scores.out, "scores"),
                   theirs = base::read_json(scratch / "run/result.json");
  EXPECT_EQ(wrong(mine), 0);
  ASSERT_EQ(mine["metrics"].size(), theirs["metrics"].size());
  ASSERT_GT(mine["metrics"].size(), 10u);
  for (std::size_t i = 0; i < mine["metrics"].size(); ++i) {
    const base::Json &one = mine["metrics"][i], &other = theirs["metrics"][i];
    for (const char* key : {"set", "name", "count"}) EXPECT_EQ(one[key], other[key]);
    for (const char* key : {"length", "positives", "n", "witness_of"})
      EXPECT_EQ(one["keys"].value(key, base::Json()), other["keys"].value(key, base::Json()));
  }
  const auto both = yore({"evaluate", scratch / "model", "--data", scratch / "run", "--buckets", "5-6"});
  EXPECT_EQ(both.exit_code, 2);
  EXPECT_NE(both.err.find("--data"), std::string::npos) << both.err;
  EXPECT_EQ(yore({"evaluate", scratch / "model", "--data", scratch / "nothing"}).exit_code, 2);
}

TEST(StudyInit, MeasuresTheCompiledTransformerAndTrainsItsShape) {
  const Scratch scratch;
  const auto study = yore(small({"study", "(ab)*", "--out", scratch / "s", "--seeds", "1", "--attention",
                                 "hybrid", "--init", "compiled", "compiled-shape", "--json"}));
  ASSERT_EQ(study.exit_code, 0) << study.err;
  const base::Json json = base::parse_json(study.out, "study");
  EXPECT_EQ(json["measured"], 3);
  EXPECT_EQ(json["summary"][1]["name"], "compiled");
  const base::Json& compiled = json["compiled"];
  EXPECT_EQ(compiled["verified"]["right"], true) << compiled.dump();
  EXPECT_EQ(compiled["verified"]["proof"]["proven"], true);
  EXPECT_EQ(compiled["verified"]["drawn"]["length"], 80);
  EXPECT_EQ(wrong({{"metrics", compiled["scores"]}}), 0);
  // What the study kept is what the command gives.
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", scratch / "again"}).exit_code, 0);
  EXPECT_EQ(base::read_file(scratch / "again/model.safetensors"),
            base::read_file(scratch / "s/compiled/model.safetensors"));
  EXPECT_EQ(base::read_json(scratch / "s/runs/compiled-seed1/result.json")["parameters"],
            compiled["parameters"]);

  const auto none = yore(small({"study", "name:parity", "--out", scratch / "p", "--init", "compiled"}));
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_NE(none.err.find("no compiled transformer to start from"), std::string::npos) << none.err;
  EXPECT_FALSE(std::filesystem::exists(scratch / "p"));
  EXPECT_EQ(yore({"study", "(ab)*", "--out", scratch / "p", "--init", "random"}).exit_code, 2);
  const auto several =
      yore({"study", "--axis", "language=a*,b*", "--out", scratch / "p", "--init", "compiled"});
  EXPECT_EQ(several.exit_code, 2);
  EXPECT_NE(several.err.find("needs one language"), std::string::npos) << several.err;
}

}  // namespace
}  // namespace yore::tests
