#include "yore/cli/tensor/subject_language.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>

#include "yore/base/error.h"
#include "yore/tasks/task.h"

namespace yore::cli {

std::size_t max_states_of(const base::Json& task) {
  if (task.empty()) return automata::kDefaultMaxStates;
  const base::Json complete = tasks::complete_task(task);
  const auto states = complete.value("max_states", static_cast<std::int64_t>(automata::kDefaultMaxStates));
  return static_cast<std::size_t>(std::max<std::int64_t>(states, 1));
}

languages::Language language_of(const inspection::Subject& subject, const LanguageOptions& options) {
  if (!options.given() && options.alphabet)
    throw base::InputError("--alphabet", "belongs to a LANGUAGE, and none is given: the model's own is read");
  languages::Language language =
      options.given() ? options.read()
                      : languages::read_language(subject.saved.language, subject.alphabet().text(),
                                                 options.given_settings().contains("max_states")
                                                     ? options.max_states
                                                     : max_states_of(subject.file.task));
  if (language.dfa.alphabet != subject.alphabet())
    throw base::InputError(
        "language", fmt::format("its alphabet {{{}}} is not the model's {{{}}} (--alphabet {} fixes it)",
                                fmt::join(language.dfa.alphabet.names(), ", "),
                                fmt::join(subject.alphabet().names(), ", "), subject.alphabet().text()));
  return language;
}

}  // namespace yore::cli
