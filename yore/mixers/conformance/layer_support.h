// What the conformance tests of layers share: a layer with random parameters, and what its definition
// (layer_cases.h) says of packed sequences.
#pragma once
#include <ATen/Functions.h>
#include <gtest/gtest.h>

#include <iosfwd>
#include <string>
#include <vector>

#include "yore/base/random.h"
#include "yore/mixers/conformance/layer_cases.h"
#include "yore/mixers/conformance/tolerance.h"
#include "yore/mixers/mixer.h"

namespace yore::mixers::conformance {

/// How a failure names the parameter.
void PrintTo(const LayerCase& c, std::ostream* out);
std::string name_of(const testing::TestParamInfo<LayerCase>& info);

/// Uniform in [-1, 1], in double, each a float.
at::Tensor random_tensor(at::IntArrayRef shape, base::Random& random);

/// The next lengths[b] tokens of sequences that have been through before[b] already.
PackedRows rows_of(const std::vector<std::int64_t>& lengths, std::vector<std::int64_t> before = {});

/// The largest error of `got` [rows, ..] as a share of what is allowed, against as many numbers.
Worst compare(const at::Tensor& got, const std::vector<Judged>& right, double unit);

/// One layer of the cases.
class Layers : public testing::TestWithParam<LayerCase> {
 protected:
  void SetUp() override;

  /// The layer, in double; its parameters want gradients.
  const Mixer& layer() const { return *layer_; }
  const std::vector<at::Tensor>& parameters() const { return parameters_; }
  const MixerSetting& setting() const { return GetParam().setting; }
  std::int64_t width() const { return setting().width; }
  /// Another layer with the same parameters as numbers of another type.
  std::unique_ptr<Mixer> layer_in(at::ScalarType type) const;

  bool heads() const { return has_heads(find_spec(GetParam().mechanism)); }
  /// Random gates in double, one a head; undefined for a mechanism without heads.
  at::Tensor random_gates(base::Random& random) const;

  /// All rows of the sequences by the definition. `gates` may be undefined.
  std::vector<Judged> definition(const PackedRows& rows, const at::Tensor& x, const at::Tensor& gates) const;
  /// The derivative of sum(cotangent * rows), or of the last rows alone, along `direction` of input i:
  /// parameters(), then x, then the gates.
  Judged slope(const PackedRows& rows, const at::Tensor& x, const at::Tensor& gates,
               const at::Tensor& cotangent, bool last, std::size_t i, const at::Tensor& direction) const;

 private:
  std::vector<Numbers> arrays(const at::Tensor& x, const at::Tensor& gates) const;
  std::vector<Complex> evaluate(const PackedRows& rows, const std::vector<Numbers>& in, std::size_t i,
                                const Numbers& direction) const;
  double operations(const PackedRows& rows) const;

  std::unique_ptr<Mixer> layer_;
  std::vector<at::Tensor> parameters_;
};

}  // namespace yore::mixers::conformance
