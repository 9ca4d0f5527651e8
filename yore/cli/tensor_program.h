// The commands that need libtorch. Theory commands must answer in milliseconds and loading libtorch takes a
// good part of a second, so there are two programs of one command line: `yore`, linked with the commands of
// cli/theory/, and `yore-tensor`, linked with those of cli/tensor/ too. What such a command takes is declared
// without torch, in cli/NAME_line.h: `yore` answers --help and refuses what cannot be parsed by itself, and
// becomes yore-tensor to run the command.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "yore/cli/command.h"

namespace yore::cli {

/// Where yore-tensor is: beside this program, or in ../libexec/yore. Empty if this installation has no tensor
/// half.
std::optional<std::filesystem::path> tensor_program();

/// Replaces this process by yore-tensor with these arguments (argv[1..]), for which it chooses OpenBLAS's
/// core type where OpenBLAS would choose badly (base/openblas.h). Throws InputError if there is none or it
/// cannot be started.
[[noreturn]] void become_tensor_program(std::vector<std::string> arguments);

/// A command of cli/tensor/ as `yore` knows it: its options. Running it runs it in yore-tensor, where a class
/// derived from this one does the work.
class HandedOn : public Command {
 public:
  int run() override { become_tensor_program(original_arguments()); }
};

/// Chooses OpenBLAS's core type for the yore-tensor that this process will start, and says so.
void choose_openblas_core_aloud();

/// Says, once, what `yore` chose for OpenBLAS before it became this program; nothing if it chose nothing.
/// Called where a command begins its work, so that help and refused options come without it.
void say_openblas_choice();

}  // namespace yore::cli
