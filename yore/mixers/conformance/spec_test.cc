// What every mechanism's spec must keep, in the settings of its layer cases. No torch: that a real layer has
// these parameters and a real state this size is checked in layer_state_test.cc.
#include "yore/mixers/spec.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>

#include "yore/base/error.h"
#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/names.h"

namespace yore::mixers::conformance {

static void PrintTo(const LayerCase& c, std::ostream* out) {
  *out << c.mechanism << ", " << c.name << ": " << c.setting.options.dump();
}

namespace {

class SpecOf : public testing::TestWithParam<std::string> {
 protected:
  const Spec& spec() const { return find_spec(GetParam()); }
};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Spec* spec : specs()) all.push_back(spec->name());
  return all;
}
INSTANTIATE_TEST_SUITE_P(Mixers, SpecOf, testing::ValuesIn(names()),
                         [](const auto& name) { return name.param; });

TEST_P(SpecOf, HasLayerCases) {
  const std::vector<LayerCase>& all = all_layer_cases();
  const auto its =
      std::count_if(all.begin(), all.end(), [&](const LayerCase& c) { return c.mechanism == GetParam(); });
  EXPECT_GT(its, 0) << "layer_cases.cc of " << GetParam() << " lists none";
  for (const LayerCase& c : all)
    if (c.mechanism == GetParam()) {
      EXPECT_NE(c.reference, nullptr) << c.name;
    }
}

TEST_P(SpecOf, SaysWhatItIs) {
  EXPECT_NE(spec().summary(), "");
  EXPECT_EQ(spec().summary().find('\n'), std::string::npos);
  EXPECT_NE(spec().source(), "");
  std::set<std::string> seen;
  for (const base::OptionSpec& option : spec().options()) {
    EXPECT_TRUE(seen.insert(option.name).second) << option.name << " is there twice";
    EXPECT_NE(option.help, "") << option.name;
    EXPECT_EQ(option.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string::npos)
        << option.name;
  }
  EXPECT_NE(describe_text(spec()).find(spec().summary()), std::string::npos);
}

// What `given` is completed to, or the refusal.
std::string completed(const Spec& spec, std::int64_t width, const base::Json& given) {
  try {
    return spec.complete(width, given).dump();
  } catch (const base::InputError& e) {
    return std::string("refused: ") + e.what();
  }
}

TEST_P(SpecOf, TakesEveryOptionWithItsFallback) {
  constexpr std::int64_t kWidth = 64;
  const std::string without = completed(spec(), kWidth, base::Json::object());
  EXPECT_NE(without.rfind("refused", 0), 0u) << without;
  for (const base::OptionSpec& option : spec().options())
    EXPECT_EQ(completed(spec(), kWidth, {{option.name, option.fallback}}), without) << option.name;
}

TEST_P(SpecOf, RefusesUnknownOptionsWithTheNearestName) {
  for (const base::OptionSpec& option : spec().options()) {
    const std::string answer = completed(spec(), 64, {{option.name + "q", option.fallback}});
    EXPECT_EQ(answer.rfind("refused", 0), 0u) << answer;
    EXPECT_NE(answer.find("unknown option \"" + option.name + "q\"; did you mean " + option.name),
              std::string::npos)
        << answer;
  }
}

class SpecOfLayer : public testing::TestWithParam<LayerCase> {
 protected:
  const Spec& spec() const { return find_spec(GetParam().mechanism); }
  const MixerSetting& setting() const { return GetParam().setting; }
};
INSTANTIATE_TEST_SUITE_P(Mixers, SpecOfLayer, testing::ValuesIn(all_layer_cases()),
                         [](const auto& c) { return test_name(c.param.mechanism, c.param.name); });

TEST_P(SpecOfLayer, CompleteOptionsPassUnchanged) {
  EXPECT_EQ(completed(spec(), setting().width, setting().options), setting().options.dump());
}

TEST_P(SpecOfLayer, HasHeadsWhereItSaysSo) {
  EXPECT_EQ(setting().options.contains("heads"), has_heads(spec()));
  if (has_heads(spec())) {
    EXPECT_GE(setting().options["heads"].get<int>(), 1);
  }
}

TEST_P(SpecOfLayer, ParametersHaveNamesAndShapes) {
  std::set<std::string> seen;
  for (const ParameterSpec& p : spec().parameters(setting())) {
    EXPECT_TRUE(seen.insert(p.name).second) << p.name << " is there twice";
    EXPECT_NE(p.name.rfind("norm", 0), 0u) << p.name << ": such names are the block's";
    EXPECT_FALSE(p.shape.empty()) << p.name;
    for (const std::int64_t n : p.shape) EXPECT_GE(n, 1) << p.name;
  }
}

TEST_P(SpecOfLayer, CostsGrowWithTheTokens) {
  EXPECT_GE(spec().state_bytes(setting(), 0), 0);
  for (std::int64_t t = 0; t < 200; ++t) {
    EXPECT_GT(spec().flops(setting(), t), 0) << t;
    EXPECT_GE(spec().flops(setting(), t + 1), spec().flops(setting(), t)) << t;
    EXPECT_GE(spec().state_bytes(setting(), t + 1), spec().state_bytes(setting(), t)) << t;
  }
}

}  // namespace
}  // namespace yore::mixers::conformance
