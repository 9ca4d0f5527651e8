// From a language to the words a recogniser is trained and tested on, the witness strings of its "no"
// verdicts included.
#pragma once
#include "yore/languages/language.h"
#include "yore/runs/run_config.h"
#include "yore/tasks/recognition.h"

namespace yore::cli {

/// Classifies the language (verdicts only, at the lookback of `model`'s local heads) and adds, for every
/// class it is not in, the witness's two strings at n = 1..data.witness_depth, and at n doubled from there
/// while they are no longer than the longest test words (short ones lie within the training lengths, where
/// also a model that must fail may be right). A model of lookback 2 meets the words that refute LTL[Y<=2] and
/// LTL[P,Y<=2].
tasks::RecognitionTask recognition_task(const languages::Language& language, const runs::DataConfig& data,
                                        const runs::ModelConfig& model);

}  // namespace yore::cli
