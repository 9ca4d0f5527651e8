#include "yore/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <random>
#include <set>
#include <vector>

#include "yore/base/bounded_file.h"
#include "yore/base/descriptor.h"
#include "yore/base/error.h"
#include "yore/base/json_depth.h"
#include "yore/base/text.h"
#include "yore/base/write_pieces.h"

namespace yore::base {
namespace {

// The path with symbolic links at its end followed, also to what does not exist yet. Empty for a link such as
// /dev/stdout that the system follows to an open file: the text of such a link need not be a path.
std::filesystem::path behind_links(const std::filesystem::path& path) {
  constexpr int kMostLinks = 40;  // as the system's own limit
  std::filesystem::path target = path;
  for (int links = 0; links < kMostLinks; ++links) {
    std::error_code error;
    const std::filesystem::path next = std::filesystem::read_symlink(target, error);
    if (error) return target;  // no link
    // /dev/fd is itself a link into /proc.
    const std::filesystem::path folder =
        std::filesystem::weakly_canonical(std::filesystem::absolute(target).parent_path(), error);
    if (folder.string().starts_with("/proc/")) return {};
    target = target.parent_path() / next;
  }
  fail_file(path, "write", ELOOP);
}

// Returns 0 or the system's error number.
int write_all(int fd, std::string_view bytes) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    done += static_cast<std::size_t>(n);
  }
  return 0;
}

using Pieces = std::function<bool(std::string&)>;

int write_all(int fd, const Pieces& next) {
  for (std::string piece; next(piece);)
    if (const int why = write_all(fd, piece); why != 0) return why;
  return 0;
}

// Whether the file is to be written into, because it cannot be replaced.
bool is_written_into(const std::filesystem::path& path, const std::filesystem::path& target) {
  struct stat there = {};
  const bool exists = ::stat(path.c_str(), &there) == 0;
  if (exists && S_ISDIR(there.st_mode))
    throw InputError(path.string(), "is a folder, expected a file to write");
  return target.empty() || (exists && !S_ISREG(there.st_mode));
}

// Gives the new file the permissions of the one that it replaces, if there is one. False: errno says why not.
bool keep_mode(int fd, const std::filesystem::path& target) {
  constexpr mode_t kPermissions = 0777;
  struct stat old = {};
  struct stat made = {};
  if (::stat(target.c_str(), &old) != 0) return true;
  if (::fstat(fd, &made) != 0) return false;
  const mode_t mode = old.st_mode & kPermissions;
  return (made.st_mode & kPermissions) == mode || ::fchmod(fd, mode) == 0;
}

// Writes beside the target and renames. `path` is what the user named, for messages.
void replace(const std::filesystem::path& path, const std::filesystem::path& target, const Pieces& next) {
  const std::filesystem::path partial = beside(target);
  const auto give_up = [&](const char* doing, int why) {
    ::unlink(partial.c_str());
    fail_file(path, doing, why);
  };
  {
    const Descriptor out{::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (out.fd < 0) fail_file(path, "write", errno);
    int why = 0;
    try {
      if (!keep_mode(out.fd, target)) why = errno;
      if (why == 0) why = write_all(out.fd, next);
    } catch (...) {
      ::unlink(partial.c_str());
      throw;
    }
    if (why != 0) give_up("write", why);
    if (::fsync(out.fd) != 0) give_up("flush", errno);
  }
  if (::rename(partial.c_str(), target.c_str()) != 0) give_up("rename into place", errno);
}

}  // namespace

// Processes of two containers or machines may have one id.
std::filesystem::path beside(const std::filesystem::path& target) {
  return target.string() + fmt::format(".{}-{:08x}.partial", ::getpid(), std::random_device()());
}

std::string read_file(const std::filesystem::path& path) {
  return read_bounded_file(path, std::numeric_limits<std::size_t>::max() - 1);
}

void write_file(const std::filesystem::path& path, std::string_view bytes, Parents parents) {
  bool written = false;
  write_pieces(
      path,
      [&](std::string& piece) {
        if (written) return false;
        piece = bytes;
        return written = true;
      },
      parents);
}

void write_pieces(const std::filesystem::path& path, const Pieces& next, Parents parents) {
  std::error_code error;
  if (parents == Parents::Create && path.has_parent_path()) {
    std::filesystem::create_directories(path.parent_path(), error);
    if (error) fail_file(path.parent_path(), "create the folder", error.value());
  }
  const std::filesystem::path target = behind_links(path);
  if (is_written_into(path, target)) {
    const Descriptor out{::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC)};
    if (out.fd < 0) fail_file(path, "write", errno);
    if (const int why = write_all(out.fd, next); why != 0) fail_file(path, "write", why);
    return;
  }
  replace(path, target, next);
}

void require_writable(const std::filesystem::path& path) {
  const std::filesystem::path target = behind_links(path);
  if (is_written_into(path, target)) {
    // Not opened: that would wait for a pipe's reader.
    if (::access(path.c_str(), W_OK) != 0) fail_file(path, "write", errno);
    return;
  }
  const std::filesystem::path partial = beside(target);
  const Descriptor out{::open(partial.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644)};
  if (out.fd < 0) fail_file(path, "write", errno);
  ::unlink(partial.c_str());
}

Json parse_json(const std::string& text, const std::string& source) {
  // The library keeps one of two equal keys in silence, and of two values one is a mistake.
  std::vector<std::set<std::string>> open;
  const auto keys = [&](int depth, Json::parse_event_t event, Json& parsed) {
    refuse_deep_json(depth, event, source);
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key) {
      const auto& name = parsed.get_ref<const std::string&>();
      if (!open.back().insert(name).second)
        throw InputError(source,
                         fmt::format("the key \"{}\" is there twice; expected once", shortened(name, 100)));
    }
    return true;
  };
  try {
    return Json::parse(text, keys);
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
