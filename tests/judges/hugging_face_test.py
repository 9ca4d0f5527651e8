"""hugging_face_test.py YORE NEXT_LOGITS: folders of transformers through yore import and yore export.

For every family small random models give the logits that transformers computes, whole or in shards, under the names and in
the words of old and new configurations; exported again they are what transformers saved.
"""

import json
import sys
import tempfile
import unittest
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, MistralConfig, MistralForCausalLM

import foreign

YORE = foreign.Yore(sys.argv.pop(1), sys.argv.pop(1))
TOLERANCE = 1e-4  # transformers computes in float32


class HuggingFace(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def saved(self, name, folder="there", **options):
        model = foreign.make(name)
        model.save_pretrained(self.folder / folder, **options)
        return model, self.folder / folder

    def same_logits(self, ours, theirs):
        self.assertLess(foreign.distance(ours, theirs), TOLERANCE)
        self.assertGreater(np.ptp(theirs), 0.5)  # something to differ in

    def test_logits_and_back(self):
        for name in foreign.CASES:
            with self.subTest(name):
                model, there = self.saved(name, name)
                tokens = foreign.prompt()
                expected = foreign.logits_of(model, tokens)
                ours = YORE.imported(there)
                for how in ("whole", "steps"):
                    self.same_logits(YORE.logits(ours, tokens, how=how), expected)
                back = self.folder / f"{name}-back"
                run = YORE("export", ours, "--to", "hf", "-o", back)
                self.assertEqual(run.returncode, 0, run.stderr)
                again = foreign.load(back)
                theirs, mine = model.state_dict(), again.state_dict()
                self.assertEqual(theirs.keys(), mine.keys())
                for key in theirs:
                    self.assertTrue(torch.equal(theirs[key], mine[key]), key)
                self.assertEqual(np.abs(foreign.logits_of(again, tokens) - expected).max(), 0)

    def test_shards(self):
        for name in ("llama", "gpt2"):
            _, whole = self.saved(name, name)
            _, shards = self.saved(name, f"{name}-shards", max_shard_size="20KB")
            self.assertGreater(len(list(shards.glob("*.safetensors"))), 3)
            (shards / "model-00099-of-00009.safetensors").write_bytes(b"a stray file")
            weights = [(YORE.imported(f) / "model.safetensors").read_bytes() for f in (whole, shards)]
            self.assertEqual(*weights)

    def test_names_without_a_prefix_and_buffers(self):
        for name, base in (("gpt2", "transformer."), ("llama", "model.")):
            _, there = self.saved(name, name)
            whole = (YORE.imported(there) / "model.safetensors").read_bytes()
            path = there / "model.safetensors"
            tensors = safetensors.torch.load_file(path)
            bare = {key.removeprefix(base): value for key, value in tensors.items() if key != "lm_head.weight"}
            if name == "gpt2":
                for block in range(3):
                    bare[f"h.{block}.attn.bias"] = torch.ones(1, 1, 64, 64, dtype=torch.bool)
                    bare[f"h.{block}.attn.masked_bias"] = torch.tensor(-1e4)
            bare["unused"] = torch.zeros(4, dtype=torch.float8_e5m2)
            safetensors.torch.save_file(bare, path)
            self.assertEqual((YORE.imported(there) / "model.safetensors").read_bytes(), whole)

    def test_old_words_for_rotary_positions(self):
        for name in ("llama", "llama-linear", "llama-llama3", "llama-yarn", "gemma3"):
            _, there = self.saved(name, name)
            new = (YORE.imported(there) / "model.json").read_text()
            path = there / "config.json"
            config = json.loads(path.read_text())
            rope = config.pop("rope_parameters")
            if name == "gemma3":
                config["rope_local_base_freq"] = rope["sliding_attention"]["rope_theta"]
                config["rope_theta"] = rope["full_attention"]["rope_theta"]
                del config["layer_types"]
                config["sliding_window_pattern"] = 6
            else:
                config["rope_theta"] = rope.pop("rope_theta")
                rope["type"] = rope.pop("rope_type")
                config["rope_scaling"] = None if rope["type"] == "default" else rope
            path.write_text(json.dumps(config))
            self.assertEqual((YORE.imported(there) / "model.json").read_text(), new)

    def test_narrow_weights(self):
        for dtype in (torch.bfloat16, torch.float16):
            there = self.folder / f"narrow-{dtype}".replace("torch.", "")
            foreign.make("llama").to(dtype).save_pretrained(there)
            tokens = foreign.prompt()
            expected = foreign.logits_of(foreign.load(there), tokens)
            self.same_logits(YORE.logits(YORE.imported(there), tokens), expected)

    def test_stored_as_bfloat16(self):
        model, there = self.saved("llama-biases")
        model.to(torch.bfloat16).save_pretrained(self.folder / "narrow")
        ours = YORE.imported(there, "--dtype", "bf16")
        stored = safetensors.torch.load_file(ours / "model.safetensors")
        self.assertEqual({t.dtype for t in stored.values()}, {torch.bfloat16})
        tokens = foreign.prompt()
        expected = foreign.logits_of(foreign.load(self.folder / "narrow"), tokens)
        self.same_logits(YORE.logits(ours, tokens), expected)
        run = YORE("export", ours, "--to", "hf", "-o", self.folder / "back")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(np.abs(foreign.logits_of(foreign.load(self.folder / "back"), tokens) - expected).max(), 0)

    def test_tokenizer_goes_along(self):
        _, there = self.saved("llama")
        (there / "tokenizer.json").write_text('{"version": "1.0"}')
        ours = YORE.imported(there)
        run = YORE("export", ours, "--to", "hf", "-o", self.folder / "back")
        self.assertEqual(run.returncode, 0, run.stderr)
        for folder in (ours, self.folder / "back"):
            self.assertEqual((folder / "tokenizer.json").read_text(), '{"version": "1.0"}')

    def test_evaluated_on_a_text(self):
        """Loss, bits a byte and perplexity of a text in the model's own tokens, each fed once in windows side by side or
        with as many before it as a stride leaves."""
        text = "".join(f"The {w} of {i} naïve cafés, in {i * 7} words. " for i, w in enumerate(["house", "lord", "sea"] * 40))
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        tokenizer.train_from_iterator([text], trainers.BpeTrainer(
            vocab_size=300, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
        (self.folder / "text").write_text(text)
        (self.folder / "train").write_text("not looked at, but there\n")
        ids = tokenizer.encode(text).ids
        self.assertGreater(len(ids), 500)
        predicted_bytes = len(text.encode()) - len(tokenizer.decode(ids[:1]).encode())
        for name, options in (("llama", {}), ("mistral", dict(sliding_window=9))):
            # One has more rows of its embedding than there are tokens, as many published models.
            padding = 4 if name == "mistral" else 0
            config = foreign.decoder(vocab_size=tokenizer.get_vocab_size() + padding, **options)
            model = foreign.of_random_weights(LlamaForCausalLM(LlamaConfig(**config)) if name == "llama" else
                                              MistralForCausalLM(MistralConfig(**config)))
            model.save_pretrained(self.folder / name)
            tokenizer.save(str(self.folder / name / "tokenizer.json"))
            ours = YORE.imported(self.folder / name)
            for context, stride in ((48, 48), (48, 20)):
                with self.subTest(f"{name}, stride {stride}"):
                    losses = {}  # of the token after position i
                    for begin in range(0, len(ids) - 1, stride):
                        window = ids[begin:begin + context]
                        logits = torch.tensor(foreign.logits_of(model, window))
                        for i in range(len(window)):
                            if begin + i + 1 < len(ids):
                                loss = torch.nn.functional.cross_entropy(logits[i], torch.tensor(ids[begin + i + 1]))
                                losses.setdefault(begin + i + 1, loss.item())
                    self.assertEqual(len(losses), len(ids) - 1)
                    nats = sum(losses.values())
                    run = YORE("evaluate", ours, "--task", f"text:{self.folder / 'train'},validation={self.folder / 'text'},"
                               f"test_fraction=0,context={context},stride={stride},validation_bytes=0", "--json")
                    self.assertEqual(run.returncode, 0, run.stderr)
                    said = {m["name"]: m for m in json.loads(run.stdout)["metrics"] if m["set"] == "validation"}
                    self.assertEqual(said["loss"]["count"], len(losses))
                    for metric, expected in (("loss", nats / len(losses)), ("perplexity", np.exp(nats / len(losses))),
                                             ("bits_per_byte", nats / np.log(2) / predicted_bytes)):
                        self.assertLess(abs(said[metric]["value"] / expected - 1), TOLERANCE, metric)

    def test_evaluated_without_a_tokenizer(self):
        _, there = self.saved("llama")
        ours, text = YORE.imported(there), self.folder / "text"
        text.write_text("some text of a few words, and then some more of it\n" * 90)

        def evaluate(*options):
            return YORE("evaluate", ours, "--task", ",".join([f"text:{text}", "context=16", *options]), "--json")

        def refused(run, part):
            self.assertEqual(run.returncode, 2, run.stderr)
            self.assertIn(part, run.stderr)

        refused(evaluate(), f"has {foreign.VOCABULARY} tokens, which are not bytes, and no tokenizer.json")
        words = ["<unk>", *sorted(set(text.read_text().split()))]
        for vocabulary, fits in ((words, True), (words + [f"x{i}" for i in range(foreign.VOCABULARY)], False)):
            (self.folder / "words").write_text("\n".join(vocabulary) + "\n")
            run = evaluate(f"tokenizer=words:{self.folder / 'words'}")
            if fits:
                self.assertEqual(run.returncode, 0, run.stderr)
            else:
                refused(run, f"tokens, more than the model's {foreign.VOCABULARY}")

    def refused(self, there, *parts):
        """Exit 2 and a sentence, perhaps with a caret under the place; nothing is written."""
        run = YORE("import", there, "-o", self.folder / "never")
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn(len(run.stderr.strip().splitlines()), (1, 3), run.stderr)
        for part in parts:
            self.assertIn(part, run.stderr)
        self.assertFalse((self.folder / "never").exists())
        self.assertEqual(list(self.folder.glob("*.partial")), [])

    def test_refusals(self):
        _, there = self.saved("llama", max_shard_size="20KB")
        path, index = there / "config.json", there / "model.safetensors.index.json"
        config, map_ = json.loads(path.read_text()), json.loads(index.read_text())

        def changed(**fields):
            path.write_text(json.dumps(config | fields))

        for fields, parts in (
            (dict(model_type="bert"), ("config.json", "model_type", "gpt2, llama, mistral, qwen3, gemma3_text", '"bert"')),
            (dict(model_type="lama"), ("did you mean llama?",)),
            (dict(hidden_size=None), ("config.json", "hidden_size is missing", "a whole number of at least 1")),
            (dict(hidden_size=-4), ("hidden_size: expected a whole number of at least 1, found -4",)),
            (dict(hidden_size="64"), ("hidden_size", 'found "64"')),
            (dict(hidden_act="relu"), ("hidden_act: expected silu or swish",)),
            (dict(rms_norm_eps="x"), ("rms_norm_eps: expected a number",)),
            (dict(num_attention_heads=3), ("config.json", "kv_heads: expected a divisor of the 3 heads, found 2")),
            (dict(num_key_value_heads=3), ("config.json", "kv_heads", "a divisor of the 4 heads")),
            (dict(rope_parameters=dict(rope_type="dynamic", factor=2.0)), ("rope_parameters.rope_type", "default, linear, llama3, yarn")),
            (dict(rope_parameters=dict(rope_type="linear", factor=0.5)), ("factor",)),
            (dict(vocab_size=95), ("model.embed_tokens.weight is [96, 64], config.json asks for [95, 64]",)),
            (dict(num_hidden_layers=4), ("no tensor model.layers.3.", "config.json")),
            (dict(num_hidden_layers=10**9), ("num_hidden_layers: expected at most 4096",)),
            (dict(intermediate_size=10**9), ("config.json", "1048576")),
        ):
            with self.subTest(fields):
                changed(**fields)
                self.refused(there, *parts)
        path.write_text("[1]")
        self.refused(there, "config.json", "expected an object")
        path.write_text("{")
        self.refused(there, "config.json", "not valid JSON")
        changed()

        name, shard = next(iter(map_["weight_map"].items()))
        for weight_map, parts in (
            (map_["weight_map"] | {name: "absent.safetensors"}, ("index.json", name, "absent.safetensors", "not there")),
            (map_["weight_map"] | {"absent": shard}, ("index.json", "absent", shard, "no such tensor")),
            (map_["weight_map"] | {name: "../" + shard}, ("weight_map." + name, "the name of a file in the same folder")),
            (map_["weight_map"] | {name: 3}, ("weight_map." + name, "found 3")),
            ({k: v for k, v in map_["weight_map"].items() if k != name}, ("there is no tensor " + name,)),
            ([], ("weight_map",)),
        ):
            with self.subTest(str(parts)):
                index.write_text(json.dumps(dict(weight_map=weight_map)))
                self.refused(there, *parts)
        index.write_text(json.dumps(map_))
        whole = (there / shard).read_bytes()
        (there / shard).write_bytes(whole[:-5])
        self.refused(there, shard, "truncated")
        tensors = safetensors.torch.load(whole)
        (there / shard).write_bytes(safetensors.torch.save(tensors | {name: tensors[name].to(torch.float8_e4m3fn)}))
        self.refused(there, shard, name, "F8_E4M3", "expected one of F32, F16, BF16")
        index.unlink()
        self.refused(there, "model.safetensors or model.safetensors.index.json")

    def test_what_no_family_can_say(self):
        run = YORE("compile", "(ab)*", "-o", self.folder / "ab")
        self.assertEqual(run.returncode, 0, run.stderr)
        run = YORE("export", self.folder / "ab", "--to", "hf", "-o", self.folder / "never")
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn("none of the families", run.stderr)
        self.assertFalse((self.folder / "never").exists())


if __name__ == "__main__":
    unittest.main()
