// UTF-8 in pieces: characters of a text, and whole characters of a stream whose tokens end where they like.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace yore::base {

/// The bytes of the character that text[at] begins, 1 to 4, if a whole well-formed one stands there (no
/// surrogate, nothing overlong or beyond U+10FFFF), else 0.
std::size_t character_length(std::string_view text, std::size_t at);

/// Whether the whole text is well-formed.
bool is_utf8(std::string_view text);

/// How many bytes at the end of the text begin a character that goes on, 0 to 3.
std::size_t unfinished_length(std::string_view text);

/// Hands out bytes of a stream as soon as they make whole characters:
///   Utf8Stream stream;
///   stream.push("\xE2\x82");  // ""
///   stream.push("\xAC!");     // "\xE2\x82\xAC!", that is "€!"
/// Bytes that can be no part of a character are handed out as they are: nothing is replaced or dropped.
class Utf8Stream {
 public:
  /// What has become complete.
  std::string push(std::string_view bytes);
  /// What is left at the end: the beginning of a character, or nothing.
  std::string flush();

 private:
  std::string kept_;  ///< at most 3 bytes that may still become a character
};

}  // namespace yore::base
