// What must not change a bit: later tokens, other sequences, their order, the number of threads.
#include "yore/mixers/conformance/support.h"

namespace yore::mixers::conformance {
namespace {

class Invariance : public Conformance {
 protected:
  Fenced<float> cotangent_of(const Packed& sequences, std::uint64_t seed) const {
    return random_cotangent<float>(mechanism(), sequences, seed);
  }
};
INSTANTIATE_TEST_SUITE_P(Mixers, Invariance, testing::ValuesIn(on_all_targets(Which::All)), name_of);

bool same(const Fenced<float>& a, std::size_t first_a, const Fenced<float>& b, std::size_t first_b,
          std::size_t count) {
  return count == 0 || std::memcmp(a.data() + first_a, b.data() + first_b, count * sizeof(float)) == 0;
}

/// Puts `value` into tokens first .. end - 1 of every input that has tokens.
void fill(const Mechanism& mechanism, Inputs<float>& in, std::int64_t first, std::int64_t end, float value) {
  const std::vector<InputSpec> specs = mechanism.inputs();
  for (std::size_t i = 0; i < specs.size(); ++i)
    if (specs[i].each == Each::Token)
      for (std::size_t n = static_cast<std::size_t>(first) * specs[i].width();
           n < static_cast<std::size_t>(end) * specs[i].width(); ++n)
        in.arrays[i][n] = value;
}

TEST_P(Invariance, LaterTokensDoNotReachEarlierOutputs) {
  const std::int64_t tokens = 150;
  const Packed sequences = packed({tokens});
  const Inputs<float> in(mechanism(), sequences, 1);
  const Fenced<float> cotangent = cotangent_of(sequences, 2);
  const Outputs<float> before = run_float(sequences, in, cotangent);
  for (std::int64_t changed : {0, 1, 63, 64, 65, 100, 149}) {
    Inputs<float> other = in;
    fill(mechanism(), other, changed, changed + 1, -0.5f);
    const Outputs<float> after = run_float(sequences, other, cotangent);
    const std::size_t earlier = static_cast<std::size_t>(changed) * mechanism().output_width();
    EXPECT_TRUE(same(before.out, 0, after.out, 0, earlier)) << "token " << changed;
  }
}

TEST_P(Invariance, SequencesDoNotTouchEachOther) {
  const std::vector<std::int64_t> lengths = {5, 1, 70, 0, 130, 64};
  const Packed sequences = packed(lengths);
  const Inputs<float> in(mechanism(), sequences, 3);
  const Fenced<float> cotangent = cotangent_of(sequences, 4);
  const Outputs<float> together = run_float(sequences, in, cotangent);
  const std::vector<InputSpec> specs = mechanism().inputs();
  for (std::int64_t b = 0; b < sequences.batch(); ++b) {
    const Packed one = packed({sequences.length(b)});
    const Part outputs = outputs_of(mechanism(), sequences, b), last = final_of(mechanism(), sequences, b);
    Fenced<float> part(mechanism().out_size(one));
    for (std::size_t n = 0; n < part.size(); ++n)
      part[n] = cotangent[n < outputs.count ? outputs.first + n : last.first + n - outputs.count];
    const Outputs<float> alone = run_float(one, in.sequence(mechanism(), sequences, b), part);
    EXPECT_TRUE(same(together.out, outputs.first, alone.out, 0, outputs.count)) << "sequence " << b;
    EXPECT_TRUE(same(together.out, last.first, alone.out, outputs.count, last.count)) << "sequence " << b;
    for (std::size_t i = 0; i < specs.size(); ++i) {
      if (specs[i].each == Each::Call) continue;
      const Part its = part_of(specs[i], sequences, b);
      EXPECT_TRUE(same(together.grads[i], its.first, alone.grads[i], 0, its.count))
          << "sequence " << b << ", gradient of " << specs[i].name;
    }
  }
  // A sequence full of NaN is its own affair.
  Inputs<float> poisoned = in;
  fill(mechanism(), poisoned, sequences.starts[2], sequences.starts[3],
       std::numeric_limits<float>::quiet_NaN());
  const Outputs<float> beside = run_float(sequences, poisoned, cotangent);
  for (std::int64_t b = 0; b < sequences.batch(); ++b)
    for (const Part its : {outputs_of(mechanism(), sequences, b), final_of(mechanism(), sequences, b)})
      if (b != 2) {
        EXPECT_TRUE(same(together.out, its.first, beside.out, its.first, its.count)) << "sequence " << b;
      }
}

TEST_P(Invariance, ThreadsDoNotMatter) {
  for (const std::vector<std::int64_t>& lengths : {std::vector<std::int64_t>{1200}, {9, 3, 80, 40, 1, 300}}) {
    const Packed sequences = packed(lengths);
    const Inputs<float> in(mechanism(), sequences, 7);
    const Fenced<float> cotangent = cotangent_of(sequences, 8);
    const Outputs<float> one = run_float(sequences, in, cotangent);
    for (int threads : {2, 5}) {
      const Outputs<float> many = run_float(sequences, in, cotangent, threads);
      EXPECT_TRUE(one.out == many.out);
      for (std::size_t i = 0; i < one.grads.size(); ++i)
        EXPECT_TRUE(one.grads[i] == many.grads[i]) << "input " << i;
    }
  }
}

TEST_P(Invariance, TheSameTwice) {
  const Packed sequences = packed({33, 100});
  const Inputs<float> in(mechanism(), sequences, 9);
  const Fenced<float> cotangent = cotangent_of(sequences, 10);
  const Outputs<float> a = run_float(sequences, in, cotangent, 2), b = run_float(sequences, in, cotangent, 2);
  EXPECT_TRUE(a.out == b.out);
  for (std::size_t i = 0; i < a.grads.size(); ++i) EXPECT_TRUE(a.grads[i] == b.grads[i]) << "input " << i;
}

}  // namespace
}  // namespace yore::mixers::conformance
