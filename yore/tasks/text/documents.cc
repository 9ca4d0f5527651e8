#include "yore/tasks/text/documents.h"

#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/base/text.h"

namespace yore::tasks {
namespace {

bool is_blank(char c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/// How many bytes of its text the first token takes.
std::size_t first_bytes(std::string_view text, const Reading& reading, std::int32_t token) {
  if (!reading.tokenizer.front().empty()) return 0;
  if (!reading.words) return std::min(reading.tokenizer.decode({&token, 1}).size(), text.size());
  // A word may be an unknown one, whose text the token does not tell.
  std::size_t at = 0;
  while (at < text.size() && is_blank(text[at]) && text[at] != '\n') ++at;
  if (at < text.size() && text[at] == '\n') return at + 1;
  while (at < text.size() && !is_blank(text[at])) ++at;
  return at;
}

Document read_document(std::string_view text, const Reading& reading) {
  Document document;
  document.tokens = reading.tokenizer.encode(text, {.markers = true});
  document.bytes = text.size();
  if (document.tokens.empty()) return document;
  const std::size_t from = first_bytes(text, reading, document.tokens[0]);
  document.predicted_bytes = text.size() - from;
  document.predicted_words = count_words(text, from);
  return document;
}

}  // namespace

std::size_t count_words(std::string_view text, std::size_t from) {
  std::size_t words = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends_word = !is_blank(text[i]) && (i + 1 == text.size() || is_blank(text[i + 1]));
    if (i >= from && (ends_word || text[i] == '\n')) ++words;
  }
  return words;
}

Reading read_tokenizer(const std::string& tokenizer, bool blank_lines) {
  Reading reading;
  reading.blank_lines = blank_lines;
  if (tokenizer == "bytes") return reading;
  const std::string words = "words:";
  reading.words = tokenizer.starts_with(words);
  reading.source = reading.words ? tokenizer.substr(words.size()) : tokenizer;
  reading.source_content = base::read_file(reading.source);
  reading.tokenizer = reading.words
                          ? yore::text::Tokenizer::words_file(reading.source)
                          : yore::text::Tokenizer::from_json(reading.source_content, reading.source);
  return reading;
}

std::vector<Document> read_documents(const std::vector<Corpus::Part>& parts, const Reading& reading,
                                     std::size_t most, const char* what) {
  std::vector<Document> documents;
  std::size_t bytes = 0, tokens = 0;
  for (const Corpus::Part& part : parts) {
    std::string_view text = part.text;
    if (most > 0) text = text.substr(0, cut_before(text, std::min(most - bytes, text.size()), reading.cut()));
    const bool cut = text.size() < part.text.size();
    bytes += text.size();
    const std::size_t before = documents.size();
    for (const std::string_view one :
         reading.blank_lines ? between_blank_lines(text) : std::vector<std::string_view>{text}) {
      Document document = read_document(one, reading);
      tokens += document.tokens.size();
      if (document.tokens.size() >= 2 && document.predicted_bytes > 0)
        documents.push_back(std::move(document));
    }
    if (documents.size() == before && (!cut || before == 0))
      throw base::InputError(
          part.path, fmt::format("has {} for {} and no document of two; expected one, whose second token "
                                 "is predicted from the first",
                                 base::counted(static_cast<std::int64_t>(tokens), "token"), what));
    if (cut) break;
  }
  return documents;
}

}  // namespace yore::tasks
