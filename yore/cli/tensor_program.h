// The commands that need libtorch. Theory commands must answer in milliseconds and loading libtorch takes a
// good part of a second, so there are two programs of one command line: `yore`, linked with the commands of
// cli/theory/, and `yore-tensor`, linked with those of cli/tensor/ too. `yore` becomes yore-tensor as soon as
// it has read the command's name, so that options are parsed once, by the program that acts on them.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace yore::cli {

/// Where yore-tensor is: beside this program, or in ../libexec/yore. Empty if this installation has no tensor
/// half.
std::optional<std::filesystem::path> tensor_program();

/// Replaces this process by yore-tensor with these arguments (argv[1..]). Throws InputError if there is none
/// or it cannot be started.
[[noreturn]] void become_tensor_program(std::vector<std::string> arguments);

}  // namespace yore::cli
