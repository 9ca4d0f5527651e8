// The languages that a study's kinds are about, with their verdicts: for every plug-in that asks theory.
#pragma once
#include <map>
#include <string>

#include "yore/study/theory/summary.h"

namespace yore::study {

struct StudyLanguage {
  languages::Language language;
  Verdicts verdicts;
};
/// By their specification, as the task of a kind has it ("regex:(ab)*").
using StudyLanguages = std::map<std::string, StudyLanguage>;

/// Reads each language once and classifies it as config.classify says (classify_all()). Throws InputError.
StudyLanguages study_languages(const StudyConfig& config);

/// The verdicts of a kind's language, for summarise(). Keeps a reference.
VerdictsOf verdicts_of(const StudyLanguages& languages);

}  // namespace yore::study
