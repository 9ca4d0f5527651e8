// Every single weight of a compiled model with its sign turned, and every head with another mask: is it
// noticed? What is not noticed must be a guard against roundings (docs/compiler.md, "Mutations").
#include <gtest/gtest.h>

#include <cstring>
#include <iostream>

#include "yore/compiler/compile_language.h"
#include "yore/compiler/manifest.h"
#include "yore/inspection/verify.h"
#include "yore/languages/language.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {
namespace {

struct Count {
  int mutants = 0, by_proof = 0, by_words = 0, survivors = 0, guards = 0;
};

class Mutation : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    dfa_ = languages::read_language(GetParam()).dfa;
    compiled_.emplace(compiler::compile_language(expressivity::classify(dfa_), GetParam(), {}));
    manifest_ = compiler::manifest_of(compiled_->plan);
  }

  bool wrong_on_words(const arch::ModelFile& file) const {
    const model::SavedRecogniser saved = model::recogniser_from_file(file, "mutant");
    return verify_all(saved.model, dfa_, 10, 2'100).tally.wrong > 0 ||
           verify_some(saved.model, dfa_, 60, 400, 1, {}).wrong > 0;
  }

  /// Whether the weight belongs to a hidden unit relu(-x) that clears the negative side of a rounded truth
  /// value: numbers below 0 come from roundings only, so words do not see it, and neither does the proof
  /// while the formula is shallow.
  bool is_guard(const std::string& name, std::size_t at) const {
    const std::string down = "mlp.down.weight";
    if (!name.ends_with(down)) return false;
    const auto& arrays = compiled_->file.weights.arrays;
    const base::NamedArray& up = arrays.at(name.substr(0, name.size() - down.size()) + "mlp.up.weight");
    const auto units = static_cast<std::size_t>(up.shape[0]), width = static_cast<std::size_t>(up.shape[1]);
    std::vector<float> row(width);
    std::memcpy(row.data(), up.bytes.data() + at % units * width * sizeof(float), width * sizeof(float));
    return std::count(row.begin(), row.end(), 0.0F) + 1 == static_cast<std::ptrdiff_t>(width) &&
           std::count(row.begin(), row.end(), -1.0F) == 1;
  }

  void judge(const arch::ModelFile& mutant, Count& count, const std::string& what, bool guard = false) const {
    ++count.mutants;
    const bool refuted = !compiler::prove(mutant, manifest_, 4096).proven;
    const bool wrong = wrong_on_words(mutant);
    count.by_proof += refuted;
    count.by_words += wrong;
    // The proof is sound: what answers wrongly is never proven.
    EXPECT_TRUE(refuted || !wrong) << what;
    if (refuted || wrong) return;
    ++(guard ? count.guards : count.survivors);
    std::cout << "  survives: " << what << "\n";
  }

  automata::Dfa dfa_;
  std::optional<compiler::Compiled> compiled_;
  compiler::Manifest manifest_;
};

TEST_P(Mutation, OfEveryWeightAndMask) {
  Count signs, masks;
  for (const auto& [name, array] : compiled_->file.weights.arrays) {
    for (std::size_t at = 0; at < array.bytes.size(); at += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, array.bytes.data() + at, sizeof value);
      if (value == 0) continue;
      arch::ModelFile mutant = compiled_->file;
      value = -value;
      std::memcpy(mutant.weights.arrays.at(name).bytes.data() + at, &value, sizeof value);
      judge(mutant, signs, name + "[" + std::to_string(at / sizeof(float)) + "]",
            is_guard(name, at / sizeof(float)));
    }
  }
  const arch::ModelOptions model = compiled_->plan.config();
  for (std::size_t b = 0; b < compiled_->plan.blocks.size(); ++b)
    for (std::size_t h = 0; h < compiled_->plan.blocks[b].heads.size(); ++h)
      for (const int lookback : {-1, 1, 2}) {
        compiler::Plan plan = compiled_->plan;
        compiler::Head& head = plan.blocks[b].heads[h];
        if (head.lookback == lookback) continue;
        // With one head a block the order of the heads stays what it is.
        if (model.heads > 1 && plan.blocks[b].heads.size() > 1) continue;
        head.lookback = lookback;
        arch::ModelFile mutant = compiled_->file;
        mutant.model = plan.model();
        judge(mutant, masks, "mask of block " + std::to_string(b + 1) + ", head " + std::to_string(h + 1));
      }
  std::cout << GetParam() << ": " << signs.mutants << " signs, " << signs.by_proof << " refuted by proof, "
            << signs.by_words << " by words, " << signs.survivors + signs.guards << " survive ("
            << signs.guards << " of guards against roundings); " << masks.mutants << " masks, "
            << masks.by_proof << " by proof, " << masks.by_words << " by words, " << masks.survivors
            << " survive\n";
  EXPECT_GT(signs.mutants, 0);
  EXPECT_GT(masks.mutants, 0);
  EXPECT_EQ(masks.survivors, 0);
  EXPECT_EQ(signs.survivors, 0);
}

INSTANTIATE_TEST_SUITE_P(Languages, Mutation,
                         testing::Values("(ab)*", ".*a.*b.*", ".*aa.*", "name:a-then-b-or-ab",
                                         "name:third-last-a"));

}  // namespace
}  // namespace yore::inspection
