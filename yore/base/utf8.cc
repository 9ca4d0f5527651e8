#include "yore/base/utf8.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace yore::base {
namespace {

/// What a first byte promises: how long its character is, and the bounds of its second byte. Length 0: no
/// character begins so (Unicode 15, table 3-7).
struct FirstByte {
  std::size_t length;
  std::uint8_t low, high;
};

FirstByte first_byte(std::uint8_t b) {
  if (b < 0x80) return {1, 0, 0};
  if (b < 0xC2) return {0, 0, 0};
  if (b < 0xE0) return {2, 0x80, 0xBF};
  if (b < 0xF0)
    return {3, static_cast<std::uint8_t>(b == 0xE0 ? 0xA0 : 0x80),
            static_cast<std::uint8_t>(b == 0xED ? 0x9F : 0xBF)};
  if (b < 0xF5)
    return {4, static_cast<std::uint8_t>(b == 0xF0 ? 0x90 : 0x80),
            static_cast<std::uint8_t>(b == 0xF4 ? 0x8F : 0xBF)};
  return {0, 0, 0};
}

std::uint8_t byte(std::string_view text, std::size_t at) {
  return static_cast<std::uint8_t>(text[at]);
}

/// How many bytes from `at` on agree with one character, and how many it has in all.
struct Prefix {
  std::size_t fits, length;
};

Prefix prefix_at(std::string_view text, std::size_t at) {
  const FirstByte first = first_byte(byte(text, at));
  if (first.length == 0) return {0, 0};
  std::size_t fits = 1;
  while (fits < first.length && at + fits < text.size()) {
    const std::uint8_t b = byte(text, at + fits);
    const bool second = fits == 1;
    if (b < (second ? first.low : 0x80) || b > (second ? first.high : 0xBF)) break;
    ++fits;
  }
  return {fits, first.length};
}

}  // namespace

std::size_t character_length(std::string_view text, std::size_t at) {
  if (at >= text.size()) return 0;
  const Prefix prefix = prefix_at(text, at);
  return prefix.fits == prefix.length ? prefix.length : 0;
}

bool is_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = character_length(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::size_t unfinished_length(std::string_view text) {
  for (std::size_t back = 1; back <= std::min<std::size_t>(3, text.size()); ++back) {
    const Prefix prefix = prefix_at(text, text.size() - back);
    if (prefix.fits == back && prefix.length > back) return back;
  }
  return 0;
}

std::string Utf8Stream::push(std::string_view bytes) {
  kept_ += bytes;
  // Anything before the last three bytes is complete or broken, whatever follows.
  const std::size_t ready = kept_.size() - unfinished_length(kept_);
  std::string out = kept_.substr(0, ready);
  kept_.erase(0, ready);
  return out;
}

std::string Utf8Stream::flush() {
  return std::exchange(kept_, {});
}

}  // namespace yore::base
