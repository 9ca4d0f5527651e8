// Words of a list as tokens.
#include <fmt/format.h>

#include <algorithm>

#include "yore/base/error.h"
#include "yore/base/files.h"
#include "yore/text/data.h"

namespace yore::text {

Tokenizer Tokenizer::words(const std::vector<std::string>& words, const std::string& source) {
  const Pattern blank = Pattern::regex("\\s", source, "words");
  Texts pieces;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::vector<Cut> cuts = blank.cuts(words[i]);
    if (cuts.empty())
      throw base::InputError(source, fmt::format("line {}: expected a word, found none", i + 1));
    if (std::any_of(cuts.begin(), cuts.end(), [](const Cut& cut) { return cut.matches; }))
      throw base::InputError(source, fmt::format("line {}: expected one word, found \"{}\", which has white "
                                                 "space in it",
                                                 i + 1, words[i].substr(0, 100)));
    pieces.add(words[i]);
  }
  Parts parts;
  parts.model.kind = Model::Kind::Words;
  parts.model.vocabulary = std::make_shared<const Vocabulary>(std::move(pieces), source);
  const auto unknown = parts.model.vocabulary->find("<unk>");
  if (!unknown)
    throw base::InputError(source, "expected the word <unk>, which other words become, found no such line");
  parts.model.unknown = *unknown;
  parts.model.end_of_line = parts.model.vocabulary->find("<eos>").value_or(-1);
  return finish(std::move(parts), source);
}

Tokenizer Tokenizer::words_file(const std::filesystem::path& path) {
  const std::string text = base::read_file(path);
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return words(lines, path.string());
}

}  // namespace yore::text
