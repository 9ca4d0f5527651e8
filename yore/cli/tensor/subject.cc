#include "yore/cli/tensor/subject.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "yore/base/error.h"

namespace yore::cli {

Subject read_subject(const std::filesystem::path& path) {
  arch::require_model(path);
  arch::ModelFile file = arch::read_model(path);
  model::SavedRecogniser saved = model::recogniser_from_file(file, path.string());
  std::optional<compiler::Manifest> manifest;
  if (!file.compiled.is_null()) manifest = compiler::manifest_from_json(file.compiled, file, path.string());
  return {std::move(file), std::move(saved), std::move(manifest)};
}

languages::Language language_of(const Subject& subject, const std::optional<languages::Language>& asked) {
  languages::Language language =
      asked ? *asked : languages::read_language(subject.saved.language, subject.alphabet().text());
  if (language.dfa.alphabet != subject.alphabet())
    throw base::InputError(
        "language", fmt::format("its alphabet {{{}}} is not the model's {{{}}} (--alphabet {} fixes it)",
                                fmt::join(language.dfa.alphabet.names(), ", "),
                                fmt::join(subject.alphabet().names(), ", "), subject.alphabet().text()));
  return language;
}

std::string shown(const logic::Alphabet& alphabet, const logic::Word& word) {
  constexpr std::size_t kLongestShown = 60;
  if (word.empty()) return "(the empty word)";
  if (word.size() <= kLongestShown) return alphabet.format_word(word);
  return fmt::format(
      "{}... ({} letters)",
      alphabet.format_word({word.begin(), word.begin() + static_cast<std::ptrdiff_t>(kLongestShown)}),
      word.size());
}

}  // namespace yore::cli
