// A file that is written as it comes, for text that need not fit into memory; and whether one can be written.
#pragma once
#include <functional>

#include "yore/base/files.h"

namespace yore::base {

/// write_file() with the bytes in pieces: `next` fills in the next piece, and returns false when there is
/// none. The file changes only when all pieces are there, unless it is no regular file: if `next` throws, a
/// regular file that was there is untouched.
void write_pieces(const std::filesystem::path& path, const std::function<bool(std::string&)>& next,
                  Parents parents = Parents::Create);

/// Throws InputError as write_file would (with Parents::MustExist) for a file that cannot be written, leaving
/// no trace: for asking before the work whose result it is to hold.
void require_writable(const std::filesystem::path& path);

}  // namespace yore::base
