#include "yore/logic/formula_words.h"

#include <algorithm>
#include <array>

#include "yore/logic/symbol_text.h"

namespace yore::logic {

bool is_formula_keyword(std::string_view word) {
  static constexpr std::array<std::string_view, 11> kKeywords{"P",     "Y",   "Z",  "O",    "H",    "S",
                                                              "first", "let", "in", "true", "false"};
  return std::find(kKeywords.begin(), kKeywords.end(), word) != kKeywords.end();
}

std::optional<std::string> spaced_operators(std::string_view word) {
  // Operators and one more character: Open is a name, Pa is not.
  if (word.size() < 2 ||
      word.substr(0, word.size() - 1).find_first_not_of("PYZOH") != std::string_view::npos ||
      !is_word_character(word.back()))
    return std::nullopt;
  std::string spaced;
  for (const char c : word) {
    if (!spaced.empty()) spaced += ' ';
    spaced += c;
  }
  return spaced;
}

std::string spelled_letter(const std::string& name) {
  const bool word = std::all_of(name.begin(), name.end(), is_word_character);
  const bool lone_character =
      single_code_point(name) && std::string_view("!&|()<>-='\\").find(name) == std::string_view::npos;
  const bool bare = (word || lone_character) && !is_formula_keyword(name) && !spaced_operators(name);
  return bare ? name : quoted_symbol(name);
}

}  // namespace yore::logic
