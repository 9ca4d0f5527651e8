#include "yore/inspection/trace.h"

#include <gtest/gtest.h>

#include "yore/compiler/compile.h"
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

}  // namespace
}  // namespace yore::inspection
