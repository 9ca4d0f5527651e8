#include "yore/study/theory/compiled_model.h"

#include <gtest/gtest.h>

#include <fstream>

#include "yore/base/error.h"
#include "yore/report/html.h"
#include "yore/study/test_support.h"
#include "yore/study/theory/compiled_text.h"
#include "yore/study/theory/length_curve.h"

namespace yore::study {
namespace {

using base::InputError;
using testing::contains;
using testing::small_study;
using testing::stand_in;

StudyConfig study_of(const std::string& spec, const std::string& alphabet = "ab") {
  StudyConfig config = small_study();
  testing::set_language(config, spec, alphabet);
  return config;
}

CompiledModel compiled(const StudyConfig& config) {
  return compile_model(config, testing::language_of(config), testing::classify_all(config));
}

class CompiledModelTest : public testing::InFolder {
 protected:
  fs::path file(const char* name) const { return folder_ / files::kCompiledModel / name; }
  int verifications() const {
    std::ifstream in(file("verify-starts.txt"));
    int n = 0;
    for (std::string line; std::getline(in, line);) ++n;
    return n;
  }
};

TEST(CompileLanguage, AFormulaStaysAsItStandsAndOthersGoByTheirAutomaton) {
  // Longer than it need be: what is computed must be what was written.
  const auto written = compiler::compile_language(languages::read_language("ltl:P (a & a) & Y Y true", "ab"));
  EXPECT_EQ(logic::format_formula(written.plan.formula), "P a & Y Y true");
  const auto found = compiler::compile_language(languages::read_language("regex:.*a.*", "ab"));
  EXPECT_EQ(logic::format_formula(found.plan.formula), "P a");
  const languages::Language ab = testing::ab_star();
  EXPECT_EQ(base::to_safetensors(compiler::compile_language(ab).file.weights),
            base::to_safetensors(compiler::compile_language(ab).file.weights))
      << "whoever asks twice gets the same weights";
  // A classification at another lookback is of another logic and is not used.
  expressivity::ClassifyOptions wide;
  wide.lookback = 2;
  const auto at_two = expressivity::classify(ab.dfa, wide);
  EXPECT_EQ(compiler::compile_language(ab, {}, {}, &at_two).file.model,
            compiler::compile_language(ab).file.model);
}

TEST(CompileModel, SaysWhyThereIsNone) {
  const CompiledModel outside = compiled(study_of("regex:(b*ab*a)*b*"));
  EXPECT_FALSE(outside.compiled);
  EXPECT_EQ(outside.absence, CompiledModel::Absence::Outside);
  EXPECT_TRUE(contains(outside.why, "not in LTL[P,Y]")) << outside.why;
  EXPECT_TRUE(contains(sentence(outside), "No transformer of 1-local and global heads recognises it"));
  EXPECT_EQ(to_json(outside)["absence"], "outside");

  StudyConfig poor = study_of("regex:(ab)*");
  poor.classify.max_formula = 2;
  const CompiledModel unpaid = compiled(poor);
  EXPECT_FALSE(unpaid.compiled);
  EXPECT_EQ(unpaid.absence, CompiledModel::Absence::Budget);
  EXPECT_TRUE(contains(unpaid.why, "max-formula")) << unpaid.why;

  // A formula with S goes by its automaton ..
  const StudyConfig since = study_of("ltl:a S b");
  EXPECT_EQ(logic::format_formula(compiled(since).compiled->plan.formula), "P b");
  // .. and is refused where that has no formula that the compiler takes either.
  Verdicts verdicts = testing::classify_all(since);
  const languages::Language language = testing::language_of(since);
  for (expressivity::ClassVerdict& verdict : verdicts.at({1, 1}).classes)
    verdict.formula = logic::parse_formula("a S b", language.dfa.alphabet);
  const CompiledModel refused = compile_model(since, language, verdicts);
  EXPECT_FALSE(refused.compiled);
  EXPECT_EQ(refused.absence, CompiledModel::Absence::Refused);
  EXPECT_TRUE(contains(refused.why, "S needs a head")) << refused.why;
  for (const CompiledModel* none : {&outside, &unpaid, &refused}) EXPECT_THROW(shape_of(*none), InputError);
}

TEST_F(CompiledModelTest, IsWrittenVerifiedOnceAndKept) {
  const StudyConfig config = small_study();
  CompiledModel model = compiled(config);
  measure(model, config, folder_, stand_in(folder_));
  ASSERT_TRUE(model.right());
  ASSERT_TRUE(model.scores);
  EXPECT_TRUE(answered_all(*model.scores));
  EXPECT_EQ(arch::read_model(folder_ / files::kCompiledModel).weights.arrays,
            model.compiled->file.weights.arrays);
  EXPECT_EQ(base::read_json(file(files::kWords))["task"]["language"], "regex:(ab)*");
  EXPECT_EQ(verifications(), 1);

  CompiledModel again = compiled(config);
  measure(again, config, folder_, stand_in(folder_));
  EXPECT_TRUE(again.right());
  EXPECT_EQ(verifications(), 1) << "it was measured before";

  // Another model in its place, by whatever accident: its measurements are not this one's.
  base::write_file(file("model.json"), "{}");
  measure(again, config, folder_, stand_in(folder_));
  EXPECT_EQ(verifications(), 2);
  EXPECT_EQ(arch::read_model(folder_ / files::kCompiledModel).model, model.compiled->file.model);
}

TEST_F(CompiledModelTest, NothingIsClaimedThatWasNotMeasured) {
  const StudyConfig config = small_study();
  std::vector<std::string> said;
  ::setenv("STAND_IN_VERIFY", "fails", 1);
  CompiledModel model = compiled(config);
  measure(model, config, folder_, stand_in(folder_, &said));
  EXPECT_FALSE(model.right());
  EXPECT_FALSE(model.verified);
  EXPECT_FALSE(fs::exists(file(files::kVerify)));
  ASSERT_EQ(said.size(), 1u);
  EXPECT_TRUE(contains(said[0], "no such model")) << said[0];
  EXPECT_TRUE(contains(sentence(model), "not measured"));
  const std::string html = compiled_section(config, testing::language_of(config), model, "f").markup();
  EXPECT_TRUE(contains(html, "no such model"));
  EXPECT_FALSE(contains(html, "all right"));
  EXPECT_FALSE(contains(html, "proven"));

  ::setenv("STAND_IN_VERIFY", "wrong", 1);
  CompiledModel wrong = compiled(config);
  measure(wrong, config, folder_, stand_in(folder_));
  ASSERT_TRUE(wrong.verified);
  EXPECT_FALSE(wrong.right());
  EXPECT_TRUE(contains(sentence(wrong), "WRONG"));
  EXPECT_TRUE(contains(compiled_section(config, testing::language_of(config), wrong, "f").markup(),
                       "1 of 16383 wrong"));
}

TEST_F(CompiledModelTest, AMeasurementThatIsNoneIsNotTaken) {
  // What verify prints of a model that was not compiled has no proof.
  Json unproven = compiler::to_json(compiler::Verified{});
  unproven.erase("proof");
  for (const Json& found : {Json::object(), Json{{"right", 3}}, Json::array(), unproven}) {
    const StudyConfig config = small_study();
    CompiledModel model = compiled(config);
    measure(model, config, folder_, stand_in(folder_));
    base::write_file(file(files::kVerify), found.dump());
    CompiledModel again = compiled(config);
    measure(again, config, folder_, stand_in(folder_));
    EXPECT_FALSE(again.verified) << found;
    EXPECT_TRUE(contains(again.failure, files::kVerify)) << again.failure;
  }
}

TEST_F(CompiledModelTest, TheReportShowsItBesideTheTrained) {
  StudyConfig config = study_of("regex:(ab)*|'if'", "a,b,if");
  CompiledModel model = compiled(config);
  measure(model, config, folder_, stand_in(folder_));
  const std::string html = compiled_section(config, testing::language_of(config), model, "runs/it").markup();
  EXPECT_TRUE(contains(html, "all 16383 words to length 13: "));
  EXPECT_TRUE(contains(html, "320 words to length 500: 300 drawn, 20 witness strings"));
  EXPECT_TRUE(contains(html, "at least 4.25 for accepted ones"));
  EXPECT_FALSE(contains(html, "for rejected")) << "there was no rejected word";
  for (const char* kind : {"trained: global", "trained: local", "trained: hybrid"})
    EXPECT_TRUE(contains(html, kind)) << kind;
  EXPECT_TRUE(
      contains(html, report::escape("yore compile 'regex:(ab)*|'\\''if'\\''' --alphabet a,b,if --explain")));
  EXPECT_TRUE(
      contains(html, "yore run runs/it/compiled --trace --words " + report::escape("'a b if a b if'")));
  EXPECT_TRUE(contains(html, "Block 1"));
  const ExtraRow row = compiled_row(config, model);
  EXPECT_TRUE(contains(row.title.markup(), "not trained"));
  ASSERT_EQ(row.early.size(), 2u);
  EXPECT_TRUE(contains(row.early[1].markup(), "verified"));
  const auto buckets = data_of(config.base.task).test_buckets;
  ASSERT_EQ(row.by_set.size(), 1 + buckets.size() + 1);
  EXPECT_EQ(row.by_set.front().first, "validation");
  EXPECT_EQ(row.by_set[1].first, "41-100");
  for (const auto& [set, cell] : row.by_set) EXPECT_EQ(cell.markup(), "100%") << set;
}

}  // namespace
}  // namespace yore::study
