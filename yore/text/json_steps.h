// The steps around the model in a tokenizer.json.
#pragma once
#include "yore/text/data.h"
#include "yore/text/json_field.h"

namespace yore::text {

/// "normalizer": NFC, NFD, NFKC, NFKD, Replace, Prepend, or a Sequence of them; null: none.
std::vector<NormalStep> read_normalizer(const JsonField& field);

struct Cutting {
  std::vector<CutStep> steps;
  bool byte_level = false;
};
/// "pre_tokenizer": Split, Digits, Metaspace, ByteLevel (last), or a Sequence of them; null: none.
Cutting read_pre_tokenizer(const JsonField& field);

/// "decoder": ByteLevel beside a pre-tokenizer that has it; else Replace, ByteFallback, Fuse and Strip in
/// this order (each may be missing), or Metaspace.
Decoding read_decoder(const JsonField& field, bool byte_level);

/// "post_processor": TemplateProcessing as far as it puts tokens in front of a text and behind it, ByteLevel,
/// or a Sequence of them.
struct Markers {
  std::vector<Token> front, behind;
};
Markers read_post_processor(const JsonField& field, std::size_t vocabulary);

/// "added_tokens".
std::vector<AddedToken> read_added_tokens(const JsonField& field);

/// {"String": ..} or {"Regex": ..}.
Pattern read_pattern(const JsonField& field);

}  // namespace yore::text
