#include "yore/cli/tensor/subject_language.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "yore/base/error.h"

namespace yore::cli {

languages::Language language_of(const inspection::Subject& subject, const LanguageOptions& options) {
  if (!options.given() && options.alphabet)
    throw base::InputError("--alphabet", "belongs to a LANGUAGE, and none is given: the model's own is read");
  languages::Language language =
      options.given()
          ? options.read()
          : languages::read_language(subject.saved.language, subject.alphabet().text(), options.max_states);
  if (language.dfa.alphabet != subject.alphabet())
    throw base::InputError(
        "language", fmt::format("its alphabet {{{}}} is not the model's {{{}}} (--alphabet {} fixes it)",
                                fmt::join(language.dfa.alphabet.names(), ", "),
                                fmt::join(subject.alphabet().names(), ", "), subject.alphabet().text()));
  return language;
}

}  // namespace yore::cli
