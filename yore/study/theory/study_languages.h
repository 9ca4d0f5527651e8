// The languages that a study's kinds are about, with their verdicts: for every plug-in that asks theory.
#pragma once
#include <map>
#include <string>
#include <utility>

#include "yore/study/theory/summary.h"

namespace yore::study {

struct StudyLanguage {
  languages::Language language;
  Verdicts verdicts;
};
/// By their specification and alphabet, as the task of a kind has them ("regex:(ab)*", "abc"); the alphabet
/// is empty where it is that of the letters that occur.
using LanguageKey = std::pair<std::string, std::string>;
LanguageKey language_key(const Kind& kind);
using StudyLanguages = std::map<LanguageKey, StudyLanguage>;

/// Reads each language once and classifies it as config.classify says (classify_all()). Throws InputError.
StudyLanguages study_languages(const StudyConfig& config);

/// The verdicts of a kind's language, for summarise(). Keeps a reference.
VerdictsOf verdicts_of(const StudyLanguages& languages);

}  // namespace yore::study
