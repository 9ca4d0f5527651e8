"""Models as torch modules: test_load.py EXTENSION_FOLDER PROGRAM. Trained runs of every mixer have the program's logits, compiled
ones their automaton's answers, and layers the program's options with its defaults."""

import inspect
import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

FOLDER, PROGRAM = sys.argv[1:3]
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

try:
    import torch
except ImportError as error:
    print(f"SKIPPED: no torch for {sys.executable} ({error})")
    sys.exit(0)

import yore  # noqa: E402

yore.__path__.append(FOLDER)
torch.set_num_threads(1)

from yore import recogniser  # noqa: E402

# Settings that cross every branch, a mixer's options each.
ATTENTION = [
    "--attention hybrid",
    "--attention local:2 --norm rms --norm-place pre --positions rotary",
    "--attention global --positions alibi --heads 6 --width 36 --norm rms+1 --norm-place both --activation swiglu --bias false",
    "--mixer attention:kv_heads=2,qk_norm=rms,soft_cap=5,sinks=2,window=4 --strict false --activation geglu --positions sinusoidal",
    "--mixer attention:sink_logits=true,rotary_fraction=0.5,rotary_style=adjacent,qk_norm=rms+1 --positions rotary --activation gelu-tanh --norm none",
    "--attention hybrid:3 --positions learned --activation none --embedding-scale 2",
    "--mixer attention:rotary_scaling=linear:4 --positions rotary",
    "--mixer attention:rotary_scaling=llama3:[8,1,4,16],rotary_base=500 --positions rotary",
    "--mixer attention:rotary_scaling=yarn:[4,32] --positions rotary",
    "--mixer attention:value_scale=on,kv_heads=2",
    "--mixer attention:value_scale=backward_only,value_scale_sigma=0.1",
    "--mixer attention:mask=none --strict false",
]
MIXERS = {
    "linear_attention": ["", "feature_map=elu,normaliser=true,heads=4", "tied_map=true,expand_v=2,expand_k=0.5",
                         "feature_map=relu,q_norm=true,k_norm=true,output_norm=false,scale=0.5"],
    "retention": ["", "heads=4,decays=[0.9,0.5,0.99,1],rotary=false,conv=3,output_gate=false", "rotary_base=100,expand_k=0.5"],
    "gla": ["", "conv=4,output_gate=false,strict_read=true", "out_norm=false,gate_divisor=4,gate_rank=3,heads=2"],
    "mamba2": ["head_width=16,state=8",
               "head_width=8,state=4,groups=2,bias=true,skip_per_channel=true,norm=whole,norm_before_gate=true",
               "head_width=0,heads=4,state=3,conv=0,norm=none,dt_least=0.01,dt_most=0.05,strict_read=true",
               "expand=1,head_width=8,state=2,groups=2,conv_bias=false,conv=2"],
    "delta_net": ["", "qk_activation=elu,qk_norm=sum,negative_eigenvalues=true,beta=false",
                  "steps=3,output_gate=true,conv=0,strict_read=true",
                  "qk_norm=none,qk_activation=relu,v_activation=none,out_norm=false,conv_bias=true,expand_v=0.5,scale=0.1"],
    "gated_delta_net": ["heads=2,head_dim=8", "heads=4,key_heads=2,head_dim=8,expand_v=1,steps=2,negative_eigenvalues=true,output_gate=false",
                        "heads=2,head_dim=4,strict_read=true,qk_activation=none,conv_bias=true"],
    "kda": ["heads=2,head_dim=8", "heads=4,key_heads=2,head_dim=8,lower_bound=-5,decay_rank=3,gate_rank=5,steps=2",
            "heads=2,head_dim=4,output_gate=false,strict_read=true,conv=0"],
    "gsa": ["slots=8", "slots=5,norm=head,output_gate=true,feature_map=none,value_map=none,output_map=none,conv=3",
            "slots=3,norm=none,gate_divisor=2,expand_k=0.5,scale=0.3"],
    "abc": ["slots=8", "slots=4,positions=none,norm=none,clamp=0.5,output_gate=false", "slots=4,norm=layer,feature_map=silu,conv=2"],
    "blurry_window": ["slots=8", "slots=6,stretch=[3/2,2,1,4],phase=none,kernel=squared,gain=stretch",
                      "slots=5,erase=delta,kernel=signed,stretch=2", "slots=4,age_bias=alibi,stretch=2,output_gate=true",
                      "slots=5,kernel=signed,stretch=1.5,phase=[0.1,0.2,0.3,0.4]",
                      "slots=4,age_bias=[0.1,0,0.5,0.2],erase=delta,stretch=2,norm=layer"],
    "short_conv": ["", "width=5,gate=false,skip=false,activation=silu", "gate_bias=false,conv_bias=false,width=2"],
}


