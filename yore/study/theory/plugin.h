// Theory's answers and the compiled transformer, for studies of words of languages.
#pragma once
#include "yore/study/plugin.h"

namespace yore::study {

/// Applies to the task "formal"; null else. Where all runs are about one language, the report also has its
/// verdict, its compiled transformer (files::kCompiledModel) and its automaton, and verdict.json is written;
/// where languages are an axis, each kind is judged by its own.
std::unique_ptr<Plugin> theory_plugin(const StudyConfig& config);

namespace files {
inline constexpr const char* kVerdict = "verdict.json";
}  // namespace files

}  // namespace yore::study
