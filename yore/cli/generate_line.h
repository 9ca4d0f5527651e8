// The command line of yore generate.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "yore/cli/tensor_program.h"
#include "yore/model/sampling.h"

namespace yore::cli {

class GenerateLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  std::filesystem::path model_;
  std::string prompt_;
  std::int64_t count_ = 100;
  model::Sampling sampling_;
  bool json_ = false;
};

}  // namespace yore::cli
