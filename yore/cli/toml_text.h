// TOML as every reader of it takes it: the library's parser, and what has to be looked at before it.
#pragma once
#include <string>

#include <toml++/toml.h>

namespace yore::cli {

/// "FILE:LINE:COLUMN".
std::string toml_place(const std::string& path, const toml::source_region& region);

/// The table that `text` spells; `path` names it. Throws InputError(its place) for what is no TOML.
toml::table parse_toml(const std::string& text, const std::string& path);

}  // namespace yore::cli
