// The passes: what they decide, and what they refuse. That the weights are right is tested where they run
// (inspection/compiled_test.cc).
#include "yore/compiler/compiler.h"

#include <gtest/gtest.h>

#include "yore/base/error.h"
#include "yore/base/random.h"
#include "yore/compiler/compile.h"
#include "yore/compiler/explain.h"

namespace yore::compiler {
namespace {

Formula formula(const std::string& text, const std::string& alphabet = "abc") {
  return logic::parse_formula(text, logic::Alphabet::parse(alphabet));
}

int working_blocks(const Plan& plan) {
  return static_cast<int>(
      std::count_if(plan.blocks.begin(), plan.blocks.end(), [](const Block& b) { return !b.heads.empty(); }));
}

TEST(Obstacles, AreTheSinceNodesWithTheirReason) {
  EXPECT_TRUE(obstacles(formula("P (a & Y b) & Y<=3 c")).empty());
  const auto list = obstacles(formula("Y (a S b) | P c"));
  ASSERT_EQ(list.size(), 1u);
  EXPECT_EQ(list[0].subformula, "a S b");
  EXPECT_NE(list[0].reason.find("unique hard attention"), std::string::npos);
  try {
    plan(formula("(a S b) & (b S c)"), {});
    FAIL();
  } catch (const base::InputError& e) {
    EXPECT_EQ(e.source(), "formula");
    EXPECT_NE(e.message().find("a S b"), std::string::npos);
    EXPECT_NE(e.message().find("b S c"), std::string::npos);
  }
}

TEST(Schedule, AsManyBlocksAttendAsTheFormulaIsDeep) {
  base::Random random(4);
  for (const char* text : {"a", "P a", "Y Y Y a", "P (a & Y b) | Y P c", "Y (Y a | P b) & !P (c & !Y Y b)",
                           "Y (((Y a | P b) & (Y b | P c)) | ((Y c | P a) & (P b | P c)))"}) {
    const Formula f = formula(text);
    EXPECT_EQ(working_blocks(plan(f, {})), logic::measure(f).depth) << text;
  }
}

TEST(Schedule, OneNetFoldsWhatAlternatesWithoutBranching) {
  // a & (x | (y & z)) is one weighted threshold; exclusive parts are a sum of gates.
  for (const char* text : {"Y a & (Y b | (P c & P b))", "a & Y a | b & (Y b | P c) | c & !Y c"}) {
    const Plan p = plan(formula("Y (" + std::string(text) + ")"), {});
    EXPECT_EQ(p.blocks.size(), 2u) << text;
  }
  // An Or of two Ands that may both hold needs a net of its own in between.
  EXPECT_EQ(plan(formula("Y ((Y a & P b) | (Y b & P c))"), {}).blocks.size(), 3u);
}

/// The truth of a form by its gates.
bool holds(const Form& form, const std::vector<char>& truth) {
  int sum = 0;
  for (const Gate& gate : form.gates) {
    int weighted = 0;
    for (const Term& term : gate.terms) weighted += term.weight * truth[static_cast<std::size_t>(term.node)];
    sum += weighted >= gate.threshold;
  }
  EXPECT_LE(sum, 1);
  return (sum == 1) != form.complement;
}

TEST(Schedule, FormsSayWhatTheFormulaSays) {
  base::Random random(9);
  for (const char* text : {"(Y a | P b & (Y c | !P a & Y b)) & !P c",
                           "a & Y a | b & (Y b | first) | c & !Y c", "!(a & Y a | b & !(Y b & P c))",
                           "(Y a <-> P b) & (P b | !Y c)", "Y ((Y a & P b) | (Y b & P c)) | P a"}) {
    const Plan p = plan(formula(text), {});
    for (int i = 0; i < 200; ++i) {
      logic::Word word;
      for (std::int64_t n = random.below(9); n > 0; --n)
        word.push_back(static_cast<logic::Symbol>(random.below(3)));
      const auto values = logic::evaluate_all(p.formula.graph, word);
      for (std::size_t at = 0; at <= word.size(); ++at) {
        std::vector<char> truth;
        for (const auto& value : values) truth.push_back(value[at]);
        for (const Block& block : p.blocks)
          for (const NodeId id : block.formed)
            EXPECT_EQ(holds(p.form[static_cast<std::size_t>(id)], truth),
                      truth[static_cast<std::size_t>(id)] != 0)
                << text;
      }
    }
  }
}

TEST(Heads, YNodesOfABlockShareOneAndSharpPNodesHaveTheirOwn) {
  const Plan sharp = plan(formula("Y a | Y b & P a | P b"), {});
  ASSERT_EQ(sharp.blocks[0].heads.size(), 3u);
  EXPECT_EQ(sharp.blocks[0].heads[0].lookback, 1);
  EXPECT_EQ(sharp.blocks[0].heads[0].nodes.size(), 2u);
  EXPECT_EQ(sharp.blocks[0].heads[1].nodes.size(), 1u);
  CompileOptions options;
  options.once = Once::Uniform;
  const Plan uniform = plan(formula("Y a | Y b & P a | P b | Y<=2 c"), options);
  ASSERT_EQ(uniform.blocks[0].heads.size(), 3u);
  EXPECT_EQ(uniform.blocks[0].heads[1].lookback, 2);
  EXPECT_EQ(uniform.blocks[0].heads[2].nodes.size(), 2u);
  EXPECT_TRUE(uniform.config().attention.starts_with("1*local:1+1*local:2+1*global/"));
}

TEST(Coordinates, NoTwoLiveValuesShareOne) {
  for (const char* text : {"P (a & Y (b & Y (a & P c)))", "Y Y Y Y (a | Y b) & P (P a & !Y P b)",
                           "(P a <-> P b) & (P b <-> P c) & Y (P a | Y c)"})
    for (const Once once : {Once::Sharp, Once::Uniform}) {
      CompileOptions options;
      options.once = once;
      const Plan p = plan(formula(text), options);
      for (std::size_t i = 0; i < p.stage.size(); ++i)
        for (std::size_t j = 0; j < i; ++j) {
          if (p.stage[i] == kNever || p.stage[j] == kNever || p.coordinate[i] != p.coordinate[j]) continue;
          const bool before = p.last_read[i] <= p.stage[j], after = p.last_read[j] <= p.stage[i];
          EXPECT_TRUE(before || after) << text;
        }
      EXPECT_LE(p.width, static_cast<int>(p.stage.size()));
    }
}

TEST(Compile, AbStarIsSmall) {
  const Plan p = plan(formula("(Y b | first) & !P (a & Y a | b & (Y b | first))", "ab"), {});
  EXPECT_LE(p.blocks.size(), 3u);
  EXPECT_LE(p.width, 24);
  const std::string text = explain(p);
  for (const char* part : {"Block 2", "lookback 1", "global", "Read-out", "Y b", "cleared for others"})
    EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST(Compile, WhatIsTooLongNamesTheLargestAndAWayOut) {
  CompileOptions options;
  options.encoding = Encoding::PlusMinus;
  options.once = Once::Uniform;
  options.length = 100'000;
  const Formula f = formula("P (b & P (a & P b))");
  try {
    compile(f, "", options);
    FAIL();
  } catch (const base::InputError& e) {
    EXPECT_EQ(e.source(), "length");
    EXPECT_NE(e.message().find("--encoding 0/1"), std::string::npos) << e.message();
    const std::string found = "the largest that works is ";
    const auto at = e.message().find(found);
    ASSERT_NE(at, std::string::npos) << e.message();
    const std::int64_t largest = std::stoll(e.message().substr(at + found.size()));
    options.length = largest;
    EXPECT_TRUE(compile(f, "", options).proof.proven);
    options.length = largest + 1;
    EXPECT_THROW(compile(f, "", options), base::InputError);
  }
}

TEST(Compile, RefusesMoreParametersThanAllowed) {
  CompileOptions options;
  options.max_parameters = 100;
  EXPECT_THROW(plan(formula("P (a & Y b)"), options), base::BudgetError);
  options = {};
  options.length = 0;
  EXPECT_THROW(plan(formula("a"), options), base::InputError);
}

// Every Y of a chain needs a block of its own.
TEST(Compile, RefusesMoreBlocksThanAModelMayHave) {
  std::string text = "a";
  for (int depth = 0; depth < 4100; ++depth) text.insert(0, "Y ");
  try {
    compile(formula(text), "", {});
    FAIL();
  } catch (const base::InputError& e) {
    EXPECT_NE(std::string(e.what()).find("model.layers: expected 1 to 4096"), std::string::npos) << e.what();
  }
}

}  // namespace
}  // namespace yore::compiler
