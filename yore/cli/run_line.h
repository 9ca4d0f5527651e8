// The command line of yore run.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "yore/cli/tensor_program.h"

namespace yore::cli {

class RunLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  std::filesystem::path model_;
  std::vector<std::string> words_;
  CLI::Option* words_option_ = nullptr;
  bool trace_ = false, json_ = false;
};

}  // namespace yore::cli
