"""gguf_test.py YORE NEXT_LOGITS: GGUF files, written by the package gguf as llama.cpp converts models, through yore import.

A file is the model that the Hugging Face folder is; every type of numbers is widened as the package widens it, to the bit;
damaged files are refused in a sentence.
"""

import json
import random
import sys
import tempfile
import unittest
from pathlib import Path

import gguf
import numpy as np
import safetensors.numpy

import foreign
import gguf_files

YORE = foreign.Yore(sys.argv.pop(1), sys.argv.pop(1))
TYPES = "F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q4_K Q5_K Q6_K".split()


class Gguf(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def weights(self, folder):
        return safetensors.numpy.load_file(folder / "model.safetensors")

    def test_the_folders_model(self):
        # GGUF has no word for scores that are not scaled or for windows in Qwen3; of Gemma's scale it says nothing.
        for name in ("gpt2", "llama", "llama-biases", "llama-linear", "llama-yarn", "mistral", "qwen3-global", "gemma3"):
            with self.subTest(name):
                model = foreign.make(name)
                if name == "gemma3":
                    model.config.query_pre_attn_scalar = model.config.head_dim
                model.save_pretrained(self.folder / name)
                gguf_files.write(model, self.folder / f"{name}.gguf")
                folder, file = YORE.imported(self.folder / name), YORE.imported(self.folder / f"{name}.gguf")
                self.assertEqual((folder / "model.json").read_text(), (file / "model.json").read_text())
                ours, theirs = self.weights(file), self.weights(folder)
                self.assertEqual(ours.keys(), theirs.keys())
                for key in ours:
                    # The 1 that Gemma's norms have added rounds the rest.
                    allowed = 2.0**-23 * 2 if name == "gemma3" and "norm" in key else 0
                    self.assertLessEqual(np.abs(ours[key] - theirs[key]).max(), allowed, key)

    def test_llama3_scaling(self):
        import transformers
        config = transformers.LlamaConfig(**foreign.decoder(rope_parameters=foreign.rope(
            "llama3", theta=500000.0, factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0,
            original_max_position_embeddings=8192), head_dim=64))
        model = transformers.LlamaForCausalLM(config)
        model.save_pretrained(self.folder / "llama")
        gguf_files.write(model, self.folder / "llama.gguf")
        folder, file = YORE.imported(self.folder / "llama"), YORE.imported(self.folder / "llama.gguf")
        self.assertEqual((folder / "model.json").read_text(), (file / "model.json").read_text())

    def test_types(self):
        model = None
        for name in TYPES:
            with self.subTest(name):
                type_ = gguf.GGMLQuantizationType[name]
                import transformers
                model = model or transformers.LlamaForCausalLM(transformers.LlamaConfig(
                    **foreign.decoder(hidden_size=256, intermediate_size=512, num_hidden_layers=1)))
                path = self.folder / f"{name}.gguf"
                gguf_files.write(model, path, gguf_files.quantised(type_))
                ours = self.weights(YORE.imported(path))
                read = {t.name: t for t in gguf.GGUFReader(path).tensors}
                for theirs, mine in (("token_embd", "embedding"), ("blk.0.ffn_down", "layers.0.mlp.down"),
                                     ("blk.0.attn_output", "layers.0.attention.out"), ("output", "read_out")):
                    tensor = read[theirs + ".weight"]
                    self.assertEqual(tensor.tensor_type, type_)
                    expected = gguf.quants.dequantize(tensor.data, type_)
                    np.testing.assert_array_equal(ours[mine + ".weight"], expected)
                # To bfloat16 with round to nearest even, as numpy's type does.
                import ml_dtypes
                out = YORE.imported(path, "--dtype", "bf16")
                import safetensors.torch
                stored = safetensors.torch.load_file(out / "model.safetensors")
                for key, value in ours.items():
                    np.testing.assert_array_equal(stored[key].float().numpy(),
                                                  value.astype(ml_dtypes.bfloat16).astype(np.float32))

    def refused(self, path, *parts):
        run = YORE("import", path, "-o", self.folder / "never")
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertEqual(len(run.stderr.strip().splitlines()), 1, run.stderr)
        for part in parts:
            self.assertIn(part, run.stderr)
        self.assertFalse((self.folder / "never").exists())

    def test_refusals(self):
        model = foreign.make("llama")
        path = self.folder / "model.gguf"
        gguf_files.write(model, path)
        whole = path.read_bytes()

        def changed(old, new):
            self.assertEqual(whole.count(old), 1)
            self.assertEqual(len(old), len(new))
            path.write_bytes(whole.replace(old, new))

        changed(b"general.architecture\x08\0\0\0\x05\0\0\0\0\0\0\0llama", b"general.architecture\x08\0\0\0\x05\0\0\0\0\0\0\0llamb")
        self.refused(path, "general.architecture", "gpt2, llama, qwen3, gemma3", "llamb", "did you mean llama?")
        changed(b"blk.1.attn_q.weight", b"blk.1.attn_z.weight")
        self.refused(path, "no tensor blk.1.attn_q.weight ([64, 64], as its metadata asks for)")
        changed(b"blk.1.attn_q.weight", b"blk.1.attn_k.weight")
        self.refused(path, "blk.1.attn_k.weight stands twice")
        changed(b"llama.block_count", b"llama.block_xount")
        self.refused(path, "key llama.block_count is missing")
        path.write_bytes(whole[:-1])
        self.refused(path, "lies outside the file", "truncated")
        path.write_bytes(whole[:1000])
        self.refused(path, "truncated")
        path.write_bytes(b"GGUF" + b"\x04" + whole[5:])
        self.refused(path, "version 4", "2 and 3")
        path.write_bytes(b"GGUF" + b"\0\0\0\x03" + whole[8:])
        self.refused(path, "big-endian")
        path.write_bytes(b"XXXX" + whole[4:])
        self.refused(path, "does not begin with GGUF")
        path.write_bytes(whole[:8] + b"\xff" * 8 + whole[16:])
        self.refused(path, "claims")
        writer = gguf.GGUFWriter(path, "llama")
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        self.refused(path, "key llama.attention.layer_norm_rms_epsilon is missing")
        gguf_files.write(model, path, lambda _, value: (value.astype(np.int32), gguf.GGMLQuantizationType.I32))
        self.refused(path, "is of the type I32", "expected one of F32, F16, BF16, Q4_0")

    def test_what_other_programs_would_compute_with(self):
        """A tensor or a setting that is passed over would be another model without a word."""
        model, path = foreign.make("llama"), self.folder / "model.gguf"

        def tensor(name, size=64):
            return lambda writer: writer.add_tensor(name, np.ones(size, np.float32))

        for name in ("blk.0.attn_output.bias", "blk.0.attn_q_norm.weight", "blk.1.attn_q.bias", "blk.0.attn_sinks.weight"):
            gguf_files.write(model, path, extra=tensor(name))
            self.refused(path, f"there is a tensor {name}")
        for key, value in (("attention.scale", 0.5), ("logit_scale", 2.0), ("rope.scaling.attn_factor", 3.0),
                           ("final_logit_softcapping", 30.0)):
            gguf_files.write(model, path, extra=lambda writer: writer.add_float32(f"llama.{key}", value))
            self.refused(path, f"key llama.{key}")
        gguf_files.write(model, path, extra=lambda writer: writer.add_float32("llama.logit_scale", 1.0))
        YORE.imported(path)

    def test_damaged_headers(self):
        path = self.folder / "model.gguf"
        gguf_files.write(foreign.make("qwen3-global"), path)
        whole, draw, read = path.read_bytes(), random.Random(3), 0
        for _ in range(200):
            damaged = bytearray(whole)
            at = draw.randrange(3500)
            damaged[at] = draw.choice([0, 1, 255, damaged[at] ^ 1 << draw.randrange(8)])
            path.write_bytes(damaged)
            run = YORE("import", path, "-o", self.folder / "maybe", "--force")
            self.assertIn(run.returncode, (0, 2), f"byte {at}: {run.stderr}")
            read += run.returncode == 0
        self.assertTrue(0 < read < 200)

    def test_plan(self):
        path = self.folder / "model.gguf"
        gguf_files.write(foreign.make("gemma3"), path)
        plan = YORE("plan", path, "--json")
        self.assertEqual(plan.returncode, 0, plan.stderr)
        state = json.loads(plan.stdout)
        self.assertLess(state["state_bytes"]["1024"], state["state_bytes_if_global"]["1024"])
        text = YORE("plan", "--model", path).stdout
        self.assertIn("blocks 0-4, 6: attention, 4 heads of 32 (2 of keys and values), window 8, rotary base 10000", text)
        self.assertIn("block 5: attention, 4 heads of 32 (2 of keys and values), global, rotary base 1000000", text)


if __name__ == "__main__":
    unittest.main()
