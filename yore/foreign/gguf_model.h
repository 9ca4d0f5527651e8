// A GGUF file as a model: its metadata in the words of config.json, and its tokenizer.
#pragma once
#include <optional>
#include <string>

#include "yore/foreign/family.h"
#include "yore/foreign/gguf.h"
#include "yore/text/tokenizer.h"

namespace yore::foreign {

/// The family of the file's general.architecture. Throws InputError(`source`) naming the key and the
/// supported ones.
const Family& family_of_gguf(const GgufFile& file, const std::string& source);

/// The configuration as the family's config.json would have it. Throws InputError(`source`) naming the key.
Fields config_of_gguf(const GgufFile& file, const Family& family, const std::string& source);

/// The tokenizer in the file: byte-level BPE by merges ("gpt2" in tokenizer.ggml.model) or SentencePiece's by
/// scores ("llama"). None if there is none. Throws InputError(`source`) naming the key: another model,
/// another way to cut text, a list that has not one item a token.
std::optional<text::Tokenizer> tokenizer_of_gguf(const GgufFile& file, const std::string& source);

}  // namespace yore::foreign
