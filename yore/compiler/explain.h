// A plan in words: what is computed where, for `yore compile --explain`, and as a graph for pictures.
#pragma once
#include <string>
#include <vector>

#include "yore/compiler/manifest.h"
#include "yore/compiler/prove.h"

namespace yore::compiler {

/// Short names for the kept nodes: letters by their spelling, small subformulas by themselves, others f1, f2
/// ... in the order of their stages. Indexed by node; "" where the plan keeps none.
std::vector<std::string> node_names(const Plan& plan);

/// Pass by pass, line by line: the formula, what each block computes with which head and gate, and where it
/// stands.
std::string explain(const Plan& plan);

/// One paragraph on what a proof says.
std::string to_text(const Proof& proof);

}  // namespace yore::compiler
