// AdamW (Loshchilov & Hutter 2019) on one flat buffer: one pass over the numbers a step.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "yore/model/parameters.h"
#include "yore/runs/run_config.h"

namespace yore::training {

/// Moments and the update, equal to torch::optim::AdamW (eps 1e-8) with weight decay on matrices of linear
/// maps only.
class AdamW {
 public:
  AdamW(const model::Parameters& parameters, const runs::TrainingConfig& config);

  /// Which parameters learn, one mark each; the others stay as they are, and their moments too. `missed`: how
  /// many steps each has not learnt in so far, which its moments know nothing of; none if empty.
  void choose(const std::vector<char>& learns, const std::vector<std::int64_t>& missed = {});

  /// Changes the parameters by the gradient [size()], scaled by `gradient_scale` first (clipping), at step
  /// number `count` = 1, 2 ... of the run.
  void step(const at::Tensor& gradient, double gradient_scale, double rate, std::int64_t count);

  /// Running means of gradient and squared gradient, [size()] float32; written to when a run is resumed.
  at::Tensor first, second;

 private:
  /// Neighbouring parameters that are treated alike.
  struct Stretch {
    std::int64_t begin, end;
    bool decays;
    std::int64_t missed;
  };
  const model::Parameters& all_;
  at::Tensor parameters_;
  std::vector<Stretch> stretches_;
  double beta1_, beta2_, weight_decay_;
};

/// Euclidean norm of a float32 vector, summed in double, in order.
double euclidean_norm(const at::Tensor& vector);

}  // namespace yore::training
