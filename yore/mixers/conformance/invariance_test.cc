// What must not change a bit: later tokens, other sequences, their order, the number of threads.
#include <cstring>

#include "yore/kernels/targets.h"
#include "yore/mixers/conformance/support.h"

namespace yore::mixers::conformance {
namespace {

class Invariance : public Conformance {};
INSTANTIATE_TEST_SUITE_P(Mixers, Invariance, testing::ValuesIn(kernels::available_targets()),
                         [](const auto& target) { return target.param; });

bool same(const Fenced& a, std::size_t first_a, const Fenced& b, std::size_t first_b, std::size_t count) {
  return count == 0 || std::memcmp(a.data() + first_a, b.data() + first_b, count * sizeof(float)) == 0;
}

TEST_P(Invariance, LaterTokensDoNotReachEarlierOutputs) {
  for (const auto& mechanism : all_mechanisms()) {
    const std::int64_t tokens = 150;
    const Packed sequences = packed({tokens});
    const Inputs in(*mechanism, tokens, 1);
    const Fenced cotangent = random_cotangent(*mechanism, tokens, 2);
    const Outputs before = run(*mechanism, sequences, in, cotangent, 1);
    for (std::int64_t changed : {0, 1, 63, 64, 65, 100, 149}) {
      Inputs other = in;
      const std::vector<InputSpec> specs = mechanism->inputs();
      for (std::size_t i = 0; i < specs.size(); ++i)
        if (specs[i].per_token)
          for (std::size_t n = 0; n < input_width(specs[i]); ++n)
            other.arrays[i][static_cast<std::size_t>(changed) * input_width(specs[i]) + n] = -0.5f;
      const Outputs after = run(*mechanism, sequences, other, cotangent, 1);
      const std::size_t earlier = static_cast<std::size_t>(changed) * output_width(*mechanism);
      EXPECT_TRUE(same(before.out, 0, after.out, 0, earlier)) << mechanism->name() << ", token " << changed;
    }
  }
}

TEST_P(Invariance, SequencesDoNotTouchEachOther) {
  const std::vector<std::int64_t> lengths = {5, 1, 70, 0, 130, 64};
  for (const auto& mechanism : all_mechanisms()) {
    const Packed sequences = packed(lengths);
    Inputs in(*mechanism, sequences.tokens(), 3);
    const Fenced cotangent = random_cotangent(*mechanism, sequences.tokens(), 4);
    const Outputs together = run(*mechanism, sequences, in, cotangent, 1);
    const std::vector<InputSpec> specs = mechanism->inputs();
    for (std::size_t b = 0; b < lengths.size(); ++b) {
      const std::int64_t first = sequences.starts[b], end = sequences.starts[b + 1];
      Fenced part(output_width(*mechanism) * static_cast<std::size_t>(end - first));
      if (part.size() > 0)
        std::memcpy(part.data(),
                    cotangent.data() + static_cast<std::size_t>(first) * output_width(*mechanism),
                    part.size() * sizeof(float));
      const Outputs alone =
          run(*mechanism, packed({end - first}), in.tokens(*mechanism, first, end), part, 1);
      EXPECT_TRUE(same(together.out, static_cast<std::size_t>(first) * output_width(*mechanism), alone.out, 0,
                       alone.out.size()))
          << mechanism->name() << ", sequence " << b;
      for (std::size_t i = 0; i < specs.size(); ++i) {
        if (!specs[i].per_token) continue;
        EXPECT_TRUE(same(together.grads[i], static_cast<std::size_t>(first) * input_width(specs[i]),
                         alone.grads[i], 0, alone.grads[i].size()))
            << mechanism->name() << ", sequence " << b << ", gradient of " << specs[i].name;
      }
    }
    // A sequence full of NaN is its own affair.
    Inputs poisoned = in;
    for (std::size_t i = 0; i < specs.size(); ++i)
      if (specs[i].per_token)
        for (std::size_t n = static_cast<std::size_t>(sequences.starts[2]) * input_width(specs[i]);
             n < static_cast<std::size_t>(sequences.starts[3]) * input_width(specs[i]); ++n)
          poisoned.arrays[i][n] = std::numeric_limits<float>::quiet_NaN();
    const Outputs beside = run(*mechanism, sequences, poisoned, cotangent, 1);
    const std::size_t from = static_cast<std::size_t>(sequences.starts[3]) * output_width(*mechanism),
                      to = static_cast<std::size_t>(sequences.starts[2]) * output_width(*mechanism);
    EXPECT_TRUE(same(together.out, from, beside.out, from, together.out.size() - from)) << mechanism->name();
    EXPECT_TRUE(same(together.out, 0, beside.out, 0, to)) << mechanism->name();
  }
}

TEST_P(Invariance, ThreadsDoNotMatter) {
  for (const auto& mechanism : all_mechanisms())
    for (const std::vector<std::int64_t>& lengths :
         {std::vector<std::int64_t>{1200}, {9, 3, 80, 40, 1, 300}}) {
      const Packed sequences = packed(lengths);
      const Inputs in(*mechanism, sequences.tokens(), 7);
      const Fenced cotangent = random_cotangent(*mechanism, sequences.tokens(), 8);
      const Outputs one = run(*mechanism, sequences, in, cotangent, 1);
      for (int threads : {2, 5}) {
        const Outputs many = run(*mechanism, sequences, in, cotangent, threads);
        EXPECT_TRUE(one.out == many.out) << mechanism->name();
        for (std::size_t i = 0; i < one.grads.size(); ++i)
          EXPECT_TRUE(one.grads[i] == many.grads[i]) << mechanism->name() << ", input " << i;
      }
    }
}

TEST_P(Invariance, TheSameTwice) {
  for (const auto& mechanism : all_mechanisms()) {
    const Packed sequences = packed({33, 100});
    const Inputs in(*mechanism, sequences.tokens(), 9);
    const Fenced cotangent = random_cotangent(*mechanism, sequences.tokens(), 10);
    const Outputs a = run(*mechanism, sequences, in, cotangent, 2),
                  b = run(*mechanism, sequences, in, cotangent, 2);
    EXPECT_TRUE(a.out == b.out) << mechanism->name();
    for (std::size_t i = 0; i < a.grads.size(); ++i)
      EXPECT_TRUE(a.grads[i] == b.grads[i]) << mechanism->name();
  }
}

}  // namespace
}  // namespace yore::mixers::conformance
