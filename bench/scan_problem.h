// One scan with data: what is measured, checked and handed to the peers; and the same recurrence by torch
// alone.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "yore/mixers/common/scan.h"

namespace yore::bench {

/// A recurrence that ONNX Runtime's LinearAttention has too.
struct ScanRule {
  std::string name;       ///< retention, gla, delta_net, gated_delta_net, kda
  std::string onnx_rule;  ///< of com.microsoft.LinearAttention
  mixers::scan::Decay decay;
  mixers::scan::Rule rule;
};
const std::vector<ScanRule>& scan_rules();

/// One sequence; keys of norm 1, decays between e^-0.1 and 1, beta between 0 and 1.
class ScanProblem {
 public:
  ScanProblem(const ScanRule& rule, int time, int heads, int dim);

  /// As training does it: states are kept for backward.
  void forward(int threads);
  /// As ONNX Runtime's operator does it: outputs and the states after the last token, nothing for backward.
  void infer(int threads);
  /// After forward: gradients of all inputs from `grad`.
  void backward(int threads);
  /// The next token over a state, the sequence's over and over.
  void token();

  /// Throw Mismatch where outputs are not those of the recurrence, evaluated in double.
  void check(const std::string& who) const { check_against(out, who); }
  void check_against(const std::vector<float>& outputs, const std::string& who) const;
  /// Where gradients are not those of `torch`, in chunks.
  void check_gradients(class TorchScan& torch) const;

  int time() const { return time_; }
  int heads() const { return setting.heads; }
  int dim() const { return setting.key_dim; }
  /// Operations without which the recurrence cannot be had: 2 K V each for reading and writing, 2 more to see
  /// what is taken off; backward twice as many, and the states once more.
  double forward_flops() const;
  double backward_flops() const;

  ScanRule rule;
  mixers::scan::Setting setting;
  std::vector<float> q, k, v, log_decay, beta, grad;  ///< [time, heads, ..]
  std::vector<float> out;
  std::vector<float> grad_q, grad_k, grad_v, grad_decay, grad_beta;

 private:
  mixers::scan::Problem<float> problem(int threads) const;
  int time_;
  std::vector<std::int64_t> starts_;
  std::vector<float> kept_, states_;
  std::vector<double> right_;  ///< outputs of the recurrence
  std::int64_t next_ = 0;
};

/// The same by torch operations and autograd: token by token, or 64 tokens at a time as public pure-torch
/// code does.
class TorchScan {
 public:
  explicit TorchScan(const ScanProblem& problem);
  /// Outputs alone, kept in answer().
  void steps();
  void chunks();
  /// Forward and backward; the gradients are kept.
  void train(bool in_chunks);
  std::vector<float> answer() const;
  /// Of q, k, v, log_decay, beta: the last train()'s, or empty.
  std::vector<float> gradient(std::size_t input) const;

 private:
  at::Tensor by_steps() const;
  at::Tensor by_chunks() const;
  const ScanProblem& p_;
  std::vector<at::Tensor> inputs_, gradients_;  ///< [heads, time, ..]
  at::Tensor cotangent_, out_;
};

}  // namespace yore::bench
