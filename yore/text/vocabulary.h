// The tokens of a vocabulary: their pieces, the bytes they stand for, and the way back.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace yore::text {

/// Many texts in one piece of memory.
class Texts {
 public:
  void add(std::string_view text) {
    bytes_ += text;
    ends_.push_back(bytes_.size());
  }
  std::size_t size() const { return ends_.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(bytes_).substr(begin, ends_[i] - begin);
  }

 private:
  std::string bytes_;
  std::vector<std::size_t> ends_;
};

/// Pieces by token and tokens by piece. Neither copied nor moved: the index looks into the texts.
class Vocabulary {
 public:
  /// Throws InputError(`source`) naming a piece that is not UTF-8, longer than 65,535 bytes or there twice,
  /// and for more than 2^27 pieces or none.
  Vocabulary(Texts pieces, const std::string& source);
  Vocabulary(const Vocabulary&) = delete;
  Vocabulary& operator=(const Vocabulary&) = delete;

  std::size_t size() const { return pieces_.size(); }
  std::string_view piece(std::int32_t token) const { return pieces_[static_cast<std::size_t>(token)]; }
  std::optional<std::int32_t> find(std::string_view piece) const;

 private:
  Texts pieces_;
  std::unordered_map<std::string_view, std::int32_t> index_;
};

/// The character that stands for a byte in byte-level vocabularies (GPT-2's table): the printable ones of
/// Latin-1 for themselves, the others U+0100 and on in their order.
std::string_view stand_in(unsigned char byte);
/// The bytes that a piece of such stand-ins spells; nothing if it has another character in it.
std::optional<std::string> spelled_bytes(std::string_view piece);
/// The other way.
std::string with_stand_ins(std::string_view bytes);

/// The byte of a piece such as "<0x0A>" (SentencePiece).
std::optional<unsigned char> byte_of_piece(std::string_view piece);
/// The other way.
std::string piece_of_byte(unsigned char byte);

}  // namespace yore::text
