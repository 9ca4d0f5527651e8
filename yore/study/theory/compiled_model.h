// The compiled transformer of a study's language: computed in the study, kept in its folder, and held against
// the language by a process of its own, so that a report claims of it only what was measured.
#pragma once
#include <limits>
#include <optional>
#include <string>

#include "yore/runs/run_result.h"
#include "yore/study/executor.h"
#include "yore/study/theory/compiled.h"
#include "yore/study/theory/prediction.h"

namespace yore::study {

/// Files beside the model in a study's folder "compiled".
namespace files {
inline constexpr const char* kCompiledModel = "compiled";  ///< a folder of the study's
inline constexpr const char* kVerify = "verify.json";      ///< what `verify --json` printed
inline constexpr const char* kWords = "words.json";        ///< {"task"}: the words of the runs
inline constexpr const char* kScores = "scores.json";      ///< what `evaluate --json` printed on these words
}  // namespace files

/// What `verify --json` printed.
struct Verified {
  bool right = false;  ///< nothing of what follows speaks against the model
  bool formula_is_the_language = false;
  bool proven = false;
  std::int64_t proven_length = 0;  ///< longest word the proof is about
  double error = 0;                ///< largest distance of a truth value from its ideal; 0.5 is a tie
  std::int64_t short_words = 0;    ///< all of them up to short_length
  std::int64_t short_wrong = 0;
  int short_length = -1;
  std::int64_t long_words = 0;  ///< drawn ones and witness strings, up to long_length
  std::int64_t long_wrong = 0;
  std::int64_t witness_strings = 0;
  int long_length = 0;
  /// Logits over all these words; infinite if none was accepted, or rejected.
  double least_accepting = std::numeric_limits<double>::infinity();
  double largest_rejecting = -std::numeric_limits<double>::infinity();
};
/// Throws InputError(`source`) for something else.
Verified verified_from_json(const Json& json, const std::string& source);

/// The transformer, or why there is none.
struct CompiledModel {
  std::optional<compiler::Compiled> compiled;
  enum class Absence {
    Outside,  ///< none exists: the language is not in LTL[P,Y]
    Budget,   ///< one may exist
    Refused,  ///< the compiler does not take the formula, or its weights are not proven
  };
  Absence absence = Absence::Outside;  ///< if there is none
  std::string why;                     ///< if there is none: what the compiler says
  std::optional<Verified> verified;
  std::optional<runs::RunResult> scores;  ///< on the words of the runs, which it was not trained on either
  std::string failure;                    ///< why one of these two is missing although there is a model
  /// Measured, and nothing was wrong.
  bool right() const { return verified && verified->right; }
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
