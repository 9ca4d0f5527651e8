// What a trained model would score in 8 bits: static W8A8 as fake quantisation, which computes in float with
// the numbers that 8 bits can say.
#pragma once
#include <memory>
#include <vector>

#include "yore/base/metric.h"
#include "yore/model/model.h"
#include "yore/tasks/task.h"

namespace yore::training {

/// x rounded to multiples of most / 127, from -127 to 127 of them (symmetric int8, one scale a tensor); x
/// itself where `most` is 0.
at::Tensor fake_int8(const at::Tensor& x, double most);

/// A copy of a model every linear map of which has its matrix rounded to 8 bits (scale: its largest absolute
/// number) and so its input rows, whose scale is fixed beforehand: the largest absolute number on the first
/// 128 sequences of the task's training data. One scale a tensor; queries, keys and values are one matrix.
/// Biases, norms, attention itself and the embedding stay, but tied weights are rounded in both uses.
class QuantisedModel {
 public:
  QuantisedModel(const model::Model& model, const tasks::Task& task);

  /// training::evaluate, each metric under runs::quantised_name. Numbers of single cases (sets that have
  /// several of one name, such as one a length) are left out.
  std::vector<base::Metric> evaluate(const tasks::Task& task) const;

 private:
  /// A matrix that a linear map was seen to have, and the largest input.
  struct Map {
    bool seen = false;
    double most = 0;
  };
  /// The parameter in whose memory the matrix lies; null if in none's.
  const Map* find(const at::Tensor& weight) const;

  model::Model model_;
  std::vector<Map> maps_;  ///< one a parameter
};

}  // namespace yore::training
