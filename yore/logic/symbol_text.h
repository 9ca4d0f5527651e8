// How symbol names are spelled in patterns and formulas: code points, what a name may hold, 'quoted' names.
// Shared by the alphabet, both parsers and both printers.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "yore/logic/alphabet.h"

namespace yore::logic {

/// The code point that starts at text[i]; nothing if the bytes there are not well-formed UTF-8 (overlong
/// forms, surrogates and values past U+10FFFF included).
std::optional<char32_t> decode_code_point(std::string_view text, std::size_t i);

/// The UTF-8 bytes of a code point (not a surrogate, at most U+10FFFF).
std::string encode_code_point(char32_t point);

/// The code point a name consists of, if it is just one.
std::optional<char32_t> single_code_point(std::string_view name);

/// Why a symbol may not be called `name`, as the end of a sentence ("is empty"); nothing if it may.
std::optional<std::string> symbol_name_fault(std::string_view name);

/// True for the ASCII characters that bare words of a formula consist of: letters, digits, underscore.
bool is_word_character(char c);

/// 'name', with a backslash before quotes and backslashes.
std::string quoted_symbol(std::string_view name);

/// Reads a quoted symbol whose opening quote is text[position] and moves past the closing one. Throws
/// InputError(`source`) at the opening quote if it is not closed, is empty, or is no symbol name.
std::string read_quoted_symbol(std::string_view text, std::size_t& position, const char* source);

/// The names of an alphabet for error messages: "a, b, c", cut short past a few dozen.
std::string listed_symbols(const Alphabet& alphabet);

}  // namespace yore::logic
