// One trainer a folder.
#pragma once
#include <filesystem>

namespace yore::runs {

/// Held by the process that trains the run in a folder, so that no other trains it too. It is an
/// open-file-description lock on the file files::kLock, which stays behind: the system lets go of the lock
/// when the process ends, however it ends.
class RunLock {
 public:
  /// Creates the folder if it is missing. Throws InputError naming the folder if the lock is taken, or cannot
  /// be had at all (a folder that is not writable, a file system without locks).
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int fd_ = -1;
};

/// Whether a RunLock is held for the folder, in this process or in another. Only looks: it never keeps
/// anybody from taking the lock.
bool is_being_trained(const std::filesystem::path& folder);

}  // namespace yore::runs
