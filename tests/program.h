// Running yore the way a user does, in a folder of the test's own.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "yore/base/files.h"
#include "yore/base/process.h"

namespace yore::tests {

/// Runs the yore of this build with these arguments.
base::ProcessResult yore(const std::vector<std::string>& arguments, const std::string& input = "");

/// A shell line with this build's yore on PATH, in `folder`.
base::ProcessResult shell(const std::string& line, const std::filesystem::path& folder);

/// An empty folder that goes away with the object.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace yore::tests
