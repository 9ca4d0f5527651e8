// Options of a command with several actions that go with some of these alone.
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "yore/cli/command.h"

namespace yore::cli {

class ActionOptions {
 public:
  /// An option that goes with these actions; returns it.
  CLI::Option* add(CLI::Option* option, std::vector<std::string> actions);
  /// Throws InputError naming an option that was given and does not go with the action.
  void check(const std::string& action) const;
  /// Whether the one of this name ("--seed") was given.
  bool given(const std::string& name) const;

 private:
  std::vector<std::pair<CLI::Option*, std::vector<std::string>>> all_;
};

}  // namespace yore::cli
