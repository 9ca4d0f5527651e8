// A GGUF file as a model: its metadata in the words of config.json, and its tokenizer.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yore/foreign/family.h"
#include "yore/foreign/gguf.h"

namespace yore::foreign {

/// What tokenizer.ggml.* say.
struct GgufTokenizer {
  std::string model;                ///< "gpt2": byte-level BPE by merges; "llama": SentencePiece's by scores
  std::string pre;                  ///< how text is cut before merging: "smollm", "qwen2", "default"
  std::vector<std::string> pieces;  ///< by token
  std::vector<std::int32_t> types;  ///< by token, ggml's numbers; empty: all normal
  std::vector<float> scores;        ///< by token; of "llama"
  std::vector<std::string> merges;  ///< "left right"; of "gpt2"
  std::optional<std::int64_t> bos, eos, unknown;
  bool bos_in_front = false, eos_behind = false;
  bool blank_in_front = true;
};

/// The family of the file's general.architecture. Throws InputError(`source`) naming the key and the
/// supported ones.
const Family& family_of_gguf(const GgufFile& file, const std::string& source);

/// The configuration as the family's config.json would have it. Throws InputError(`source`) naming the key.
Fields config_of_gguf(const GgufFile& file, const Family& family, const std::string& source);

/// None if the file has no tokenizer.ggml.tokens. Throws InputError(`source`) naming the key that is of
/// another type, or a list that has not one item a token.
std::optional<GgufTokenizer> tokenizer_of_gguf(const GgufFile& file, const std::string& source);

}  // namespace yore::foreign
