"""Loads the operators into torch, once. Which library: `$YORE_LIBRARY` if set, else ``libyore_torch.so`` beside this
file (an installation), else that of the build tree around it (``build/release``)."""

import os
import re
from pathlib import Path

_NAME = "libyore_torch.so"


def library():
    """Path of the operators; ImportError naming every place that was looked at."""
    given = os.environ.get("YORE_LIBRARY")
    if given:
        if not Path(given).is_file():
            raise ImportError(f"yore: expected a library at $YORE_LIBRARY, got {given!r}, which is no file")
        return given
    here = Path(__file__).resolve().parent
    places = [here / _NAME, here.parents[1] / "build" / "release" / "python" / _NAME]
    for place in places:
        if place.is_file():
            return str(place)
    raise ImportError(f"yore: expected {_NAME} at {' or '.join(map(str, places))}, or its path in $YORE_LIBRARY")


def _load():
    """(path of the library, whether it is the one of PyTorch's stable ABI)."""
    try:
        import torch
    except ImportError as error:
        raise ImportError(f"yore's mixers need PyTorch: pip install 'torch>=2.10' ({error})") from error
    path = library()
    # One that a distribution's libtorch was linked to brings that along, and two in a process end it.
    its = re.search(rb"libtorch(?:_cpu)?\.so\.(\d+\.\d+)", Path(path).read_bytes())
    if its and not torch.__version__.startswith(its.group(1).decode() + "."):
        raise ImportError(f"yore: {path} was built for the system's libtorch {its.group(1).decode()}, not for torch "
                          f"{torch.__version__}: run that Python, or `pip install .` in yore's sources")
    try:
        torch.ops.load_library(path)
    except OSError as error:  # another torch than the one it was built for, or a library missing
        raise ImportError(f"yore: torch {torch.__version__} cannot load {path}: {error}; a yore from pip wants "
                          "PyTorch 2.10 or newer (pip install 'torch>=2.10'), one built by cmake the libtorch "
                          "that it was built with") from error
    return path, hasattr(torch.ops.yore, "attention_forward")


LIBRARY, STABLE = _load()
