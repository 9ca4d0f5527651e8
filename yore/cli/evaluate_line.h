// The command line of yore evaluate.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "yore/cli/tensor_program.h"
#include "yore/cli/window_options.h"

namespace yore::cli {

class EvaluateLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  std::filesystem::path model_;
  std::string task_, language_, data_, measure_;
  std::vector<std::string> buckets_, words_;
  CLI::Option* words_option_ = nullptr;
  int words_per_bucket_ = 0;
  WindowOptions windows_;
  std::string select_;
  bool json_ = false;
};

}  // namespace yore::cli
