// A language model that people have, imported as `yore import` does it and run as `yore generate` runs it.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "yore/model/checkpoint.h"
#include "yore/model/reading.h"

namespace yore::bench {

class LlamaCpp;

/// Weights in bfloat16, mapped, in a folder that goes with the object.
class LanguageModel {
 public:
  using Tokens = std::vector<std::int64_t>;

  /// Imports a GGUF file. Throws InputError with what `yore import` says if it fails.
  explicit LanguageModel(const std::filesystem::path& gguf);
  ~LanguageModel();
  LanguageModel(const LanguageModel&) = delete;
  LanguageModel& operator=(const LanguageModel&) = delete;

  const arch::Model& description() const { return saved_->model.description(); }
  /// Of all weights: what a token must read.
  double bytes() const { return bytes_; }
  /// With what stands before a text.
  Tokens tokens(const std::string& text) const;
  /// Seconds of reading tokens into an empty state.
  double read(const Tokens& tokens) const;
  /// The likeliest tokens after `tokens`, read into an empty state; what each but the first took.
  Tokens generate(const Tokens& tokens, int count, std::vector<double>* seconds = nullptr) const;
  /// Operations of reading `tokens` tokens in products, attention's included; logits once a chunk.
  double read_flops(std::int64_t tokens) const;
  /// Seconds of `yore generate` as a process, from its start to the first byte of the token that follows
  /// `prompt`.
  double first_token(const std::string& prompt, int threads) const;

  /// Throws Mismatch where llama.cpp, ready for the same file, goes on otherwise by more than rounding.
  void check_against(LlamaCpp& llama, const Tokens& tokens, int count) const;

 private:
  std::filesystem::path folder_;
  std::unique_ptr<model::SavedModel> saved_;
  double bytes_ = 0;
};

}  // namespace yore::bench
