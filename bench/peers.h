// The others: the same attention by what else is installed.
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bench/line_process.h"
#include "bench/problem.h"
#include "bench/scan_problem.h"

namespace yore::bench {

/// Attention on torch tensors that share a problem's arrays: ours, and the composition of torch operations
/// with a mask. A Problem must outlive it.
class TorchAttention {
 public:
  explicit TorchAttention(Problem& problem);
  /// Without gradients; the result is kept in output().
  void forward(bool composition);
  /// Forward and backward; the gradients are kept.
  void step(bool composition);
  const float* output() const { return out_.data_ptr<float>(); }
  const float* gradient(int input) const { return gradients_[input].data_ptr<float>(); }

 private:
  at::Tensor attend(bool composition) const;
  const mixers::AttentionParams& params_;
  at::Tensor inputs_[3], grad_, out_, gradients_[3];
};

/// ONNX Runtime's GroupQueryAttention with local_window_size, in a process of its own (onnx_peer.js), one
/// thread.
class OnnxRuntime {
 public:
  /// `modules`: the folder in which npm installed onnxruntime-node; nothing, and why, where that or node is
  /// missing.
  static std::unique_ptr<OnnxRuntime> find(const std::filesystem::path& modules, std::string& why_not);

  /// Makes it ready for a problem (batch 1, not strict), whose data it copies.
  void load(const Problem& problem);
  /// The same of its LinearAttention, for the first `tokens` tokens (0 = all), from a state of zeros.
  void load(const ScanProblem& problem, int tokens = 0);
  /// Computes once; the CPU seconds of its process for that.
  double run();
  /// What the last run computed.
  std::vector<float> answer(const Problem& problem) { return answer(problem.out.size()); }
  std::vector<float> answer(const ScanProblem& problem) { return answer(problem.out.size()); }
  /// Bytes: the most memory its process has held so far.
  std::size_t peak();
  const std::string& version() const { return version_; }

 private:
  explicit OnnxRuntime(const std::filesystem::path& modules);
  std::vector<float> answer(std::size_t numbers);
  LineProcess process_;
  std::string version_;
};

/// llama.cpp (npm's node-llama-cpp) on a GGUF file, in a process of its own (tests/judges/llama_peer.js).
class LlamaCpp {
 public:
  /// `modules`: the folder in which npm installed node-llama-cpp; as OnnxRuntime::find.
  static std::unique_ptr<LlamaCpp> find(const std::filesystem::path& modules, std::string& why_not);

  /// Makes it ready for a file, with room for `context` tokens.
  void load(const std::filesystem::path& file, int threads, std::int64_t context);
  /// Reads `tokens` from the beginning; its seconds.
  double read(const std::vector<std::int64_t>& tokens);
  /// Reads `tokens` from the beginning and goes on with the likeliest; what each but the first took.
  std::vector<std::int64_t> generate(const std::vector<std::int64_t>& tokens, int count,
                                     std::vector<double>* seconds = nullptr);
  const std::string& version() const { return version_; }

 private:
  explicit LlamaCpp(const std::filesystem::path& modules);
  LineProcess process_;
  std::string version_;
};

}  // namespace yore::bench
