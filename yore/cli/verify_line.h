// The command line of yore verify.
#pragma once
#include <filesystem>

#include "yore/cli/language_options.h"
#include "yore/cli/tensor_program.h"
#include "yore/inspection/options.h"

namespace yore::cli {

class VerifyLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  static constexpr int kLongest = 1'000'000;

  std::filesystem::path model_;
  LanguageOptions language_;
  inspection::VerifyOptions options_;
  CLI::Option *prove_ = nullptr, *seed_ = nullptr;
  bool json_ = false;
};

}  // namespace yore::cli
