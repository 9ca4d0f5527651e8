// The prover on models that are right, wrong, and right only for short words. That it is sound is also held
// against running models in inspection/: what answers wrongly is never proven.
#include "yore/compiler/prove.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "yore/base/random.h"
#include "yore/base/test_signals.h"
#include "yore/compiler/cases.h"
#include "yore/compiler/compile.h"
#include "yore/compiler/interval.h"

namespace yore::compiler {
namespace {

Compiled example(const std::string& text, const CompileOptions& options = {}) {
  return compile(logic::parse_formula(text, logic::Alphabet::parse("ab")), "", options);
}

float& weight(arch::ModelFile& file, const std::string& name, std::size_t at) {
  return reinterpret_cast<float*>(file.weights.arrays.at(name).bytes.data())[at];
}

TEST(Prove, HoldsForAllShorterLengths) {
  const Compiled c = example("P (a & Y (b & P a)) & !Y Y b");
  const Manifest m = manifest_of(c.plan);
  double error = 0;
  for (const std::int64_t length : {1, 10, 1000, 4096}) {
    const Proof p = prove(c.file, m, length);
    EXPECT_TRUE(p.proven) << p.failure;
    EXPECT_GE(p.error, error);
    EXPECT_GT(p.least_accepting, 0);
    EXPECT_LT(p.largest_rejecting, 0);
    error = p.error;
  }
  EXPECT_EQ(longest_proven(c.file, m, 4096), 4096);
}

TEST(Prove, FindsTheLengthAtWhichAHeadIsTooBlunt) {
  Compiled c = example("P a");
  const Manifest m = manifest_of(c.plan);
  // The key's weight of a is its sharpness: at 2 a head sees one a among n letters with e^2 / (e^2 + n - 1).
  const arch::ModelOptions shape = c.plan.config();
  const std::size_t width = static_cast<std::size_t>(shape.width);
  const std::size_t row = static_cast<std::size_t>(shape.heads * shape.head_width) * width;
  float& sharpness = weight(c.file, "layers.0.attention.qkv.weight", row);
  ASSERT_GT(sharpness, 10);
  sharpness = 2;
  const std::int64_t longest = longest_proven(c.file, m, 4096);
  // Within the error of 1/4 while e^2 / (e^2 + n - 1) >= 3/4.
  EXPECT_EQ(longest, 1 + static_cast<std::int64_t>(std::exp(2.0) / 3));
  const Proof p = prove(c.file, m, longest + 1);
  EXPECT_FALSE(p.proven);
  EXPECT_EQ(p.stage, 1);
  EXPECT_NE(p.failure.find("P a"), std::string::npos) << p.failure;
}

TEST(Prove, NamesTheFirstPlaceThatIsWrong) {
  Compiled c = example("P (a & Y b)");
  const Manifest m = manifest_of(c.plan);
  arch::ModelFile wrong = c.file;
  weight(wrong, "read_out.bias", 0) = 0.5F;
  const Proof p = prove(wrong, m, 100);
  EXPECT_FALSE(p.proven);
  EXPECT_EQ(p.stage, 2 * static_cast<int>(wrong.model.blocks.size()) + 1);
  wrong = c.file;
  weight(wrong, "embedding.weight", 0) = 0.4F;
  EXPECT_EQ(prove(wrong, m, 100).stage, 0);
  wrong = c.file;
  weight(wrong, "embedding.weight", 0) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_FALSE(prove(wrong, m, 100).proven);
}

TEST(Prove, IsOnlyForTheCompilersKindOfModel) {
  Compiled c = example("Y a");
  const Manifest m = manifest_of(c.plan);
  for (const auto& change : std::vector<std::function<void(arch::ModelOptions&)>>{
           [](auto& x) { x.strict = false; }, [](auto& x) { x.positions = "sinusoidal"; },
           [](auto& x) { x.activation = "gelu"; }, [](auto& x) { x.attention = "global"; }}) {
    arch::ModelFile other = c.file;
    arch::ModelOptions options = c.plan.config();
    change(options);
    other.model = arch::expand(options, c.file.model.embedding.vocabulary, arch::ReadOutKind::Accept);
    EXPECT_FALSE(prove(other, m, 10).proven);
  }
}

TEST(Cases, CoverEveryPositionOfEveryWord) {
  const logic::Formula f =
      logic::parse_formula("(a | Y b) & P (a & !Y b) | !Y b & b", logic::Alphabet::parse("ab"));
  Cases cases(f);
  std::vector<NodeId> nodes;
  for (NodeId id = 0; id < f.graph.size(); ++id)
    if (f.graph.node(id).op != logic::Op::Not) nodes.push_back(id);
  std::set<std::vector<int>> seen;
  base::Budget enough("telling cases apart", {.count = 100'000}), little("telling cases apart", {.count = 3});
  EXPECT_TRUE(cases.split(nodes, enough, [&] {
    if (!cases.complete()) return Cases::Next::Split;
    std::vector<int> truths;
    for (NodeId id = 0; id < f.graph.size(); ++id) truths.push_back(static_cast<int>(cases.truth(id)));
    EXPECT_EQ(std::count(truths.begin(), truths.end(), -1), 0);
    seen.insert(truths);
    return Cases::Next::Done;
  }));
  base::Random random(1);
  for (int i = 0; i < 300; ++i) {
    logic::Word word;
    for (std::int64_t n = random.below(8); n > 0; --n)
      word.push_back(static_cast<logic::Symbol>(random.below(2)));
    const auto values = logic::evaluate_all(f.graph, word);
    for (std::size_t at = 0; at <= word.size(); ++at) {
      std::vector<int> truths;
      for (const auto& value : values) truths.push_back(value[at]);
      EXPECT_TRUE(seen.contains(truths));
    }
  }
  EXPECT_FALSE(cases.split(nodes, little, [&] { return Cases::Next::Split; }));  // the budget is too small
}

// "b & (many pairs) | d & (many pairs)": once the letter is known one gate is settled, and what it reads need
// not be told apart. The cases of the two add up; they once multiplied, 2^20 of them here.
TEST(Prove, GatesOfOtherLettersCostNothing) {
  std::string text = "P (b & (";
  for (int i = 1; i <= 20; ++i) {
    std::string back = "a";
    for (int k = 0; k < i; ++k) back.insert(0, "Y ");
    text += fmt::format("P (c & {0}) & !P (a & {0}) | ", back);
  }
  text += "false) | d & (";
  for (int i = 1; i <= 9; ++i) {
    std::string back = "b";
    for (int k = 0; k < i; ++k) back.insert(0, "Y ");
    text += fmt::format("P (c & {0}) & !P (a & {0}) | ", back);
  }
  text += "false))";
  const Compiled c = compile(logic::parse_formula(text, logic::Alphabet::parse("abcd")), "", {});
  EXPECT_TRUE(c.proof.proven);
  EXPECT_LT(c.proof.cases, 20'000);
}

// Sixty subformulas that know nothing of each other.
TEST(Cases, StopAtASignal) {
  std::string text = "a", all = "false";
  for (int i = 0; i < 60; ++i) {
    text.insert(0, "Y ");
    all.append(" | P (b & ").append(text).append(")");
  }
  const logic::Formula f = logic::parse_formula(all, logic::Alphabet::parse("ab"));
  std::vector<NodeId> nodes;
  for (NodeId id = 0; id < f.graph.size(); ++id)
    if (f.graph.node(id).op == logic::Op::Before) nodes.push_back(id);
  EXPECT_TRUE(base::stops_at_a_signal([&] {
    base::Budget endless("telling cases apart");
    Cases(f).split(nodes, endless, [] { return Cases::Next::Split; });
  }));
}

TEST(Cases, ThePreferredNodeIsToldApartFirst) {
  const logic::Formula f = logic::parse_formula("Y a | Y b | P a", logic::Alphabet::parse("ab"));
  Cases cases(f);
  std::vector<NodeId> nodes;
  for (NodeId id = 0; id < f.graph.size(); ++id)
    if (is_temporal(f.graph.node(id))) nodes.push_back(id);
  ASSERT_EQ(nodes.size(), 3u);
  // Last to first: where one holds the root is known, so the cases are a chain.
  int known = 0, unknown = 0;
  base::Budget enough("telling cases apart", {.count = 100});
  EXPECT_TRUE(cases.split(
      nodes, enough,
      [&] {
        EXPECT_TRUE(cases.truth(nodes[2]) != Truth::Unknown || cases.truth(nodes[0]) == Truth::Unknown);
        const bool decided = cases.truth(f.root) != Truth::Unknown;
        (decided ? known : unknown) += 1;
        return decided ? Cases::Next::Done : Cases::Next::Split;
      },
      [&]() -> std::optional<NodeId> {
        for (std::size_t i = nodes.size(); i-- > 0;)
          if (cases.truth(nodes[i]) == Truth::Unknown) return nodes[i];
        return std::nullopt;
      }));
  EXPECT_EQ(known, 4);
  EXPECT_EQ(unknown, 3);
}

TEST(Intervals, GammaBoundsFloatSums) {
  base::Random random(2);
  for (const int n : {2, 10, 1000}) {
    double exact = 0, magnitude = 0;
    float sum = 0;
    for (int i = 0; i < n; ++i) {
      const auto a = static_cast<float>(2 * random.uniform() - 1), b = static_cast<float>(random.uniform());
      exact += static_cast<double>(a) * static_cast<double>(b);
      magnitude += std::abs(static_cast<double>(a) * static_cast<double>(b));
      sum += a * b;
    }
    EXPECT_LE(std::abs(exact - static_cast<double>(sum)), gamma(n) * magnitude);
  }
}

}  // namespace
}  // namespace yore::compiler
