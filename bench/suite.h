// What is measured: the rows of the table, the ceilings beside them and the targets.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "bench/peers.h"
#include "bench/table.h"

namespace yore::bench {

struct Options {
  bool quick = false;             ///< small shapes, few repetitions, no targets: does it all run?
  std::string only;               ///< run the groups whose name contains this; empty = all
  std::filesystem::path modules;  ///< where npm put onnxruntime-node
  std::filesystem::path llama;    ///< where npm put node-llama-cpp
  std::filesystem::path models;   ///< where scripts/models put language models
  std::string judges_python;      ///< with PyTorch 2, for training steps of language models
};

/// Runs the groups one after another; within a group what is compared takes turns. A group checks all answers
/// before it times anything and throws Mismatch if one is wrong.
class Suite {
 public:
  explicit Suite(const Options& options);
  Report run();

 private:
  bool wanted(const std::string& group) const;
  Contender contender(const std::string& name, std::function<void()> work, int repetitions = 0) const;
  /// Adds the row and returns it for its remaining fields.
  Row& add(const std::string& name, std::map<std::string, Times> times, double flops);
  void target(const std::string& what, double wanted, std::optional<double> found, bool at_most = false);

  void ceilings();
  void forward(const std::string& group, const std::string& name, int lookback, double of_peak,
               double of_onnx);
  void forward_bfloat16(const std::string& group, const std::string& name, int lookback);
  void local();
  void backward(const std::string& group, const std::string& name, int lookback, double wanted);
  void step();
  void tiny();
  void training();
  void decode();
  void two_threads();
  void memory();
  void layers();
  void scans();
  void language_models();
  void language_model(const std::string& name, const std::filesystem::path& file, int threads,
                      class LlamaCpp* llama);
  void flat_decode();
  void byte_model(int heads, int window);

  Options options_;
  int time_;
  std::unique_ptr<OnnxRuntime> onnx_;
  Report report_;
};

}  // namespace yore::bench
