// What a compiled model thinks, asked of the model as torch runs it (compiler/trace.h).
#pragma once
#include "yore/compiler/trace.h"
#include "yore/model/model.h"

namespace yore::inspection {

/// Runs the word through the model.
compiler::Trace trace(const model::Model& model, const compiler::Manifest& manifest, const logic::Word& word);

}  // namespace yore::inspection
