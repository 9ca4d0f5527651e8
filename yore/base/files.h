// Whole files in and out. Writing goes to a neighbour first and is renamed into place, so that a file is
// either the old one or the new one, never half of each.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace yore::base {

using Json = nlohmann::ordered_json;

/// The bytes of a file. Throws InputError naming the path and the reason.
std::string read_file(const std::filesystem::path& path);

/// Replaces the file at `path` by `bytes` in one step (write beside, flush to disk, rename); creates missing
/// parent folders. Throws InputError naming the path and the reason; the old file is then untouched.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// Parses JSON text; a syntax error becomes an InputError with `source` and a caret at the fault.
Json parse_json(const std::string& text, const std::string& source);

/// read_file + parse_json; the source is the path.
Json read_json(const std::filesystem::path& path);

}  // namespace yore::base