def program(*words, text=None):
    return subprocess.run([PROGRAM, *words], input=text, capture_output=True, text=True, check=False)


class Trained(unittest.TestCase):
    """Of the width 32, after three steps, by the program's own answers in float32."""

    def compare(self, name, settings):
        if program("train", "--help").returncode != 0:
            self.skipTest("the program has no tensor half")
        asked = ["", "a", "ab", "ba", "abb", "ab" * 20, "aabba" * 5, "b" * 90]
        largest, rough = 0.0, []
        for options in settings:
            with self.subTest(options=options), tempfile.TemporaryDirectory() as folder:
                run = f"{folder}/run"
                trained = program("train", "(ab)*", "--steps", "3", "--quiet", "--out", run, "--validation-words", "16",
                                  "--test-words-per-bucket", "16", *options.split())
                self.assertEqual(trained.returncode, 0, trained.stderr)
                printed = program("run", run, "--json", text="\n".join(asked) + "\n").stdout
                theirs = [json.loads(line)["logit"] for line in printed.splitlines()]
                module = yore.load(run)
                ours = module.logits(asked).tolist()
                exact = self.exact(run, asked)
                size = max(1.0, *map(abs, theirs))
                # What float32 costs this model: a norm of next to nothing blows rounding up, the program's as well as ours.
                rounding = max(abs(a - b) for a, b in zip(ours, exact)) / size
                self.assertLess(rounding, 1e-4)
                error = max(abs(a - b) for a, b in zip(ours, theirs)) / size
                off = max(abs(a - b) for a, b in zip(exact, theirs)) / size
                self.assertLess(off, max(1e-6, 4 * rounding))
                if rounding < 5e-7:
                    self.assertLess(error, 1e-6)
                    largest = max(largest, error)
                else:
                    rough.append(f"{off:.0e} beside {rounding:.0e}")
                module(torch.tensor([module.tokens("abba")])).sum().backward()
                self.assertEqual([n for n, p in module.named_parameters() if p.grad is None and "positions" not in n], [])
        print(f"yore.load: {name}: logits within {largest:.1e} of the program's in {len(settings) - len(rough)} settings"
              + (f"; off float64 where float32 rounds more than 5e-7: {', '.join(rough)}" if rough else ""))

    def exact(self, run, asked):
        """The module's logits in float64."""
        module = yore.load(run).double()
        with torch.no_grad():
            return [module(torch.tensor([module.tokens(word)])).item() for word in asked]

    def test_attention(self):
        self.compare("attention", ATTENTION)

    def test_positions_of_a_period(self):
        self.compare("periodic positions", ["--positions periodic:3", "--mixer gla --positions periodic:2"])

    def test_every_mixer_is_here(self):
        names = {one["name"] for one in json.loads(program("mixers", "--json").stdout)}
        self.assertEqual(names, {"attention", *MIXERS})
        self.assertEqual(set(recogniser._RECURRENT), set(MIXERS))

    def test_what_is_refused_is_named(self):
        for options, text in [("--mixer attention:mask=none,weights=hard --strict false", "weights=hard.*which scores tie")]:
            with tempfile.TemporaryDirectory() as folder:
                trained = program("train", "(ab)*", "--steps", "1", "--quiet", "--out", f"{folder}/run", *options.split())
                self.assertEqual(trained.returncode, 0, trained.stderr)
                self.assertRaisesRegex(yore.InputError, text, yore.load, f"{folder}/run")


for _name, _settings in MIXERS.items():
    def _test(self, name=_name, settings=tuple(_settings)):
        places = ["", "--norm rms --norm-place pre --positions sinusoidal", "--norm rms+1 --norm-place both --activation swiglu"]
        self.compare(name, [f"--mixer {name}{':' if o else ''}{o} {places[i % 3]}" for i, o in enumerate(settings)])
    setattr(Trained, f"test_{_name}", _test)


