"""Transformers whose weights are computed from a language instead of trained.

>>> import yore
>>> model = yore.compile_language("(ab)*")
>>> model("abab"), model(["", "a", "ab"])
(True, [True, False, True])
>>> print(model.trace("ab"))
                                                           a b  EOS
  a                                                 x0     1 .  .
  b                                                 x1     . 1  .
  Y a                                               x2     . 1  .
  Y b                                               x3     . .  1
  Y true                                            x4     . 1  1
  a & Y a | b & (Y b | first)                       x0     . .  .
  P (a & Y a | b & (Y b | first))                   x1     . .  .
  (Y b | first) & !P (a & Y a | b & (Y b | first))  x0     1 .  1
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from . import _drawing, _theory
from .theory import Language, Word, language

__all__ = ["CompiledModel", "Trace", "compile_language"]


class Trace:
    """A word's way through a compiled model: what each subformula was read as at each position, EOS last. ``str()`` is the
    table of ``yore run --trace``; `rows` its JSON: {"formula", "stage", "coordinate", "numbers", "read", "truth"} each."""

    def __init__(self, record: dict, text: str, letters: list[str]):
        self.word: str = record["word"]
        self.accepts: bool = record["accepts"]
        self.logit: float = record["logit"]
        self.rows: list[dict] = record["trace"]
        self.letters = letters
        self._text = text.rstrip("\n")

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"<yore.Trace of {self.word!r}: {'accepts' if self.accepts else 'rejects'}, logit {self.logit:+.3f}>"

    def _repr_html_(self):
        rows = [[row["formula"], f"x{row['coordinate']}", *("1" if x else "." for x in row["read"])] for row in self.rows]
        return _drawing.table_of(["holds", "in", *self.letters, "EOS"], rows)


class CompiledModel:
    """What `compile_language` returns: a model to call with a word, or a list of words; torch is not needed. Any list is one
    of words, each a text or itself a list of letters: ``model(["a", "b"])`` asks two words, ``model([["a", "b"]])`` one.
    Copied and pickled as the language and the options, from which it is compiled anew.

    `record` is the JSON of ``yore compile --json``; `formula`, `proof` (one paragraph) and `note` are texts.
    """

    def __init__(self, about: Language, inner, options: dict):
        self.language = about
        self._inner = inner
        self._options = options
        self.record: dict = json.loads(inner.json())

    def __reduce__(self):
        return _compiled, (self.language, self._options)

    formula = property(lambda self: self.record.get("formula"), doc="What it computes; None for one that runs an automaton.")
    mixer = property(lambda self: self.record["mixer"], doc="Of its layers: \"attention\", \"gla\" ...")
    parameters = property(lambda self: self.record["parameters"], doc="How many numbers it has.")
    proof = property(lambda self: self._inner.proof(), doc="What was proven of the weights.")
    note = property(lambda self: self._inner.note, doc="What the program would remark, or the empty text.")

    def explain(self) -> str:
        """Block by block what each head and gate computes, as ``yore compile --explain``."""
        return self._inner.explain()

    def logits(self, words: Iterable[Word]) -> list[float]:
        """One a word, float32, above 0 where the word is accepted. InputError for letters outside the alphabet."""
        if isinstance(words, str):
            raise TypeError(f"logits: expected a list of words, got {words!r}")
        return self._inner.logits([self.language._letters(word) for word in words])

    def __call__(self, words: str | Iterable[Word]) -> bool | list[bool]:
        """Whether it accepts: one answer for text, a list of answers for several words.

        >>> import yore
        >>> model = yore.compile_language("(ab)*")
        >>> model("ab"), model(["a", "b"]), model([["a", "b"]])
        (True, [False, False], [True])
        """
        if isinstance(words, str):
            return self.logits([words])[0] > 0
        return [logit > 0 for logit in self.logits(words)]

    def trace(self, word: Word) -> Trace:
        """What the model holds true while it reads the word."""
        letters = self.language._letters(word)
        record, text = self._inner.trace(letters)
        return Trace(json.loads(record), text, letters)

    def weights(self) -> dict:
        """The arrays by name, as numpy arrays in float32.

        >>> import yore
        >>> yore.compile_language("(ab)*").weights()["embedding.weight"].shape
        (3, 5)
        """
        import numpy

        return {name: numpy.frombuffer(data, "<f4").reshape(shape).copy()
                for name, (shape, data) in self._inner.weights().items()}

    def state_dict(self) -> dict:
        """The same as torch tensors: a state dict of `module()`."""
        import torch

        return {name: torch.from_numpy(array) for name, array in self.weights().items()}

    def module(self):
        """An ordinary torch module with these weights (`yore.Recogniser`), to run, to train on, to look into."""
        from .recogniser import Recogniser

        module = Recogniser(json.loads(self._inner.model_json()))
        module.load_state_dict(self.state_dict())
        return module

    def save(self, folder: str) -> None:
        """Writes model.safetensors and model.json, which every command of the program reads, and `yore.load`."""
        self._inner.write(str(folder))

    def __repr__(self):
        what = self.formula or f"its automaton of {self.record['automaton']}"
        return f"<yore.CompiledModel of {self.record['language']}: {self.parameters} parameters, computes {what}>"

    def _repr_svg_(self):
        return _drawing.svg_of(self._inner.dot())

    def _repr_html_(self):
        return self._repr_svg_() or f"<pre>{_drawing.html.escape(self.explain())}</pre>"


def compile_language(language_: Language | str, **options: Any) -> CompiledModel:
    """The transformer of a language, proven for every word up to a length; or with `mixer` a model of gated recurrences
    or delta steps, proven for every word.

    Options as the command's: mixer ("attention", "gla", "mamba2", "delta_net", "gated_delta_net", "kda", or "auto": the
    first of attention, gla and delta_net that can), period (positions that tell i modulo it, or "any": the least that helps),
    encoding ("0/1" or "+-1"), once ("sharp" or "uniform"), length (of the longest word, 4096), and the budgets max_parameters, max_formula, max_states. Raises InputError with the witness where no
    model of these mixers recognises the language.

    >>> import yore
    >>> yore.compile_language("ltl:P (b & Y a)", once="uniform", length=500).parameters
    111
    >>> parity = yore.compile_language("name:parity", mixer="auto")
    >>> parity.mixer, parity.formula, parity.record["proof"]["every_length"]
    ('delta_net', None, True)
    >>> yore.compile_language("(aa)*", period=2).formula
    'pos=0/2'
    >>> even = yore.compile_language("(aa)*", mixer="auto")
    >>> even("aa"), even.trace("aaa").rows[-1]["formula"], even.trace("aaa").rows[-1]["read"]
    (True, 'accepted so far', [0, 1, 0, 0])
    """
    return _compiled(language(language_), options)


def _compiled(about, options):
    return CompiledModel(about, _theory.compile(about._inner, json.dumps(options)), options)
