#include "yore/training/optimiser.h"

#include <ATen/Functions.h>

#include <cmath>

namespace yore::training {
namespace {

constexpr double kEpsilon = 1e-8;

}  // namespace

AdamW::AdamW(const model::Parameters& parameters, const runs::TrainingConfig& config)
    : first(at::zeros({parameters.size()}, at::kFloat)),
      second(at::zeros({parameters.size()}, at::kFloat)),
      all_(parameters),
      parameters_(parameters.flat()),
      beta1_(config.beta1),
      beta2_(config.beta2),
      weight_decay_(config.weight_decay) {
  choose(std::vector<char>(parameters.all().size(), 1));
}

void AdamW::choose(const std::vector<char>& learns, const std::vector<std::int64_t>& missed) {
  stretches_.clear();
  for (std::size_t i = 0; i < all_.all().size(); ++i) {
    const model::Parameter& p = all_.all()[i];
    if (learns[i] == 0) continue;
    const std::int64_t without = missed.empty() ? 0 : missed[i];
    if (!stretches_.empty() && stretches_.back().decays == p.decays && stretches_.back().missed == without &&
        stretches_.back().end == p.offset)
      stretches_.back().end = p.offset + p.size;
    else
      stretches_.push_back({p.offset, p.offset + p.size, p.decays, without});
  }
}

void AdamW::step(const at::Tensor& gradient, double gradient_scale, double rate, std::int64_t count) {
  const auto beta1 = static_cast<float>(beta1_), beta2 = static_cast<float>(beta2_);
  const auto rest1 = static_cast<float>(1.0 - beta1_), rest2 = static_cast<float>(1.0 - beta2_);
  const auto scale = static_cast<float>(gradient_scale);
  const float* grad = gradient.data_ptr<float>();
  float* value = parameters_.data_ptr<float>();
  float* mean = first.data_ptr<float>();
  float* square = second.data_ptr<float>();
  for (const Stretch& stretch : stretches_) {
    const auto updates = static_cast<double>(count - stretch.missed);
    const double correction1 = 1.0 - std::pow(beta1_, updates), correction2 = 1.0 - std::pow(beta2_, updates);
    const auto step_size = static_cast<float>(rate / correction1);
    const auto root_correction = static_cast<float>(1.0 / std::sqrt(correction2));
    const auto keep = static_cast<float>(stretch.decays ? 1.0 - rate * weight_decay_ : 1.0);
    for (std::int64_t i = stretch.begin; i < stretch.end; ++i) {
      const float g = scale * grad[i];
      mean[i] = beta1 * mean[i] + rest1 * g;
      square[i] = beta2 * square[i] + rest2 * (g * g);
      const float denominator = std::sqrt(square[i]) * root_correction + static_cast<float>(kEpsilon);
      value[i] = keep * value[i] - step_size * mean[i] / denominator;
    }
  }
}

double euclidean_norm(const at::Tensor& vector) {
  const float* x = vector.data_ptr<float>();
  // Four running sums, so that the additions need not wait for one another; their order is fixed.
  double sum[4] = {0, 0, 0, 0};
  const std::int64_t n = vector.numel();
  for (std::int64_t i = 0; i < n; ++i) sum[i % 4] += static_cast<double>(x[i]) * static_cast<double>(x[i]);
  return std::sqrt((sum[0] + sum[1]) + (sum[2] + sum[3]));
}

}  // namespace yore::training
