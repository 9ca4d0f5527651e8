"""Languages and what attention recognises them, as the program ``yore`` computes it.

>>> import yore
>>> verdict = yore.classify("(ab)*")
>>> print(verdict)                                               # doctest: +ELLIPSIS
(ab)* needs hybrid attention: neither global-only nor 1-local-only suffices.
Minimal automaton: 3 states over 2 letters.
...
>>> verdict.sufficient, verdict.global_.member, verdict.hybrid.member
(['hybrid'], False, True)
>>> verdict.hybrid.formula
'(Y b | first) & !P (a & Y a | b & (Y b | first))'
>>> witness = verdict.global_.witness
>>> witness.recipes, witness.words
(('s (x y)^n z', 's (x y)^n x z'), {'s': '', 'x': 'a', 'y': 'b', 'z': ''})
>>> witness.strings, witness.accepted                            # alike to every formula of LTL[P] of depth 3
(('ababab', 'abababa'), 'ababab')
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, Union

from . import _drawing, _theory

__all__ = ["ClassVerdict", "Extraction", "FamilyVerdict", "Language", "Verdict", "Witness", "classify", "extract", "named_languages"]

Word = Union[str, Sequence[str]]
"""A word: letters in a row ("abab"), names separated by blanks where letters have longer names, or the letters' names."""


class Sample(NamedTuple):
    """A drawn word and whether it is in the language."""

    word: str
    accepted: bool


def _text(what, value):
    if not isinstance(value, str):
        raise TypeError(f"{what}: expected text, got {value!r}")
    return value


def _alphabet_text(alphabet):
    if alphabet is None or isinstance(alphabet, str):
        return alphabet
    names = [_text("alphabet", name) for name in alphabet]
    for name in names:
        if "," in name:  # which separates names where the program reads them
            raise ValueError(f"alphabet: a letter's name has no comma, got {name!r}")
    return ",".join(names) + ("," if len(names) == 1 else "")


_INT32, _INT64 = 2**31 - 1, 2**63 - 1  # the largest numbers that the library takes


def _count(what, value, least=0, most=_INT32):
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{what}: expected a whole number, got {value!r}")
    if value < least:
        raise ValueError(f"{what}: expected at least {least}, got {value}")
    if value > most:
        raise ValueError(f"{what}: expected {least} to {most}, got {value}")
    return value


def _seed(value):
    return _count("seed", value, most=2**64 - 1)


def _again(spec, alphabet, automaton):
    return Language(dfa=automaton) if spec is None else Language(spec, alphabet=alphabet, max_states=_INT64)


