#include "yore/base/text.h"

#include <fmt/format.h>

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
  std::size_t marked = 0;  // up to here the text belongs to a byte order mark
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, kByteOrderMark.size(), kByteOrderMark) == 0) marked = i + kByteOrderMark.size();
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool control = (byte < 0x20 && text[i] != '\n' && text[i] != '\t') || byte == 0x7F;
    if (control || i < marked)
      shown += fmt::format("\\x{:02x}", byte);
    else
      shown += text[i];
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
