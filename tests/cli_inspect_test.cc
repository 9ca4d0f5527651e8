// yore inspect and yore localise as a user runs them, on models of bytes that train in a second.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdio>
#include <set>
#include <sstream>

#include "tests/program.h"
#include "yore/base/safetensors.h"

namespace yore::tests {
namespace {

namespace fs = std::filesystem;

class Inside : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch = new Scratch;
    std::string text;
    for (int i = 0; i < 400; ++i) text += "the cat sat. a dog ran " + std::to_string(i * i % 97) + ". ";
    base::write_file(at("t.txt"), text);
    base::write_file(at("short.txt"), "a");
    train("m", {"--learning-rate", "0.01", "--attention", "global"});
    train("gla", {"--mixer", "2*gla"});
  }
  static void train(const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> line = {"train",     "--task",   "text:" + at("t.txt"),
                                     "--context", "64",       "--steps",
                                     "40",        "--out",    at(name),
                                     "--batch",   "4",        "--width",
                                     "24",        "--layers", "2",
                                     "--heads",   "2",        "--mlp-width",
                                     "32",        "--quiet"};
    line.insert(line.end(), more.begin(), more.end());
    const auto trained = yore(line);
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
  }
  static void TearDownTestSuite() {
    delete scratch;
    scratch = nullptr;
  }
  static std::string at(const std::string& name) { return *scratch / name; }
  static base::Json json_of(std::vector<std::string> line) {
    line.emplace_back("--json");
    const auto result = yore(line);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.exit_code == 0 ? base::parse_json(result.out, line[0]) : base::Json();
  }
  static void expect_refused(const std::vector<std::string>& line, const std::string& why) {
    const auto result = yore(line);
    EXPECT_EQ(result.exit_code, 2) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_NE(result.err.find(why), std::string::npos) << "expected: " << why << "\ngot: " << result.err;
  }
  static Scratch* scratch;
};
Scratch* Inside::scratch = nullptr;

std::size_t lines_of(const fs::path& file) {
  std::istringstream text(base::read_file(file));
  std::size_t lines = 0;
  for (std::string line; std::getline(text, line);) ++lines;
  return lines;
}

