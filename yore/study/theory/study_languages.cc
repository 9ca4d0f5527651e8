#include "yore/study/theory/study_languages.h"

namespace yore::study {
namespace {

std::string spec_of(const Kind& kind) {
  return kind.config.task.at("language").get<std::string>();
}

}  // namespace

StudyLanguages study_languages(const StudyConfig& config) {
  StudyLanguages known;
  for (const Kind& kind : kinds(config)) {
    const std::string spec = spec_of(kind);
    if (known.contains(spec)) continue;
    languages::Language language = languages::read_language(
        spec, kind.config.task.at("alphabet").get<std::string>(), config.classify.max_states);
    Verdicts verdicts = classify_all(config, language);
    known.emplace(spec, StudyLanguage{std::move(language), std::move(verdicts)});
  }
  return known;
}

VerdictsOf verdicts_of(const StudyLanguages& languages) {
  return [&languages](const Kind& kind) -> const Verdicts& { return languages.at(spec_of(kind)).verdicts; };
}

}  // namespace yore::study
