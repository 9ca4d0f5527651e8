// Running yore the way a user does, in a folder of the test's own.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "yore/base/files.h"
#include "yore/base/process.h"
#include "yore/base/test_scratch.h"

namespace yore::tests {

/// Milliseconds within which a signal must have stopped a command: one second on an idle machine; on a busy
/// one several, which is still far from the minutes of a command that sees no signal.
inline constexpr int kStopWithin = 8'000;

using base::Scratch;

/// Runs the yore of this build with these arguments.
base::ProcessResult yore(const std::vector<std::string>& arguments, const std::string& input = "");

/// A shell line with this build's yore on PATH, in `folder`.
base::ProcessResult shell(const std::string& line, const std::filesystem::path& folder);

}  // namespace yore::tests
