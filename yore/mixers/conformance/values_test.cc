// Values and gradients of every mechanism against its definition.
#include <fmt/format.h>

#include <map>

#include "yore/mixers/conformance/support.h"

namespace yore::mixers::conformance {
namespace {

class Values : public Conformance {};
INSTANTIATE_TEST_SUITE_P(Mixers, Values, testing::ValuesIn(on_all_targets(Which::Ordinary)), name_of);

class ExtremeValues : public Conformance {};
INSTANTIATE_TEST_SUITE_P(Mixers, ExtremeValues, testing::ValuesIn(on_all_targets(Which::Extreme)), name_of);

const std::vector<std::int64_t> kLengths = {1, 0, 2, 3, 90, 64, 17};
constexpr std::uint64_t kInputSeed = 1, kCotangentSeed = 2;

/// What the definition says of a case; the same on every target.
struct Truth {
  std::vector<Judged> out;
  std::vector<Slope> slopes;
};
const Truth& truth_of(const KernelCase& subject) {
  static std::map<std::string, Truth> known;
  const auto [place, fresh] = known.try_emplace(subject.name());
  if (fresh) {
    const Mechanism& m = *subject.kernel;
    const Packed sequences = packed(kLengths);
    const std::vector<Numbers> in = Inputs<double>(m, sequences, kInputSeed).numbers();
    const Fenced<double> cotangent = random_cotangent<double>(m, sequences, kCotangentSeed);
    place->second = {
        judge_outputs(m, sequences, in),
        judge_slopes(m, sequences, in, Numbers(cotangent.data(), cotangent.data() + cotangent.size()))};
  }
  return place->second;
}

/// Holds a kernel's passes in T against the definition.
template <class T>
void judge_passes(const Mechanism& m, const Passes<T>& passes, const Truth& truth) {
  const Packed sequences = packed(kLengths);
  const Outputs<T> o = run<T>(m, passes, sequences, Inputs<T>(m, sequences, kInputSeed),
                              random_cotangent<T>(m, sequences, kCotangentSeed), 1);
  ASSERT_EQ(o.out.size(), truth.out.size());
  Worst values, slopes;
  for (std::size_t i = 0; i < o.out.size(); ++i)
    values.see(truth.out[i].value, o.out[i], truth.out[i].allowed(kUnit<T>), i);
  for (std::size_t i = 0; i < truth.slopes.size(); ++i) {
    const Slope& slope = truth.slopes[i];
    double got = 0;
    for (std::size_t n = 0; n < slope.direction.size(); ++n)
      if (slope.direction[n] != 0) got += slope.direction[n] * static_cast<double>(o.grads[slope.input][n]);
    slopes.see(slope.judged.value, got, slope.judged.allowed(kUnit<T>), i);
  }
  const char* type = sizeof(T) == sizeof(float) ? "float" : "double";
  fmt::print("  {}: measured/allowed {:.3f} of values, {:.3f} of gradients\n", type, values.ratio,
             slopes.ratio);
  EXPECT_LE(values.ratio, 1) << type << ", output " << values.index << ": " << values.found << " for "
                             << values.expected;
  EXPECT_LE(slopes.ratio, 1) << type << ", gradient of " << m.inputs()[truth.slopes[slopes.index].input].name
                             << ", direction " << slopes.index << ": " << slopes.found << " for "
                             << slopes.expected;
}

TEST_P(Values, AndGradientsAreThoseOfTheDefinition) {
  const Truth& truth = truth_of(GetParam().subject);
  judge_passes<float>(mechanism(), mechanism().in_float(), truth);
  if (mechanism().in_double() != nullptr) judge_passes<double>(mechanism(), *mechanism().in_double(), truth);
}

TEST_P(ExtremeValues, StayFinite) {
  const Packed sequences = packed(kLengths);
  const Outputs<float> o = run_float(sequences, Inputs<float>(mechanism(), sequences, kInputSeed),
                                     random_cotangent<float>(mechanism(), sequences, kCotangentSeed));
  for (std::size_t i = 0; i < o.out.size(); ++i) ASSERT_TRUE(std::isfinite(o.out[i])) << "output " << i;
  for (std::size_t n = 0; n < o.grads.size(); ++n)
    for (std::size_t i = 0; i < o.grads[n].size(); ++i)
      ASSERT_TRUE(std::isfinite(o.grads[n][i])) << "gradient of " << mechanism().inputs()[n].name;
}

}  // namespace
}  // namespace yore::mixers::conformance
