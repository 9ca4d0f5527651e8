// The compiled transformer of a study's language: computed in the study, kept in its folder, and held against
// the language by a process of its own, so that a report claims of it only what was measured.
#pragma once
#include <optional>
#include <string>

#include "yore/compiler/compile_language.h"
#include "yore/compiler/verified.h"
#include "yore/runs/run_result.h"
#include "yore/study/executor.h"
#include "yore/study/theory/prediction.h"

namespace yore::study {

/// Files beside the model in a study's folder "compiled".
namespace files {
inline constexpr const char* kCompiledModel = "compiled";  ///< a folder of the study's
inline constexpr const char* kVerify = "verify.json";      ///< what `verify --json` printed
inline constexpr const char* kWords = "words.json";        ///< {"task"}: the words of the runs
inline constexpr const char* kScores = "scores.json";      ///< what `evaluate --json` printed on these words
}  // namespace files

/// The transformer, or why there is none.
struct CompiledModel {
  std::optional<compiler::Compiled> compiled;
  enum class Absence {
    Outside,  ///< none exists: the language is not in LTL[P,Y]
    Budget,   ///< one may exist
    Refused,  ///< the compiler does not take the formula, or its weights are not proven
  };
  Absence absence = Absence::Outside;          ///< if there is none
  std::string why;                             ///< if there is none: what the compiler says
  std::optional<compiler::Verified> verified;  ///< with a proof
  std::optional<runs::RunResult> scores;  ///< on the words of the runs, which it was not trained on either
  std::string failure;                    ///< why one of these two is missing although there is a model
  /// Measured, and nothing was wrong.
  bool right() const { return verified && verified->right(); }
};

/// Compiles the study's language as `yore compile` does by default, but no larger than a study has time to
/// measure. `verdicts` has the classification at lookback 1.
CompiledModel compile_model(const StudyConfig& config, const languages::Language& language,
                            const Verdicts& verdicts);

/// The shape that the kinds of config.init need. Throws InputError saying why there is none.
arch::ModelOptions shape_of(const CompiledModel& model);

/// Writes the model into folder/compiled and has it verified, and evaluated on the words of the runs; a
/// result that is there already for the same model is kept. What goes wrong there is said, and noted in
/// `failure`.
void measure(CompiledModel& model, const StudyConfig& config, const fs::path& folder,
             const Execution& execution);

/// One sentence: its size and what was measured of it, or why there is none.
std::string sentence(const CompiledModel& model);

/// For numbers.json.
Json to_json(const CompiledModel& model);

}  // namespace yore::study
