// What must not change a bit: later tokens, other sequences, their order, the number of threads.
#include "yore/mixers/conformance/support.h"

namespace yore::mixers::conformance {
namespace {

using Inputs = conformance::Inputs<float>;
using Fenced = conformance::Fenced<float>;
using Outputs = conformance::Outputs<float>;

class Invariance : public Conformance {
 protected:
  Fenced cotangent_of(std::int64_t tokens, std::uint64_t seed) const {
    return random_cotangent<float>(mechanism(), tokens, seed);
  }
};
INSTANTIATE_TEST_SUITE_P(Mixers, Invariance, testing::ValuesIn(on_all_targets(Which::All)), name_of);

bool same(const Fenced& a, std::size_t first_a, const Fenced& b, std::size_t first_b, std::size_t count) {
  return count == 0 || std::memcmp(a.data() + first_a, b.data() + first_b, count * sizeof(float)) == 0;
}

/// Puts `value` into tokens first .. end - 1 of every input that has tokens.
void fill(const Mechanism& mechanism, Inputs& in, std::int64_t first, std::int64_t end, float value) {
  const std::vector<InputSpec> specs = mechanism.inputs();
  for (std::size_t i = 0; i < specs.size(); ++i)
    if (specs[i].per_token)
      for (std::size_t n = static_cast<std::size_t>(first) * specs[i].width();
           n < static_cast<std::size_t>(end) * specs[i].width(); ++n)
        in.arrays[i][n] = value;
}

TEST_P(Invariance, LaterTokensDoNotReachEarlierOutputs) {
  const std::int64_t tokens = 150;
  const Packed sequences = packed({tokens});
  const Inputs in(mechanism(), tokens, 1);
  const Fenced cotangent = cotangent_of(tokens, 2);
  const Outputs before = run_float(sequences, in, cotangent);
  for (std::int64_t changed : {0, 1, 63, 64, 65, 100, 149}) {
    Inputs other = in;
    fill(mechanism(), other, changed, changed + 1, -0.5f);
    const Outputs after = run_float(sequences, other, cotangent);
    const std::size_t earlier = static_cast<std::size_t>(changed) * mechanism().output_width();
    EXPECT_TRUE(same(before.out, 0, after.out, 0, earlier)) << "token " << changed;
  }
}

TEST_P(Invariance, SequencesDoNotTouchEachOther) {
  const std::vector<std::int64_t> lengths = {5, 1, 70, 0, 130, 64};
  const Packed sequences = packed(lengths);
  const std::size_t width = mechanism().output_width();
  const Inputs in(mechanism(), sequences.tokens(), 3);
  const Fenced cotangent = cotangent_of(sequences.tokens(), 4);
  const Outputs together = run_float(sequences, in, cotangent);
  const std::vector<InputSpec> specs = mechanism().inputs();
  const auto first = [&](std::size_t b) { return static_cast<std::size_t>(sequences.starts[b]); };
  for (std::size_t b = 0; b < lengths.size(); ++b) {
    Fenced part(width * static_cast<std::size_t>(lengths[b]));
    if (part.size() > 0)
      std::memcpy(part.data(), cotangent.data() + first(b) * width, part.size() * sizeof(float));
    const Outputs alone = run_float(
        packed({lengths[b]}), in.tokens(mechanism(), sequences.starts[b], sequences.starts[b + 1]), part);
    EXPECT_TRUE(same(together.out, first(b) * width, alone.out, 0, alone.out.size())) << "sequence " << b;
    for (std::size_t i = 0; i < specs.size(); ++i) {
      if (!specs[i].per_token) continue;
      EXPECT_TRUE(
          same(together.grads[i], first(b) * specs[i].width(), alone.grads[i], 0, alone.grads[i].size()))
          << "sequence " << b << ", gradient of " << specs[i].name;
    }
  }
  // A sequence full of NaN is its own affair.
  Inputs poisoned = in;
  fill(mechanism(), poisoned, sequences.starts[2], sequences.starts[3],
       std::numeric_limits<float>::quiet_NaN());
  const Outputs beside = run_float(sequences, poisoned, cotangent);
  EXPECT_TRUE(same(together.out, 0, beside.out, 0, first(2) * width));
  EXPECT_TRUE(same(together.out, first(3) * width, beside.out, first(3) * width,
                   together.out.size() - first(3) * width));
}

TEST_P(Invariance, ThreadsDoNotMatter) {
  for (const std::vector<std::int64_t>& lengths : {std::vector<std::int64_t>{1200}, {9, 3, 80, 40, 1, 300}}) {
    const Packed sequences = packed(lengths);
    const Inputs in(mechanism(), sequences.tokens(), 7);
    const Fenced cotangent = cotangent_of(sequences.tokens(), 8);
    const Outputs one = run_float(sequences, in, cotangent);
    for (int threads : {2, 5}) {
      const Outputs many = run_float(sequences, in, cotangent, threads);
      EXPECT_TRUE(one.out == many.out);
      for (std::size_t i = 0; i < one.grads.size(); ++i)
        EXPECT_TRUE(one.grads[i] == many.grads[i]) << "input " << i;
    }
  }
}

TEST_P(Invariance, TheSameTwice) {
  const Packed sequences = packed({33, 100});
  const Inputs in(mechanism(), sequences.tokens(), 9);
  const Fenced cotangent = cotangent_of(sequences.tokens(), 10);
  const Outputs a = run_float(sequences, in, cotangent, 2), b = run_float(sequences, in, cotangent, 2);
  EXPECT_TRUE(a.out == b.out);
  for (std::size_t i = 0; i < a.grads.size(); ++i) EXPECT_TRUE(a.grads[i] == b.grads[i]) << "input " << i;
}

}  // namespace
}  // namespace yore::mixers::conformance
