// What a tokenizer derives from what its file says.
#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/utf8.h"
#include "yore/text/data.h"

namespace yore::text {
namespace {

using base::InputError;

/// What a replacement may make of a piece: a file of hostile ones could double a text in every step.
constexpr std::size_t kMostPieceGrowth = 64;

/// Added tokens by id, so that a token's own text is known.
std::vector<const AddedToken*> by_id(const Parts& parts) {
  std::vector<const AddedToken*> all(parts.model.vocabulary->size(), nullptr);
  for (const AddedToken& token : parts.data.added) all[static_cast<std::size_t>(token.id)] = &token;
  return all;
}

std::string bytes_of_piece(const Parts& parts, Token token, const AddedToken* added) {
  std::string piece(parts.model.vocabulary->piece(token));
  // An added token that is looked for in the normalized text stands for what is found there.
  if (added != nullptr && added->normalized) piece = normalize(piece, parts.data.normal);
  switch (parts.model.kind) {
    case Model::Kind::Words:
      return token == parts.model.end_of_line ? " \n" : " " + piece;
    // Hugging Face's decoder reads the stand-ins in added tokens too, and so spells "é" as one byte; here an
    // added token is the text that it is found by.
    case Model::Kind::ByteLevel:
      return added != nullptr ? piece : spelled_bytes(piece).value_or(piece);
    case Model::Kind::Characters:
      break;
  }
  return decoded_piece(piece, parts.data.decoding);
}

void find_bytes(Model& model, const std::string& source) {
  for (int b = 0; b < 256; ++b) {
    const auto byte = static_cast<unsigned char>(b);
    const auto token = model.vocabulary->find(
        model.kind == Model::Kind::ByteLevel ? std::string(stand_in(byte)) : piece_of_byte(byte));
    model.byte_tokens[byte] = token.value_or(-1);
    if (model.kind == Model::Kind::Characters && model.byte_fallback && !token)
      throw InputError(source, fmt::format("byte_fallback: expected the pieces <0x00> to <0xFF>, found no {}",
                                           piece_of_byte(byte)));
  }
}

/// The token that encode begins with at a piece's first character, or (`last`) at its last one.
Token edge(const Vocabulary& vocabulary, Token token, bool last) {
  const std::string_view piece = vocabulary.piece(token);
  std::size_t at = 0;
  for (std::size_t next = 0; next < piece.size(); next += base::character_length(piece, next)) {
    at = next;
    if (!last) break;
  }
  return vocabulary.find(piece.substr(at, base::character_length(piece, at))).value_or(token);
}

void make_rules(Model& model, const std::string& source) {
  const Vocabulary& vocabulary = *model.vocabulary;
  model.rules = MergeTable(model.merges.size());
  model.may_cut = model.kind == Model::Kind::Characters;
  std::string joined;
  for (std::size_t i = 0; i < model.merges.size(); ++i) {
    const auto [left, right] = model.merges[i];
    joined = vocabulary.piece(left);
    joined += vocabulary.piece(right);
    const auto token = vocabulary.find(joined);
    if (!token)
      throw InputError(source, fmt::format("merges[{}]: \"{}\" and \"{}\" join to no piece of the vocabulary",
                                           i, vocabulary.piece(left), vocabulary.piece(right)));
    model.rules.set(left, right, {static_cast<std::uint32_t>(i), *token});
    if (!model.may_cut) continue;
    model.touching.set(edge(vocabulary, left, true), edge(vocabulary, right, false), {0, 0});
    // Tokens that do not stand for their own characters: where they are joined, no place is known to be safe.
    for (const Token side : {left, right})
      if (side == model.unknown || (model.byte_fallback && byte_of_piece(vocabulary.piece(side))))
        model.may_cut = false;
  }
}

}  // namespace

std::string decoded_piece(std::string_view piece, const Decoding& decoding) {
  if (decoding.bytes)
    if (const auto byte = byte_of_piece(piece)) return std::string(1, static_cast<char>(*byte));
  const std::size_t most = kMostPieceGrowth * (piece.size() + 16);
  std::string text(piece);
  for (const auto& [from, to] : decoding.replacements) {
    std::string replaced;
    for (const Cut& cut : Pattern::literal(from).cuts(text)) {
      replaced +=
          cut.matches ? std::string_view(to) : std::string_view(text).substr(cut.begin, cut.end - cut.begin);
      if (replaced.size() > most)
        throw InputError("decoder", fmt::format("makes more than {} bytes of the piece \"{}\"", most,
                                                piece.substr(0, 100)));
    }
    text = std::move(replaced);
  }
  return text;
}

Tokenizer finish(Parts parts, const std::string& source) {
  Model& model = parts.model;
  Tokenizer::Data& data = parts.data;
  const std::vector<const AddedToken*> added = by_id(parts);
  for (std::size_t i = 0; i < model.vocabulary->size(); ++i) {
    model.bytes.add(bytes_of_piece(parts, static_cast<Token>(i), added[i]));
    model.special.push_back(added[i] != nullptr && added[i]->special);
  }
  find_bytes(model, source);
  make_rules(model, source);

  std::vector<AddedToken> raw, normal;
  std::vector<std::string> raw_contents, normal_contents;
  for (const AddedToken& token : data.added) {
    (token.normalized ? normal : raw).push_back(token);
    if (token.normalized)
      normal_contents.push_back(normalize(token.content, data.normal));
    else
      raw_contents.push_back(token.content);
  }
  data.raw_finder = AddedFinder(raw, std::move(raw_contents));
  data.normal_finder = AddedFinder(normal, std::move(normal_contents));
  data.model = std::make_shared<const Model>(std::move(model));
  return Tokenizer(std::make_shared<const Tokenizer::Data>(std::move(data)));
}

}  // namespace yore::text
