// Tokens of a model as text, and back.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "yore/logic/alphabet.h"
#include "yore/model/checkpoint.h"
#include "yore/text/tokenizer.h"

namespace yore::cli {

/// By the model's tokenizer, by its tokens' names, or as bytes where they have none.
class TokenText {
 public:
  /// `source` names the model in messages. Throws InputError(source) where tokens are no text.
  TokenText(const model::SavedModel& saved, std::string source);

  /// `at_begin`: with what the tokenizer puts in front of a document. Throws InputError(`place`) for text
  /// that is no tokens of the model.
  std::vector<std::int64_t> tokens(const std::string& text, const std::string& place, bool at_begin) const;
  /// The bytes that a token adds to a text that is not empty; they may end within a character.
  std::string text(std::int64_t token) const;

 private:
  std::int64_t vocabulary_;
  std::string source_;
  std::optional<text::Tokenizer> tokenizer_;
  std::optional<logic::Alphabet> alphabet_;
};

}  // namespace yore::cli
