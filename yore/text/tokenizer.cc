#include "yore/text/tokenizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "yore/base/bounded_file.h"
#include "yore/base/error.h"
#include "yore/text/data.h"

namespace yore::text {
namespace {

/// The largest published tokenizer.json (Gemma 3) has 33 MB.
constexpr std::size_t kMostBytes = std::size_t{1} << 28;

std::size_t place(const Model& model, Token token) {
  if (token < 0 || static_cast<std::size_t>(token) >= model.vocabulary->size())
    throw std::invalid_argument(
        fmt::format("tokenizer: token {} is none of 0 .. {}", token, model.vocabulary->size() - 1));
  return static_cast<std::size_t>(token);
}

}  // namespace

Tokenizer Tokenizer::bytes() {
  static const Tokenizer tokenizer = [] {
    Texts pieces;
    for (int b = 0; b < 256; ++b) pieces.add(stand_in(static_cast<unsigned char>(b)));
    Parts parts;
    parts.model.vocabulary = std::make_shared<const Vocabulary>(std::move(pieces), "bytes");
    return finish(std::move(parts), "bytes");
  }();
  return tokenizer;
}

Tokenizer Tokenizer::from_json_file(const std::filesystem::path& path) {
  return from_json(base::read_bounded_file(path, kMostBytes), path.string());
}

std::string_view Tokenizer::bytes_of(Token token) const {
  return data_->model->bytes[place(*data_->model, token)];
}

std::string Tokenizer::decode(std::span<const Token> tokens, bool with_special) const {
  const Decoding& decoding = data_->decoding;
  std::string text;
  bool first = true;
  for (const Token token : tokens) {
    if (!with_special && is_special(token)) continue;
    const std::string_view bytes = bytes_of(token);
    if (first && !decoding.first_drops.empty()) {
      // Metaspace leaves blanks out of the first token, however many it has.
      std::string piece;
      for (const Cut& cut : Pattern::literal(decoding.first_drops).cuts(name_of(token)))
        if (!cut.matches) piece += name_of(token).substr(cut.begin, cut.end - cut.begin);
      text += decoded_piece(piece, decoding);
    } else {
      text += bytes;
    }
    first = false;
  }
  std::size_t begin = 0;
  for (std::int64_t i = 0;
       i < decoding.front_times && text.compare(begin, decoding.front.size(), decoding.front) == 0; ++i)
    begin += decoding.front.size();
  return text.substr(begin);
}

std::int64_t Tokenizer::vocabulary() const {
  return static_cast<std::int64_t>(data_->model->vocabulary->size());
}

std::string_view Tokenizer::name_of(Token token) const {
  place(*data_->model, token);
  return data_->model->vocabulary->piece(token);
}

std::optional<Token> Tokenizer::find(std::string_view name) const {
  return data_->model->vocabulary->find(name);
}

bool Tokenizer::is_special(Token token) const {
  return data_->model->special[place(*data_->model, token)];
}

std::vector<Token> Tokenizer::special_tokens() const {
  std::vector<Token> all;
  for (const AddedToken& token : data_->added)
    if (token.special) all.push_back(token.id);
  std::sort(all.begin(), all.end());
  return all;
}

std::span<const Token> Tokenizer::front() const {
  return data_->front;
}
std::span<const Token> Tokenizer::behind() const {
  return data_->behind;
}
std::optional<Token> Tokenizer::bos() const {
  return data_->bos;
}
std::optional<Token> Tokenizer::eos() const {
  return data_->eos;
}

Tokenizer Tokenizer::with_markers(std::optional<Token> bos, std::optional<Token> eos, bool bos_in_front,
                                  bool eos_behind) const {
  for (const auto& token : {bos, eos})
    if (token) place(*data_->model, *token);
  if ((bos_in_front && !bos) || (eos_behind && !eos))
    throw std::invalid_argument("tokenizer: a token that is put around a text must be known");
  auto data = std::make_shared<Data>(*data_);
  data->bos = bos;
  data->eos = eos;
  data->front.clear();
  data->behind.clear();
  if (bos_in_front) data->front = {*bos};
  if (eos_behind) data->behind = {*eos};
  return Tokenizer(std::move(data));
}

}  // namespace yore::text
