// --select of yore evaluate and yore generate as a user meets it.
#include <gtest/gtest.h>

#include "program.h"

namespace yore::tests {
namespace {

class Selects : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    scratch = new Scratch;
    std::string text;
    for (int i = 0; i < 300; ++i) text += "the cat sat on the mat. a dog ran. ";
    base::write_file(*scratch / "t.txt", text);
    train("m", {"--attention", "global", "--positions", "rotary"});
    train("g", {"--mixer", "gla"});
    train("w", {"--mixer", "attention:window=8", "--strict", "false", "--positions", "rotary"});
  }
  static void TearDownTestSuite() {
    delete scratch;
    scratch = nullptr;
  }
  static void train(const std::string& name, const std::vector<std::string>& more) {
    std::vector<std::string> line = {"train",     "--task",  "text:" + std::string(*scratch / "t.txt"),
                                     "--context", "32",      "--steps",
                                     "20",        "--out",   *scratch / name,
                                     "--width",   "16",      "--layers",
                                     "2",         "--heads", "2",
                                     "--batch",   "4",       "--mlp-width",
                                     "16",        "--quiet"};
    line.insert(line.end(), more.begin(), more.end());
    const auto trained = yore(line);
    ASSERT_EQ(trained.exit_code, 0) << trained.err;
  }
  static std::string at(const std::string& name) { return *scratch / name; }
  static void refused(const std::vector<std::string>& line, const std::string& part) {
    const auto result = yore(line);
    EXPECT_EQ(result.exit_code, 2) << result.out;
    EXPECT_NE(result.err.find(part), std::string::npos) << result.err;
  }
  static Scratch* scratch;
};
Scratch* Selects::scratch = nullptr;

double metric(const base::Json& pass, const std::string& name) {
  for (const base::Json& m : pass.at("metrics"))
    if (m.at("name") == name && m.at("set") == "validation") return m.at("value");
  ADD_FAILURE() << "no " << name;
  return 0;
}

TEST_F(Selects, EvaluateHoldsThresholdsAgainstTheWholeModel) {
  const auto plain = yore({"evaluate", at("m"), "--json"});
  const auto result =
      yore({"evaluate", at("m"), "--select", "tau=2:0.5:-1,control=random,seeds=2", "--json"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const base::Json select = base::parse_json(result.out, "out").at("select");
  const double whole = metric(base::parse_json(plain.out, "plain"), "loss");
  EXPECT_EQ(metric(select.at("whole"), "loss"), whole);
  ASSERT_EQ(select.at("taus").size(), 3u);
  EXPECT_EQ(metric(select.at("taus")[0], "loss"), whole) << "tau above 1 is the model itself";
  const base::Json& one = select.at("taus")[2];
  for (const base::Json& layer : one.at("layers")) {
    const double tokens = layer.at("tokens"), representatives = layer.at("representatives");
    EXPECT_LE(representatives * 16, tokens) << "one a window of 32 tokens, the last may be short";
  }
  EXPECT_EQ(one.at("controls").size(), 2u);
  const auto said = yore({"evaluate", at("m"), "--select", "tau=0.5,cascade=off"});
  EXPECT_EQ(said.exit_code, 0) << said.err;
  for (const char* part : {"cascade off", "bits_per_byte", "tau 0.5", "layer       r    r/T"})
    EXPECT_NE(said.out.find(part), std::string::npos) << said.out;
}

TEST_F(Selects, GenerateReadsAndWritesAmongRepresentatives) {
  const auto text = [&](const std::vector<std::string>& more) {
    std::vector<std::string> line = {"generate", at("m"), "--prompt", "the cat", "--count", "30"};
    line.insert(line.end(), more.begin(), more.end());
    const auto result = yore(line);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    return result.out;
  };
  EXPECT_EQ(text({"--select", "tau=1.5"}), text({}));
  EXPECT_EQ(text({"--select", "tau=0.7"}), text({"--select", "tau=0.7", "--prefill", "2"}));
  const auto stats = yore({"generate", at("m"), "--prompt", "the cat", "--count", "30", "--select", "tau=-1",
                           "--stats", "--json"});
  const base::Json shares = base::parse_json(stats.out, "out").at("stats").at("select").at("shares");
  ASSERT_EQ(shares.size(), 2u);
  EXPECT_LT(shares[0], 0.03);
}

TEST_F(Selects, RefusesWhatCannotBeMeant) {
  const auto evaluate = [&](const std::string& select, const std::string& part) {
    refused({"evaluate", at("m"), "--select", select}, part);
  };
  evaluate("tau=-1.5", "tau: expected a number of at least -1");
  evaluate("tau=nan", "tau: expected");
  evaluate("tau=0.5:", "tau: expected");
  evaluate("tau=", "tau: expected");
  evaluate("cascade=on", "expected tau=NUMBER");
  evaluate("tau=0.9,cascade=maybe", "cascade: expected on or off");
  evaluate("tau=0.9,control=none,seeds=2", "does nothing without control=random");
  evaluate("tau=0.9,control=random,seeds=0", "seeds: expected 1 to 1000");
  evaluate("tau=0.9,control=random,seeds=4294967297", "seeds: expected 1 to 1000");
  evaluate("tau=0.9,from=4294967296", "evaluate: --select: from: expected a layer, from 0, found 4294967296");
  evaluate("tau= 0x1p-1", "tau: expected");
  evaluate("tau=0.5:0.50", "tau: 0.5 is given twice");
  evaluate("tua=0.9", "did you mean tau");
  refused({"evaluate", at("g"), "--select", "tau=0.9"}, "layer 0 mixes by gla");
  const auto generate = [&](const std::string& model, std::vector<std::string> more,
                            const std::string& part) {
    more.insert(more.begin(), {"generate", at(model), "--prompt", "the cat", "--count", "30"});
    refused(more, part);
  };
  generate("w", {"--select", "tau=0.9"}, "a window of 8 keys");
  generate("m", {"--select", "tau=0.9:0.8"}, "one threshold");
  generate("m", {"--select", "tau=0.9,control=random"}, "no control");
  generate("m", {"--select", "tau=0.9", "--draft", at("m")}, "--draft");
  generate("m", {"--select", "tau=0.9", "--save-state", at("s")}, "--save-state");
}

}  // namespace
}  // namespace yore::tests
