// Whole files in and out. Writing goes to a neighbour first and is renamed into place, so that a regular file
// is either the old one or the new one, never half of each.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace yore::base {

using Json = nlohmann::ordered_json;

/// The bytes of a file or pipe, of no device (it may never end). Throws InputError naming path and reason.
std::string read_file(const std::filesystem::path& path);

/// Where a file or folder is made before it is renamed to its place: a name of its own for each writer, so
/// that the last rename wins and each is whole.
std::filesystem::path beside(const std::filesystem::path& target);

/// What write_file does about folders that are missing above the file.
enum class Parents {
  Create,     ///< for a folder that is ours: a run's, a study's
  MustExist,  ///< for a file that a user names: a misspelt path is an error, not a new folder
};

/// Makes `bytes` the content of the file at `path`, in one step where that is possible (write beside, flush
/// to disk, rename), with its old permissions. Symbolic links stay: what they lead to is replaced. What is no
/// regular file (a device, a pipe) or open (/dev/fd/1) is written into, not replaced. Throws InputError
/// naming the path and the reason; a regular file that was there is then untouched.
void write_file(const std::filesystem::path& path, std::string_view bytes, Parents parents = Parents::Create);

/// Parses JSON. Throws InputError(`source`): syntax (with a caret), a key that is there twice, deep nesting.
Json parse_json(const std::string& text, const std::string& source);

/// read_file + parse_json; the source is the path.
Json read_json(const std::filesystem::path& path);

}  // namespace yore::base
