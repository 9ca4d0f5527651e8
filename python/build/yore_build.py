"""scikit-build-core, which is told to fetch PyTorch's headers only where the environment that yore is installed into
has no PyTorch of its own: it may be a CPU build, and its download has been paid for."""

import subprocess
import sys

from scikit_build_core import build
from scikit_build_core.build import *  # noqa: F401,F403: the hooks of PEP 517

_HEADERS = "import importlib.util as u, pathlib as p; s = u.find_spec('torch'); import sys; sys.exit(not (s and " \
           "(p.Path(s.submodule_search_locations[0]) / 'include/torch/csrc/stable/ops.h').is_file()))"


def get_requires_for_build_wheel(config_settings=None):
    needs = build.get_requires_for_build_wheel(config_settings)
    # -I: without what pip puts before the environment.
    has_torch = subprocess.run([sys.executable, "-I", "-c", _HEADERS], check=False).returncode == 0
    return needs if has_torch else [*needs, "torch>=2.10"]


def get_requires_for_build_editable(config_settings=None):
    return get_requires_for_build_wheel(config_settings)
