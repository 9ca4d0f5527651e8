// The states of layers: going on gives the definition's rows, and takes the memory that the spec says.
#include <ATen/TensorOperators.h>
#include <fmt/format.h>

#include "yore/mixers/conformance/layer_support.h"

namespace yore::mixers::conformance {
namespace {

class LayerStates : public Layers {};
INSTANTIATE_TEST_SUITE_P(Mixers, LayerStates, testing::ValuesIn(all_layer_cases()), name_of);

TEST_P(LayerStates, GoOnAsIfTheWholeHadBeenThere) {
  constexpr std::int64_t kMost = 5;  // tokens at a time
  const std::vector<std::int64_t> whole = {1, 7, 3, 12};
  const std::vector<std::vector<std::int64_t>> pieces = {{1, 0, 3, 5}, {0, 4, 0, 4}, {0, 3, 0, 3}};
  base::Random random(5);
  const PackedRows rows = rows_of(whole);
  const at::Tensor x = random_tensor({rows.starts.back(), width()}, random);
  for (const at::Tensor& gates : {at::Tensor(), random_gates(random)}) {
    const std::vector<Judged> right = definition(rows, x, gates);
    const std::unique_ptr<State> state = layer().start({4, kMost, 0});
    std::vector<std::int64_t> before(whole.size(), 0);
    double most = 0;
    for (const std::vector<std::int64_t>& lengths : pieces) {
      std::vector<at::Tensor> taken;
      std::vector<Judged> expected;
      for (std::size_t s = 0; s < lengths.size(); ++s) {
        taken.push_back(x.narrow(0, rows.starts[s] + before[s], lengths[s]));
        const auto first =
            right.begin() + static_cast<std::ptrdiff_t>((rows.starts[s] + before[s]) * width());
        expected.insert(expected.end(), first, first + static_cast<std::ptrdiff_t>(lengths[s] * width()));
      }
      const at::Tensor tokens = at::cat(taken);
      const PackedRows next = rows_of(lengths, before);
      // A detour that is taken back leaves no trace.
      layer().advance(*state, tokens * -0.5, next, {gates});
      for (std::size_t s = 0; s < lengths.size(); ++s) {
        state->roll_back(static_cast<std::int64_t>(s), lengths[s]);
        EXPECT_EQ(state->length(static_cast<std::int64_t>(s)), before[s]);
      }
      const at::Tensor got = layer().advance(*state, tokens, next, {gates});
      EXPECT_FALSE(got.requires_grad());
      most = std::max(most, compare(got, expected, kUnit<double>).ratio);
      for (std::size_t s = 0; s < lengths.size(); ++s) before[s] += lengths[s];
    }
    fmt::print("  measured/allowed {:.3f}\n", most);
  }
}

// Spec::state_bytes: never more than what is held, and once every window is full less by the counters only.
TEST_P(LayerStates, HoldWhatTheSpecSays) {
  const Spec& spec = find_spec(GetParam().mechanism);
  const std::unique_ptr<Mixer> in_float = layer_in(at::kFloat);
  constexpr std::int64_t kFull = 300;  // past every window of the cases
  base::Random random(6);
  for (const std::int64_t tokens : {std::int64_t{1}, std::int64_t{2}, std::int64_t{9}, kFull}) {
    const std::unique_ptr<State> state = in_float->start({1, 0, tokens});
    in_float->advance(*state, random_tensor({tokens, width()}, random).to(at::kFloat), rows_of({tokens}));
    const auto held = static_cast<std::int64_t>(state->bytes());
    const std::int64_t said = spec.state_bytes(setting(), tokens);
    EXPECT_GE(held, said) << tokens << " tokens";
    if (tokens < kFull) continue;
    const std::int64_t heads = setting().options.value("heads", 1);
    EXPECT_LE(held, said + 64 + 16 * heads) << tokens << " tokens";
    const at::Tensor one = random_tensor({1, width()}, random).to(at::kFloat);
    EXPECT_THROW(in_float->advance(*state, one, rows_of({1}, {tokens})), std::length_error);
    EXPECT_EQ(state->length(0), tokens);
  }
}

}  // namespace
}  // namespace yore::mixers::conformance
