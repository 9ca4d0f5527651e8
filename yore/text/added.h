// Added tokens: texts that are tokens wherever they stand, found before anything else is done to a text.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yore::text {

/// As tokenizer.json has it.
struct AddedToken {
  std::string content;
  std::int32_t id = -1;
  bool special = false;
  bool normalized = false;              ///< looked for in the normalized text rather than in the text itself
  bool single_word = false;             ///< only where no letter, digit or underscore stands beside it
  bool lstrip = false, rstrip = false;  ///< takes the white space on that side with it
};

/// A part of a text: a token, or text between tokens (id -1).
struct AddedPart {
  std::size_t begin, end;
  std::int32_t id;
};

/// Finds some of them in texts: of those that begin first the longest.
class AddedFinder {
 public:
  AddedFinder() = default;
  /// `contents`: what is looked for, one each.
  AddedFinder(const std::vector<AddedToken>& tokens, std::vector<std::string> contents);
  /// The parts of a text in order, none of text being empty. Special tokens are text unless `special`.
  std::vector<AddedPart> parts(std::string_view text, bool special) const;

 private:
  struct Entry {
    std::string content;
    AddedToken token;
  };
  const Entry* longest_at(std::string_view text, std::size_t at) const;
  std::vector<Entry> entries_;  ///< by content, ascending
  std::array<bool, 256> begins_{};
};

}  // namespace yore::text
