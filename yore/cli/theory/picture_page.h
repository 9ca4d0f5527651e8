// A compiled model as a self-contained page for people.
#pragma once
#include <string>

#include "yore/compiler/manifest.h"

namespace yore::cli {

/// Picture, names, a table a block, the same in words, and what the proof says (it is run again, for the
/// length that the manifest names). Throws InputError where graphviz is missing.
std::string picture_page(const compiler::Manifest& manifest, const arch::ModelFile& file);

}  // namespace yore::cli
