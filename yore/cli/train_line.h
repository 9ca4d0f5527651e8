// The command line of yore train.
#pragma once
#include <cstdint>
#include <filesystem>

#include "yore/cli/language_options.h"
#include "yore/cli/run_options.h"
#include "yore/cli/tensor_program.h"

namespace yore::cli {

class TrainLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  LanguageOptions language_;
  RunOptions options_;
  std::filesystem::path folder_, existing_;
  bool quiet_ = false, json_ = false;
  std::int64_t log_every_ = 0;
  std::int64_t stop_after_ = 0;  ///< for tests of resuming
};

}  // namespace yore::cli
