// What the files of yore._theory share. The classes here are the plain insides of those that Python's users
// see (python/yore/theory.py), which add names, defaults, documentation and drawings.
#pragma once
#include <nanobind/nanobind.h>
#include <nanobind/stl/map.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/pair.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "yore/api/answers.h"
#include "yore/api/options.h"
#include "yore/base/budget.h"
#include "yore/base/interrupt.h"
#include "yore/base/interrupt_scope.h"

namespace yore::python {

namespace nb = nanobind;

/// Calls what may take long: others of Python's threads go on meanwhile, and Ctrl-C ends it
/// (KeyboardInterrupt, also where the computation could hand back what it had).
template <class Compute>
auto unlocked(Compute compute) {
  const nb::gil_scoped_release release;
  const base::InterruptScope scope;
  auto result = compute();
  if (base::interrupted()) throw base::Interrupted("yore");
  return result;
}

/// Options as JSON text, which is how they arrive.
inline base::Json parse_options(const std::string& text) {
  return base::parse_json(text, "options");
}

void bind_language(nb::module_& module);
void bind_compiled(nb::module_& module);

}  // namespace yore::python