class Language:
    """A regular language with its minimal automaton, however it was written.

    >>> from yore import Language
    >>> ab = Language("(ab)*")
    >>> "abab" in ab, "aba" in ab, ["a", "b"] in ab
    (True, False, True)
    >>> ab == Language(ltl="(Y b | first) & !P (a & Y a | b & (Y b | first))")
    True
    >>> Language(name="dyck-1").states
    3
    >>> Language(dfa={"alphabet": ["a"], "states": 2, "start": 0, "accept": [0], "transitions": [[1], [0]]}) == Language("(aa)*")
    True

    Boolean operations, over the letters of both; ``difference`` is a shortest word of one and not of the other:

    >>> (ab & Language("(abab)*")).convert("regex")
    '(abab)*'
    >>> "ba" in ~ab, (ab - Language("(abab)*")).shortest()
    (True, 'ab')
    >>> ab.difference(Language("a(ba)*b"))
    ''

    Exactly one of `text` (a pattern, or with a prefix regex:, ltl:, dfa:FILE, name:, as on the command line), `regex`,
    `ltl` (a formula of past LTL), `dfa` (a dict as `dfa` returns it, JSON or AT&T text) and `name` (`named_languages`).
    `alphabet` is "ab", "open,close", or a list of names; else the letters that occur. Raises InputError, BudgetError past
    `max_states`, TypeError. Languages can be copied and pickled: by `spec` and
    alphabet, or by the automaton where that came from a file, from text or from other languages.
    """

    __hash__ = None

    def __init__(self, text: str | None = None, *, regex: str | None = None, ltl: str | None = None,
                 dfa: dict | str | None = None, name: str | None = None, alphabet: str | Iterable[str] | None = None,
                 max_states: int = 100_000):
        ways = {"": text, "regex": regex, "ltl": ltl, "dfa": dfa, "name": name}
        given = [(kind, value) for kind, value in ways.items() if value is not None]
        if len(given) != 1:
            raise TypeError(f"yore.Language: expected exactly one of text, regex, ltl, dfa and name, got {len(given)}")
        kind, value = given[0]
        if kind == "dfa" and isinstance(value, dict):
            value = json.dumps(value)
        self._inner = _theory.Language.read(kind, _text(f"yore.Language: {kind or 'text'}", value),
                                            _alphabet_text(alphabet), _count("max_states", max_states, 1, _INT64))

    @classmethod
    def _of(cls, inner):
        language = cls.__new__(cls)
        language._inner = inner
        return language

    def __reduce__(self):
        # What came from a file or was computed goes as its automaton, for there may be no such file where it is made again.
        if self.spec.startswith("dfa:"):
            return _again, (None, None, self._inner.json())
        return _again, (self.spec, _alphabet_text(self.alphabet), None)

    @property
    def alphabet(self) -> list[str]:
        """The letters' names, in their order."""
        return self._inner.alphabet

    @property
    def states(self) -> int:
        """Of the minimal complete automaton."""
        return self._inner.states

    @property
    def spec(self) -> str:
        """How it was written, with its prefix."""
        return self._inner.spec

    @property
    def note(self) -> str:
        """What the program would remark, such as an alphabet that was inferred; or ""."""
        return self._inner.note

    @property
    def dfa(self) -> dict:
        """The minimal automaton: {"alphabet", "states", "start", "accept", "transitions"}, transitions[state][letter]."""
        return json.loads(self._inner.json())

    def _letters(self, word: Word) -> list[str]:
        return self._inner.letters(word) if isinstance(word, str) else [_text("word", letter) for letter in word]

    def accepts(self, word: Word) -> bool:
        """Whether the word is in the language. InputError for a letter outside the alphabet."""
        return self._inner.accepts(self._letters(word))

    __contains__ = accepts

    def replay(self, word: Word) -> dict:
        """The word's way: {"word": [letters], "states": [one more than letters], "accepted"}.

        >>> Language("(ab)*").replay("ab")
        {'word': ['a', 'b'], 'states': [0, 1, 0], 'accepted': True}
        """
        return json.loads(self._inner.replay(self._letters(word)))

    def _with(self, other, operator):
        if not isinstance(other, Language):
            return NotImplemented
        return Language._of(self._inner.combined(other._inner, operator))

    def __and__(self, other: Language) -> Language:
        return self._with(other, "&")

    def __or__(self, other: Language) -> Language:
        return self._with(other, "|")

    def __xor__(self, other: Language) -> Language:
        return self._with(other, "^")

    def __sub__(self, other: Language) -> Language:
        return self._with(other, "-")

    def __invert__(self) -> Language:
        return Language._of(self._inner.complement())

    def difference(self, other: Language | str) -> str | None:
        """A shortest word on which the two differ, over the letters of both; None if they are the same."""
        letters = self._inner.difference(language(other)._inner)
        if letters is None:
            return None
        return ("" if all(len(letter) == 1 for letter in self.alphabet + language(other).alphabet) else " ").join(letters)

    def __eq__(self, other):
        return self._inner.difference(other._inner) is None if isinstance(other, Language) else NotImplemented

    def shortest(self) -> str | None:
        """A shortest word of it; None if it has none."""
        letters = self._inner.difference((self ^ self)._inner)
        return None if letters is None else self._inner.text(letters)

    def convert(self, to: str, *, max_regex: int = 1_000_000, max_formula: int = 20_000) -> str | None:
        """As text: "regex", "formula" (None where there is none), "json", "att", "att-acceptor" or "dot".

        >>> Language("(a|b)*b", alphabet="ab").convert("formula")
        'Y b'
        """
        return self._inner.convert(_text("to", to), _count("max_regex", max_regex, most=_INT64),
                                   _count("max_formula", max_formula, most=_INT64))

    def sample(self, count: int = 10, *, min_length: int = 0, max_length: int = 40, only: str | None = None, seed: int = 0,
               near_miss_edits: int = 3) -> list[Sample]:
        """Words of the language and of its complement, uniform by length, the same for a seed everywhere; `only` "positive"
        or "negative". Half the rejected ones are 1 to `near_miss_edits` letters from an accepted one (0: none).

        >>> Language("(ab)*").sample(2, max_length=6, only="positive")      # doctest: +ELLIPSIS
        [Sample(word=..., accepted=True), Sample(word=..., accepted=True)]
        """
        if only not in (None, "positive", "negative"):
            raise ValueError(f'only: expected "positive", "negative" or None, got {only!r}')
        words = self._inner.sample(_count("count", count, 1), _count("min_length", min_length),
                                   _count("max_length", max_length), only or "", _seed(seed),
                                   _count("near_miss_edits", near_miss_edits))
        return [Sample(self._inner.text(letters), accepted) for letters, accepted in words]

    def classify(self, **options: Any) -> Verdict:
        """`yore.classify` of it."""
        return classify(self, **options)

    def __repr__(self):
        return f"<yore.Language {self._inner.title} over {{{', '.join(self.alphabet)}}}: {self.states} states>"

    def _repr_svg_(self):
        return _drawing.svg_of(self._inner.dot(True, self._inner.title))

    def _repr_html_(self):
        drawn = self._repr_svg_()
        if drawn is not None:
            return drawn
        dfa = self.dfa
        accepting = set(dfa["accept"])
        rows = [[q, "yes" if q in accepting else "no", *moves] for q, moves in enumerate(dfa["transitions"])]
        return _drawing.table_of(["state", "accepts", *dfa["alphabet"]], rows)


