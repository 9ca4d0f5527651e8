#include "yore/study/theory/prediction.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/mixers/spec.h"
#include "yore/study/test_support.h"
#include "yore/study/theory/plugin.h"

namespace yore::study {
namespace {

using expressivity::Answer;
using expressivity::Class;
using testing::contains;
using testing::small_study;

KindClass kind(const std::string& attention) {
  arch::ModelOptions model;
  model.attention = attention;
  return class_of(model).value();
}

// A model of this list of mixers, as many layers as the list has.
arch::ModelOptions model_of(const std::string& mixer, int layers) {
  arch::ModelOptions model;
  model.mixer = mixer;
  model.layers = layers;
  return model;
}

Prediction predict_for(const arch::ModelOptions& model, const Verdicts& verdicts) {
  Kind kind{"a kind", "a kind", {}, {}};
  kind.config.model = model;
  return predict(kind, verdicts);
}

Prediction predict_for(const std::string& attention, arch::ModelOptions model, const Verdicts& verdicts) {
  model.attention = attention;
  return predict_for(model, verdicts);
}

TEST(ClassOf, IsWhatAllHeadsTogetherSee) {
  EXPECT_EQ(kind("global").of, Class::Global);
  EXPECT_EQ(kind("local").of, Class::Local);
  EXPECT_EQ(kind("local").lookback, 1);
  EXPECT_EQ(kind("local:4").lookback, 4);
  EXPECT_EQ(kind("hybrid:2").of, Class::Hybrid);
  EXPECT_EQ(kind("hybrid:2").lookback, 2);
  EXPECT_EQ(kind("global/local:3").of, Class::Hybrid) << "layers add up as heads do";
  EXPECT_EQ(kind("2*local:4+2*local:2").of, Class::Local);
  EXPECT_EQ(kind("2*local:4+2*local:2").lookback, 2) << "the smaller lookback expresses the larger";
  EXPECT_EQ(kind("4*global").of, Class::Global);
  EXPECT_THROW(kind("sideways"), base::InputError);
}

TEST(ClassOf, ReadsListsOfMixers) {
  EXPECT_EQ(class_of(model_of("attention:lookback=global/attention:lookback=local:3", 2))->of, Class::Hybrid);
  EXPECT_EQ(class_of(model_of("2*attention:lookback=local:4/attention:lookback=local:2", 3))->lookback, 2);
}

// (ab)*: hybrid with lookback 1 only (the worked table of the theory).
TEST(Predict, SaysWhatTheVerdictsSay) {
  StudyConfig config = small_study();
  testing::values_of(config, "model.attention") = {"global", "local", "hybrid", "local:2", "hybrid:2"};
  const Verdicts verdicts = testing::classify_all(config);
  ASSERT_EQ(verdicts.size(), 2u);
  const auto answer = [&](const std::string& attention) {
    return predict_for(attention, config.base.model, verdicts).answer;
  };
  EXPECT_EQ(answer("global"), Answer::No);
  EXPECT_EQ(answer("local"), Answer::No);
  EXPECT_EQ(answer("hybrid"), Answer::Yes);
  EXPECT_EQ(answer("local:2"), Answer::No);
  EXPECT_NE(answer("hybrid:2"), Answer::Yes);
}

TEST(Predict, TheoryIsNotStretched) {
  const StudyConfig config = small_study();
  const Verdicts verdicts = testing::classify_all(config);
  arch::ModelOptions model = config.base.model;
  model.strict = false;
  EXPECT_EQ(predict_for("hybrid", model, verdicts).answer, Answer::Unknown);
  EXPECT_EQ(predict_for("global", model, verdicts).answer, Answer::No) << "a weaker mask cannot do more";
  model.strict = true;
  model.positions = "rotary";
  EXPECT_EQ(predict_for("global", model, verdicts).answer, Answer::Unknown);
  EXPECT_TRUE(contains(predict_for("hybrid", model, verdicts).because, "rotary"));
  model.positions = "none";
  model.layers = 1;
  EXPECT_TRUE(contains(predict_for("hybrid", model, verdicts).because, "these models have 1 layer"))
      << predict_for("hybrid", model, verdicts).because;
}

// (ab)* once more: what the layers of a list see together is what counts.
TEST(Predict, ReadsListsOfMixers) {
  const Verdicts verdicts = testing::classify_all(small_study());
  const auto mixers = [&](const std::string& mixer, int layers) {
    return predict_for(model_of(mixer, layers), verdicts);
  };
  EXPECT_EQ(mixers("attention:lookback=local:1/attention:lookback=global", 2).answer, Answer::Yes);
  EXPECT_EQ(mixers("2*attention:lookback=global", 2).answer, Answer::No);
  EXPECT_EQ(mixers("2*attention:lookback=local:1", 2).answer, Answer::No);
  EXPECT_EQ(mixers("2*attention:lookback=hybrid:1,strict=false", 2).answer, Answer::Unknown)
      << "a layer's own mask counts";

  for (const char* kind : {"rotary", "alibi"}) {
    const Prediction p =
        mixers(std::string("attention:lookback=local:1/attention:lookback=global,positions=") + kind, 2);
    EXPECT_EQ(p.answer, Answer::Unknown) << kind;
    EXPECT_TRUE(contains(p.because, "without positions")) << p.because;
  }
}

TEST(Predict, TheTheorySaysNothingOfOtherMixers) {
  const auto& specs = mixers::specs();
  const auto other = std::find_if(specs.begin(), specs.end(),
                                  [](const mixers::Spec* spec) { return spec->name() != "attention"; });
  if (other == specs.end()) GTEST_SKIP() << "attention is the only mixer here";
  const arch::ModelOptions model = model_of(std::string("attention/") + (*other)->name(), 2);
  EXPECT_FALSE(class_of(model));
  const Prediction p = predict_for(model, testing::classify_all(small_study()));
  EXPECT_EQ(p.answer, Answer::Unknown);
  EXPECT_FALSE(p.kind);
  EXPECT_TRUE(contains(p.because, "does not speak of these mixers")) << p.because;
}

TEST(Predict, TheCompiledShapeIsEnough) {
  StudyConfig config = small_study();
  config.init = {runs::inits::kCompiled, runs::inits::kCompiledShape};
  EXPECT_EQ(kinds(config).size(), 3u) << "they come from the plug-in";
  theory_plugin(config)->prepare(config);
  const Verdicts verdicts = testing::classify_all(config);
  const std::vector<Kind> all = kinds(config);
  ASSERT_EQ(all.size(), 5u);
  for (std::size_t i = 3; i < 5; ++i) {
    const Prediction p = predict(all[i], verdicts);
    EXPECT_EQ(p.answer, Answer::Yes) << all[i].name;
    ASSERT_TRUE(p.kind);
    EXPECT_EQ(p.kind->of, Class::Hybrid);
    EXPECT_TRUE(contains(p.because, "the compiled transformer has this shape")) << p.because;
  }
}

// A formula that a user writes is compiled with the lookbacks it has, and judged at them.
TEST(Predict, ACompiledFormulaHasItsOwnLookback) {
  StudyConfig config = small_study();
  testing::set_language(config, "ltl:Y<=3 a");
  config.init = {runs::inits::kCompiledShape};
  theory_plugin(config)->prepare(config);
  const Verdicts verdicts = testing::classify_all(config);
  ASSERT_TRUE(verdicts.contains({3, 1}));
  EXPECT_EQ(predict(kinds(config).back(), verdicts).answer, Answer::Yes);
}

}  // namespace
}  // namespace yore::study
