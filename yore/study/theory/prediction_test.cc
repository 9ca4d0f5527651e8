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

// The verdicts on one language, without positions and with the periods given.
Verdicts verdicts_on(const std::string& spec, const std::string& alphabet,
                     const std::vector<std::string>& positions = {}) {
  StudyConfig config = small_study();
  testing::set_language(config, spec, alphabet);
  if (!positions.empty()) {
    Axis axis{"model.positions", {}};
    for (const std::string& value : positions) axis.values.emplace_back(value);
    config.axes.push_back(axis);
  }
  return testing::classify_all(config);
}

// "y", "n" or "?" of each list of mixers.
std::string answers(const Verdicts& verdicts, const std::vector<std::string>& mixers,
                    const std::string& positions = "none") {
  std::string text;
  for (const std::string& mixer : mixers) {
    arch::ModelOptions model =
        model_of(mixer, 1 + static_cast<int>(std::count(mixer.begin(), mixer.end(), '/')));
    model.positions = positions;
    const Prediction p = predict_for(model, verdicts);
    text += p.answer == Answer::Yes ? 'y' : p.answer == Answer::No ? 'n' : '?';
    EXPECT_NE(p.because, "") << mixer;
  }
  return text;
}

// gates, steps of strength to 1 and to 2, constant decays with and without turning, and what has no theory
const std::vector<std::string> kOthers = {"gla",
                                          "mamba2",
                                          "gated_delta_net",
                                          "gated_delta_net:negative_eigenvalues=true",
                                          "retention:rotary=false",
                                          "retention:rotary=true",
                                          "blurry_window",
                                          "short_conv"};

TEST(Predict, OtherMixersAreJudgedByTheirFamily) {
  EXPECT_EQ(answers(verdicts_on("name:parity", "ab"), kOthers), "nnnyn??n");
  EXPECT_EQ(answers(verdicts_on("name:dyck-2", "ab"), kOthers), "yyyy???n");
  EXPECT_EQ(answers(verdicts_on("name:last-a", "ab"), kOthers), "yyyy???y");
  EXPECT_EQ(answers(verdicts_on("name:modular-sum-3", "012"), kOthers), "nnnyn??n");
  // Only the word ab counts, no letter does: what is published of eigenvalues does not reach it.
  EXPECT_EQ(answers(verdicts_on("regex:(abab)*", "ab"), kOthers), "nn?yn??n");
}

TEST(Predict, SaysByWhomAndWhy) {
  const Verdicts parity = verdicts_on("name:parity", "ab");
  const auto of = [&](const std::string& mixer) { return predict_for(model_of(mixer, 2), parity); };
  const Prediction gla = of("gla");
  EXPECT_EQ(gla.family, expressivity::Family::GatedDiagonal);
  EXPECT_FALSE(gla.kind);
  EXPECT_TRUE(contains(gla.because, "star-free languages only")) << gla.because;
  EXPECT_TRUE(contains(gla.source, "2405.17394")) << gla.source;
  EXPECT_TRUE(contains(of("gated_delta_net:negative_eigenvalues=true").source, "2411.12537"));
  EXPECT_EQ(of("blurry_window").because, "theory is silent about blurry_window: nothing is published");
  EXPECT_EQ(of("blurry_window").source, "");
  EXPECT_TRUE(contains(of("retention:rotary=true").because, "turn with positions"));
  EXPECT_EQ(of("short_conv").logic, "LTL[Y]");
  // Nested two deep: a formula of more operators than one layer can have.
  const Prediction shallow = predict_for(model_of("gla", 1), verdicts_on("name:dyck-2", "ab"));
  EXPECT_EQ(shallow.answer, Answer::Yes);
  EXPECT_TRUE(contains(shallow.because, "these models have 1 layer")) << shallow.because;
}

// A cell that trains well although theory refuses it is the business of summary_test.cc.
TEST(Predict, OfSeveralMixersOnlyWhatFollows) {
  const std::vector<std::string> mixed = {
      "attention:lookback=global/gla",                  // 0
      "attention:lookback=global/blurry_window",        // 1
      "gla/gated_delta_net",                            // 2
      "gla/gated_delta_net:negative_eigenvalues=true",  // 3
      "short_conv/gla",                                 // 4
      "short_conv/retention:rotary=false",              // 5
      "attention:lookback=global/short_conv",           // 6
      "gla/blurry_window",                              // 7
      "retention:rotary=false/gla",                     // 8
  };
  EXPECT_EQ(answers(verdicts_on("regex:(ab)*", "ab"), mixed), "y?yyy?yyy");
  EXPECT_EQ(answers(verdicts_on("name:parity", "ab"), mixed), "??nynnn?n");
  EXPECT_EQ(answers(verdicts_on("name:last-a", "ab"), mixed), "y?yyyyyyy") << "a convolution suffices alone";
  const Verdicts parity = verdicts_on("name:parity", "ab");
  EXPECT_EQ(predict_for(model_of(mixed[0], 2), parity).because,
            "no theorem speaks of models that have layers of attention and gated diagonal");
  EXPECT_EQ(predict_for(model_of(mixed[4], 2), parity).family, expressivity::Family::GatedDiagonal)
      << "a short convolution is part of such layers";
  EXPECT_TRUE(contains(predict_for(model_of(mixed[2], 2), parity).because, "eigenvalues are not negative"))
      << "the theorem that covers both";
  EXPECT_TRUE(contains(predict_for(model_of(mixed[0], 2), verdicts_on("regex:(ab)*", "ab")).because,
                       "layers of gated diagonal are enough"));
  EXPECT_EQ(class_of(model_of(mixed[6], 2)), std::nullopt) << "not of attention alone";
}

// Worked in the theory: (aa)* is a yes of all with positions modulo 2, parity of no one without a sign.
TEST(Predict, PeriodicPositionsAreJudgedWithTheirPeriod) {
  std::vector<std::string> all = {"attention:lookback=global", "attention:lookback=local"};
  all.insert(all.end(), kOthers.begin(), kOthers.end());
  const std::vector<std::string> both = {"none", "periodic:2", "periodic:3"};
  const Verdicts even = verdicts_on("regex:(aa)*", "a", both),
                 parity = verdicts_on("name:parity", "ab", both);
  EXPECT_EQ(answers(even, all, "none"), "nnnnnyn??n");
  EXPECT_EQ(answers(even, all, "periodic:2"), "yyyyyy???y");
  EXPECT_EQ(answers(even, all, "periodic:3"), "nnnn?yn??n");
  EXPECT_EQ(answers(parity, all, "periodic:2"), "nnnn?yn??n")
      << "with positions a repeated letter is no repeated input of delta steps";
  arch::ModelOptions model = model_of("attention:lookback=global", 1);
  model.positions = "periodic:2";
  const Prediction p = predict_for(model, even);
  EXPECT_EQ(p.logic, "LTL[P,MOD_2]");
  EXPECT_EQ(p.period, 2);
}

TEST(Predict, OfOtherPositionsNothingIsSaid) {
  const Verdicts verdicts = verdicts_on("name:parity", "ab");
  arch::ModelOptions model = model_of("gla", 2);
  for (const char* positions : {"sinusoidal", "learned"}) {
    model.positions = positions;
    const Prediction p = predict_for(model, verdicts);
    EXPECT_EQ(p.answer, Answer::Unknown) << positions;
    EXPECT_TRUE(contains(p.because, positions)) << p.because;
  }
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
