// Text as messages show it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace yore::base {

/// Whether the byte goes on with a UTF-8 character that an earlier byte began.
constexpr bool continues(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

/// The text itself, or, if it is longer than `longest` bytes, its beginning and " ...", together no longer.
/// No UTF-8 character is cut in two. `longest` is at least 4.
std::string shortened(std::string text, std::size_t longest);

/// The text with bytes that a terminal would act on or not show (control characters but line ends and tabs,
/// byte order marks, and what is not UTF-8) as "\x00". So what is shown is always UTF-8.
std::string visible(const std::string& text);
/// The text without the byte order mark that some editors put in front of UTF-8.
std::string_view after_byte_order_mark(std::string_view text);

/// "1 state", "2 states": for nouns whose plural ends in s.
std::string counted(std::int64_t count, const std::string& noun);

}  // namespace yore::base
