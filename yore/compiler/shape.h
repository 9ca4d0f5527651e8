// The sizes of a compiled model, of attention or of recurrences, in the few words of ModelOptions.
#pragma once
#include <string>

#include "yore/arch/options.h"

namespace yore::compiler {

/// Whether its blocks mix by something else than attention.
bool is_recurrent(const arch::Model& model);

/// arch::shorthand() of a model of attention. Of one whose blocks have one recurrent mixer with the same
/// options: its sizes, with `mixer` the name alone (options are in the description). Throws
/// InputError("model") naming `purpose` for any other.
arch::ModelOptions shape_of(const arch::Model& model, const std::string& purpose);

}  // namespace yore::compiler
