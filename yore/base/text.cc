#include "yore/base/text.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/utf8.h"

namespace yore::base {

std::string shortened(std::string text, std::size_t longest) {
  const std::string mark = " ...";
  if (text.size() <= longest) return text;
  std::size_t kept = longest - mark.size();
  while (kept > 0 && continues(text[kept])) --kept;
  return text.substr(0, kept) + mark;
}

namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
}  // namespace

std::string visible(const std::string& text) {
  std::string shown;
  for (std::size_t i = 0, length = 0; i < text.size(); i += length) {
    length = character_length(text, i);
    const std::string_view character = std::string_view(text).substr(i, length);
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7F;
    if (length > 0 && !control && character != kByteOrderMark) {
      shown += character;
      continue;
    }
    length = std::max<std::size_t>(length, 1);
    for (const char c : text.substr(i, length))
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  return shown;
}

std::string_view after_byte_order_mark(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  return text;
}

std::string counted(std::int64_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace yore::base
