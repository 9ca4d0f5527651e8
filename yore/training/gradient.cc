#include "yore/training/gradient.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <limits>

#include "yore/training/loss.h"

namespace yore::training {
namespace {

/// Numbers behind the gradient that ranks add up with it.
enum Sums : std::int64_t { kLoss, kInterruptions, kLate, kSums };

}  // namespace

BatchGradient::BatchGradient(const model::Model& model, int parts, Ranks* ranks)
    : model_(model),
      parts_(parts),
      ranks_(ranks),
      sums_(at::zeros({model.parameters().size() + kSums}, at::kFloat)),
      gradient_(sums_.narrow(0, 0, model.parameters().size())) {}

void BatchGradient::choose(const std::vector<char>& learns) {
  gradient_.zero_();
  inputs_.clear();
  places_.clear();
  for (std::size_t i = 0; i < learns.size(); ++i)
    if (learns[i] != 0) {
      const model::Parameter& p = model_.parameters().all()[i];
      inputs_.push_back(p.value);
      places_.push_back(&p);
    }
}

std::optional<double> BatchGradient::compute(const tasks::Batch& batch, const HeadBudget& budget) {
  const int parts = parts_ * (ranks_ == nullptr ? 1 : ranks_->size());
  const int from = ranks_ == nullptr ? 0 : parts_ * ranks_->rank();
  const std::int64_t sequences = batch.sequences();
  const double all = static_cast<double>(target_count(model_, batch, 0, sequences));
  double sum = 0;
  bool any = false;
  for (int part = from; part < from + parts_; ++part) {
    const std::int64_t first = sequences * part / parts, end = sequences * (part + 1) / parts;
    if (first == end) continue;
    at::Tensor loss = mean_loss(model_, batch, first, end, budget);
    if (!loss.defined()) continue;  // nothing is asked in this part
    if (parts > 1) loss = loss * (static_cast<double>(target_count(model_, batch, first, end)) / all);
    last_loss_ = loss.item<double>();
    if (!std::isfinite(last_loss_)) return std::nullopt;
    sum += last_loss_;
    write(torch::autograd::grad({loss}, inputs_, {}, {}, false, true), any);
    any = true;
  }
  if (!any) gradient_.zero_();
  return sum;
}

std::optional<double> BatchGradient::add_up(std::optional<double> loss, Word& word) {
  if (ranks_ == nullptr) return loss;
  auto* more = sums_.data_ptr<float>() + gradient_.size(0);
  more[kLoss] = loss ? static_cast<float>(*loss) : std::numeric_limits<float>::quiet_NaN();
  more[kInterruptions] = word.interrupted ? 1 : 0;
  more[kLate] = word.late ? 1 : 0;
  ranks_->add_up(sums_);
  word = {more[kInterruptions] > 0, more[kLate] > 0};
  last_loss_ = static_cast<double>(more[kLoss]);
  return std::isfinite(last_loss_) ? std::optional(last_loss_) : std::nullopt;
}

/// Writes (or adds) the gradients to their places in the flat one.
void BatchGradient::write(std::vector<at::Tensor> gradients, bool add) {
  for (std::size_t i = 0; i < gradients.size(); ++i)
    gradients[i] =
        gradients[i].defined() ? gradients[i].reshape({-1}) : at::zeros({places_[i]->size}, at::kFloat);
  if (!add && inputs_.size() == model_.parameters().all().size()) {
    at::cat_out(gradient_, gradients);
    return;
  }
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    at::Tensor place = gradient_.narrow(0, places_[i]->offset, places_[i]->size);
    if (add)
      place.add_(gradients[i]);
    else
      place.copy_(gradients[i]);
  }
}

std::string BatchGradient::culprit() const {
  for (const model::Parameter& p : model_.parameters().all())
    if (!at::isfinite(gradient_.narrow(0, p.offset, p.size)).all().item<bool>()) return p.name;
  return "all parameters together";
}

}  // namespace yore::training
