#include "yore/study/theory/study_languages.h"

namespace yore::study {

LanguageKey language_key(const Kind& kind) {
  const base::Json& task = kind.config.task;
  return {task.at("language").get<std::string>(), task.at("alphabet").get<std::string>()};
}

StudyLanguages study_languages(const StudyConfig& config) {
  StudyLanguages known;
  for (const Kind& kind : kinds(config)) {
    const LanguageKey key = language_key(kind);
    if (known.contains(key)) continue;
    languages::Language language =
        languages::read_language(key.first, key.second, config.classify.max_states);
    Verdicts verdicts = classify_all(config, language);
    known.emplace(key, StudyLanguage{std::move(language), std::move(verdicts)});
  }
  return known;
}

VerdictsOf verdicts_of(const StudyLanguages& languages) {
  return
      [&languages](const Kind& kind) -> const Verdicts& { return languages.at(language_key(kind)).verdicts; };
}

}  // namespace yore::study
