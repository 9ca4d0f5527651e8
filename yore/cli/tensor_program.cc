#include "yore/cli/tensor_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "yore/base/error.h"
#include "yore/base/interrupt.h"
#include "yore/base/openblas.h"
#include "yore/base/process.h"
#include "yore/cli/output.h"

namespace yore::cli {
namespace {

// Set in the environment of a yore-tensor that is to say what was chosen: the core type that OpenBLAS would
// have taken.
constexpr const char* kInsteadOf = "YORE_OPENBLAS_INSTEAD_OF";

void say(const std::string& instead_of, const std::string& taken) {
  complain(
      fmt::format("note: OpenBLAS does not know this processor and would take its kernels for {}; uses {} "
                  "(OPENBLAS_CORETYPE=NAME overrides)",
                  instead_of, taken));
}

}  // namespace

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
  if (const auto choice = base::choose_openblas_core()) ::setenv(kInsteadOf, choice->instead_of.c_str(), 1);
  std::fflush(nullptr);
  base::hold_interrupts();  // while libtorch is loaded
  ::execv(name.c_str(), argv.data());
  throw base::InputError(name, std::string("cannot be started: ") + std::strerror(errno));
}

void choose_openblas_core_aloud() {
  if (const auto choice = base::choose_openblas_core()) say(choice->instead_of, choice->taken);
}

void say_openblas_choice() {
  const char* instead_of = std::getenv(kInsteadOf);
  const char* taken = std::getenv("OPENBLAS_CORETYPE");
  if (instead_of == nullptr || taken == nullptr) return;
  say(instead_of, taken);
  ::unsetenv(kInsteadOf);  // what this program starts has nothing to say
}

}  // namespace yore::cli
