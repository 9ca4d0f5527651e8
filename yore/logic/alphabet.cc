#include "yore/logic/alphabet.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "yore/base/error.h"
#include "yore/logic/symbol_text.h"

namespace yore::logic {
namespace {

// Both spellings of an alphabet, cut into (name, offset). A comma anywhere makes it a list, also after
// a single name: "open," is one symbol.
std::vector<std::pair<std::string, std::size_t>> split(std::string_view text) {
  std::vector<std::pair<std::string, std::size_t>> parts;
  if (text.find(',') == std::string_view::npos) {
    for (std::size_t i = 0, length = 0; i < text.size(); i += length) {
      length = code_point_length(text, i);
      parts.emplace_back(text.substr(i, length), i);
    }
    return parts;
  }
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.emplace_back(text.substr(begin, end - begin), begin);
    if (end == text.size() || (end + 1 == text.size() && end > 0 && begin == 0)) return parts;
    begin = end + 1;
  }
}

}  // namespace

Alphabet::Alphabet(std::vector<std::string> names) : names_(std::move(names)) {
  std::set<std::string_view> seen;
  for (const std::string& name : names_) {
    if (const auto fault = symbol_name_fault(name))
      throw base::InputError("alphabet", fmt::format("the symbol \"{}\" {}", name, *fault));
    if (!seen.insert(name).second)
      throw base::InputError("alphabet", fmt::format("the symbol \"{}\" occurs twice", name));
  }
}

Alphabet Alphabet::parse(std::string_view text) {
  const auto fail = [&](const std::string& message, std::size_t position) {
    throw base::InputError("alphabet", message, std::string(text), position);
  };
  if (text.empty()) fail("expected at least one symbol, such as ab or open,close", 0);
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (auto& [name, position] : split(text)) {
    if (const auto fault = symbol_name_fault(name)) fail("this symbol " + *fault, position);
    if (!seen.insert(name).second) fail(fmt::format("the symbol {} occurs twice", name), position);
    names.push_back(std::move(name));
  }
  return Alphabet(std::move(names));
}

std::optional<Symbol> Alphabet::find(std::string_view name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<Symbol>(found - names_.begin());
}

bool Alphabet::single_characters() const {
  return std::all_of(names_.begin(), names_.end(),
                     [](const std::string& name) { return code_point_length(name, 0) == name.size(); });
}

std::string Alphabet::text() const {
  std::string joined;
  const bool in_a_row = single_characters();
  for (const std::string& name : names_) {
    if (!in_a_row && !joined.empty()) joined += ',';
    joined += name;
  }
  if (!in_a_row && names_.size() == 1) joined += ',';
  return joined;
}

Word Alphabet::parse_word(std::string_view text) const {
  const bool in_a_row = single_characters();
  Word word;
  for (std::size_t i = 0, length = 0; i < text.size(); i += length) {
    if (!in_a_row && text[i] == ' ') {
      length = 1;
      continue;
    }
    length = in_a_row ? code_point_length(text, i) : std::min(text.find(' ', i), text.size()) - i;
    const std::string_view name = text.substr(i, length);
    const std::optional<Symbol> symbol = find(name);
    if (!symbol)
      throw base::InputError("word",
                             fmt::format("'{}' is not in the alphabet {}", name, listed_symbols(*this)),
                             std::string(text), i);
    word.push_back(*symbol);
  }
  return word;
}

std::string Alphabet::format_word(const Word& word) const {
  const bool in_a_row = single_characters();
  std::string text;
  for (const Symbol s : word) {
    if (!in_a_row && !text.empty()) text += ' ';
    text += name(s);
  }
  return text;
}

}  // namespace yore::logic
