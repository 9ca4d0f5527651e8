// The command line of yore inspect.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "yore/cli/tensor_program.h"
#include "yore/cli/window_options.h"

namespace yore::cli {

class InspectLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  std::filesystem::path model_;
  std::string text_;
  std::int64_t tokens_ = 2048;
  CLI::Option* tokens_option_ = nullptr;
  std::vector<std::string> maps_;
  bool gradients_ = false;
  std::string select_;
  WindowOptions windows_;
  int threads_ = 0;
  std::filesystem::path out_;
  bool force_ = false, json_ = false;
};

}  // namespace yore::cli
