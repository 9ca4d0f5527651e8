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

Parameters::Parameters(const std::vector<mixers::ParameterSpec>& specs, std::uint64_t seed,
                       at::ScalarType type) {
  using mixers::Start;
  for (const mixers::ParameterSpec& spec : specs) {
    Parameter p{spec.name, spec.shape, spec.decays, size_, 0, {}};
    p.size = std::accumulate(p.shape.begin(), p.shape.end(), std::int64_t{1}, std::multiplies<>());
    size_ += p.size;
    by_name_.emplace(p.name, all_.size());
    all_.push_back(std::move(p));
  }
  at::Tensor values = at::empty({size_}, at::kDouble);
  double* out = values.data_ptr<double>();
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const Parameter& p = all_[i];
    const Start start = specs[i].start;
    base::Random random{seed, kWeights, i};
    const double bound =
        start == Start::Unit ? std::sqrt(3.0) : 1.0 / std::sqrt(static_cast<double>(p.shape.back()));
    for (std::int64_t j = p.offset; j < p.offset + p.size; ++j)
      out[j] = start == Start::Zero ? 0.0 : start == Start::One ? 1.0 : bound * (2 * random.uniform() - 1);
  }
  flat_ = values.to(type);
  for (Parameter& p : all_)
    p.value = flat_.narrow(0, p.offset, p.size).view(p.shape).detach().set_requires_grad(true);
}

}  // namespace yore::model
