// Pictures as Graphviz text: of circuits, and of the model that evaluates them.
#pragma once
#include <string>
#include <vector>

#include "yore/arch/model_file.h"
#include "yore/circuits/circuit.h"

namespace yore::circuits {

/// Gates that a picture shows at most.
inline constexpr int kMostDrawn = 2000;

/// One column a level; a gate is a node g<id> with its name, what it does, and its value if there are
/// `values` (by gate). Edges end at their readers; those of a product are numbered, an input that is read
/// twice has two. Throws InputError("picture") beyond kMostDrawn gates.
std::string dot_of(const Circuit& circuit, const std::vector<std::string>& values = {});

/// The two blocks of level 1, from the weights in the file: coordinates, heads and hidden units in columns,
/// an edge where a weight is not 0, with the weight unless it is 1. The names are the manifest's. Throws
/// InputError(`source`) as depth_of().
std::string dot_of(const arch::ModelFile& file, const std::string& source);

}  // namespace yore::circuits
