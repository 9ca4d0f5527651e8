// One training step of the demo's hybrid recogniser, as `yore train` takes it; and the same model, weights
// and words in eager PyTorch.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/line_process.h"
#include "yore/model/model.h"
#include "yore/tasks/task.h"
#include "yore/training/optimiser.h"

namespace yore::bench {

/// Ours: forward, backward, clipping, update (train.cc, Run::step), on batches drawn beforehand: 64 words
/// over two letters, lengths uniform on 0..40, random labels.
class TrainingStep {
 public:
  TrainingStep();
  /// One update on the next batch; its loss.
  double run();
  /// Writes what training_step.py reads: configuration, present weights, batches.
  void write(const std::filesystem::path& folder) const;

 private:
  runs::RunConfig config_;
  model::Model model_;
  training::AdamW optimiser_;
  at::Tensor gradient_;
  std::vector<at::Tensor> inputs_;
  std::vector<tasks::Batch> batches_;
  std::int64_t steps_ = 0;
};

/// PyTorch's (training_step.py in a process of its own, one thread).
class EagerStep {
 public:
  /// From the present state of `ours`; nothing, and why, where Python or its torch is missing. Throws
  /// Mismatch unless five updates of both have the same losses.
  static std::unique_ptr<EagerStep> find(TrainingStep& ours, std::string& why_not);
  /// CPU seconds of one update, mean of ten.
  double run();

 private:
  explicit EagerStep(const std::filesystem::path& folder);
  LineProcess process_;
};

}  // namespace yore::bench
