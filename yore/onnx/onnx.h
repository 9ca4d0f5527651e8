// Models as ONNX files, for other runtimes, and back. Torch-free.
#pragma once
#include <string>

#include "yore/arch/model_file.h"

namespace yore::onnx {

/// Where LinearAttention and CausalConvWithState come from, in which every mixer but attention is written.
/// Both mean the same and compute the same; they differ in who reads them.
enum class Operators {
  /// The standard domain, at opset 27 (IR version 10) for the whole file. ONNX Runtime 1.30 reads it where
  /// ALLOW_RELEASED_ONNX_OPSET_ONLY=0 is set.
  Onnx,
  /// The domain com.microsoft where there are such layers, beside the standard one at opset 17 (IR version
  /// 8): ONNX
  /// Runtime 1.30 reads it as it is.
  Microsoft
};

/// The model as the bytes of an ONNX file. Blocks may differ from each other.
///
/// Input `tokens` int64 [batch, length], both free.
///
/// With an accept read-out a row is a word's letters 0 .. letters - 1, then EOS (= letters), then anything,
/// EOS by custom, up to the longest row; output `logits` float32 [batch], > 0 accepts: the model's answer at
/// each row's first EOS; NaN for a row without one.
///
/// With the others a row is a sequence as it is, of tokens 0 .. vocabulary - 1, padded at its end with any
/// token; output `logits` float32 [batch, length, outputs].
///
/// Sequences too long for learned positions make the runtime fail (its Gather checks the index).
///
/// The initialisers are the weights and nothing else, under the names of arch::parameters, untransposed;
/// what else the model is (arch::model_json) stands in the metadata under the key "yore".
///
/// Throws InputError as arch::check_weights does, or when the file would pass the 2 GiB that the format
/// holds.
std::string to_onnx(const arch::ModelFile& file, Operators operators = Operators::Microsoft);

/// Reads back what to_onnx wrote, to the bit: the description from the metadata and the weights from the
/// initialisers. The nodes are not looked at: whoever edited them has another model than the description
/// says. Throws InputError(`source`) when the bytes are not a whole ONNX file, hold no description, or when
/// an initialiser is missing, of another shape or type, kept in another file, or not part of the model.
arch::ModelFile from_onnx(const std::string& bytes, const std::string& source);

}  // namespace yore::onnx
