// Text as tokens and back: bytes, words, and byte-pair encoding (BPE) as Hugging Face's tokenizer.json and
// GGUF files describe it.
//
//   const Tokenizer tokenizer = Tokenizer::from_json_file("model/tokenizer.json");
//   const std::vector<Token> tokens = tokenizer.encode("Hello world");
//   tokenizer.decode(tokens);  // "Hello world"
//
// A piece is the text of a token as its vocabulary writes it. In byte-level vocabularies (GPT-2, Llama 3,
// Qwen) a piece spells bytes by stand-in characters ("Ġthe" is " the"), in SentencePiece's (Mistral, Gemma) a
// blank is "▁" and a byte without a piece of its own is "<0x0A>". An added token is one that is found in the
// text before anything else is done to it; a special one (a control token such as "<|endoftext|>") is no text
// of a user's.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yore/base/utf8.h"

namespace yore::text {

using Token = std::int32_t;

/// How to encode.
struct EncodeOptions {
  /// Put in front and behind what the tokenizer puts around a document (Tokenizer::front, behind).
  bool markers = false;
  /// Special tokens that stand in the text are those tokens; otherwise they are spelled as any other text.
  /// Added tokens that are not special are found either way.
  bool special_in_text = true;
};

/// What a token of a vocabulary is, by the numbers that GGUF's tokenizer.ggml.token_type has.
enum class PieceType : std::int32_t {
  Normal = 1,
  Unknown = 2,      ///< stands for text that has no token
  Control = 3,      ///< special
  UserDefined = 4,  ///< added, not special: found in the text first
  Unused = 5,       ///< never made by encode
  Byte = 6          ///< "<0x0A>"
};

/// A vocabulary outside a tokenizer.json, as GGUF's keys tokenizer.ggml.* hold it.
struct PieceTable {
  std::vector<std::string> pieces;  ///< by token
  std::vector<PieceType> types;     ///< by token; empty: all normal
  std::vector<float> scores;        ///< by token (from_scores alone)
  std::vector<std::string> merges;  ///< "left right", the first merged first (from_merges alone)
  /// How text is cut before merging (from_merges alone): a name that split_names() lists.
  std::string pre = "default";
  std::optional<Token> bos, eos;  ///< begin and end of a document
  std::optional<Token> unknown;   ///< where a text has no token (from_scores alone)
  bool bos_in_front = false;      ///< GGUF: add_bos_token
  bool eos_behind = false;        ///< GGUF: add_eos_token
  bool blank_in_front = true;     ///< "a" is read as " a" (from_scores alone; GGUF: add_space_prefix)
};

/// Immutable and cheap to copy; copies share what they know. Safe to use from several threads.
class Tokenizer {
 public:
  /// 256 tokens, a byte each.
  static Tokenizer bytes();
  /// Token i is words[i]. Text is cut at white space as WikiText has it: every word is a token, and every
  /// line break is the word "<eos>", if there is that word (else it is white space). Words that are not in
  /// the list are "<unk>". decode writes " word" and, for a line break, " \n", which is WikiText's own
  /// layout. Throws InputError(`source`): no "<unk>", a word with white space in it, empty, not UTF-8 or
  /// given twice.
  static Tokenizer words(const std::vector<std::string>& words, const std::string& source);
  /// The above of a file with one word a line.
  static Tokenizer words_file(const std::filesystem::path& path);

  /// Reads a Hugging Face tokenizer.json: BPE models with the normalizers, pre-tokenizers, decoders and
  /// post-processors that the README of text/ lists, and what to_json writes of words. Throws
  /// InputError(`source`) naming the field and what is supported there; nothing that changes tokens is passed
  /// over.
  static Tokenizer from_json(std::string_view json, const std::string& source);
  static Tokenizer from_json_file(const std::filesystem::path& path);

  /// SentencePiece's BPE (GGUF: tokenizer.ggml.model = "llama"): blanks are "▁"; of all adjacent pairs whose
  /// joined text is a piece, the one of the highest score is joined first; characters that have no piece are
  /// their bytes' pieces "<0x00>" .. "<0xFF>", or where those are missing `unknown`. Pairs of equal score are
  /// joined in the order in which transformers writes such a vocabulary as merges (of the longer left side
  /// first), so that this and the tokenizer.json of the same model agree. Throws InputError(`source`).
  static Tokenizer from_scores(const PieceTable& table, const std::string& source);
  /// Byte-level BPE (GGUF: tokenizer.ggml.model = "gpt2"). Throws InputError(`source`).
  static Tokenizer from_merges(const PieceTable& table, const std::string& source);
  /// The names that PieceTable::pre may have: gpt-2, smollm, qwen2, llama-bpe, default.
  static std::vector<std::string> split_names();

  /// The tokens of a text. It need not be UTF-8: what is not, is cut off from its neighbours and spelled in
  /// bytes. Throws InputError naming a character for which there is neither a token nor an unknown one, and a
  /// splitting pattern that needs more steps than its budget.
  std::vector<Token> encode(std::string_view text, const EncodeOptions& options = {}) const;
  /// The exact bytes that a token stands for inside a text; of a special token its name. A token may end
  /// within a UTF-8 character. Throws std::invalid_argument for no token of the vocabulary.
  std::string_view bytes_of(Token token) const;
  /// The bytes of all, less the blank that encode put in front of the first (SentencePiece); special tokens
  /// are left out where `with_special` is false.
  std::string decode(std::span<const Token> tokens, bool with_special = true) const;

  /// Tokens are 0 .. vocabulary() - 1.
  std::int64_t vocabulary() const;
  /// The piece, as the vocabulary writes it.
  std::string_view name_of(Token token) const;
  /// The token of exactly that piece.
  std::optional<Token> find(std::string_view name) const;
  /// Whether the token is special.
  bool is_special(Token token) const;
  /// All special tokens, ascending.
  std::vector<Token> special_tokens() const;

  /// What stands in front of a document and behind it when a model is trained and asked; perhaps nothing.
  std::span<const Token> front() const;
  std::span<const Token> behind() const;
  /// The tokens that begin and end a document, where they are known: a tokenizer.json says so only as far as
  /// it puts them around a text.
  std::optional<Token> bos() const;
  std::optional<Token> eos() const;
  /// Whether a model expects bos in front.
  bool expects_bos() const { return bos() && !front().empty() && front().front() == *bos(); }
  /// The same tokenizer with these, for what another file says (tokenizer_config.json, GGUF); what stands in
  /// front and behind becomes `bos` if `bos_in_front`, and `eos` if `eos_behind`, alone. Throws
  /// std::invalid_argument for no token of the vocabulary.
  Tokenizer with_markers(std::optional<Token> bos, std::optional<Token> eos, bool bos_in_front,
                         bool eos_behind) const;

  /// A Hugging Face tokenizer.json of the same tokenizer. from_json of it gives the same ids, bytes and what
  /// is put in front and behind (eos alone is not in that format).
  std::string to_json() const;

  struct Data;
  explicit Tokenizer(std::shared_ptr<const Data> data) : data_(std::move(data)) {}

 private:
  std::shared_ptr<const Data> data_;
};

}  // namespace yore::text
