// The command line of yore generate.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "yore/cli/tensor_program.h"
#include "yore/cli/window_options.h"
#include "yore/model/sampling.h"

namespace yore::cli {

class GenerateLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  std::filesystem::path model_;
  std::string prompt_, prompt_file_;
  CLI::Option *prompt_option_ = nullptr, *prompt_file_option_ = nullptr;
  std::int64_t count_ = 100, samples_ = 1, prefill_ = 256;
  model::Sampling sampling_;
  /// Options that do something only beside another one, for refusing them without it.
  CLI::Option *repeat_last_option_ = nullptr, *draft_tokens_option_ = nullptr, *seed_option_ = nullptr;
  std::vector<std::string> stops_;
  WindowOptions windows_;
  std::filesystem::path draft_;
  std::int64_t draft_tokens_ = 4;
  int threads_ = 0;
  std::string state_, save_state_, select_;
  bool force_ = false, stats_ = false, json_ = false, fp32_ = false;
  std::string prefill_products_ = "fp32";

 private:
  void declare_choosing(CLI::App& app);
};

}  // namespace yore::cli