TEST_F(Inside, InspectWritesWhatItFound) {
  const auto result = yore({"inspect", at("m"), "--text", at("t.txt"), "--tokens", "300", "--gradients",
                            "--out", at("inside"), "--map", "1:0", "--map", "0:1:10-99", "--map", "0:1"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(result.out.find("2 layers, 4 heads of attention, 300 tokens"), std::string::npos) << result.out;
  const base::Json record = base::read_json(at("inside") + "/inspect.json");
  ASSERT_EQ(record["layers"].size(), 2u);
  for (const base::Json& layer : record["layers"])
    for (const base::Json& head : layer["heads"]) {
      EXPECT_NEAR(head["inside"].back().get<double>(), 1, 1e-5);
      EXPECT_GE(head["entropy"].get<double>(), 0);
      EXPECT_LE(head["entropy"].get<double>(), std::log(300.0));
      EXPECT_TRUE(head["sink_logit_share"].is_null());
    }
  EXPECT_EQ(record["gradients"]["layers"].size(), 2u);
  EXPECT_NEAR(record["gradients"]["loss"].get<double>(), record["loss"].get<double>(), 1e-4);
  const fs::path folder = at("inside");
  EXPECT_EQ(lines_of(folder / "heads.csv"), 5u);
  EXPECT_EQ(lines_of(folder / "norms.csv"), 301u);
  EXPECT_EQ(lines_of(folder / "coordinates.csv"), 25u);
  EXPECT_EQ(lines_of(folder / "gradients.csv"), 3u);
  EXPECT_EQ(lines_of(folder / "map-1-0.csv"), 151u);  // two tokens a cell
  EXPECT_EQ(lines_of(folder / "map-0-1-10-99.csv"), 91u);
  EXPECT_EQ(lines_of(folder / "map-0-1.csv"), 151u);
  const std::string page = base::read_file(folder / "report.html");
  EXPECT_NE(page.find("A cell stands for 2 x 2 tokens"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_EQ(page.find("src="), std::string::npos);  // nothing is fetched
  EXPECT_EQ(page.find("nan"), std::string::npos);
  // The same again, printed; and again into the folder.
  base::Json printed = json_of({"inspect", at("m"), "--text", at("t.txt"), "--tokens", "300"});
  EXPECT_EQ(printed["layers"], record["layers"]);
  expect_refused({"inspect", at("m"), "--text", at("t.txt"), "--out", at("inside")},
                 "exists; --force replaces");
  base::write_file(folder / "letter.txt", "dear");
  EXPECT_EQ(yore({"inspect", at("m"), "--text", at("t.txt"), "--out", at("inside"), "--force"}).exit_code, 0);
  std::set<std::string> left;
  for (const auto& entry : fs::directory_iterator(folder)) left.insert(entry.path().filename().string());
  EXPECT_EQ(left, (std::set<std::string>{"coordinates.csv", "heads.csv", "inspect.json", "letter.txt",
                                         "norms.csv", "report.html", "stream.csv"}))
      << "nothing of the earlier one is left";
}

// Two tokens have no ratio to draw.
TEST_F(Inside, InspectOfTwoTokens) {
  const auto result =
      yore({"inspect", at("m"), "--text", at("t.txt"), "--tokens", "2", "--gradients", "--out", at("two")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_NE(base::read_file(at("two/report.html")).find("Nothing to draw of this: gradient-sink ratio"),
            std::string::npos);
}

TEST_F(Inside, WhatIsNotFiniteIsRefused) {
  std::filesystem::copy(at("m"), at("broken"), std::filesystem::copy_options::recursive);
  base::NamedArrays weights = base::parse_safetensors(base::read_file(at("m/model.safetensors")), "m");
  for (auto& [name, array] : weights.arrays) array.bytes.assign(array.bytes.size(), '\xFF');  // NaN
  base::write_file(at("broken/model.safetensors"), base::to_safetensors(weights));
  expect_refused({"inspect", at("broken"), "--text", at("t.txt"), "--tokens", "20"},
                 "its weights are broken, or too large");
  const auto localise = [&](const std::string& model, std::vector<std::string> more, const std::string& why) {
    more.insert(more.begin(),
                {"localise", at(model), "--text", at("t.txt"), "--budget", "1", "--tokens", "200",
                 "--held-out", "200", "--random", "0", "--decode", "0", "--out", at("nan")});
    expect_refused(more, why);
  };
  localise("broken", {}, "the loss is not finite: its weights are broken");
  localise("m", {"--heal", "1", "--heal-rate", "1e38"}, "--heal-rate: the loss is");
  EXPECT_FALSE(fs::exists(at("nan")));
}

// Windows in place of global heads are seen: no attention is left outside.
TEST_F(Inside, InspectTakesWindows) {
  const base::Json record =
      json_of({"inspect", at("m"), "--text", at("t.txt"), "--tokens", "200", "--window-global", "8"});
  EXPECT_EQ(record["windows"][3], 8);
  for (const base::Json& layer : record["layers"])
    for (const base::Json& head : layer["heads"]) EXPECT_NEAR(head["inside"][3].get<double>(), 1, 1e-5);
}

TEST_F(Inside, InspectSaysWhichTokensStandForOthers) {
  const auto found = json_of({"inspect", at("m"), "--text", at("t.txt"), "--tokens", "60", "--select",
                              "tau=2:0.5:-1", "--out", at("selected")});
  const base::Json& selection = found.at("selection");
  ASSERT_EQ(selection.at("taus").size(), 3u);
  const double whole = selection.at("whole").at("metrics").at(0).at("value");
  EXPECT_NEAR(whole, found.at("loss").get<double>(), 1e-6);
  const auto loss = [&](std::size_t i) {
    return selection.at("taus").at(i).at("metrics").at(0).at("value").get<double>();
  };
  // Nothing is alike above a cosine of 1; everything is from -1 on.
  EXPECT_EQ(loss(0), whole);
  EXPECT_EQ(selection.at("taus").at(0).at("share"), 1);
  EXPECT_EQ(selection.at("taus").at(2).at("layers").at(1).at("representatives"), 1);
  EXPECT_NE(loss(2), whole);
  // Every token has one that stands for it, no later one, and those stand for themselves.
  std::istringstream table(base::read_file(at("selected/proxies-0.5.csv")));
  std::string line;
  std::getline(table, line);
  EXPECT_EQ(line, "token,layer 0,layer 1");
  std::vector<std::array<int, 2>> proxies;
  for (int token = 0, at_token = 0; std::getline(table, line); ++token) {
    std::array<int, 2> proxy = {};
    ASSERT_EQ(std::sscanf(line.c_str(), "%d,%d,%d", &at_token, &proxy[0], &proxy[1]), 3) << line;
    EXPECT_EQ(at_token, token);
    proxies.push_back(proxy);
    for (std::size_t l = 0; l < 2; ++l) {
      ASSERT_LE(proxy[l], token);
      EXPECT_EQ(proxies[static_cast<std::size_t>(proxy[l])][l], proxy[l]) << "layer " << l;
    }
  }
  EXPECT_EQ(proxies.size(), 60u);
  EXPECT_NE(base::read_file(at("selected/report.html")).find("Tokens that stand for others"),
            std::string::npos);
}

TEST_F(Inside, ARecogniserCanBeInspected) {
  ASSERT_EQ(yore({"compile", "(ab)*", "-o", at("ab")}).exit_code, 0);
  base::write_file(at("word.txt"), "abab\n");
  const base::Json record = json_of({"inspect", at("ab"), "--text", at("word.txt")});
  EXPECT_EQ(record["tokens"], 4);
  EXPECT_TRUE(record["loss"].is_null());
  expect_refused({"inspect", at("ab"), "--text", at("word.txt"), "--gradients"}, "predicts no next tokens");
}

TEST_F(Inside, InspectRefuses) {
  const std::string text = at("t.txt");
  expect_refused({"inspect", at("m"), "--text", at("short.txt")}, "has 1 token, expected at least 2");
  expect_refused({"inspect", at("gla"), "--text", text}, "has no attention to look at, its mixers are gla");
  expect_refused({"inspect", at("m"), "--text", at("nowhere.txt")}, "nowhere.txt");
  expect_refused({"inspect", at("m"), "--text", text, "--map", "0:0"}, "--out");
  expect_refused({"inspect", at("m"), "--text", text, "--select", "tau=0.9,from=2"}, "0 to 1, found 2");
  expect_refused({"inspect", at("m"), "--text", text, "--select", "tau=-2"}, "at least -1");
  expect_refused({"inspect", at("m"), "--text", text, "--out", ""}, "--out: is empty");
  expect_refused({"inspect", at("m"), "--text", text, "--tokens", "9", "--out", at("new"), "--map", "0:0",
                  "--map", "0:0:0-8"},
                 "0:0:0-8 is given twice");
  const std::vector<std::string> out = {"inspect", at("m"), "--text", text, "--out", at("new"), "--map"};
  for (const auto& [map, why] :
       std::vector<std::pair<std::string, std::string>>{{"0", "expected LAYER:HEAD"},
                                                        {"0:0:3", "expected LAYER:HEAD"},
                                                        {"0:0x", "expected LAYER:HEAD"},
                                                        {" 0:0", "expected LAYER:HEAD"},
                                                        {"0:+1", "expected LAYER:HEAD"},
                                                        {"2:0", "expected a layer from 0 to 1, found 2"},
                                                        {"0:2", "expected a head from 0 to 1, found 2"},
                                                        {"0:0:9-5", "found 9-5"},
                                                        {"0:0:0-99999999", "found 0-99999999"}}) {
    auto line = out;
    line.push_back(map);
    expect_refused(line, why);
  }
  EXPECT_FALSE(fs::exists(at("new")));
  fs::create_directory(at("mine"));
  base::write_file(at("mine") + "/letter.txt", "dear");
  expect_refused({"inspect", at("m"), "--text", text, "--out", at("mine"), "--force"},
                 "holds something else");
  EXPECT_EQ(base::read_file(at("mine") + "/letter.txt"), "dear");
  expect_refused({"inspect", at("m"), "--text", text, "--out", text}, "is a file");
}

// A text that does not fit says what it would need before anything is computed.
TEST_F(Inside, InspectSaysWhatItWouldNeed) {
  base::write_file(at("long.txt"), std::string(3'000'000, 'a'));
  const auto result = shell("ulimit -v 8000000; yore inspect m --text long.txt --tokens 3000000 --gradients",
                            scratch->path());
  EXPECT_EQ(result.exit_code, 2) << result.err;
  EXPECT_NE(result.err.find("inspecting 3000000 tokens would need about"), std::string::npos) << result.err;
}

TEST_F(Inside, LocaliseWritesAModel) {
  const base::Json record =
      json_of({"localise", at("m"), "--text", at("t.txt"), "--window", "8", "--budget", "0.5", "--tokens",
               "1000", "--held-out", "1000", "--context", "100", "--decode", "4", "--out", at("half")});
  EXPECT_EQ(record["global_heads"], 4);
  EXPECT_EQ(record["local"], 2);
  EXPECT_EQ(record["random"].size(), 3u);
  // Those that keep most are the local ones.
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(record["heads"][i]["local"], i < 2);
  EXPECT_GE(record["heads"][0]["share"].get<double>(), record["heads"][3]["share"].get<double>());
  EXPECT_GT(record["decode_ms"].get<double>(), 0);
  // It is a model like any other, and its heads are local.
  const base::Json inside = json_of({"inspect", at("half"), "--text", at("t.txt"), "--tokens", "200"});
  int local = 0;
  for (const base::Json& layer : inside["layers"])
    for (const base::Json& head : layer["heads"])
      if (head["lookback"] != -1) {
        ++local;
        EXPECT_NEAR(head["inside"][3].get<double>(), 1, 1e-5);
      }
  EXPECT_EQ(local, 2);
  EXPECT_EQ(yore({"generate", at("half"), "--prompt", "the", "--count", "5"}).exit_code, 0);
  expect_refused({"localise", at("m"), "--text", at("t.txt"), "--budget", "1", "--out", at("half")},
                 "exists; --force replaces");
}

TEST_F(Inside, LocaliseWithinALossAndHealing) {
  const base::Json all = json_of(
      {"localise", at("m"), "--text",     at("t.txt"), "--window",    "8",     "--within", "1000",
       "--tokens", "600",   "--held-out", "600",       "--context",   "100",   "--decode", "0",
       "--random", "1",     "--heal",     "30",        "--heal-rate", "0.001", "--out",    at("healed")});
  EXPECT_EQ(all["local"], 4);
  EXPECT_EQ(all["random"][0]["local_within"], 4);
  EXPECT_EQ(all["random"][0]["loss"], all["loss"]);
  EXPECT_TRUE(all["decode_ms"].is_null());
  EXPECT_NE(all["loss_healed"], all["loss"]);
  EXPECT_EQ(yore({"generate", at("healed"), "--prompt", "the", "--count", "5"}).exit_code, 0);
  const base::Json none =
      json_of({"localise", at("m"), "--text",   at("t.txt"), "--window",   "60",      "--within",  "0",
               "--sinks",  "2",     "--tokens", "600",       "--held-out", "600",     "--context", "50",
               "--decode", "0",     "--random", "0",         "--out",      at("same")});
  EXPECT_LE(none["loss"].get<double>(), none["loss_before"].get<double>());
}

// Learned positions end: what is read before the tokens whose time is measured leaves room for them. And the
// memory that is asked for is that of the texts there are.
TEST_F(Inside, LocaliseWithinLearnedPositions) {
  train("learned", {"--positions", "learned", "--max-positions", "64", "--attention", "global"});
  const auto line = [&](const std::string& model, const std::string& context, const std::string& decode) {
    return std::vector<std::string>{"localise", at(model),  "--text",    at("t.txt"),  "--budget",
                                    "1",        "--tokens", "200",       "--held-out", "200",
                                    "--random", "0",        "--context", context,      "--decode",
                                    decode,     "--window", "4",         "--out",      at("l" + decode)};
  };
  EXPECT_GT(json_of(line("learned", "64", "5"))["decode_ms"].get<double>(), 0);
  expect_refused(line("learned", "64", "64"), "--decode: 64 leave none of the 64 learned positions");
  EXPECT_EQ(json_of(line("m", "16777216", "0"))["local"], 3);
}

TEST_F(Inside, LocaliseRefuses) {
  const std::vector<std::string> line = {"localise", at("m"), "--text", at("t.txt"), "--out", at("refused")};
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.begin(), line.begin(), line.end());
    return more;
  };
  expect_refused(line, "--budget: is missing");
  expect_refused(with({"--budget", "1", "--within", "1"}), "does not go with --budget");
  for (const char* budget : {"5", "1.5", "x", "0.5x", ".."})
    expect_refused(with({"--budget", budget}), "expected a share from 0.0 to 1.0");
  expect_refused(with({"--budget", "1", "--heal-rate", "0.1"}), "without --heal");
  expect_refused(with({"--budget", "1", "--window", "0"}), "--window");
  expect_refused({"localise", at("gla"), "--text", at("t.txt"), "--budget", "1", "--out", at("refused")},
                 "its mixers are gla");
  expect_refused({"localise", at("m"), "--text", at("short.txt"), "--budget", "1", "--out", at("refused")},
                 "expected at least 4");
  EXPECT_FALSE(fs::exists(at("refused")));
}

}  // namespace
}  // namespace yore::tests
