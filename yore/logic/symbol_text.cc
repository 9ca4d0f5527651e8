#include "yore/logic/symbol_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/utf8.h"

namespace yore::logic {
namespace {

unsigned byte_at(std::string_view text, std::size_t i) {
  return static_cast<unsigned char>(text[i]);
}

bool is_control(char32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0);
}

}  // namespace

std::optional<char32_t> decode_code_point(std::string_view text, std::size_t i) {
  if (i >= text.size()) return std::nullopt;
  const unsigned lead = byte_at(text, i);
  if (lead < 0x80) return lead;
  const std::size_t length = base::character_length(text, i);
  if (length == 0) return std::nullopt;
  char32_t point = lead & (0x7FU >> length);
  for (std::size_t k = 1; k < length; ++k) point = point << 6 | (byte_at(text, i + k) & 0x3FU);
  return point;
}

std::size_t code_point_length(std::string_view text, std::size_t i) {
  return std::max<std::size_t>(base::character_length(text, i), 1);
}

std::string encode_code_point(char32_t point) {
  std::string out;
  const auto tail = [&](int shift) { out += static_cast<char>(0x80U | (point >> shift & 0x3FU)); };
  if (point < 0x80) {
    out += static_cast<char>(point);
  } else if (point < 0x800) {
    out += static_cast<char>(0xC0U | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    out += static_cast<char>(0xE0U | point >> 12);
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0U | point >> 18);
    tail(12), tail(6), tail(0);
  }
  return out;
}

std::optional<char32_t> single_code_point(std::string_view name) {
  const std::optional<char32_t> point = decode_code_point(name, 0);
  if (point && code_point_length(name, 0) != name.size()) return std::nullopt;
  return point;
}

std::optional<std::string> symbol_name_fault(std::string_view name) {
  if (name.empty()) return "is empty";
  for (std::size_t i = 0; i < name.size(); i += code_point_length(name, i)) {
    const std::optional<char32_t> point = decode_code_point(name, i);
    if (!point) return "is not UTF-8";
    if (*point == ' ') return "has a blank, which separates symbols in a word";
    if (*point == ',') return "has a comma, which separates symbols in an alphabet";
    if (is_control(*point)) return fmt::format("has a control character (U+{:04X})", std::uint32_t{*point});
  }
  return std::nullopt;
}

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

std::string quoted_symbol(std::string_view name) {
  std::string out = "'";
  for (const char c : name) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string read_quoted_symbol(std::string_view text, std::size_t& position, const char* source) {
  const std::size_t opening = position;
  const auto fail = [&](const std::string& message) {
    throw base::InputError(source, message, std::string(text), opening);
  };
  std::string name;
  for (++position; position < text.size() && text[position] != '\''; ++position) {
    if (text[position] == '\\' && position + 1 < text.size()) ++position;
    name += text[position];
  }
  if (position == text.size()) fail("this quote is not closed; expected another ' after the name");
  ++position;
  if (const auto fault = symbol_name_fault(name)) fail("the quoted symbol " + *fault);
  return name;
}

std::string listed_symbols(const Alphabet& alphabet) {
  constexpr int kShown = 40;
  std::string out;
  for (Symbol s = 0; s < alphabet.size() && s < kShown; ++s) out += (s == 0 ? "" : ", ") + alphabet.name(s);
  return alphabet.size() > kShown ? fmt::format("{}, ... ({} symbols)", out, alphabet.size()) : out;
}

}  // namespace yore::logic
