// The command line of yore extract.
#pragma once
#include <filesystem>
#include <string>

#include "yore/cli/language_options.h"
#include "yore/cli/tensor_program.h"
#include "yore/inspection/options.h"

namespace yore::cli {

class ExtractLine : public HandedOn {
 public:
  void declare(CLI::App& app) override;

 protected:
  static constexpr int kLongest = 100'000;  ///< words of --length are held in memory by the thousand

  std::filesystem::path model_;
  LanguageOptions language_;
  std::string output_;
  inspection::ExtractOptions options_;
  bool force_ = false, json_ = false;
};

}  // namespace yore::cli
