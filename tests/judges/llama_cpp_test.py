"""llama_cpp_test.py YORE NEXT_LOGITS TOKENIZE MODELS LLAMA: the models of scripts/models go on as llama.cpp has them go on.

64 greedy tokens after a plain prompt, the same token ids for both, from the weights in float32 and in bfloat16. llama.cpp
multiplies the file's quantised weights with rows that it rounds first: to 8 bits and one scale for every 32 numbers
(Q8_0, Q8_1) or 256 (Q8_K). So its logits are not ours, and where two tokens are about as likely it may take the other one.
How far apart that rounding puts two logits is not guessed: transformers computes the same texts with such rows and
without, and the root mean square of what changes in the difference of two likely tokens' logits is the measure. At the
first token that is not ours the two logits may lie four of them apart in our model. Of the differences at all tokens of the
text, llama.cpp's and ours must lie two of them apart at most in the root mean square (one is expected, and llama.cpp's keys
and values in 16 bits add little), and eight anywhere, since their tails are longer than a normal law's.

LLAMA: the folder in which scripts/llama installed node-llama-cpp. What is not there is skipped by name.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM

import foreign

YORE = foreign.Yore(sys.argv.pop(1), sys.argv.pop(1))
TOKENIZE, MODELS, MODULES = sys.argv.pop(1), Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
PROMPT = "The history of the lighthouse begins in the year"
COUNT = 64
LIKELIEST = 4  # tokens whose logits are compared, at every place of the text


class Llama:
    """llama_peer.js."""

    def __init__(self, model):
        self.process = subprocess.Popen(["node", Path(__file__).parent / "llama_peer.js", MODULES], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ask(do="load", file=str(model), threads=2, context=512)

    def ask(self, **question):
        print(json.dumps(question), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        assert "error" not in answer, answer["error"]
        return answer

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate()


def in_eight_bits(rows):
    """Each 32 neighbours (256 where a row consists of such, as the K formats want) as multiples of their largest / 127."""
    block = 256 if rows.shape[-1] % 256 == 0 else 32
    blocks = rows.unflatten(-1, (-1, block))
    scale = (blocks.abs().amax(-1, keepdim=True) / 127).clamp_min(1e-30)
    return ((blocks / scale).round() * scale).flatten(-2)


def contrasts(logits, tokens):
    """[places, LIKELIEST - 1]: the logit of each place's first token less those of its others."""
    found = np.take_along_axis(logits, tokens, 1)
    return found[:, :1] - found[:, 1:]


class LlamaCpp(unittest.TestCase):
    def ours(self, file, scratch, dtype):
        out = scratch / dtype
        run = YORE("import", file, "-o", out, "--dtype", dtype)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        run = YORE("generate", out, "--prompt", PROMPT, "--count", COUNT, "--threads", 2, "--json")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return json.loads(run.stdout)["tokens"]

    def prompt(self, folder):
        """The prompt's tokens, with what stands before a text."""
        run = subprocess.run([TOKENIZE, "json", folder / "tokenizer.json"], input=PROMPT.encode().hex() + "\n",
                             capture_output=True, text=True, check=True)
        return json.loads(run.stdout.splitlines()[-1])["marked"]

    def check(self, name):
        file = MODELS / name
        if not file.exists():
            self.skipTest(f"no {name} in {MODELS} (scripts/models fetches it)")
        if not shutil.which("node") or not (MODULES / "node_modules" / "node-llama-cpp").exists():
            self.skipTest(f"no node, or no node-llama-cpp in {MODULES} (scripts/llama installs it)")
        with tempfile.TemporaryDirectory() as scratch:
            scratch = Path(scratch)
            texts = {dtype: self.ours(file, scratch, dtype) for dtype in ("f32", "bf16")}
            prompt = self.prompt(scratch / "f32")
            with Llama(file) as llama:
                theirs = llama.ask(do="generate", tokens=prompt, count=COUNT)["tokens"]
                whole = prompt + theirs
                likeliest = llama.ask(do="likeliest", tokens=whole[:-1], after=len(prompt) - 1, count=LIKELIEST)
            found = likeliest["log_probabilities"]
            self.assertEqual(len(found), COUNT)
            tokens = np.array([[token for token, _ in place] for place in found])
            their_contrasts = contrasts(np.array([[x for _, x in place] for place in found]),
                                        np.arange(LIKELIEST)[None].repeat(COUNT, 0))

            model = foreign.as_trained(AutoModelForCausalLM.from_pretrained(
                MODELS, gguf_file=name, attn_implementation="eager", dtype=torch.float32).eval())

            def judged():
                return contrasts(foreign.logits_of(model, whole[:-1])[len(prompt) - 1:], tokens)

            exact = {"f32": judged()}
            hooks = [module.register_forward_pre_hook(lambda _, rows: (in_eight_bits(rows[0]), *rows[1:]))
                     for module in model.modules() if isinstance(module, torch.nn.Linear)]
            rounded = judged()
            for hook in hooks:
                hook.remove()
            for parameter in model.parameters():
                parameter.data = parameter.data.to(torch.bfloat16).to(torch.float32)
            exact["bf16"] = judged()
            del model

            for dtype, text in texts.items():
                measure = np.sqrt(np.mean((rounded - exact[dtype]) ** 2))
                logits = YORE.logits(scratch / dtype, whole[:-1], "float")[len(prompt) - 1:]
                apart = np.abs(contrasts(logits, tokens) - their_contrasts) / measure
                typically = np.sqrt(np.mean(apart ** 2))
                same = next((i for i in range(COUNT) if text[i] != theirs[i]), COUNT)
                gap = 0 if same == COUNT else logits[same, text[same]] - logits[same, theirs[same]]
                print(f"{name}, {dtype}: the first {same} of {COUNT} tokens are llama.cpp's"
                      + ("" if same == COUNT else f"; the next two's logits differ by {gap:.3g} in ours")
                      + f"; its rounding moves such a difference by {measure:.2g} (root mean square), its"
                      f" differences are ours within {typically:.2g} of that (root mean square), {apart.max():.2g} at most")
                self.assertGreaterEqual(gap, 0)
                self.assertLess(gap, 4 * measure)
                self.assertLess(typically, 2)
                self.assertLess(apart.max(), 8)

    def test_smollm2(self):
        self.check("SmolLM2-135M-Instruct.gguf")

    def test_gemma3(self):
        self.check("gemma-3-270m.gguf")


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    # CTest's word for a test that asked nobody.
    sys.exit(77 if len(result.skipped) == 2 else not result.wasSuccessful())
