#include "yore/runs/run_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "yore/base/error.h"
#include "yore/runs/run_folder.h"

namespace yore::runs {
namespace {

namespace fs = std::filesystem;

// The whole file. Unlike flock's, these locks can be looked at without taking them; unlike POSIX locks, they
// belong to the descriptor, so that closing another one of the same file does not lose them.
struct flock whole_file() {
  struct flock range {};
  range.l_type = F_WRLCK;
  range.l_whence = SEEK_SET;
  return range;
}

}  // namespace

RunLock::RunLock(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw base::InputError(folder.string(), "cannot be created: " + error.message());
  const fs::path file = folder / files::kLock;
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0) throw base::InputError(file.string(), std::string("cannot open: ") + std::strerror(errno));
  struct flock range = whole_file();
  if (::fcntl(fd_, F_OFD_SETLK, &range) == 0) return;
  const int why = errno;
  ::close(fd_);
  if (why == EAGAIN || why == EACCES)
    throw base::InputError(folder.string(),
                           "another process is training in it; wait for its end, or choose another folder");
  throw base::InputError(file.string(), std::string("cannot be locked: ") + std::strerror(why));
}

RunLock::~RunLock() {
  ::close(fd_);
}

bool is_being_trained(const fs::path& folder) {
  const int fd = ::open((folder / files::kLock).c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  struct flock range = whole_file();
  const bool taken = ::fcntl(fd, F_OFD_GETLK, &range) == 0 && range.l_type != F_UNLCK;
  ::close(fd);
  return taken;
}

}  // namespace yore::runs
