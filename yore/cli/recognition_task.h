// From a language to the words a recogniser is trained and tested on, the witness strings of its "no"
// verdicts included.
#pragma once
#include "yore/languages/language.h"
#include "yore/runs/run_config.h"
#include "yore/tasks/recognition.h"

namespace yore::cli {

/// Classifies the language (verdicts only) and adds, for every class it is not in, the witness's two strings
/// at n = 1..data.witness_depth.
tasks::RecognitionTask recognition_task(const languages::Language& language, const runs::DataConfig& data);

}  // namespace yore::cli
