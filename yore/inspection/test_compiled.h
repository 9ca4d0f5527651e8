// What several tests of this folder need: a model compiled from a formula.
#pragma once
#include <string>

#include "yore/compiler/compile.h"
#include "yore/model/checkpoint.h"

namespace yore::inspection {

inline model::SavedRecogniser compiled(const std::string& formula, const logic::Alphabet& alphabet) {
  return model::recogniser_from_file(compiler::compile(logic::parse_formula(formula, alphabet), "", {}).file,
                                     formula);
}

}  // namespace yore::inspection
