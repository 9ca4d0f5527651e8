// Vocabularies as GGUF files hold them.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "yore/base/error.h"
#include "yore/base/near_names.h"
#include "yore/base/utf8.h"
#include "yore/text/data.h"

namespace yore::text {
namespace {

using base::InputError;

/// What a piece that merging makes may have: how each could be made of two is tried out.
constexpr std::size_t kLongestJoined = 1024;
/// Gemma 3, with the most pieces of the published ones, has 600,000 ways to make pieces of two.
constexpr std::size_t kMostWays = std::size_t{1} << 22;

/// Splitting by name, as llama.cpp has it; the patterns are those of the models' own tokenizer.json.
struct NamedSplit {
  const char* name;
  std::vector<const char*> patterns;
  bool composed;       ///< the text is put into form NFC first
  bool ignore_merges;  ///< a part that is a piece is not merged
};

// One below the other these would be one pattern with other numbers of digits; they stand as they are
// published.
constexpr const char* kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
constexpr const char* kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

const std::vector<NamedSplit>& named_splits() {
  static const std::vector<NamedSplit> all = {
      {"gpt-2", {kGpt2Pattern}, false, false},
      {"smollm", {R"(\p{N})", kGpt2Pattern}, false, false},
      {"qwen2", {kQwen2Pattern}, true, false},
      {"llama-bpe", {kLlama3Pattern}, false, true},
      {"default", {R"([\p{P}\$\+<=>\^~\|]+)", kGpt2Pattern, R"(\p{N}+)", "[0-9][0-9][0-9]"}, false, false},
  };
  return all;
}

const NamedSplit& named_split(const std::string& name, const std::string& source) {
  for (const NamedSplit& one : named_splits())
    if (name == one.name) return one;
  const std::vector<std::string> names = Tokenizer::split_names();
  throw InputError(source, fmt::format("pre: expected one of {}; found \"{}\"{}", fmt::join(names, ", "),
                                       name, base::did_you_mean(name, names)));
}

PieceType type_of(const PieceTable& table, std::size_t i) {
  return table.types.empty() ? PieceType::Normal : table.types[i];
}

/// Vocabulary, added tokens and markers, which both kinds have.
Parts common_parts(const PieceTable& table, const std::string& source) {
  if (!table.types.empty() && table.types.size() != table.pieces.size())
    throw InputError(source, fmt::format("types: expected one for each of {} pieces, found {}",
                                         table.pieces.size(), table.types.size()));
  Texts pieces;
  for (const std::string& piece : table.pieces) pieces.add(piece);
  Parts parts;
  parts.model.vocabulary = std::make_shared<const Vocabulary>(std::move(pieces), source);
  for (std::size_t i = 0; i < table.pieces.size(); ++i) {
    const PieceType type = type_of(table, i);
    if (type < PieceType::Normal || type > PieceType::Byte)
      throw InputError(source,
                       fmt::format("types: token {}: expected 1 to 6, found {}", i, static_cast<int>(type)));
    const bool special = type == PieceType::Control || type == PieceType::Unknown;
    if (special || type == PieceType::UserDefined)
      parts.data.added.push_back({table.pieces[i], static_cast<Token>(i), special});
  }
  const auto marker = [&](std::optional<Token> token, bool put, const char* name) {
    if (token && (*token < 0 || static_cast<std::size_t>(*token) >= table.pieces.size()))
      throw InputError(source, fmt::format("{}: expected a token from 0 to {}, found {}", name,
                                           table.pieces.size() - 1, *token));
    if (put && !token)
      throw InputError(
          source, fmt::format("{}: expected a token, since it is put around each text, found none", name));
    return put ? std::vector<Token>{*token} : std::vector<Token>{};
  };
  parts.data.front = marker(table.bos, table.bos_in_front, "bos");
  parts.data.behind = marker(table.eos, table.eos_behind, "eos");
  marker(table.unknown, false, "unknown");
  parts.data.bos = table.bos;
  parts.data.eos = table.eos;
  return parts;
}

/// A way to make a piece of two.
struct Way {
  float score;
  std::size_t left_size, right_size;
  Token left, right;
};

// The order in which transformers writes them (convert_slow_tokenizer.py: generate_merges): the best score
// first; of one score the longer left side, then the longer right side; then the vocabulary's order.
std::vector<std::pair<Token, Token>> merges_of(const PieceTable& table, const Vocabulary& vocabulary,
                                               const std::string& source) {
  std::vector<Way> ways;
  const auto side = [&](std::string_view text) -> Token {
    const auto token = vocabulary.find(text);
    return token && type_of(table, static_cast<std::size_t>(*token)) == PieceType::Normal ? *token : -1;
  };
  for (std::size_t i = 0; i < table.pieces.size(); ++i) {
    if (type_of(table, i) != PieceType::Normal) continue;
    const std::string_view piece = table.pieces[i];
    if (std::isnan(table.scores[i]))
      throw InputError(source, fmt::format("scores: token {}: is not a number", i));
    if (piece.size() > kLongestJoined)
      throw InputError(source, fmt::format("token {}: expected a piece of at most {} bytes, found {}", i,
                                           kLongestJoined, piece.size()));
    std::vector<Way> of_piece;
    for (std::size_t at = base::character_length(piece, 0); at < piece.size();
         at += base::character_length(piece, at)) {
      const Token left = side(piece.substr(0, at)), right = side(piece.substr(at));
      if (left >= 0 && right >= 0) of_piece.push_back({table.scores[i], at, piece.size() - at, left, right});
    }
    std::stable_sort(of_piece.begin(), of_piece.end(), [](const Way& a, const Way& b) {
      return a.left != b.left ? a.left < b.left : a.right < b.right;
    });
    ways.insert(ways.end(), of_piece.begin(), of_piece.end());
    if (ways.size() > kMostWays)
      throw InputError(source,
                       fmt::format("expected at most {} ways to make pieces of two, found more", kMostWays));
  }
  std::stable_sort(ways.begin(), ways.end(), [](const Way& a, const Way& b) {
    if (a.score != b.score) return a.score > b.score;
    return a.left_size != b.left_size ? a.left_size > b.left_size : a.right_size > b.right_size;
  });
  std::vector<std::pair<Token, Token>> merges;
  merges.reserve(ways.size());
  for (const Way& way : ways) merges.emplace_back(way.left, way.right);
  return merges;
}

}  // namespace

std::vector<std::string> Tokenizer::split_names() {
  std::vector<std::string> names;
  for (const NamedSplit& one : named_splits()) names.emplace_back(one.name);
  return names;
}

Tokenizer Tokenizer::from_scores(const PieceTable& table, const std::string& source) {
  if (table.scores.size() != table.pieces.size())
    throw InputError(source, fmt::format("scores: expected one for each of {} pieces, found {}",
                                         table.pieces.size(), table.scores.size()));
  Parts parts = common_parts(table, source);
  Model& model = parts.model;
  model.kind = Model::Kind::Characters;
  model.fuse_unknown = true;
  model.byte_fallback = true;
  for (int b = 0; b < 256; ++b)
    model.byte_fallback =
        model.byte_fallback && model.vocabulary->find(piece_of_byte(static_cast<unsigned char>(b)));
  if (!model.byte_fallback && !table.unknown)
    throw InputError(source, "unknown: expected a token, since pieces from <0x00> to <0xFF> are missing");
  model.unknown = table.unknown.value_or(-1);
  model.merges = merges_of(table, *model.vocabulary, source);

  NormalStep blanks;
  blanks.kind = NormalStep::Kind::Replace;
  blanks.pattern = Pattern::literal(" ");
  blanks.content = kBlank;
  if (table.blank_in_front) {
    NormalStep front;
    front.kind = NormalStep::Kind::Prepend;
    front.content = kBlank;
    parts.data.normal.push_back(std::move(front));
    parts.data.decoding.front = " ";
    parts.data.decoding.front_times = 1;
  }
  parts.data.normal.push_back(std::move(blanks));
  parts.data.decoding.replacements = {{kBlank, " "}};
  parts.data.decoding.bytes = true;
  return finish(std::move(parts), source);
}

Tokenizer Tokenizer::from_merges(const PieceTable& table, const std::string& source) {
  const NamedSplit& split = named_split(table.pre, source);
  Parts parts = common_parts(table, source);
  Model& model = parts.model;
  model.ignore_merges = split.ignore_merges;
  if (split.composed) parts.data.normal.emplace_back();
  for (const char* pattern : split.patterns) {
    CutStep step;
    step.pattern = Pattern::regex(pattern, source, "pre");
    parts.data.cuts.push_back(std::move(step));
  }
  for (std::size_t i = 0; i < table.merges.size(); ++i) {
    const std::string_view merge = table.merges[i];
    const std::size_t blank = merge.find(' ', 1);
    if (blank == std::string_view::npos)
      throw InputError(
          source, fmt::format("merges[{}]: expected two pieces with a blank between them, found \"{}\"", i,
                              merge.substr(0, 100)));
    const auto left = model.vocabulary->find(merge.substr(0, blank)),
               right = model.vocabulary->find(merge.substr(blank + 1));
    if (!left || !right)
      throw InputError(source, fmt::format("merges[{}]: \"{}\" is of pieces that are not in the vocabulary",
                                           i, merge.substr(0, 100)));
    model.merges.emplace_back(*left, *right);
  }
  return finish(std::move(parts), source);
}

}  // namespace yore::text
