"""files_test.py YORE: model files between yore and the programs whose formats they are in, safetensors and onnx.

Models come back to the bit through `yore export` and `yore import`, also when the other program has read and written the
file in between; files of other programs are refused in a sentence, whatever is in them; and of 400 damaged headers none is
read that safetensors itself refuses.
"""

import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import onnx
import safetensors
import safetensors.numpy
import safetensors.torch
import torch
from onnx import TensorProto, helper

YORE = sys.argv.pop(1)


def yore(*arguments):
    return subprocess.run([YORE, *map(str, arguments)], capture_output=True, text=True, timeout=60)


class Files(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.temporary.name)
        cls.models = []
        for number, language in enumerate(["(ab)*", ".*a.*b.*", "ltl:Y Y a", "a*b*c*"]):
            model = cls.folder / f"model{number}"
            run = yore("compile", language, "--alphabet", "abc" if "c" in language else "ab", "-o", model)
            assert run.returncode == 0, run.stderr
            cls.models.append(model)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def export(self, model, to):
        path = self.folder / f"{model.name}.{to}"
        run = yore("export", model, "-o", path, "--force")
        self.assertEqual(run.returncode, 0, run.stderr)
        return path

    def same_after_import(self, path, model):
        back = Path(tempfile.mkdtemp(dir=self.folder)) / "back"
        run = yore("import", path, "-o", back)
        self.assertEqual(run.returncode, 0, run.stderr)
        for name in ("model.safetensors", "model.json"):
            self.assertEqual((back / name).read_bytes(), (model / name).read_bytes(), f"{path.name}: {name}")

    def refused(self, path, *parts):
        """Exit 2, one sentence with each part, and no folder."""
        run = yore("import", path, "-o", self.folder / "never")
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertEqual(len(run.stderr.strip().splitlines()), 1, run.stderr)
        self.assertLess(len(run.stderr), 600)
        for part in parts:
            self.assertIn(part, run.stderr)
        self.assertFalse((self.folder / "never").exists())

    def test_round_trips(self):
        for model in self.models:
            for to in ("onnx", "safetensors"):
                self.same_after_import(self.export(model, to), model)

    def test_rewritten_by_safetensors(self):
        for model in self.models:
            path = self.export(model, "safetensors")
            with safetensors.safe_open(path, "np") as file:
                metadata, arrays = file.metadata(), {name: file.get_tensor(name) for name in file.keys()}
            self.assertTrue(all(array.dtype == np.float32 for array in arrays.values()))
            safetensors.numpy.save_file(dict(reversed(arrays.items())), path, metadata)
            self.same_after_import(path, model)

    def test_rewritten_by_onnx(self):
        for model in self.models:
            path = self.export(model, "onnx")
            graph = onnx.load(path)
            onnx.checker.check_model(graph, full_check=True)
            onnx.save(graph, path)
            self.same_after_import(path, model)

    def test_foreign_safetensors(self):
        types = [torch.float32, torch.bfloat16, torch.float16, torch.float64, torch.int64, torch.int8, torch.uint8, torch.bool,
                 torch.float8_e4m3fn, torch.float8_e5m2, torch.uint16, torch.complex64]
        tensors = {f"layer.{i}.weight": torch.zeros(3, 4).to(dtype) for i, dtype in enumerate(types)}
        for metadata in (None, {}, {"format": "pt"}):
            path = self.folder / "foreign.safetensors"
            safetensors.torch.save_file(tensors, path, metadata)
            self.refused(path, "foreign.safetensors", "no yore description")
        folder = self.folder / "checkpoint"
        folder.mkdir()
        safetensors.torch.save_file(tensors, folder / "model.safetensors")
        run = yore("verify", folder)
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn("model.json", run.stderr)

    def test_foreign_onnx(self):
        weight = helper.make_tensor("w", TensorProto.FLOAT, [2, 2], [1.0, 2, 3, 4])
        node = helper.make_node("MatMul", ["x", "w"], ["y"])
        value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 2])
        graph = helper.make_graph([node], "other", [value("x")], [value("y")], [weight])
        model = helper.make_model(graph)
        onnx.checker.check_model(model)
        path = self.folder / "foreign.onnx"
        onnx.save(model, path)
        self.refused(path, "foreign.onnx")
        onnx.save(model, path, save_as_external_data=True, size_threshold=0, location="w.bin")
        self.refused(path, "foreign.onnx")
        # A model of yore whose arrays were moved to another file is not read as if they were zero.
        ours = onnx.load(self.export(self.models[0], "onnx"))
        onnx.save(ours, self.folder / "moved.onnx", save_as_external_data=True, size_threshold=0, location="moved.bin")
        self.refused(self.folder / "moved.onnx", "moved.onnx")

    def test_what_stands_twice(self):
        entry = '{"dtype":"U8","shape":[4],"data_offsets":[0,4]}'
        cases = {f'{{"wq":{entry},"wq":{entry}}}': "wq", f'{{"__metadata__":{{}},"x":{entry},"__metadata__":{{}}}}': "__metadata__",
                 f'{{"x":{{"dtype":"U8","dtype":"I8","shape":[4],"data_offsets":[0,4]}}}}': "dtype", f' {{"x":{entry}}}': "begin"}
        for header, part in cases.items():
            path = self.folder / "twice.safetensors"
            path.write_bytes(struct.pack("<Q", len(header)) + header.encode() + b"abcd")
            self.refused(path, "not a whole safetensors file", part)

    def test_damaged_headers(self):
        whole = self.export(self.models[0], "safetensors").read_bytes()
        length = struct.unpack("<Q", whole[:8])[0]
        draw = random.Random(5)
        path, both, refused = self.folder / "damaged.safetensors", 0, 0
        for _ in range(400):
            damaged = bytearray(whole)
            at = 8 + draw.randrange(length) if draw.random() < 0.9 else draw.randrange(8)
            damaged[at] = draw.choice(b'{}[]",:0129 aFx\\\n\x00\xff')
            path.write_bytes(damaged)
            try:
                with safetensors.safe_open(path, "np") as file:
                    list(file.keys())
                fine = True
            except safetensors.SafetensorError:
                fine = False
            run = yore("import", path, "-o", self.folder / "maybe", "--force")
            self.assertIn(run.returncode, (0, 2), run.stderr)
            read = "not a whole safetensors file" not in run.stderr
            # A type that safetensors does not know stops it; yore refuses the model that would use it.
            self.assertTrue(fine or not read or run.returncode == 2, f"byte {at}: {bytes(damaged[at:at + 1])}")
            both += fine and read
            refused += not fine and not read
        self.assertGreater(both, 20)
        self.assertGreater(refused, 100)


if __name__ == "__main__":
    os.environ["LC_ALL"] = "C"
    unittest.main()
