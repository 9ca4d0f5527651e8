#include "yore/budget/harden.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include "yore/base/test_refusal.h"
#include "yore/base/test_scratch.h"
#include "yore/budget/test_subjects.h"

namespace yore::budget {
namespace {

at::Tensor logits(const arch::ModelFile& file, const model::Context& context = {}) {
  const at::NoGradGuard no_gradients;
  return model::from_file(file, "x").model.forward(some_input(), context);
}

double distance(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

// The judge are gates of 0 and 1 within the forward pass of the whole model.
TEST(Harden, SlicedAndMaskedModelsComputeWhatGatesDo) {
  for (const char* mixer :
       {"attention:heads=4,head_width=3",
        "attention:heads=4,head_width=2,lookback=hybrid:2,sinks=1,positions=rotary,bias=false",
        "attention:heads=4,kv_heads=2,head_width=4,qk_norm=rms,sink_logits=true",
        "attention:heads=6,kv_heads=1,head_width=2", "attention:heads=3,head_width=4/gla:heads=2"})
    for (const std::uint64_t seed : {1, 2, 3}) {
      const Subject subject = some_subject(mixer, seed);
      RankOptions rank;
      rank.by = Rank::Random;
      rank.budget = 0.5;
      rank.seed = seed;
      const Hardened hardened = harden(subject, rank, {});
      model::Context gates;
      for (const std::vector<double>& layer : arch::mask_of(subject.file.model, hardened.kept))
        gates.head_gates.push_back(layer.empty() ? at::Tensor() : at::tensor(layer, at::kFloat));
      const at::Tensor wanted = logits(subject.file, gates);
      EXPECT_GT(distance(wanted, logits(subject.file)), 1e-3) << mixer;  // the heads that went did something
      EXPECT_LT(distance(logits(hardened.file), wanted), 1e-5) << mixer;
      const arch::ModelFile sliced = arch::slice_heads(hardened.file, hardened.kept, "x");
      EXPECT_LT(distance(logits(sliced), wanted), 1e-5) << mixer;
      EXPECT_LT(arch::parameter_count(sliced.model), arch::parameter_count(subject.file.model)) << mixer;
    }
}

TEST(Harden, BudgetOneChangesNothing) {
  const Subject subject = some_subject("attention:heads=4,head_width=3");
  RankOptions rank;
  rank.by = Rank::Norm;
  const Hardened hardened = harden(subject, rank, {});
  EXPECT_EQ(hardened.file.weights, subject.file.weights);
  EXPECT_EQ(arch::slice_heads(hardened.file, hardened.kept, "x").model, subject.file.model);
}

TEST(Harden, RefusesWeightsThatAreNotFinite) {
  Subject subject = some_subject("attention:heads=4,head_width=3");
  std::string& weights = subject.file.weights.arrays.at("layers.1.attention.out.weight").bytes;
  weights.assign(weights.size(), '\xFF');  // NaN
  RankOptions rank;
  rank.by = Rank::Norm;
  EXPECT_TRUE(base::refused([&] { harden(subject, rank, {}); }, "subject: the rank of a head is not finite"));
}

TEST(Harden, AFolderComesBack) {
  const base::Scratch scratch;
  RankOptions rank;
  rank.by = Rank::Norm;
  rank.budget = 0.5;
  const Hardened written = harden(some_subject("attention:heads=4,head_width=3"), rank, {});
  write_hardened(written, scratch / "hard");
  const Hardened read = read_hardened(scratch / "hard");
  EXPECT_EQ(read.kept, written.kept);
  EXPECT_EQ(read.file.weights, written.file.weights);
  EXPECT_EQ(read.by, Rank::Norm);
  EXPECT_EQ(read.budget, 0.5);

  arch::write_model(some_subject("attention:heads=4,head_width=3").file, scratch / "other");
  EXPECT_TRUE(base::refused([&] { read_hardened(scratch / "other"); }, "holds no hardened model"));
  std::filesystem::copy(scratch / "hard" / arch::files::kHeads, scratch / "other");
  EXPECT_TRUE(base::refused([&] { read_hardened(scratch / "other"); }, "is not of the model beside it"));
}

}  // namespace
}  // namespace yore::budget
