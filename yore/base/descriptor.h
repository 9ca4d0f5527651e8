// What reading and writing files share: a descriptor that closes itself, and the system's reason as an error.
#pragma once
#include <fmt/format.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "yore/base/error.h"

namespace yore::base {

/// Closes on every way out, so that an exception does not leak the descriptor.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

/// Throws InputError(PATH, "cannot DOING: REASON") for an error number of the system.
[[noreturn]] inline void fail_file(const std::filesystem::path& path, const char* doing, int error) {
  throw InputError(path.string(), fmt::format("cannot {}: {}", doing, std::strerror(error)));
}

}  // namespace yore::base