def language(given: Language | str) -> Language:
    """The language itself, or of a specification. TypeError for anything else."""
    if isinstance(given, Language):
        return given
    if isinstance(given, str):
        return Language(given)
    raise TypeError(f"expected a yore.Language or text such as '(ab)*' or 'ltl:P a', got {given!r}")


def named_languages() -> list[dict]:
    """The suite from the literature: {"name", "definition", "spec", "alphabet", "source", "class", "states"} each.

    >>> import yore
    >>> [one["name"] for one in yore.named_languages()][:2]
    ['first-a', 'first-bb']
    """
    return json.loads(_theory.named_languages())


class Witness:
    """Why a language is not in a class: two strings for every n, of which one is in the language, that no formula of depth
    n of the class's logic tells apart. Attributes as in the program's JSON."""

    def __init__(self, record: dict, replays: list[dict]):
        self.kind: str = record["kind"]
        self.words: dict[str, str] = record["words"]
        self.states: list[int] = record["states"]
        self.recipes: tuple[str, str] = (record["recipe"]["a"], record["recipe"]["b"])
        self.strings: tuple[str, str] = (record["strings"]["a"], record["strings"]["b"])
        self.accepted: str = record["strings"][record["accepted"]]
        self.depth: int = record["depth"]
        self.replays: tuple[dict, dict] = tuple(replays)
        """The strings' ways through the automaton, as `Language.replay`, with "pieces": the words of the recipe in order."""

    def __repr__(self):
        return f"<yore.Witness {self.recipes[0]!r} against {self.recipes[1]!r}>"


class ClassVerdict:
    """One class: `member` (True, False, or None where a budget was spent, which `open` names), `logic`, `formula` (text or
    None), `witness` (Witness or None); `record`: all of it as the program's JSON has it."""

    def __init__(self, name: str, record: dict, replays: list[dict] | None):
        self.name = name
        self.record = record
        self.member: bool | None = record["member"]
        self.logic: str | None = record.get("logic")
        self.formula: str | None = record.get("formula")
        self.witness = Witness(record["witness"], replays) if replays else None
        self.open: str | None = record["witness"]["reason"] if not replays and record.get("witness") else None

    def __repr__(self):
        said = {True: "yes", False: "no", None: "unknown"}[self.member]
        return f"<yore.ClassVerdict {self.name} ({self.logic}): {said}>"


class FamilyVerdict(NamedTuple):
    """One family of mixers beyond softmax attention: `member` (True, False, or None where no theorem says, for which
    `reason` tells why), the `theorem` and its `source`, the `mixers` of this project that belong to it, and `counter`, of a
    no: {"s", "u", "z", "states", "accepted", ..} as the program's JSON has it."""

    name: str
    member: bool | None
    theorem: str | None
    source: str | None
    mixers: list[str]
    counter: dict | None
    reason: str | None


