// `yore`'s side of tensor.h: becomes yore-tensor with the same arguments, which by now are known to be good.
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "yore/base/error.h"
#include "yore/base/process.h"
#include "yore/cli/command.h"
#include "yore/cli/tensor.h"

namespace yore::cli {
namespace {

[[noreturn]] void hand_over() {
  const auto program = tensor_program();
  if (!program)
    throw base::InputError(
        "yore-tensor",
        "not found beside yore: this build has no tensor half (build without -DYORE_TENSOR=OFF)");
  std::string name = program->string();
  std::vector<std::string> arguments = original_arguments();  // execv takes pointers to non-const
  std::vector<char*> argv = {name.data()};
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  std::fflush(nullptr);
  ::execv(name.c_str(), argv.data());
  throw base::InputError(name, std::string("cannot be started: ") + std::strerror(errno));
}

}  // namespace

int train(const TrainRequest&) {
  hand_over();
}
int evaluate(const EvaluateRequest&) {
  hand_over();
}
int verify(const VerifyRequest&) {
  hand_over();
}
int run(const RunRequest&) {
  hand_over();
}
int extract(const ExtractRequest&) {
  hand_over();
}

}  // namespace yore::cli
