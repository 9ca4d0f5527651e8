"""Tests of yore's theory for Python: test_theory.py EXTENSION_FOLDER PROGRAM. The program judges answers and texts; torch and
the program's tensor half are asked where they are there."""

import copy
import doctest
import importlib
import itertools
import json
import os
import pickle
import re
import statistics
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

FOLDER, PROGRAM = sys.argv[1:3]
SOURCE = Path(__file__).resolve().parents[1] / "yore"
sys.path.insert(0, str(SOURCE.parent))
import yore  # noqa: E402

yore.__path__.append(FOLDER)

try:
    import torch

    torch.set_num_threads(1)  # small products, on a machine that may have other things to do
except ImportError:
    torch = None


def program(*words, text=None):
    return subprocess.run([PROGRAM, *words], input=text, capture_output=True, text=True, check=False)


def words(letters, longest):
    for length in range(longest + 1):
        yield from map("".join, itertools.product(letters, repeat=length))


class Theory(unittest.TestCase):
    def test_verdicts_are_the_programs(self):
        patterns = ["(ab)*", "()", "[]", ".*a.*b.*a", "(aa)*", "a{3,5}|b", "(a|bb)*ab?", "!(a*b)", "(.a)*&.{4,}"]
        asked = [("name:" + one["name"], None) for one in yore.named_languages()]
        asked += [(pattern, "ab") for pattern in patterns]
        for text, alphabet in asked:
            extra = [] if alphabet is None else ["--alphabet", alphabet]
            verdict = yore.classify(yore.Language(text, alphabet=alphabet))
            printed = program("classify", text, *extra, "--json")
            self.assertEqual(verdict.json, printed.stdout.rstrip("\n"), text)
            self.assertEqual(str(verdict), program("classify", text, *extra).stdout.rstrip("\n"), text)
            for one in verdict.classes.values():
                self.assertEqual(one.member is False, one.witness is not None, (text, one))
                if one.witness:
                    first, second = one.witness.replays
                    self.assertNotEqual(first["accepted"], second["accepted"])
                    self.assertIn(one.witness.accepted, one.witness.strings)
        self.assertEqual(json.loads(program("languages", "--json").stdout), yore.named_languages())
        self.assertEqual(yore.classify(".*a.", lookback=2, formulas=False).json,
                         program("classify", ".*a.", "--lookback", "2", "--no-formula", "--json").stdout.rstrip("\n"))

    def test_classify_takes_less_than_two_milliseconds(self):
        times = []
        for _ in range(200):
            start = time.perf_counter()
            yore.classify("(ab)*")
            times.append(1e3 * (time.perf_counter() - start))
        load = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
        print(f'yore.classify("(ab)*"): {statistics.median(times):.2f} ms in the median, {min(times):.2f} ms at best')
        self.assertLess(statistics.median(times), 2 * load)

    def test_boolean_operations_by_definition(self):
        a, b = yore.Language("(ab)*c?"), yore.Language(".*b", alphabet="ba")
        both = {"&": a & b, "|": a | b, "^": a ^ b, "-": a - b}
        for word in words("abc", 6):
            in_a = re.fullmatch("(ab)*c?", word) is not None
            in_b = re.fullmatch("[abc]*b", word) is not None  # the dot is read over the letters of both
            expected = {"&": in_a and in_b, "|": in_a or in_b, "^": in_a != in_b, "-": in_a and not in_b}
            for operator, language in both.items():
                self.assertEqual(word in language, expected[operator], (operator, word))
            self.assertEqual(word in ~a, not in_a, word)
        self.assertIsNone(a.difference(yore.Language("(ab)*|(ab)*c")))
        self.assertEqual(yore.Language("a*").difference("(aa)*"), "a")
        self.assertNotEqual(a, b)
        self.assertIsNone((a - a).shortest())
        self.assertFalse(a == "(ab)*c?")
        with self.assertRaises(TypeError):
            a & "(ab)*"
        with self.assertRaises(TypeError):
            hash(a)

    def test_every_way_to_write_a_language(self):
        ab = yore.Language("(ab)*")
        for to, key in [("regex", "regex"), ("formula", "ltl"), ("json", "dfa"), ("att", "dfa"), ("att-acceptor", "dfa")]:
            self.assertEqual(yore.Language(**{key: ab.convert(to)}), ab, to)
            self.assertEqual(ab.convert(to).rstrip("\n"), program("convert", "(ab)*", "--to", to).stdout.rstrip("\n"), to)
        self.assertEqual(yore.Language(dfa=ab.dfa), ab)
        self.assertIsNone(yore.Language("(aa)*").convert("formula"))
        named = yore.Language(regex="('up''down')*", alphabet=["up", "down"])
        self.assertTrue(named.accepts("up down") and named.accepts(["up", "down"]))
        self.assertEqual(named.shortest(), "")
        self.assertEqual((named - yore.Language(regex="()", alphabet="up,down")).shortest(), "up down")
        self.assertEqual(yore.Language(regex="'up'", alphabet=["up"]).alphabet, ["up"])

    def test_samples_are_labelled_right(self):
        language = yore.Language("(ab)*")
        drawn = language.sample(200, max_length=30, seed=4)
        self.assertEqual(drawn, language.sample(200, max_length=30, seed=4))
        self.assertNotEqual(drawn, language.sample(200, max_length=30, seed=5))
        for word, accepted in drawn:
            self.assertEqual(re.fullmatch("(ab)*", word) is not None, accepted)
        printed = program("sample", "(ab)*", "-n", "20", "--json", "--seed", "9", "--min-length", "2").stdout
        self.assertEqual([("".join(one["word"]), one["label"]) for one in map(json.loads, printed.splitlines())],
                         [tuple(one) for one in language.sample(20, seed=9, min_length=2)])

    def test_compiled_models(self):
        for spec in ["(ab)*", "ltl:P (b & Y a)", "name:dyck-1"]:
            model = yore.compile_language(spec)
            self.assertEqual(json.dumps(model.record), json.dumps(json.loads(program("compile", spec, "--json").stdout)))
            language = yore.Language(spec)
            asked = list(words(language.alphabet, 6))
            self.assertEqual(model(asked), [word in language for word in asked], spec)
            for word in asked[:40]:
                trace = model.trace(word)
                self.assertEqual(trace.accepts, word in language)
                self.assertTrue(all(row["read"] == row["truth"] for row in trace.rows))
            self.assertTrue(program("compile", spec, "--explain").stdout.startswith(model.explain()))
        with self.assertRaisesRegex(yore.InputError, "no transformer with 1-local and global heads"):
            yore.compile_language("(aa)*")
        for spec, mixer in [("(aa)*", "attention"), ("(ab|ba)*", "gla")]:
            model = yore.compile_language(spec, mixer=mixer, period=2)
            self.assertEqual(json.dumps(model.record),
                             json.dumps(json.loads(program("compile", spec, "--mixer", mixer, "--period", "2", "--json").stdout)))
            asked = list(words(model.language.alphabet, 6))
            self.assertEqual(model(asked), [word in model.language for word in asked], spec)

    def test_extraction(self):
        model = yore.compile_language("a(b|ab)*")
        learnt = yore.extract(model, "ab")
        self.assertTrue(learnt.finished)
        self.assertEqual(learnt.language, yore.Language("a(b|ab)*"))
        self.assertIn("max-states", yore.extract(lambda ws: [len(w) % 7 == 0 for w in ws], "ab", max_states=3).open)
        with self.assertRaisesRegex(yore.InputError, "one answer a word"):
            yore.extract(lambda ws: [True], "ab")
        with self.assertRaisesRegex(ZeroDivisionError, "division"):
            yore.extract(lambda ws: [1 // 0 for _ in ws], "ab")

    def test_errors_have_the_programs_texts(self):
        for arguments, call in [
            (["a(b"], lambda: yore.Language("a(b")),
            (["--ltl", "P (a &"], lambda: yore.Language(ltl="P (a &")),
            (["--name", "dick-1"], lambda: yore.Language(name="dick-1")),
            (["abc", "--alphabet", "ab"], lambda: yore.Language("abc", alphabet="ab")),
            (["ab", "--alphabet", "a,,b"], lambda: yore.Language("ab", alphabet="a,,b")),
            (["lt:P a"], lambda: yore.Language("lt:P a")),
            ([".*a.{12}", "--alphabet", "ab", "--max-states", "50"],
             lambda: yore.Language(".*a.{12}", alphabet="ab", max_states=50)),
        ]:
            printed = program("classify", *arguments).stderr
            with self.assertRaises((yore.InputError, yore.BudgetError)) as caught:
                call()
            self.assertEqual(printed, f"yore: {caught.exception}\n", arguments)
        with self.assertRaises(ValueError) as caught:
            yore.classify("a(b")
        error = caught.exception
        self.assertEqual((error.source, error.position, error.caret), ("regex", 1, "  a(b\n   ^"))
        with self.assertRaises(yore.BudgetError) as caught:
            yore.Language(".*a.{12}", alphabet="ab", max_states=50)
        self.assertEqual((caught.exception.budget, caught.exception.limit), ("max-states", 50))
        for wrong in [lambda: yore.classify(3), lambda: yore.Language(), lambda: yore.Language("a", ltl="a"),
                      lambda: yore.Language(regex=3), lambda: yore.Language("a", max_states="1"),
                      lambda: yore.Language("a").sample(2.5), lambda: yore.Language("a").accepts([1])]:
            self.assertRaises(TypeError, wrong)
        for wrong in [lambda: yore.classify("a", look_back=2), lambda: yore.classify("a", lookback=0),
                      lambda: yore.classify("a", lookback="2"), lambda: "x" in yore.Language("a"),
                      lambda: yore.Language("a").convert("picture"), lambda: yore.Language("a").sample(2, only="both"),
                      lambda: yore.Language("a").sample(2, min_length=3, max_length=1), lambda: yore.Language(dfa={}),
                      lambda: yore.compile_language("a", encoding="2"), lambda: yore.compile_language("a")("x")]:
            self.assertRaises(ValueError, wrong)
        with self.assertRaises(AttributeError):
            yore.nothing

    def test_numbers_out_of_range_are_named(self):
        ab = yore.Language("(ab)*")
        for name, most, call in [
            ("max_regex", "", lambda: ab.convert("regex", max_regex=-1)),
            ("max_formula", 2**63 - 1, lambda: ab.convert("formula", max_formula=2**64)),
            ("count", 2**31 - 1, lambda: ab.sample(2**40)), ("max_length", 2**31 - 1, lambda: ab.sample(max_length=2**31)),
            ("near_miss_edits", "", lambda: ab.sample(near_miss_edits=-1)),
            ("seed", 2**64 - 1, lambda: ab.sample(seed=2**64)),
            ("max_states", 2**63 - 1, lambda: yore.Language("a", max_states=10**30)),
            ("max_states", 2**31 - 1, lambda: yore.extract(ab.accepts, "ab", max_states=2**31)),
            ("random_words", 2**63 - 1, lambda: yore.extract(ab.accepts, "ab", random_words=2**63)),
            ("seed", "", lambda: yore.extract(ab.accepts, "ab", seed=-1)),
        ]:
            with self.subTest(name=name, most=most), self.assertRaisesRegex(ValueError, f"^{name}: expected .*{most}, got "):
                call()
        self.assertEqual(len(ab.sample(2, seed=2**64 - 1)), 2)
        self.assertRaises(TypeError, ab.convert, 3)
        self.assertRaises(TypeError, lambda: ab.convert("regex", max_regex=1.5))

    def test_names_of_letters_have_no_comma(self):
        for call in [lambda: yore.Language("a*", alphabet=["a", "b,c"]), lambda: yore.extract(lambda words: [], ["a,b"])]:
            self.assertRaisesRegex(ValueError, "alphabet: a letter's name has no comma, got '.,.'", call)
        self.assertEqual(yore.Language("a*", alphabet="a,bc").alphabet, ["a", "bc"])

    def test_copies_and_pickles(self):
        ab = yore.Language("(ab)*")
        for language in [ab, yore.Language(ltl="P open", alphabet=["open", "close"]), ~ab & yore.Language("a*b*"), ab - ab,
                         yore.Language(dfa=ab.dfa), yore.Language(name="dyck-2"), yore.Language("()", alphabet="a")]:
            for other in (copy.copy(language), copy.deepcopy(language), pickle.loads(pickle.dumps(language))):
                self.assertEqual(other, language)
                self.assertEqual((other.alphabet, other.dfa), (language.alphabet, language.dfa))
                if not language.spec.startswith("dfa:"):
                    self.assertEqual((other.spec, repr(other)), (language.spec, repr(language)))
        for about in ("(ab)*", "(aa)*", "ltl:P a"):
            verdict = yore.classify(about, witness_depth=2)
            for other in (copy.deepcopy(verdict), pickle.loads(pickle.dumps(verdict))):
                self.assertEqual((other.json, str(other), other.language), (verdict.json, str(verdict), verdict.language))
        for options in ({}, {"mixer": "gla"}, {"encoding": "+-1", "length": 100}):
            model = yore.compile_language("(ab)*", **options)
            for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
                self.assertEqual((other.record, other.logits(["ab", "a"])), (model.record, model.logits(["ab", "a"])))
            trace = pickle.loads(pickle.dumps(model.trace("ab")))
            self.assertEqual((str(trace), trace.rows), (str(model.trace("ab")), model.trace("ab").rows))

    def test_a_compiled_model_takes_a_list_as_words(self):
        model = yore.compile_language("(ab)*")
        self.assertEqual(model(["a", "b"]), [False, False])
        self.assertEqual(model([["a", "b"], "ab", ("a",)]), [True, True, False])
        self.assertEqual(model([]), [])
        self.assertRaisesRegex(TypeError, "logits: expected a list of words, got 'ab'", model.logits, "ab")

    def test_a_study_takes_a_language(self):
        """What the program is given reads as the language, however that came about."""
        ab = yore.Language("(ab)*", alphabet="abc")
        for language in [ab, yore.Language(ltl="P open", alphabet=["open", "close"]), yore.Language(name="parity"),
                         ~ab & yore.Language("a*b*"), yore.Language(dfa=ab.dfa), ab - ab, yore.Language("a", alphabet="a")]:
            spec, option, alphabet = yore.Study(language, out="nowhere")._words
            self.assertEqual(option, "--alphabet")
            self.assertEqual(yore.Language(spec, alphabet=alphabet), language)
            self.assertEqual(yore.Language(spec, alphabet=alphabet).alphabet, language.alphabet)
        self.assertEqual(yore.Study("(ab)*", out="nowhere")._words, ["(ab)*"])
        self.assertEqual(yore.Study(ab, out="nowhere", alphabet="abc")._words, ["regex:(ab)*", "--alphabet", "abc"])
        self.assertRaises(TypeError, lambda: yore.Study(3, out="nowhere"))

    # A child of this process, since it gets the signal.
    def test_control_c_ends_sampling(self):
        # Three million words would take minutes, and gigabytes.
        self.expect_interruptible("yore.Language('(ab|ba|a)*').sample(3_000_000, max_length=200)")

    def test_control_c_ends_a_long_computation(self):
        # A monoid of 2^65536 maps: minutes, whatever the machine.
        self.expect_interruptible("yore.classify(yore.Language('.*a.{15}', alphabet='ab'), max_monoid=10**8)")

    def expect_interruptible(self, call):
        script = f"""
import signal, sys, threading, time, os
sys.path.insert(0, {str(SOURCE.parent)!r})
import yore; yore.__path__[:] = {list(yore.__path__)!r}
yore.classify("ab")
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    {call}
    print("ended")
except KeyboardInterrupt:
    print(yore.classify("(ab)*").sufficient)
"""
        start = time.perf_counter()
        ended = subprocess.run([sys.executable, "-B", "-c", script], capture_output=True, text=True, timeout=100, check=False)
        self.assertEqual(ended.stdout, "['hybrid']\n", ended.stderr)
        print(f"Ctrl-C after 0.3 s: ended after {time.perf_counter() - start:.2f} s, and the next question is answered")

    def test_drawings(self):
        language = yore.Language("(ab)*")
        drawn = language._repr_svg_()
        if drawn is not None:
            self.assertTrue(drawn.startswith("<svg") and drawn.rstrip().endswith("</svg>"))
            self.assertEqual(language._repr_html_(), drawn)
        path = os.environ["PATH"]
        os.environ["PATH"] = "/nowhere"
        try:
            self.assertIsNone(language._repr_svg_())
            self.assertIn("<th>state</th>", language._repr_html_())
            self.assertIn("<pre>", yore.compile_language("ab")._repr_html_())
        finally:
            os.environ["PATH"] = path
        self.assertIn("<td>LTL[P,Y]</td><td>yes</td>", yore.classify("(ab)*")._repr_html_())
        self.assertIn("<td>1</td>", yore.compile_language("ab").trace("ab")._repr_html_())

    def test_examples_in_the_documentation(self):
        modules = ["errors", "theory", "compiled"] + (["recogniser"] if torch else [])
        for name in modules:
            module = importlib.import_module(f"yore.{name}")
            failed, tried = doctest.testmod(module, extraglobs={"yore": yore}, optionflags=doctest.ELLIPSIS)
            self.assertEqual(failed, 0, name)
            self.assertGreater(tried, 1, name)


@unittest.skipIf(torch is None, "this Python has no torch")
class Torch(unittest.TestCase):
    def test_module_of_a_compiled_model(self):
        for spec, options in [("a(b|ab)*", {}), ("a(b|ab)*", {"encoding": "+-1"}), ("a(b|ab)*", {"once": "uniform", "length": 200}),
                              ("(ab|ba)*", {"period": 2}), ("(ab|ba)*", {"period": 2, "mixer": "gla"})]:
            model = yore.compile_language(spec, **options)
            asked = list(words("ab", 7))
            module = model.module()
            difference = max(abs(a - b) for a, b in zip(model.logits(asked), module.logits(asked).tolist()))
            self.assertLess(difference, 1e-4, options)  # float32 sums in another order, before a factor of 8
            self.assertEqual(sorted(module.state_dict()), sorted(model.state_dict()))
            self.assertTrue(yore.extract(module.accepts, "ab", exhaustive_words=300, random_words=100, max_length=30).language == yore.Language(spec))
        tokens = torch.tensor([module.tokens("ab")])
        module(tokens).sum().backward()
        self.assertIsNotNone(module.embedding.weight.grad)

    def test_saved_and_loaded(self):
        with tempfile.TemporaryDirectory() as folder:
            model = yore.compile_language("(ab)*")
            model.save(folder)
            self.assertTrue(torch.equal(yore.load(folder).logits(["abab", ""]), model.module().logits(["abab", ""])))
            (Path(folder) / "model.safetensors").write_bytes(b"1234")
            self.assertRaisesRegex(yore.InputError, "safetensors", yore.load, folder)
            (Path(folder) / "model.json").write_text("{}")
            self.assertRaisesRegex(yore.InputError, "description", yore.load, folder)
        self.assertRaisesRegex(yore.InputError, "expected the folder", yore.load, folder)

    def test_a_study(self):
        if program("train", "--help").returncode != 0:
            self.skipTest("the program has no tensor half")
        os.environ["YORE_PROGRAM"] = PROGRAM
        with tempfile.TemporaryDirectory() as folder:
            self.assertRaisesRegex(yore.InputError, "run the study first", yore.Study(out=f"{folder}/s").records)
            self.assertRaises(yore.InputError, yore.Study("a(b", out=f"{folder}/s").run)
            study = yore.Study("(ab)*", out=f"{folder}/s", attention=["global", "hybrid"], seeds=[1], steps=5, layers=1).run()
            records = study.records()
            self.assertEqual({record["kind"] for record in records}, {"global", "hybrid"})
            self.assertTrue(all({"seed", "set", "name", "value", "count", "status"} <= record.keys() for record in records))
            self.assertTrue(study.report.is_file())
            self.assertEqual(len(study.runs()), 2)
            self.assertIn(yore.load(study.runs()[0]).accepts(["ab"]), ([True], [False]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
