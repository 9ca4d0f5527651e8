// Text as messages show it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace yore::base {

/// Whether the byte goes on with a UTF-8 character that an earlier byte began.
constexpr bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// The text itself, or, if it is longer than `longest` bytes, its beginning and " ...", together no longer.
/// No UTF-8 character is cut in two. `longest` is at least 4.
std::string shortened(std::string text, std::size_t longest);

/// "1 state", "2 states": for nouns whose plural ends in s.
std::string counted(std::int64_t count, const std::string& noun);

}  // namespace yore::base
