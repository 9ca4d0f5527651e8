"""The plain definitions of flash-linear-attention (fla/ops/<op>/naive.py), without Triton.

>>> from fla_naive import naive
>>> naive("gla").naive_recurrent_gla(q, k, v, gk)

`import fla.ops.gla.naive` would first run the packages around that file, which import Triton kernels; so the file is
found on the disk and loaded by itself. This holds for every definition that imports torch and einops alone, which is
most of them; `available()` lists those.
"""

import importlib.util
import re
import sys
from pathlib import Path


def _ops():
    # Of a name without dots the place is looked up without running anything.
    return Path(importlib.util.find_spec("fla").submodule_search_locations[0]) / "ops"


def naive(op):
    """The module fla/ops/<op>/naive.py. Raises ImportError for an operator that has none or needs more of fla."""
    path = _ops() / op / "naive.py"
    if not path.is_file():
        raise ImportError(f"fla has no definition of {op!r}; it has {', '.join(available())}")
    name = "fla_naive_" + op.replace("/", "_")
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        sys.modules[name] = module
    return sys.modules[name]


def available():
    """Names of the operators whose definition can be loaded alone."""
    needs_more = re.compile(r"^\s*(from|import)\s+(fla\b|\.|triton)", re.MULTILINE)
    found = _ops().rglob("naive.py")
    return sorted(str(p.parent.relative_to(_ops())) for p in found if not needs_more.search(p.read_text()))
