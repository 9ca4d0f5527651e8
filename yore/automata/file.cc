// An automaton from a file or a text that may be in either form.
#include <algorithm>
#include <cctype>
#include <filesystem>

#include "yore/automata/formats.h"
#include "yore/base/bounded_file.h"
#include "yore/base/text.h"

namespace yore::automata {
namespace {

bool is_json(const std::string& text, const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".json") return true;
  const std::string_view marked = base::after_byte_order_mark(text);
  const std::size_t first = marked.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && marked[first] == '{';
}

}  // namespace

Dfa dfa_from_text(const std::string& text, const std::string& path, const std::optional<Alphabet>& alphabet,
                  std::size_t max_states) {
  return is_json(text, path) ? dfa_from_json(text, path, max_states)
                             : dfa_from_att(text, path, alphabet, max_states);
}

Dfa dfa_from_file(const std::string& path, const std::optional<Alphabet>& alphabet, std::size_t max_states) {
  return dfa_from_text(base::read_bounded_file(path, kMaxAutomatonBytes), path, alphabet, max_states);
}

}  // namespace yore::automata
