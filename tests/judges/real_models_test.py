"""real_models_test.py YORE NEXT_LOGITS MODELS: the models of scripts/models, whose logits transformers computes too.

SmolLM2 within 1e-4; Gemma 3 on a prompt longer than its windows of 512 keys. What is not there is skipped by name.
"""

import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM

import foreign

YORE = foreign.Yore(sys.argv.pop(1), sys.argv.pop(1))
MODELS = Path(sys.argv.pop(1))


class RealModels(unittest.TestCase):
    def check(self, name, tokens):
        if not (MODELS / name).exists():
            self.skipTest(f"no {name} in {MODELS} (scripts/models fetches it)")
        theirs = foreign.as_trained(AutoModelForCausalLM.from_pretrained(
            MODELS, gguf_file=name, attn_implementation="eager", dtype=torch.float32).eval())
        prompt = foreign.prompt(tokens, theirs.config.vocab_size)
        expected = foreign.logits_of(theirs, prompt)
        del theirs
        with tempfile.TemporaryDirectory() as scratch:
            out = Path(scratch) / "model"
            run = YORE("import", MODELS / name, "-o", out)
            self.assertEqual((run.returncode, run.stderr), (0, ""))
            self.assertTrue((out / "tokenizer.json").exists())
            ours = YORE.logits(out, prompt, "float")
        print(f"{name}: {tokens} tokens, relative distance {foreign.distance(ours, expected):.2g}")
        self.assertLess(foreign.distance(ours, expected), 1e-4)
        self.assertTrue(np.array_equal(ours.argmax(1), expected.argmax(1)))

    def test_smollm2(self):
        self.check("SmolLM2-135M-Instruct.gguf", 200)

    def test_gemma3(self):
        self.check("gemma-3-270m.gguf", 600)


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    # CTest's word for a test that asked nobody.
    sys.exit(77 if len(result.skipped) == 2 else not result.wasSuccessful())