class Compiled(unittest.TestCase):
    def test_every_mixers_model_is_called_traced_and_a_module(self):
        for mixer, specs in {"gla": ["(ab)*", ".*aa.*b"], "mamba2": ["(ab)*", "name:dyck-1"], "delta_net": ["(aa)*", "(ab)*"],
                             "gated_delta_net": ["name:parity", "(ab)*"], "kda": ["(aa|b)*", "(ab)*"],
                             "auto": ["(ab)*", "(aa)*"]}.items():
            for spec in specs:
                with self.subTest(mixer=mixer, spec=spec):
                    language = yore.Language(spec)
                    model = yore.compile_language(spec, mixer=mixer)
                    asked = ["".join(w) for n in range(7) for w in _words(language.alphabet, n)]
                    self.assertEqual(model(asked), [word in language for word in asked])
                    for word in asked[:40]:
                        trace = model.trace(word)
                        self.assertEqual(trace.accepts, word in language)
                        self.assertTrue(trace.rows and all(row["read"] == row["truth"] for row in trace.rows))
                    module = model.module()
                    self.assertEqual(sorted(module.state_dict()), sorted(model.state_dict()))
                    if mixer == "auto" and model.mixer == "attention":
                        continue  # whose softmax rounds
                    # Every number is a small integer, or next to nothing beside one.
                    self.assertEqual(module.logits(asked).round(decimals=4).tolist(), model.logits(asked))


def _words(letters, length):
    if length == 0:
        return [[]]
    return [[*word, letter] for word in _words(letters, length - 1) for letter in letters]


class Layers(unittest.TestCase):
    """The options of yore.nn's layers are those of `yore mixers`, in their order and with their defaults. What is not the same
    is written down here."""

    RENAMED = {("short_conv", "width"): "taps"}

    def test_options_and_defaults_are_the_programs(self):
        for described in json.loads(program("mixers", "--json").stdout):
            name = described["name"]
            if name == "attention":
                continue  # yore.nn.Attention says that it has its own
            layer = recogniser._RECURRENT[name]
            mine = {p.name: p.default for p in list(inspect.signature(layer.__init__).parameters.values())[2:]}
            theirs = {self.RENAMED.get((name, o["name"]), o["name"]): o["default"] for o in described["options"]}
            self.assertEqual(list(mine), list(theirs), name)
            for option, default in theirs.items():
                # None: follows from other options, which the program writes as 0, [] or null.
                if mine[option] is None:
                    self.assertIn(default, (0, [], None), (name, option))
                else:
                    self.assertEqual((mine[option], type(mine[option])), (default, type(default)), (name, option))

    def test_bad_options_are_refused(self):
        from yore import _delta_layers, _scan_layers, _slot_layers

        for text, call in [
            (r"GLA: heads must divide width \* expand_k, 8, got 3", lambda: _scan_layers.GLA(16, 3)),
            ("LinearAttention: feature_map must be one of", lambda: _scan_layers.LinearAttention(16, feature_map="exp")),
            ("tied_map must be False", lambda: _scan_layers.LinearAttention(16, feature_map="elu", tied_map=True)),
            ("Retention: decays must be 8 numbers", lambda: _scan_layers.Retention(16, decays=[0.5])),
            ("Mamba2: head_width must divide 32", lambda: _scan_layers.Mamba2(16)),
            ("conv must be 0", lambda: _delta_layers.DeltaNet(16, conv=1)),
            ("qk_norm must be l2 or none", lambda: _delta_layers.DeltaNet(16, qk_norm="sum")),
            ("key_heads must divide heads, 6, got 4", lambda: _delta_layers.GatedDeltaNet(16, key_heads=4)),
            ("ABC: heads must have an even number", lambda: _slot_layers.ABC(8, 4)),
            ("a stretch must be at least 1", lambda: _slot_layers.BlurryWindow(16, stretch="1/2")),
            ("phase must be one value or 4", lambda: _slot_layers.BlurryWindow(16, phase=[0.0])),
            ("age_bias must be 0", lambda: _slot_layers.BlurryWindow(16, kernel="signed", age_bias=0.1)),
        ]:
            with self.subTest(text=text), self.assertRaisesRegex(ValueError, text):
                call()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