class Verdict:
    """What `classify` found. ``str()`` is what the program prints, `json` its ``--json``, byte for byte; `classes` maps
    names to ClassVerdict, which `global_`, `local`, `hybrid` and `star_free` are too; `sufficient` names the weakest kinds
    of attention that suffice. `families` maps names to FamilyVerdict, what is known of other mixers; `cheapest` lists the
    mixers that suffice, each with its options, least memory first; `tier` is what is known of the language without its
    neutral letters, `period` what was asked of positions and found (dicts of the JSON, or None)."""

    def __init__(self, language: Language, answer: dict):
        self.language = language
        self.json: str = answer["json"]
        self.record: dict = json.loads(self.json)
        self._text = answer["text"].rstrip("\n")
        replays = answer.get("replays") or {}
        self.classes = {name: ClassVerdict(name, record, replays.get(name)) for name, record in self.record["classes"].items()}
        self.sufficient: list[str] = self.record["sufficient"]
        self.families = {
            name: FamilyVerdict(name, of["member"], of["theorem"], of["source"], of["mixers"], of["witness"], of["reason"])
            for name, of in self.record["mixers"].items()
        }
        self.cheapest: list[dict] = self.record["cheapest"]
        self.tier: dict | None = self.record["tier"]
        self.period: dict | None = self.record.get("period")

    global_ = property(lambda self: self.classes["global"], doc="LTL[P]: global attention alone.")
    local = property(lambda self: self.classes["local"], doc="LTL[Y<=k]: local attention alone.")
    hybrid = property(lambda self: self.classes["hybrid"], doc="LTL[P,Y]: both.")
    star_free = property(lambda self: self.classes["star_free"], doc="LTL[P,Y,S].")

    def __str__(self):
        return self._text

    def __repr__(self):
        return f"<yore.Verdict {self._text.splitlines()[0]}>"

    def _repr_html_(self):
        rows = [
            [one.name, one.logic, {True: "yes", False: "no", None: "unknown"}[one.member],
             one.formula or (f"{one.witness.recipes[0]} against {one.witness.recipes[1]}" if one.witness else one.open or "")]
            for one in self.classes.values()
        ]
        return f"<p>{_drawing.html.escape(self._text.splitlines()[0])}</p>" + _drawing.table_of(
            ["class", "logic", "member", "formula, or witness"], rows)


def classify(language_: Language | str, **options: Any) -> Verdict:
    """Which attention recognises a language, with a formula for each yes and a witness for each no.

    Options as the command's: lookback, period (of the models' positions: a number, or "any" for the least that helps),
    formulas (False: none), witness_depth, and the budgets max_monoid, max_pairs, max_formula, max_types, max_states. Raises
    InputError.

    >>> import yore
    >>> yore.classify(".*a.", lookback=2).local.member
    True
    >>> yore.classify(yore.Language(ltl="P (b & Y a)", alphabet="abc")).sufficient
    ['hybrid']
    >>> even = yore.classify("(aa)*", period="any")
    >>> even.period["modulo"], even.global_.formula
    (2, 'pos=0/2')
    >>> yore.classify("(aa)*").families["gated_diagonal"].member, yore.classify("(aa)*").cheapest[0]["mixer"]
    (False, 'delta_net')
    """
    about = language(language_)
    return Verdict(about, json.loads(about._inner.classify(json.dumps(options))))


class Extraction(NamedTuple):
    """What `extract` learnt."""

    language: Language
    finished: bool
    """The search found no word on which the automaton and the model differ."""
    open: str
    """If not finished, the budget that ended it."""
    words: int
    """Different words that were asked."""


def extract(accepts: Callable[[list[str]], Iterable[bool]], alphabet: str | Iterable[str], *, max_states: int = 200,
            max_length: int = 100, exhaustive_words: int = 10_000, random_words: int = 5_000, seed: int = 0) -> Extraction:
    """Learns the automaton of a black box: `accepts` takes a list of words and returns a truth value each (a compiled model
    and what `yore.load` returns do). Words are text where every letter is one character, else lists of names.

    >>> import yore
    >>> learnt = yore.extract(lambda words: [word.count("a") % 2 == 0 for word in words], "ab")
    >>> learnt.finished, learnt.language == yore.Language("(b*ab*a)*b*")
    (True, True)
    """
    text = _alphabet_text(alphabet)
    names = Language(regex="()", alphabet=text).alphabet
    short = all(len(name) == 1 for name in names)

    def ask(words):
        return accepts(["".join(word) for word in words] if short else words)

    found = json.loads(_theory.extract(ask, names, _count("max_states", max_states, 1), _count("max_length", max_length),
                                       _count("exhaustive_words", exhaustive_words, most=_INT64),
                                       _count("random_words", random_words, most=_INT64), _seed(seed)))
    return Extraction(Language(dfa=found["dfa"]), found["finished"], found["open"], found["words"])
