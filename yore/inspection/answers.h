// Many words through a recogniser: what verification and extraction ask it.
#pragma once
#include <span>
#include <vector>

#include "yore/base/error.h"
#include "yore/logic/alphabet.h"
#include "yore/model/model.h"

namespace yore::inspection {

using logic::Word;

/// That a model says nothing of this word: its logit is NaN or infinite.
base::InputError no_answer(const logic::Alphabet& alphabet, const Word& word);

/// Logits, one a word, in their order. Words are sorted by length and batched, the batches spread over
/// `threads` threads (0 = all of torch's). The numbers do not depend on the number of threads. With
/// `stops_at_signals` as model::AskOptions has it. Throws InputError naming a word whose logit is NaN or
/// infinite, in the letters of `alphabet`.
std::vector<float> answers(const model::Model& model, const logic::Alphabet& alphabet,
                           std::span<const Word> words, int threads = 0, bool stops_at_signals = false);

}  // namespace yore::inspection
