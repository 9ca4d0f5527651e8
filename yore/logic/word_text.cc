#include "yore/logic/word_text.h"

#include <fmt/format.h>

namespace yore::logic {

std::string shown_word(const Alphabet& alphabet, const Word& word, std::size_t longest) {
  if (word.empty()) return "(empty word)";
  if (word.size() <= longest) return alphabet.format_word(word);
  const Word head(word.begin(), word.begin() + static_cast<std::ptrdiff_t>(longest));
  return fmt::format("{}... ({} letters)", alphabet.format_word(head), word.size());
}

}  // namespace yore::logic
