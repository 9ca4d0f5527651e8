"""Studies, ``yore study``, from Python: the program trains, the results come back as plain records.

The program is ``$YORE_PROGRAM``, else ``yore`` on the path.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import BudgetError, InputError

if TYPE_CHECKING:
    from .theory import Language

__all__ = ["Study"]


def _program():
    program = os.environ.get("YORE_PROGRAM") or shutil.which("yore")
    if not program:
        raise FileNotFoundError("yore.Study: the program yore is not on the path; install it, or name it in $YORE_PROGRAM")
    return program


def _options(options):
    """Keywords as options of the command line: head_width=4 is --head-width 4, a list is several values."""
    words = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if isinstance(value, bool) and name in ("quiet", "json"):
            words += [flag] * value
        elif isinstance(value, (list, tuple)):
            words += [flag, *map(str, value)]
        else:
            words += [flag, str(value).lower() if isinstance(value, bool) else str(value)]
    return words


def _language_words(language, options):
    """A language as words of the command line."""
    if isinstance(language, str):
        return [language]
    from .theory import _alphabet_text
    from .theory import language as expect_language

    about = expect_language(language)
    spec = about.spec
    if not _reads_as(spec, about):  # computed, or read from text: there is no file of that name
        spec = f"regex:{about.convert('regex')}"
    return [spec] if "alphabet" in options else [spec, "--alphabet", _alphabet_text(about.alphabet)]


def _reads_as(spec, about):
    from .theory import Language, _alphabet_text

    try:
        return Language(spec, alphabet=_alphabet_text(about.alphabet)) == about
    except (InputError, BudgetError):
        return False


class Study:
    """A grid of training runs in the folder `out`.

    ``Study("(ab)*", out="runs/ab", attention=["global", "hybrid"], seeds=[1, 2], steps=500).run()`` trains what is missing,
    as ``yore study '(ab)*' --out runs/ab --attention global hybrid --seeds 1 2 --steps 500`` would; ``Study(out="runs/ab")``
    only reads what is there. `language` is text as on the command line, or a `yore.Language`. Options are the command's, with
    underscores.
    """

    def __init__(self, language: str | Language | None = None, *, out, **options):
        self.out = Path(out)
        self._words = ([] if language is None else _language_words(language, options)) + _options(options)

    def run(self) -> Study:
        """Trains until every run of the grid has ended. InputError with the program's text for bad input, RuntimeError if
        runs failed. Ctrl-C stops the program, which keeps what was done; calling again goes on."""
        words = [_program(), "study", *self._words, "--out", str(self.out)] + ([] if "--quiet" in self._words else ["--quiet"])
        ended = subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if ended.returncode == 2:
            raise InputError(ended.stderr.strip().removeprefix("yore: "))
        if ended.returncode != 0:
            raise RuntimeError(f"yore study ended with {ended.returncode}: {ended.stderr.strip()}")
        return self

    @property
    def numbers(self) -> dict:
        """All of numbers.json, which the study has written. InputError if there is none."""
        path = self.out / "numbers.json"
        if not path.is_file():
            raise InputError(f"{path}: is not there; run the study first")
        return json.loads(path.read_text("utf-8"))

    @property
    def report(self) -> Path:
        """The page with everything, report.html."""
        return self.out / "report.html"

    def records(self) -> list[dict]:
        """One record a measured number, as ``pandas.DataFrame`` takes them: run, kind, seed, status,
        set, name, value, count, and what else is known of it."""
        found = []
        for run in self.numbers["runs"]:
            result = run["result"]
            about = {"run": run["name"], "kind": run["kind"], "seed": run["seed"]}
            if result is None:
                continue
            for metric in result["metrics"]:
                keys = metric.get("keys") or {}
                found.append({**about, "status": result["status"], **{k: v for k, v in metric.items() if k != "keys"}, **keys})
        return found

    def runs(self) -> list[str]:
        """Folders of the runs that have ended, for `yore.load`."""
        return [str(self.out / "runs" / run["name"]) for run in self.numbers["runs"] if run["result"] is not None]
