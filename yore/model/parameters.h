// All weights of a model in one flat buffer with named windows into it: an optimiser step, a norm and a
// checkpoint then are a few passes over one array instead of hundreds of small operations, which is most of
// the time of a small model.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "yore/mixers/mixer.h"

namespace yore::model {

using mixers::Start;

/// One named window.
struct Parameter {
  std::string name;
  std::vector<std::int64_t> shape;
  Start start = Start::Zero;
  std::int64_t offset = 0;  ///< in the flat buffer
  std::int64_t size = 0;
  at::Tensor value;  ///< leaf that requires gradients and shares the buffer's memory

  /// Weight decay pulls matrices of linear maps only, not biases, norms or embeddings.
  bool decays() const { return start == Start::FanIn; }
};

/// The buffer and its windows, in the order they were added.
class Parameters {
 public:
  /// Declares a parameter and returns its index; all must be declared before `allocate`.
  std::size_t add(std::string name, std::vector<std::int64_t> shape, Start start);
  /// Creates the buffer (float32, or float64 for tests of gradients) and fills it from streams named by
  /// (seed, index), the same on every platform: base::Random, and uniform numbers only, so no library
  /// function's rounding enters.
  void allocate(std::uint64_t seed, at::ScalarType type = at::kFloat);

  const std::vector<Parameter>& all() const { return all_; }
  const at::Tensor& value(std::size_t index) const { return all_[index].value; }
  /// [size()] float buffer; writing to it changes the parameters.
  const at::Tensor& flat() const { return flat_; }
  std::int64_t size() const { return size_; }

 private:
  std::vector<Parameter> all_;
  at::Tensor flat_;
  std::int64_t size_ = 0;
};

}  // namespace yore::model
