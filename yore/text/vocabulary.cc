#include "yore/text/vocabulary.h"

#include <fmt/format.h>

#include <array>

#include "yore/base/error.h"
#include "yore/base/utf8.h"

namespace yore::text {
namespace {

constexpr std::size_t kMaxPieces = std::size_t{1} << 27, kMaxPiece = 65'535;

struct StandIns {
  std::array<std::string, 256> of_byte;
  std::array<int, 324> byte_of{};  ///< by code point; -1: stands for none

  StandIns() {
    byte_of.fill(-1);
    int next = 256;
    for (int b = 0; b < 256; ++b) {
      const bool itself = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      const int point = itself ? b : next++;
      byte_of[static_cast<std::size_t>(point)] = b;
      std::string& text = of_byte[static_cast<std::size_t>(b)];
      if (point < 0x80)
        text = static_cast<char>(point);
      else
        text = {static_cast<char>(0xC0 | (point >> 6)), static_cast<char>(0x80 | (point & 0x3F))};
    }
  }
};

const StandIns& stand_ins() {
  static const StandIns all;
  return all;
}

}  // namespace

Vocabulary::Vocabulary(Texts pieces, const std::string& source) : pieces_(std::move(pieces)) {
  if (pieces_.size() == 0 || pieces_.size() > kMaxPieces)
    throw base::InputError(
        source, fmt::format("vocabulary: expected 1 to {} pieces, found {}", kMaxPieces, pieces_.size()));
  index_.reserve(pieces_.size());
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const std::string_view piece = pieces_[i];
    if (piece.size() > kMaxPiece)
      throw base::InputError(source, fmt::format("vocabulary: token {}: expected at most {} bytes, found {}",
                                                 i, kMaxPiece, piece.size()));
    if (!base::is_utf8(piece))
      throw base::InputError(source, fmt::format("vocabulary: token {} is not UTF-8", i));
    const auto [at, fresh] = index_.emplace(piece, static_cast<std::int32_t>(i));
    if (!fresh)
      throw base::InputError(
          source, fmt::format("vocabulary: tokens {} and {} have the same piece \"{}\"; expected each once",
                              at->second, i, piece.substr(0, 100)));
  }
}

std::optional<std::int32_t> Vocabulary::find(std::string_view piece) const {
  const auto it = index_.find(piece);
  if (it == index_.end()) return std::nullopt;
  return it->second;
}

std::string_view stand_in(unsigned char byte) {
  return stand_ins().of_byte[byte];
}

std::optional<std::string> spelled_bytes(std::string_view piece) {
  std::string bytes;
  for (std::size_t at = 0; at < piece.size();) {
    const auto first = static_cast<unsigned char>(piece[at]);
    const std::size_t length = base::character_length(piece, at);
    if (length == 0 || length > 2) return std::nullopt;
    const int point = length == 1 ? first : ((first & 0x1F) << 6) | (piece[at + 1] & 0x3F);
    if (static_cast<std::size_t>(point) >= stand_ins().byte_of.size()) return std::nullopt;
    const int byte = stand_ins().byte_of[static_cast<std::size_t>(point)];
    if (byte < 0) return std::nullopt;
    bytes += static_cast<char>(byte);
    at += length;
  }
  return bytes;
}

std::string with_stand_ins(std::string_view bytes) {
  std::string piece;
  for (const char c : bytes) piece += stand_in(static_cast<unsigned char>(c));
  return piece;
}

std::optional<unsigned char> byte_of_piece(std::string_view piece) {
  if (piece.size() != 6 || !piece.starts_with("<0x") || piece[5] != '>') return std::nullopt;
  int value = 0;
  for (const char c : piece.substr(3, 2)) {
    if (c >= '0' && c <= '9')
      value = 16 * value + (c - '0');
    else if (c >= 'A' && c <= 'F')
      value = 16 * value + (c - 'A') + 10;
    else
      return std::nullopt;
  }
  return static_cast<unsigned char>(value);
}

std::string piece_of_byte(unsigned char byte) {
  return fmt::format("<0x{:02X}>", byte);
}

}  // namespace yore::text
