#include "yore/study/theory/prediction.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/study/theory/compiled_model.h"
#include "yore/study/test_support.h"

namespace yore::study {
namespace {

using expressivity::Answer;
using expressivity::Class;
using testing::contains;
using testing::small_study;

KindClass kind(const std::string& attention) {
  return class_of(attention, arch::ModelOptions{});
}

Prediction predict_for(const std::string& attention, arch::ModelOptions model, const Verdicts& verdicts) {
  model.attention = attention;
  return predict({attention, model}, verdicts);
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

// (ab)*: hybrid with lookback 1 only (the worked table of the theory).
TEST(Predict, SaysWhatTheVerdictsSay) {
  StudyConfig config = small_study();
  config.attention = {"global", "local", "hybrid", "local:2", "hybrid:2"};
  const Verdicts verdicts = classify_all(config);
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
  const Verdicts verdicts = classify_all(config);
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

TEST(Predict, TheCompiledShapeIsEnough) {
  StudyConfig config = small_study();
  Verdicts verdicts = classify_all(config);
  config.init = {kCompiled, kCompiledShape};
  EXPECT_THROW(kinds(config), std::logic_error) << "the shape is missing";
  config.compiled_shape = shape_of(compile_model(config, verdicts));
  verdicts = classify_all(config, std::move(verdicts));
  const std::vector<Kind> all = kinds(config);
  ASSERT_EQ(all.size(), 5u);
  for (std::size_t i = 3; i < 5; ++i) {
    const Prediction p = predict(all[i], verdicts);
    EXPECT_EQ(p.answer, Answer::Yes) << all[i].name;
    EXPECT_EQ(p.kind.of, Class::Hybrid);
    EXPECT_TRUE(contains(p.because, "the compiled transformer has this shape")) << p.because;
  }
}

// A formula that a user writes is compiled with the lookbacks it has, and judged at them.
TEST(Predict, ACompiledFormulaHasItsOwnLookback) {
  StudyConfig config = small_study();
  config.language = languages::read_language("ltl:Y<=3 a", "ab");
  Verdicts verdicts = classify_all(config);
  config.init = {kCompiledShape};
  config.compiled_shape = shape_of(compile_model(config, verdicts));
  verdicts = classify_all(config, std::move(verdicts));
  ASSERT_TRUE(verdicts.contains(3));
  EXPECT_EQ(predict(kinds(config).back(), verdicts).answer, Answer::Yes);
}

}  // namespace
}  // namespace yore::study
