"""onnx_operators_test.py PROGRAM: exported layers with the standard operators before ONNX's own project.

ONNX's checker and strict shape inference must pass every file, and its reference evaluator, which knows the operators by
their definition in numpy, must give the logits that follow from the layers' definitions. PROGRAM is made from onnx_layers.cc.
"""

import json
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import onnx
from onnx.reference import ReferenceEvaluator

PROGRAM = sys.argv.pop(1)


class Operators(unittest.TestCase):
    def test_every_layer(self):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run([PROGRAM, folder], capture_output=True, text=True, check=True)
            lines = [json.loads(line) for line in run.stdout.splitlines()]
            self.assertGreater(len(lines), 100)
            most = 0
            for line in lines:
                with self.subTest(layer=line["name"]):
                    most = max(most, self.judged(line))
            print(f"{len(lines)} layers: at most {most:.3f} of what is allowed")

    def judged(self, line):
        model = onnx.load(line["file"])
        self.assertEqual([(o.domain, o.version) for o in model.opset_import], [("", 27)])
        onnx.checker.check_model(model, full_check=True)
        words = line["words"]
        length = max(map(len, words))
        tokens = np.array([word + word[-1:] * (length - len(word)) for word in words], dtype=np.int64)
        with np.errstate(divide="ignore"):  # the logarithm of a decay to 0 is -infinity
            (logits,) = ReferenceEvaluator(model).run(None, {"tokens": tokens})
        # Of models that answer at every token, the padding's logits are nobody's.
        own = logits if logits.ndim == 1 else np.concatenate([logits[i, : len(w)].ravel() for i, w in enumerate(words)])
        off = np.abs(own - np.array(line["logits"])) / np.array(line["allowed"])
        self.assertLessEqual(off.max(), 1)
        return off.max()


if __name__ == "__main__":
    unittest.main()
