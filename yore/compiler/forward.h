// A compiled model's numbers, computed here: for programs without torch that show how it decides. Written to
// be read beside arch/model.h, not to be fast: O(letters^2) a global head.
#pragma once
#include "yore/compiler/trace.h"
#include "yore/compiler/weights.h"

namespace yore::compiler {

/// A word's way through a model, in float32.
struct Forward {
  std::vector<Matrix> stages;  ///< [position, coordinate] after each stage; positions 0 .. word size (EOS)
  float logit = 0;             ///< > 0 accepts
};

/// Runs models as pack() writes them: blocks of attention with a norm before (rms or none) and relu, or of a
/// recurrence (forward_recurrent.h) with relu or no feed-forward net, whose two stages are then equal. Throws
/// InputError("model") for one of another kind, std::invalid_argument for a letter outside its alphabet.
Forward forward(const arch::ModelFile& file, const logic::Word& word);

/// Its trace.
Trace trace(const arch::ModelFile& file, const Manifest& manifest, const logic::Word& word);

}  // namespace yore::compiler
