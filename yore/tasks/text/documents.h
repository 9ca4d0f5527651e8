// Texts as documents of tokens.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "yore/tasks/text/corpus.h"
#include "yore/text/tokenizer.h"

namespace yore::tasks {

/// A document, of two tokens at least: every token but the first is predicted, from those before it in the
/// same document.
struct Document {
  std::vector<std::int32_t> tokens;
  std::size_t bytes = 0;  ///< of its text
  /// Bytes of the text behind the first token, and words that end there. Where the tokenizer puts a token of
  /// its own in front, that one is the first, and they are all of the text's.
  std::size_t predicted_bytes = 0, predicted_words = 0;
};

/// The words of a text as the literature on WikiText counts them: what stands between white space, and each
/// line break as one more (its token <eos>). Only those that end behind `from` are counted.
std::size_t count_words(std::string_view text, std::size_t from = 0);

/// How texts are read.
struct Reading {
  yore::text::Tokenizer tokenizer = yore::text::Tokenizer::bytes();
  std::string source;          ///< the tokenizer's file; empty: bytes
  std::string source_content;  ///< the bytes of that file
  bool words = false;          ///< it is a list of words
  bool blank_lines = false;    ///< documents stand between blank lines; otherwise each text is one

  bool bytes() const { return source.empty(); }
  CutAt cut() const { return blank_lines ? CutAt::Document : bytes() ? CutAt::Byte : CutAt::Line; }
};

/// `tokenizer`: "bytes", "words:FILE", or the path of a tokenizer.json. Throws InputError naming the file.
Reading read_tokenizer(const std::string& tokenizer, bool blank_lines);

/// The documents of these texts, with what the tokenizer puts in front and behind. Of the texts only the
/// first `most` bytes (0 = all), up to the last place there at which `reading` cuts. Documents of one token
/// predict nothing and are left out; throws InputError naming the text of which nothing is left.
std::vector<Document> read_documents(const std::vector<Corpus::Part>& parts, const Reading& reading,
                                     std::size_t most, const char* what);

}  // namespace yore::tasks
