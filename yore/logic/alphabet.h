// Alphabets and words. A symbol is an index into an alphabet; its name may have several characters.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yore::logic {

using Symbol = std::int32_t;       ///< 0 .. alphabet.size()-1
using Word = std::vector<Symbol>;  ///< may be empty

/// An ordered set of distinct, non-empty symbol names (UTF-8).
class Alphabet {
 public:
  Alphabet() = default;
  /// Throws InputError ("alphabet") on duplicates, empty names, and names that have blanks, commas or control
  /// characters or are not UTF-8.
  explicit Alphabet(std::vector<std::string> names);
  /// "ab" = two one-character symbols (one a code point); "open,close,x" = names separated by commas. Throws
  /// InputError ("alphabet") with the position.
  static Alphabet parse(std::string_view text);
  /// The text parse reads back as this alphabet ("ab", "open,close", "open,").
  std::string text() const;

  /// Number of symbols.
  int size() const { return static_cast<int>(names_.size()); }
  const std::string& name(Symbol s) const { return names_[static_cast<std::size_t>(s)]; }
  const std::vector<std::string>& names() const { return names_; }
  /// The symbol of that name, if there is one.
  std::optional<Symbol> find(std::string_view name) const;
  /// True if every name is one code point, so that words can be written without separators.
  bool single_characters() const;

  /// Reads a word: characters in a row if single_characters(), else names separated by blanks. Throws
  /// InputError ("word") with the position of a letter outside the alphabet.
  Word parse_word(std::string_view text) const;
  /// The inverse of parse_word; the empty word is "".
  std::string format_word(const Word& word) const;

  bool operator==(const Alphabet&) const = default;

 private:
  std::vector<std::string> names_;
};

/// Length in bytes of the UTF-8 code point that starts at text[i] (1 for a stray byte).
std::size_t code_point_length(std::string_view text, std::size_t i);

}  // namespace yore::logic
