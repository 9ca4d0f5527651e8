// Reading a file that a user names, where only a small one makes sense.
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>

namespace yore::base {

/// The bytes of a regular file, a pipe, or what is typed at a terminal. Throws InputError naming the path: if
/// it cannot be opened or read, if it is a folder or a device (which may never end), or if there are more
/// than `max_bytes`, of which no more is read than that takes to see.
std::string read_bounded_file(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace yore::base
