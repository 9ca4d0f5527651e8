"""onnx_operators_test.py YORE: exported models of every mixer before ONNX's own project.

A model of each mixer is trained for a step (so that its weights are a training's) and exported with the standard
operators. ONNX's checker and strict shape inference must pass it, and ONNX's reference evaluator, which knows the operators
by their definition in numpy, must give the logits that `yore evaluate --words` prints.
"""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

YORE = sys.argv.pop(1)
WORDS = ["", "ab", "b", "abab", "abba" * 9, "ba"]
# Each as `yore mixers` names it, with options that bring more of its graph in.
MIXERS = [
    "attention:window=4",
    "linear_attention:heads=2,normaliser=true,feature_map=elu",
    "linear_attention:heads=2",
    "retention:heads=2,conv=3",
    "gla:heads=2,conv=4",
    "mamba2:head_width=8,state=6",
    "delta_net:heads=2",
    "gated_delta_net:heads=4,key_heads=2,head_dim=6,expand_v=1.5",
    "kda:heads=2,head_dim=6,decay_rank=3",
    "gsa:heads=2,slots=5",
    "abc:heads=2,slots=5",
    "blurry_window:heads=2,slots=5",
    "blurry_window:heads=2,slots=4,stretch=2,kernel=signed",
    "short_conv",
]


def yore(*arguments):
    run = subprocess.run([YORE, *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, f"{arguments}: {run.stderr}"
    return run.stdout


def row(word, length):
    return ["ab".index(letter) for letter in word] + [2] * (length + 1 - len(word))


class Operators(unittest.TestCase):
    def test_the_reference_evaluator_gives_the_logits(self):
        length = max(map(len, WORDS))
        tokens = np.array([row(word, length) for word in WORDS], dtype=np.int64)
        with tempfile.TemporaryDirectory() as folder:
            for number, mixer in enumerate(MIXERS):
                with self.subTest(mixer=mixer):
                    run, file = Path(folder) / f"run{number}", Path(folder) / f"{number}.onnx"
                    yore("train", "(ab)*", "--mixer", mixer, "--width", 16, "--layers", 2, "--steps", 1, "--out", run,
                         "--quiet")
                    yore("export", run, "--operators", "onnx", "-o", file)
                    model = onnx.load(file)
                    self.assertEqual([(o.domain, o.version) for o in model.opset_import], [("", 27)])
                    onnx.checker.check_model(model, full_check=True)
                    (logits,) = ReferenceEvaluator(model).run(None, {"tokens": tokens})
                    ours = [answer["logit"] for answer in json.loads(yore("evaluate", run, "--words", *WORDS, "--json"))]
                    # Fresh weights: logits near 1. What single operators round is held closer in onnx_runtime_test.
                    np.testing.assert_allclose(logits, ours, rtol=0, atol=2e-5)


if __name__ == "__main__":
    unittest.main()
