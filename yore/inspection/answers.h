// Many words through a recogniser: what verification and extraction ask it.
#pragma once
#include <span>
#include <vector>

#include "yore/logic/alphabet.h"
#include "yore/model/model.h"

namespace yore::inspection {

using logic::Word;

/// Logits, one a word, in their order. Words are sorted by length and batched, the batches spread over
/// `threads` threads (0 = all of torch's). The numbers do not depend on the number of threads. With
/// `stops_at_signals` as model::AskOptions has it.
std::vector<float> answers(const model::Model& model, std::span<const Word> words, int threads = 0,
                           bool stops_at_signals = false);

}  // namespace yore::inspection
