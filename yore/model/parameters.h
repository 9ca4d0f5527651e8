// All weights of a model in one flat buffer with named windows into it: an optimiser step, a norm and a
// checkpoint then are a few passes over one array instead of hundreds of small operations, which is most of
// the time of a small model.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "yore/mixers/spec.h"

namespace yore::model {

/// One named window.
struct Parameter {
  std::string name;
  std::vector<std::int64_t> shape;
  bool decays = false;      ///< see mixers::ParameterSpec
  std::int64_t offset = 0;  ///< in the flat buffer
  std::int64_t size = 0;
  at::Tensor value;  ///< leaf that requires gradients and shares the buffer's memory
};

/// The buffer and its windows, in the order of the list they were made from.
class Parameters {
 public:
  /// Creates the buffer (float32, or float64 for tests of gradients) and, with a seed, fills it from streams
  /// named by (seed, index), the same on every platform: base::Random, and uniform numbers only, so no
  /// library function's rounding enters. Without a seed the numbers are left open, for those of a file.
  /// Exceptions are LogUniform and SoftplusLogUniform, which go through std::log and std::exp: their last bit
  /// may differ between C libraries.
  Parameters(const std::vector<mixers::ParameterSpec>& specs, std::optional<std::uint64_t> seed,
             at::ScalarType type = at::kFloat);

  /// Parameters that nothing will change: the arrays themselves, one a spec in their order, float or
  /// (matrices of linear maps and embeddings) bfloat16. There is no flat buffer.
  Parameters(const std::vector<mixers::ParameterSpec>& specs, std::vector<at::Tensor> values);

  const std::vector<Parameter>& all() const { return all_; }
  const at::Tensor& value(std::size_t index) const { return all_[index].value; }
  /// The place of a parameter in all(); std::out_of_range if there is none of that name.
  std::size_t index(const std::string& name) const { return by_name_.at(name); }
  /// [size()] float buffer; writing to it changes the parameters. Undefined where arrays stand by themselves.
  const at::Tensor& flat() const { return flat_; }
  std::int64_t size() const { return size_; }
  /// What is computed in: float or double.
  at::TensorOptions options() const;

 private:
  void describe(const std::vector<mixers::ParameterSpec>& specs);

  std::vector<Parameter> all_;
  std::unordered_map<std::string, std::size_t> by_name_;
  at::Tensor flat_;
  std::int64_t size_ = 0;
};

}  // namespace yore::model
