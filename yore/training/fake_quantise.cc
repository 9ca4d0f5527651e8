#include "yore/training/fake_quantise.h"

#include <ATen/Functions.h>
#include <ATen/TensorOperators.h>

#include <algorithm>
#include <utility>

#include "yore/base/budget.h"
#include "yore/base/interrupt.h"
#include "yore/mixers/common/linear_map.h"
#include "yore/runs/measures.h"
#include "yore/training/evaluate.h"

namespace yore::training {
namespace {

constexpr int kCalibrationSteps = 16, kCalibrationBatch = 8;
constexpr std::uint64_t kCalibrationSeed = 0;
constexpr double kLevels = 127;

double largest(const at::Tensor& x) {
  return x.numel() == 0 ? 0 : x.detach().abs().max().item<double>();
}

model::Model copy_of(const model::Model& model) {
  model::Model copy(model.description(), std::nullopt, at::kFloat);
  const at::NoGradGuard no_gradients;
  for (std::size_t i = 0; i < copy.parameters().all().size(); ++i) {
    at::Tensor value = copy.parameters().value(i);
    value.copy_(model.parameters().value(i));
  }
  return copy;
}

}  // namespace

at::Tensor fake_int8(const at::Tensor& x, double most) {
  if (!(most > 0)) return x;
  const double scale = most / kLevels;
  return at::clamp(at::round(x / scale), -kLevels, kLevels) * scale;
}

QuantisedModel::QuantisedModel(const model::Model& model, const tasks::Task& task)
    : model_(copy_of(model)), maps_(model_.parameters().all().size()) {
  const at::NoGradGuard no_gradients;
  {
    const mixers::LinearInputs recorder([this](const at::Tensor& x, const at::Tensor& weight) {
      if (const Map* map = find(weight); map != nullptr) {
        Map& own = maps_[static_cast<std::size_t>(map - maps_.data())];
        own.seen = true;
        own.most = std::max(own.most, largest(x));
      }
      return x;
    });
    for (int step = 0; step < kCalibrationSteps; ++step) {
      if (base::interrupted()) throw base::Interrupted("calibration");
      const tasks::Batch batch = task.training_batch(kCalibrationSeed, step, kCalibrationBatch);
      model_.forward(model::pack(batch.starts, batch.tokens));
    }
  }
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    at::Tensor value = model_.parameters().value(i);
    if (maps_[i].seen) value.copy_(fake_int8(value, largest(value)));
  }
}

const QuantisedModel::Map* QuantisedModel::find(const at::Tensor& weight) const {
  const auto* at = static_cast<const float*>(weight.data_ptr());
  const auto* flat = model_.parameters().flat().data_ptr<float>();
  for (std::size_t i = 0; i < maps_.size(); ++i) {
    const model::Parameter& p = model_.parameters().all()[i];
    if (at >= flat + p.offset && at < flat + p.offset + p.size) return &maps_[i];
  }
  return nullptr;
}

std::vector<base::Metric> QuantisedModel::evaluate(const tasks::Task& task) const {
  const mixers::LinearInputs rounding([this](const at::Tensor& x, const at::Tensor& weight) {
    const Map* map = find(weight);
    return map == nullptr ? x : fake_int8(x, map->most);
  });
  const std::vector<base::Metric> all = training::evaluate(model_, task);
  std::vector<base::Metric> metrics;
  for (const base::Metric& metric : all) {
    const auto of_the_name = [&](const base::Metric& m) {
      return m.set == metric.set && m.name == metric.name;
    };
    if (std::count_if(all.begin(), all.end(), of_the_name) != 1) continue;
    metrics.push_back(metric);
    metrics.back().name = runs::quantised_name(metric.name);
  }
  return metrics;
}

}  // namespace yore::training
