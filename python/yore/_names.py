"""Where the public names are that ``yore`` imports when they are first used, so that ``import yore`` stays fast."""

from importlib import import_module

_HOMES = {
    "errors": ["BudgetError", "InputError"],
    "theory": ["ClassVerdict", "Extraction", "Language", "Verdict", "Witness", "classify", "extract", "named_languages"],
    "compiled": ["CompiledModel", "Trace", "compile_language"],
    "recogniser": ["Recogniser", "load"],
    "studies": ["Study"],
}
LATE = {name: home for home, names in _HOMES.items() for name in names}


def find(name):
    """The object of that name, for ``yore.__getattr__``. AttributeError for one that yore has not."""
    if name not in LATE:
        raise AttributeError(f"module 'yore' has no attribute {name!r}")
    return getattr(import_module(f"yore.{LATE[name]}"), name)
