#include "yore/base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>

#include "yore/base/descriptor.h"

namespace yore::base {

MappedFile::MappedFile(const std::filesystem::path& path) {
  // Without O_NONBLOCK opening a pipe would wait for its writer.
  const Descriptor in{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (in.fd < 0) fail_file(path, "open", errno);
  struct stat what {};
  if (::fstat(in.fd, &what) != 0) fail_file(path, "open", errno);
  if (S_ISDIR(what.st_mode)) throw InputError(path.string(), "is a folder, expected a file");
  if (!S_ISREG(what.st_mode))
    throw InputError(path.string(), "is a device or a pipe, expected a regular file");
  const auto size = static_cast<std::size_t>(what.st_size);
  if (size == 0) return;  // which the system does not map
  void* pages = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, in.fd, 0);
  if (pages == MAP_FAILED) fail_file(path, "map", errno);
  bytes_ = {static_cast<const char*>(pages), size};
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<char*>(bytes_.data()), bytes_.size());
}

}  // namespace yore::base
