// A model's own answers, and how far another program's may be from them: for judges of exported files.
#pragma once
#include <cstdint>
#include <vector>

#include "yore/model/model.h"

namespace yore::onnx {

/// Without its EOS, which is the last token of a model's vocabulary.
using Word = std::vector<std::int32_t>;

/// The logits of words, each with its EOS, word by word; of read-outs other than accept at every token, EOS
/// too.
std::vector<double> forward(const model::Model& model, const std::vector<Word>& words);

/// The same weights in double.
model::Model exactly(const model::Model& model);

/// How far float arithmetic may carry a word's logits from those of `exact`, to first order. A sum of m
/// products rounds as if each factor were off by m units of 2^-24, and what else a block does by a few more;
/// so no weight is off by more units than the longest sums of a block have terms, and a logit moves by at
/// most the sum of |weight * its derivative| times that.
std::vector<double> tolerances(const model::Model& exact, const Word& word);

}  // namespace yore::onnx
