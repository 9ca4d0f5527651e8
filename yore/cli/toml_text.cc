#include "yore/cli/toml_text.h"

#include <fmt/format.h>

#include <cstddef>
#include <string_view>

#include "yore/base/error.h"

namespace yore::cli {
namespace {

/// Goes through a text's strings and comments, for what stands outside of them.
class Outside {
 public:
  Outside(std::string_view text, const std::string& path) : text_(text), path_(path) {}

  /// toml++ 3.3 asks of any character there whether it is a space, and what then happens is undefined for
  /// some that look like none: U+FEFB, for one. TOML has only ASCII there (and a mark at the text's
  /// beginning).
  /// A key such as a.b.c is a table for each dot, which toml++ frees by recursion: many end the program.
  void check() {
    if (begins("\xef\xbb\xbf")) at_ += 3;
    while (at_ < text_.size()) {
      if (text_[at_] == '#')
        skip_until("\n");
      else if (begins("\"\"\""))
        string("\"\"\"", true);
      else if (begins("'''"))
        string("'''", false);
      else if (text_[at_] == '"')
        string("\"", true);
      else if (text_[at_] == '\'')
        string("'", false);
      else
        ascii();
    }
  }

 private:
  static constexpr int kMostDots = 32;  // of one key
  static constexpr const char* kNotAscii =
      "expected letters, digits and signs of ASCII outside of quotes and comments, found another character";

  bool begins(std::string_view with) const { return text_.substr(at_).starts_with(with); }
  void skip_until(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    at_ = found == std::string_view::npos ? text_.size() : found;
  }

  void ascii() {
    if (static_cast<unsigned char>(text_[at_]) >= 0x80) refuse(kNotAscii);
    if (std::string_view(",={}[]\n").find(text_[at_]) != std::string_view::npos) dots_ = 0;
    if (text_[at_] == '.' && ++dots_ > kMostDots)
      refuse("expected a key of fewer parts, found more dots than any key has");
    ++at_;
  }

  /// From its opening quotes past its closing ones. What is not closed is the parser's to refuse.
  void string(std::string_view quotes, bool escapes) {
    const bool long_one = quotes.size() == 3;
    at_ += quotes.size();
    while (at_ < text_.size()) {
      if (begins(quotes)) {
        at_ += quotes.size();
        // A long string may end in one or two quotes of its own.
        for (int own = 0; long_one && own < 2 && begins(quotes.substr(0, 1)); ++own) ++at_;
        return;
      }
      if (!long_one && text_[at_] == '\n') return;
      if (escapes && text_[at_] == '\\')
        escape();
      else
        ++at_;
    }
  }

  /// An escaped character; or space at the end of a line and before the next one, which the parser looks for.
  void escape() {
    ++at_;
    const std::size_t next = text_.find_first_not_of(" \t\r\n", at_);
    if (next == at_ || next == std::string_view::npos) {
      if (at_ < text_.size()) ascii();
      return;
    }
    at_ = next;
    if (static_cast<unsigned char>(text_[at_]) >= 0x80) refuse(kNotAscii);
  }

  [[noreturn]] void refuse(const char* why) const {
    std::size_t line = 1, column = 1;
    for (std::size_t i = 0; i < at_; ++i) {
      if (text_[i] == '\n') {
        ++line;
        column = 1;
      } else if ((static_cast<unsigned char>(text_[i]) & 0xc0) != 0x80) {
        ++column;
      }
    }
    throw base::InputError(fmt::format("{}:{}:{}", path_, line, column), why);
  }

  std::string_view text_;
  const std::string& path_;
  std::size_t at_ = 0;
  int dots_ = 0;  ///< since a key or a value began
};

// An argument of a program ends at its first zero character, and so does a file's name.
void refuse_zero_characters(const toml::node& node, const std::string& path) {
  if (const toml::table* table = node.as_table())
    for (const auto& [_, value] : *table) refuse_zero_characters(value, path);
  if (const toml::array* array = node.as_array())
    for (const toml::node& value : *array) refuse_zero_characters(value, path);
  if (const auto* text = node.as_string(); text != nullptr && (**text).find('\0') != std::string::npos)
    throw base::InputError(toml_place(path, node.source()), "a text with a zero character (\\u0000) in it");
}

}  // namespace

std::string toml_place(const std::string& path, const toml::source_region& region) {
  return fmt::format("{}:{}:{}", path, region.begin.line, region.begin.column);
}

toml::table parse_toml(const std::string& text, const std::string& path) {
  Outside(text, path).check();
  try {
    toml::table table = toml::parse(text, path);
    refuse_zero_characters(table, path);
    return table;
  } catch (const toml::parse_error& e) {
    throw base::InputError(toml_place(path, e.source()), std::string(e.description()));
  }
}

}  // namespace yore::cli
