// Theory's answers and the compiled transformer, for studies of words of languages.
#pragma once
#include "yore/study/plugin.h"
#include "yore/study/theory/summary.h"

namespace yore::study {

/// Applies to the task "formal"; null else. Where all runs are about one language, the report also has its
/// verdict, its compiled transformer (files::kCompiledModel) and its automaton, and verdict.json is written;
/// where languages are an axis, each kind is judged by its own.
std::unique_ptr<Plugin> theory_plugin(const StudyConfig& config);

/// What the plug-in of theory concluded of each kind; empty for another plug-in.
std::vector<KindSummary> conclusions_of(const Plugin& plugin);

namespace files {
inline constexpr const char* kVerdict = "verdict.json";
}  // namespace files

}  // namespace yore::study
