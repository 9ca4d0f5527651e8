// A file's bytes without reading them: the system brings in the pages that are looked at.
#pragma once
#include <filesystem>
#include <string_view>

namespace yore::base {

/// Mapped read-only for as long as the object lives. Whoever shortens the file meanwhile ends this process,
/// as the system has it (SIGBUS); replacing it (write_file) does no harm.
class MappedFile {
 public:
  /// Throws InputError naming the path if it cannot be opened or mapped, or is no regular file.
  explicit MappedFile(const std::filesystem::path& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::string_view bytes() const { return bytes_; }

 private:
  std::string_view bytes_;
};

}  // namespace yore::base
