// The command line of yore budget.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "yore/cli/action_options.h"
#include "yore/cli/tensor_program.h"

namespace yore::cli {

class BudgetLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  /// Those of an action alone, by their names: given with another one they are refused.
  ActionOptions of_actions_;
  std::string action_;
  std::vector<std::filesystem::path> paths_;
  std::string folder_, output_;
  std::vector<std::string> ranks_;
  double budget_ = 0;
  std::vector<double> budgets_ = {0.25, 0.5, 0.75, 1};
  std::int64_t adapt_ = 0;
  int batch_ = 16, batches_ = 16;
  double learning_rate_ = 3e-4, seconds_ = 1;
  std::uint64_t seed_ = 1;
  bool json_ = false, force_ = false, quiet_ = false;
};

}  // namespace yore::cli
