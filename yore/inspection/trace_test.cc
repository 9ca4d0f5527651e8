#include "yore/inspection/trace.h"

#include <gtest/gtest.h>

#include <limits>

#include "yore/automata/convert.h"
#include "yore/automata/dfa.h"
#include "yore/base/error.h"
#include "yore/compiler/compile.h"
#include "yore/compiler/forward.h"
#include "yore/compiler/targets.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {
namespace {

TEST(Trace, SeesWhatAWeightSays) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  compiler::Compiled c = compiler::compile(logic::parse_formula("P (a & Y b)", ab), "", {});
  const compiler::Manifest manifest = compiler::manifest_of(c.plan);
  const logic::Word word = {1, 0, 1};
  {
    const model::SavedRecogniser saved = model::recogniser_from_file(c.file, "compiled");
    const compiler::Trace t = trace(saved.model, manifest, word);
    EXPECT_TRUE(t.agrees);
    EXPECT_GT(t.logit, 0);
    std::size_t kept = 0;
    for (const auto& stage : manifest.stages)
      for (const auto& claim : stage) kept += claim.kind == compiler::Claim::Kind::Truth;
    EXPECT_EQ(t.rows.size(), kept);
    for (const compiler::TraceRow& row : t.rows) EXPECT_EQ(row.numbers.size(), word.size() + 1);
  }
  // With the embeddings of a and b exchanged the letters are read wrongly.
  std::string& bytes = c.file.weights.arrays.at("embedding.weight").bytes;
  const std::size_t row = bytes.size() / 3;
  const std::string first = bytes.substr(0, row);
  bytes.replace(0, row, bytes.substr(row, row));
  bytes.replace(row, row, first);
  const model::SavedRecogniser saved = model::recogniser_from_file(c.file, "mutated");
  EXPECT_FALSE(trace(saved.model, manifest, word).agrees);
}

// The numbers of a model that torch runs, and those of forward.h, which knows no torch.
TEST(Trace, WithoutTorchIsTheSame) {
  const logic::Alphabet ab = logic::Alphabet::parse("ab");
  for (const auto encoding : {compiler::Encoding::ZeroOne, compiler::Encoding::PlusMinus})
    for (const auto once : {compiler::Once::Sharp, compiler::Once::Uniform}) {
      const compiler::Compiled c =
          compiler::compile(logic::parse_formula("P (a & Y b) | !P P b & Y<=2 a", ab), "",
                            {.encoding = encoding, .once = once, .length = 30});
      const compiler::Manifest manifest = compiler::manifest_of(c.plan);
      const model::SavedRecogniser saved = model::recogniser_from_file(c.file, "compiled");
      automata::for_all_words(2, 6, [&](const logic::Word& word) {
        const compiler::Trace with = trace(saved.model, manifest, word),
                              without = compiler::trace(c.file, manifest, word);
        // Numbers are of size 1 and sums have less than 100 terms; a gain of the thresholds, 256, multiplies.
        constexpr double kAllowed = 256 * 100 * std::numeric_limits<float>::epsilon();
        ASSERT_EQ(with.rows.size(), without.rows.size());
        for (std::size_t r = 0; r < with.rows.size(); ++r)
          for (std::size_t i = 0; i <= word.size(); ++i)
            EXPECT_NEAR(with.rows[r].numbers[i], without.rows[r].numbers[i], kAllowed);
        EXPECT_NEAR(with.logit, without.logit, 8 * kAllowed);
      });
    }
}

// The same of recurrences, whose numbers are small integers and exact in both.
TEST(Trace, WithoutTorchIsTheSameForEveryRecurrence) {
  const auto same = [](const compiler::Compiled& c, int letters) {
    const compiler::Manifest manifest = compiler::manifest_of(c.plan);
    const model::SavedRecogniser saved = model::recogniser_from_file(c.file, "compiled");
    automata::for_all_words(letters, 5, [&](const logic::Word& word) {
      const compiler::Trace with = trace(saved.model, manifest, word),
                            without = compiler::trace(c.file, manifest, word);
      EXPECT_TRUE(without.agrees);
      EXPECT_EQ(with.logit, without.logit);
      ASSERT_EQ(with.rows.size(), without.rows.size());
      for (std::size_t r = 0; r < with.rows.size(); ++r)
        EXPECT_EQ(with.rows[r].numbers, without.rows[r].numbers);
    });
  };
  const logic::Formula formula =
      logic::parse_formula("(a | b) S (b & Y a) | !P P b", logic::Alphabet::parse("ab"));
  const automata::Dfa dfa = automata::minimise(
      automata::dfa_from_regex(logic::parse_regex("(aab|b)*", logic::Alphabet::parse("ab"))));
  for (const char* mixer : {"gla", "mamba2", "delta_net", "gated_delta_net", "kda"}) {
    compiler::CompileOptions options;
    options.mixer = mixer;
    same(compiler::compile(formula, "", options), 2);
    if (compiler::find_target(mixer)->steps) same(compiler::compile_automaton(dfa, "", options), 2);
  }
}

TEST(Trace, WithoutTorchRefusesWhatIsNotCompiled) {
  compiler::CompileOptions options;
  options.mixer = "gla";
  const compiler::Compiled c =
      compiler::compile(logic::parse_formula("a S b", logic::Alphabet::parse("ab")), "", options);
  const auto refused = [&](const char* option, const base::Json& value) {
    arch::ModelFile file = c.file;
    file.model.blocks[0].mixer.options[option] = value;
    try {
      compiler::forward(file, {0, 1});
    } catch (const base::InputError& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(refused("conv", 3).find("conv=3"), std::string::npos);
  EXPECT_NE(refused("output_gate", true).find("output_gate=true"), std::string::npos);
  EXPECT_NE(refused("out_norm", true).find("out_norm=true"), std::string::npos);
  arch::ModelFile other = c.file;
  other.model.blocks[0].mixer.name = "retention";
  EXPECT_THROW(compiler::forward(other, {0, 1}), base::InputError);
}

}  // namespace
}  // namespace yore::inspection
