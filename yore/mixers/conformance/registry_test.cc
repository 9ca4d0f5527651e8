// A mechanism cannot pass by having nothing to check.
#include <algorithm>

#include "yore/mixers/conformance/names.h"
#include "yore/mixers/conformance/support.h"
#include "yore/mixers/spec.h"

namespace yore::mixers::conformance {
namespace {

class Registered : public testing::TestWithParam<std::string> {
 protected:
  std::int64_t count(bool extreme) const {
    const std::vector<KernelCase>& all = all_kernel_cases();
    return std::count_if(all.begin(), all.end(), [&](const KernelCase& c) {
      return c.mechanism == GetParam() && c.kernel->extreme() == extreme;
    });
  }
};

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const Spec* spec : specs()) all.push_back(spec->name());
  return all;
}
INSTANTIATE_TEST_SUITE_P(Mixers, Registered, testing::ValuesIn(names()),
                         [](const auto& name) { return name.param; });

TEST_P(Registered, HasCasesThatAreCompared) {
  EXPECT_GT(count(false), 0) << "cases.cc of " << GetParam() << " lists none";
}

TEST_P(Registered, HasCasesOfExtremeInputs) {
  EXPECT_GT(count(true), 0) << "cases.cc of " << GetParam() << " lists none with Mechanism::extreme()";
}

TEST_P(Registered, HasInputsAndOutputs) {
  for (const KernelCase& c : all_kernel_cases()) {
    if (c.mechanism != GetParam()) continue;
    EXPECT_GT(c.kernel->output_width(), 0u) << c.name();
    const std::vector<InputSpec> inputs = c.kernel->inputs();
    EXPECT_FALSE(inputs.empty()) << c.name();
    for (const InputSpec& input : inputs) {
      EXPECT_GT(input.width(), 0u) << c.name() << ", " << input.name;
      EXPECT_LE(input.low, input.high) << c.name() << ", " << input.name;
    }
  }
}

TEST(Registry, HasNoCasesOfUnknownMechanisms) {
  const std::vector<std::string> known = names();
  EXPECT_FALSE(known.empty());
  for (const KernelCase& c : all_kernel_cases())
    EXPECT_NE(std::find(known.begin(), known.end(), c.mechanism), known.end())
        << c.mechanism << ": the folder's name differs from Spec::name()";
}

}  // namespace
}  // namespace yore::mixers::conformance
