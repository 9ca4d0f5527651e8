#include "yore/base/bounded_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "yore/base/descriptor.h"
#include "yore/base/error.h"

namespace yore::base {

std::string read_bounded_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor in{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.fd < 0) fail_file(path, "open", errno);
  struct stat what {};
  if (::fstat(in.fd, &what) != 0) fail_file(path, "open", errno);
  if (S_ISDIR(what.st_mode)) throw InputError(path.string(), "is a folder, expected a file");
  if (S_ISBLK(what.st_mode) || (S_ISCHR(what.st_mode) && ::isatty(in.fd) == 0))
    throw InputError(path.string(), "is a device, expected a file or a pipe");

  const auto too_large = [&] {
    return InputError(path.string(),
                      fmt::format("is larger than {} bytes, expected a smaller file", max_bytes));
  };
  if (S_ISREG(what.st_mode) && static_cast<std::size_t>(what.st_size) > max_bytes) throw too_large();
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(in.fd, buffer, std::min(sizeof buffer, max_bytes + 1 - bytes.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail_file(path, "read", errno);
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(n));
    if (bytes.size() > max_bytes) throw too_large();
  }
}

}  // namespace yore::base
