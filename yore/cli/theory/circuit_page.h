// Pages about circuits and the model that evaluates them.
#pragma once
#include <string>
#include <vector>

#include "yore/arch/model_file.h"
#include "yore/circuits/circuit.h"

namespace yore::cli {

/// A page with the circuit's picture and its gates level by level; `values` of all gates, or none.
std::string circuit_page(const circuits::Circuit& circuit, const std::vector<std::string>& values);
/// A page with the picture of a model for circuits and the construction in words.
std::string circuit_model_page(const arch::ModelFile& file, const std::string& source);

}  // namespace yore::cli
