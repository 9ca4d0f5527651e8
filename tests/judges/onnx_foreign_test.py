"""onnx_foreign_test.py YORE FOLDER: models of other programs that were imported, exported as ONNX, before ONNX Runtime.

FOLDER holds ONNX Runtime (scripts/onnxruntime). For every family the logits of small random models are those that
transformers computes from what it saved, on a prompt longer than the windows.
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np

import foreign

YORE = foreign.Yore(sys.argv.pop(1), None)
RUNTIME = Path(sys.argv.pop(1))
VERDICTS = Path(__file__).parent.parent / "onnx_verdicts.js"
TOLERANCE = 1e-4  # both compute in float32


def logits_of(model, prompts):
    """Every prompt's [token, output], from one batch whose rows are padded at their ends."""
    rows = "".join(" ".join(map(str, tokens)) + "\n" for tokens in prompts)
    run = subprocess.run(["node", VERDICTS, RUNTIME, model], input=rows, capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stderr
    numbers = np.array(run.stdout.split(), dtype=np.float64).reshape(-1, foreign.VOCABULARY)
    return np.split(numbers, np.cumsum([len(tokens) for tokens in prompts])[:-1])


class Exported(unittest.TestCase):
    def setUp(self):
        if shutil.which("node") is None or not (RUNTIME / "node_modules/onnxruntime-node").exists():
            self.skipTest("ONNX Runtime is not there (scripts/onnxruntime installs it)")
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.folder = Path(self.temporary.name)

    def test_logits(self):
        prompts = [foreign.prompt(), foreign.prompt(17, seed=2), foreign.prompt(1, seed=3)]
        for name in foreign.CASES:
            with self.subTest(name):
                model = foreign.make(name)
                model.save_pretrained(self.folder / name)
                exported = self.folder / f"{name}.onnx"
                run = YORE("export", YORE.imported(self.folder / name), "-o", exported)
                self.assertEqual(run.returncode, 0, run.stderr)
                for tokens, ours in zip(prompts, logits_of(exported, prompts)):
                    self.assertLess(foreign.distance(ours, foreign.logits_of(model, tokens)), TOLERANCE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
