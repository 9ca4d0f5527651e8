// The module: errors become Python's, carrying what the program prints.
#include "bind.h"
#include "yore/base/error.h"

namespace yore::python {
namespace {

/// Raises `type` with the text, and each pair as an attribute.
void raise(const nb::object& type, const char* text,
           std::initializer_list<std::pair<const char*, nb::object>> attributes) {
  nb::object error = type(text);
  for (const auto& [name, value] : attributes) nb::setattr(error, name, value);
  PyErr_SetObject(type.ptr(), error.ptr());
}

void translate(const std::exception_ptr& thrown, void*) {
  const nb::module_ errors = nb::module_::import_("yore.errors");
  try {
    std::rethrow_exception(thrown);
  } catch (const base::InputError& e) {
    raise(errors.attr("InputError"), e.what(),
          {{"source", nb::str(e.source().c_str())},
           {"message", nb::str(e.message().c_str())},
           {"position", e.position() ? nb::object(nb::int_(*e.position())) : nb::none()}});
  } catch (const base::BudgetError& e) {
    raise(errors.attr("BudgetError"), e.what(),
          {{"budget", nb::str(e.budget().c_str())}, {"limit", nb::int_(e.limit())}});
  } catch (const base::Interrupted&) {
    PyErr_SetNone(PyExc_KeyboardInterrupt);
  }
}

}  // namespace
}  // namespace yore::python

NB_MODULE(_theory, module) {
  using namespace yore::python;
  module.doc() = "The theory half of yore and its compiler; yore.theory is what to use.";
  nb::register_exception_translator(translate);
  bind_language(module);
  bind_compiled(module);
}
