#include "yore/model/parameters.h"

#include <ATen/Functions.h>

#include <cmath>
#include <functional>
#include <numeric>
#include <stdexcept>

#include "yore/base/random.h"

namespace yore::model {
namespace {

/// Names the streams of initial weights among all streams of a seed.
constexpr std::uint64_t kWeights = 0x77656967687473;  // "weights"

}  // namespace

std::size_t Parameters::add(std::string name, std::vector<std::int64_t> shape, Start start) {
  if (flat_.defined()) throw std::logic_error("Parameters::add after allocate");
  Parameter p;
  p.name = std::move(name);
  p.size = std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
  p.shape = std::move(shape);
  p.start = start;
  p.offset = size_;
  size_ += p.size;
  all_.push_back(std::move(p));
  return all_.size() - 1;
}

void Parameters::allocate(std::uint64_t seed, at::ScalarType type) {
  at::Tensor values = at::empty({size_}, at::kDouble);
  double* out = values.data_ptr<double>();
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const Parameter& p = all_[i];
    base::Random random{seed, kWeights, i};
    const double bound =
        p.start == Start::Unit ? std::sqrt(3.0) : 1.0 / std::sqrt(static_cast<double>(p.shape.back()));
    for (std::int64_t j = p.offset; j < p.offset + p.size; ++j)
      out[j] = p.start == Start::Zero  ? 0.0
               : p.start == Start::One ? 1.0
                                       : bound * (2 * random.uniform() - 1);
  }
  flat_ = values.to(type);
  for (Parameter& p : all_)
    p.value = flat_.narrow(0, p.offset, p.size).view(p.shape).detach().set_requires_grad(true);
}

}  // namespace yore::model
