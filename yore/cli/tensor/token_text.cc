#include "yore/cli/tensor/token_text.h"

#include <fmt/format.h>

#include "yore/base/error.h"

namespace yore::cli {

TokenText::TokenText(const model::SavedModel& saved, std::string source)
    : vocabulary_(saved.model.vocabulary()), source_(std::move(source)) {
  if (!saved.tokenizer.empty())
    tokenizer_.emplace(text::Tokenizer::from_json(saved.tokenizer, source_ + "/" + arch::files::kTokenizer));
  else if (!saved.names.empty())
    alphabet_.emplace(saved.names);
  else if (vocabulary_ < 256)
    throw base::InputError(source_,
                           "its tokens have no names and are no bytes, so there is no text for them");
}

std::vector<std::int64_t> TokenText::tokens(const std::string& text, const std::string& place,
                                            bool at_begin) const {
  std::vector<std::int64_t> all;
  if (tokenizer_) {
    if (at_begin) all.assign(tokenizer_->front().begin(), tokenizer_->front().end());
    for (const text::Token token : tokenizer_->encode(text)) all.push_back(token);
    // A tokenizer may know more than its model, such as Gemma 3's, whose last token stands for an image.
    for (const std::int64_t token : all)
      if (token >= vocabulary_)
        throw base::InputError(place, fmt::format("\"{}\" is token {}, and the model in {} has {} tokens",
                                                  tokenizer_->name_of(static_cast<text::Token>(token)), token,
                                                  source_, vocabulary_));
  } else if (alphabet_) {
    try {
      for (const logic::Symbol s : alphabet_->parse_word(text)) all.push_back(s);
    } catch (const base::InputError& e) {
      throw base::InputError(place, e.what());
    }
  } else {
    for (const char c : text) all.push_back(static_cast<unsigned char>(c));
  }
  return all;
}

std::string TokenText::text(std::int64_t token) const {
  if (tokenizer_)
    return token < tokenizer_->vocabulary()
               ? std::string(tokenizer_->bytes_of(static_cast<text::Token>(token)))
               : std::string();
  if (alphabet_)
    return (alphabet_->single_characters() ? "" : " ") + alphabet_->name(static_cast<logic::Symbol>(token));
  return token < 256 ? std::string(1, static_cast<char>(token)) : std::string();
}

}  // namespace yore::cli
