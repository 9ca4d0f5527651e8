#include "tests/program.h"

namespace yore::tests {

base::ProcessResult yore(const std::vector<std::string>& arguments, const std::string& input) {
  std::vector<std::string> argv = {YORE_PROGRAM};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return base::run_process(argv, input);
}

base::ProcessResult shell(const std::string& line, const std::filesystem::path& folder) {
  const std::string bin = std::filesystem::path(YORE_PROGRAM).parent_path().string();
  return base::run_process({"/bin/bash", "-c", "export PATH=\"$1:$PATH\"; cd \"$2\" && eval \"$3\"", "shell",
                            bin, folder.string(), line});
}

}  // namespace yore::tests
