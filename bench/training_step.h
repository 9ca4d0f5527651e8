// One training step of a model as `yore train` takes it; and the same model, weights and batches in eager
// PyTorch.
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

/// A model of attention layers that all see the same, and what it is trained on, over and over.
struct Training {
  runs::RunConfig config;
  std::int64_t vocabulary = 0;  ///< of an accept read-out: the last token is EOS
  arch::ReadOutKind read_out = arch::ReadOutKind::Accept;
  std::vector<tasks::Batch> batches;
};

/// The demo's hybrid recogniser: 64 words over two letters, lengths uniform on 0..40, random labels.
Training recogniser_training();
/// A model of next bytes: 6 pre-norm layers of width 256, feed-forward nets of 1,024, learned positions;
/// every head sees a window of `window` keys, itself included (0: all before it). `sequences` sequences of
/// `time` random letters.
Training byte_training(int heads, int window, int time, int sequences);

/// Ours: forward, backward, clipping, update (train.cc, Run::step), on batches drawn beforehand.
class TrainingStep {
 public:
  explicit TrainingStep(const Training& training);
  /// One update on the next batch; its loss.
  double run();
  /// Writes what training_step.py reads: configuration, present weights, batches.
  void write(const std::filesystem::path& folder) const;

 private:
  Training training_;
  model::Model model_;
  training::AdamW optimiser_;
  at::Tensor gradient_;
  std::vector<at::Tensor> inputs_;
  std::int64_t steps_ = 0;
};

/// How PyTorch computes attention.
enum class Eager {
  Masked,  ///< softmax(q k + mask) v, as one writes it
  Sdpa,    ///< scaled_dot_product_attention: with a mask for a window, is_causal for all before it
};

/// PyTorch's (training_step.py in a process of its own, one thread).
class EagerStep {
 public:
  /// Run by `python`; `updates`: how many run() makes. Nothing, and why, where that or its torch is missing.
  /// Throws Mismatch unless the first updates have the losses of ours.
  static std::unique_ptr<EagerStep> find(const Training& training, Eager how, const std::string& python,
                                         int updates, std::string& why_not);
  /// CPU seconds of one update, the mean of `updates`.
  double run();
  /// Of its PyTorch.
  const std::string& version() const { return version_; }

 private:
  EagerStep(const std::filesystem::path& folder, Eager how, const std::string& python, int updates);
  LineProcess process_;
  int updates_;
  std::string version_;
};

}  // namespace yore::bench
