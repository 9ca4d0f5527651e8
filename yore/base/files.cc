#include "yore/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "yore/base/error.h"

namespace yore::base {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, const char* doing, int error) {
  throw InputError(path.string(), fmt::format("cannot {}: {}", doing, std::strerror(error)));
}

// Closes on every way out, so that an exception does not leak the descriptor.
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored))
    throw InputError(path.string(), "is a folder, expected a file");
  Descriptor in{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (in.fd < 0) fail(path, "open", errno);
  std::string bytes;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t n = ::read(in.fd, buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail(path, "read", errno);
    if (n == 0) return bytes;
    bytes.append(buffer, static_cast<std::size_t>(n));
  }
}

void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code error;
  if (path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) fail(path, "create the folder of", error.value());
  }
  // The process id keeps two writers apart; the last rename wins, and each is whole.
  const std::filesystem::path beside = path.string() + fmt::format(".{}.partial", ::getpid());
  {
    Descriptor out{::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (out.fd < 0) fail(path, "write", errno);
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t n = ::write(out.fd, bytes.data() + done, bytes.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        const int why = errno;
        ::unlink(beside.c_str());
        fail(path, "write", why);
      }
      done += static_cast<std::size_t>(n);
    }
    if (::fsync(out.fd) != 0) {
      const int why = errno;
      ::unlink(beside.c_str());
      fail(path, "flush", why);
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    const int why = errno;
    ::unlink(beside.c_str());
    fail(path, "rename into place", why);
  }
}

Json parse_json(const std::string& text, const std::string& source) {
  try {
    return Json::parse(text);
  } catch (const Json::out_of_range& e) {  // a number such as 1e999
    throw InputError(source, std::string("not valid JSON: ") + e.what());
  } catch (const Json::parse_error& e) {
    // nlohmann counts bytes from 1 and prefixes its messages with "[json.exception...] ".
    std::string what = e.what();
    if (const auto colon = what.find(": ", what.find("parse error")); colon != std::string::npos)
      what = what.substr(colon + 2);
    throw InputError(source, "not valid JSON: " + what, text, e.byte == 0 ? 0 : e.byte - 1);
  }
}

Json read_json(const std::filesystem::path& path) {
  return parse_json(read_file(path), path.string());
}

}  // namespace yore::base
