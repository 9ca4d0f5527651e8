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

/// The next number of a parameter that starts as `spec` says.
double draw(const mixers::ParameterSpec& spec, base::Random& random) {
  using mixers::Start;
  const auto within = [&](double bound) { return bound * (2 * random.uniform() - 1); };
  switch (spec.start) {
    case Start::Zero:
      return 0;
    case Start::One:
      return 1;
    case Start::FanIn:
      return within(1.0 / std::sqrt(static_cast<double>(spec.shape.back())));
    case Start::Unit:
      return within(std::sqrt(3.0));
    case Start::LogUniform:
      // 1 - uniform() is never 0: a logarithm of -infinity could not be learnt away from.
      return std::log(spec.low + (spec.high - spec.low) * (1 - random.uniform()));
    case Start::SoftplusLogUniform: {
      const double from = std::log(spec.low);
      return std::log(std::expm1(std::exp(from + (std::log(spec.high) - from) * random.uniform())));
    }
  }
  throw std::logic_error("parameter " + spec.name + ": no such start");
}

}  // namespace

void Parameters::describe(const std::vector<mixers::ParameterSpec>& specs) {
  for (const mixers::ParameterSpec& spec : specs) {
    Parameter p{spec.name, spec.shape, spec.decays, size_, 0, {}};
    p.size = std::accumulate(p.shape.begin(), p.shape.end(), std::int64_t{1}, std::multiplies<>());
    size_ += p.size;
    by_name_.emplace(p.name, all_.size());
    all_.push_back(std::move(p));
  }
}

Parameters::Parameters(const std::vector<mixers::ParameterSpec>& specs, std::optional<std::uint64_t> seed,
                       at::ScalarType type) {
  describe(specs);
  if (seed) {
    at::Tensor values = at::empty({size_}, at::kDouble);
    double* out = values.data_ptr<double>();
    for (std::size_t i = 0; i < all_.size(); ++i) {
      const Parameter& p = all_[i];
      base::Random random{*seed, kWeights, i};
      for (std::int64_t j = p.offset; j < p.offset + p.size; ++j) out[j] = draw(specs[i], random);
    }
    flat_ = values.to(type);
  } else {
    flat_ = at::empty({size_}, type);
  }
  for (Parameter& p : all_)
    p.value = flat_.narrow(0, p.offset, p.size).view(p.shape).detach().set_requires_grad(true);
}

Parameters::Parameters(const std::vector<mixers::ParameterSpec>& specs, std::vector<at::Tensor> values) {
  describe(specs);
  if (values.size() != all_.size())
    throw std::invalid_argument("parameters: there must be one array for each description");
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (values[i].sizes() != all_[i].shape)
      throw std::invalid_argument("parameters: " + all_[i].name + " has another shape than its description");
    all_[i].value = std::move(values[i]);
  }
}

at::TensorOptions Parameters::options() const {
  if (flat_.defined()) return flat_.options();
  const bool wide = !all_.empty() && all_.front().value.scalar_type() == at::kDouble;
  return at::TensorOptions(wide ? at::kDouble : at::kFloat);
}

}  // namespace yore::model
