// What a Tokenizer is made of. Readers (of tokenizer.json, of tables of pieces, of lists of words) fill it,
// finish() derives the rest, encoding uses it, and to_json writes it.
#pragma once
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yore/text/added.h"
#include "yore/text/merges.h"
#include "yore/text/normal.h"
#include "yore/text/pattern.h"
#include "yore/text/tokenizer.h"
#include "yore/text/vocabulary.h"

namespace yore::text {

/// "▁", which stands for a blank in SentencePiece's vocabularies.
inline constexpr const char* kBlank = "\xE2\x96\x81";
/// GPT-2's splitting pattern, which the step ByteLevel has built in.
inline constexpr const char* kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// One step of cutting a text into what is merged by itself (tokenizer.json: "pre_tokenizer").
struct CutStep {
  enum class Kind {
    Split,      ///< where a pattern matches
    Blank,      ///< puts a blank in front, unless one is there (ByteLevel's add_prefix_space)
    Metaspace,  ///< blanks become `replacement`; perhaps one in front; perhaps cut before each
  };
  enum class Scheme { Never, First, Always };
  Kind kind = Kind::Split;
  Pattern pattern = Pattern::literal("");
  SplitBehavior behavior = SplitBehavior::Isolated;
  bool invert = false;
  std::string replacement = kBlank;
  Scheme scheme = Scheme::Never;
  bool cuts = true;  ///< Metaspace: "split"
};

/// From the pieces of tokens to text, where pieces do not spell bytes (tokenizer.json: "decoder").
struct Decoding {
  std::vector<std::pair<std::string, std::string>> replacements;  ///< in each piece
  bool bytes = false;                                             ///< "<0x0A>" is a byte
  std::string front;                                              ///< taken off a text's beginning ..
  std::int64_t front_times = 0;                                   ///< .. up to so often
  std::string first_drops;  ///< a character that the first token of a text lacks (Metaspace)
};

/// What a vocabulary and merges make of a text.
struct Model {
  enum class Kind { ByteLevel, Characters, Words };
  Kind kind = Kind::ByteLevel;
  std::shared_ptr<const Vocabulary> vocabulary;
  std::vector<std::pair<Token, Token>> merges;  ///< in their order
  bool byte_fallback = false, fuse_unknown = false, ignore_merges = false;
  Token unknown = -1;      ///< -1: there is none
  Token end_of_line = -1;  ///< Words: the token of a line break; -1: it is white space

  // Derived by finish().
  Texts bytes;  ///< by token, what bytes_of gives
  std::vector<bool> special;
  std::array<Token, 256> byte_tokens{};  ///< -1: that byte has none
  MergeTable rules;
  /// Characters: the pairs of first tokens that some rule joins, so that a text may be cut between all
  /// others.
  MergeTable touching;
  bool may_cut = false;
};

struct Tokenizer::Data {
  std::shared_ptr<const Model> model;
  std::vector<NormalStep> normal;
  std::vector<CutStep> cuts;
  std::vector<AddedToken> added;
  Decoding decoding;
  std::vector<Token> front, behind;
  std::optional<Token> bos, eos;
  AddedFinder raw_finder, normal_finder;  ///< derived by finish()
};

/// What readers hand to finish().
struct Parts {
  Model model;
  Tokenizer::Data data;  ///< without its model
};

/// Checks that it fits together, derives the rest. Throws InputError(`source`).
Tokenizer finish(Parts parts, const std::string& source);

/// The piece with what `decoding` does to each.
std::string decoded_piece(std::string_view piece, const Decoding& decoding);

}  // namespace yore::text
