// The command line of yore localise.
#pragma once
#include <filesystem>
#include <string>

#include "yore/cli/tensor_program.h"

namespace yore::cli {

class LocaliseLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  std::filesystem::path model_;
  std::string text_;
  std::int64_t window_ = 64, sinks_ = 0;
  std::string budget_;
  CLI::Option *budget_option_ = nullptr, *within_option_ = nullptr;
  double within_ = 1;
  std::string rank_ = "mass";
  std::uint64_t seed_ = 1;
  int random_ = 3;
  std::int64_t tokens_ = 4096, held_out_ = 4096, context_ = 1024, heal_ = 0;
  double heal_rate_ = 1e-5;
  CLI::Option* heal_rate_option_ = nullptr;
  int decode_ = 32, threads_ = 0;
  std::filesystem::path out_;
  bool force_ = false, json_ = false;
};

}  // namespace yore::cli
