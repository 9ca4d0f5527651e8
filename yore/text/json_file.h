// A tokenizer.json as it is parsed: its hundred thousands of pieces and merges in flat memory, the rest as
// JSON.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "yore/base/files.h"
#include "yore/text/vocabulary.h"

namespace yore::text {

struct JsonFile {
  base::Json rest;                 ///< without model.vocab and model.merges
  Texts pieces;                    ///< the keys of model.vocab
  std::vector<std::uint64_t> ids;  ///< their values
  Texts sides;                     ///< of each entry of model.merges the left one, the right one
  bool has_vocab = false, has_merges = false;
};

/// Throws InputError(`source`) for what is no JSON or not of that outline. Allocates a small multiple of the
/// text's size, whatever stands in it.
JsonFile parse_tokenizer_json(std::string_view text, const std::string& source);

}  // namespace yore::text
