#include "yore/cli/tensor_program.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "yore/base/error.h"
#include "yore/base/process.h"

namespace yore::cli {

std::optional<std::filesystem::path> tensor_program() {
  const std::filesystem::path here = base::own_folder();
  for (const std::filesystem::path& candidate :
       {here / "yore-tensor", here / "../libexec/yore/yore-tensor"}) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(candidate, ignored))
      return std::filesystem::weakly_canonical(candidate);
  }
  return std::nullopt;
}

void become_tensor_program(std::vector<std::string> arguments) {
  const auto program = tensor_program();
  if (!program)
    throw base::InputError(
        "yore-tensor",
        "not found beside yore: this build has no tensor half (build without -DYORE_TENSOR=OFF)");
  std::string name = program->string();
  std::vector<char*> argv = {name.data()};  // execv takes pointers to non-const
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::fflush(nullptr);
  ::execv(name.c_str(), argv.data());
  throw base::InputError(name, std::string("cannot be started: ") + std::strerror(errno));
}

}  // namespace yore::cli
