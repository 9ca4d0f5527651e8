"""The scan's kernel asked from Python, and held to a torch function that computes the same.

>>> problem = Problem(rule="delta", decay="head", heads=4, key_heads=2, key_dim=16, value_dim=24)
>>> judge(program, problem, lambda x: other_program(x["q"], x["k"], ..))

`program` is tests/judges/scan_pass.cc. Arrays are [batch, tokens, heads, ..], float32.
"""

import subprocess
from dataclasses import dataclass

import numpy as np
import torch


@dataclass
class Problem:
    rule: str = "delta"
    decay: str = "none"
    batch: int = 2
    tokens: int = 150
    heads: int = 2
    key_heads: int = 2
    key_dim: int = 16
    value_dim: int = 24
    least_log: float = -1.0  # log_decay is drawn from here to 0
    most_beta: float = 1.0
    unit_keys: bool = True  # whether keys and queries are divided by their length
    seed: int = 5

    @property
    def scale(self):
        return self.key_dim**-0.5

    @property
    def decays(self):
        return {"none": 0, "head": 1, "key": self.key_dim, "value": self.value_dim}[self.decay]

    def shapes(self):
        """Of every input, in the order in which scan_pass takes them."""
        token = (self.batch, self.tokens)
        return {
            "q": (*token, self.key_heads, self.key_dim),
            "k": (*token, self.key_heads, self.key_dim),
            "v": (*token, self.heads, self.value_dim),
            "log_decay": (*token, self.heads, self.decays),
            "beta": (*token, self.heads),
            "initial": (self.batch, self.heads, self.key_dim, self.value_dim),
        }

    def draw(self):
        """Random inputs by name, and the gradients of outputs and final states."""
        random = np.random.default_rng(self.seed)
        x = {name: random.standard_normal(shape) for name, shape in self.shapes().items()}
        if self.unit_keys:
            x["q"], x["k"] = (a / np.linalg.norm(a, axis=-1, keepdims=True) for a in (x["q"], x["k"]))
        x["log_decay"] = self.least_log * random.random(x["log_decay"].shape)
        x["beta"] = self.most_beta * random.random(x["beta"].shape)
        cotangents = (random.standard_normal(x["v"].shape), random.standard_normal(x["initial"].shape))
        single = {name: a.astype(np.float32) for name, a in x.items()}
        return single, [a.astype(np.float32) for a in cotangents]


def run(program, problem, inputs, cotangents):
    """What the kernel gives: "out", "final", and the gradients under the inputs' names."""
    p = problem
    words = [p.rule, p.decay, p.batch, p.tokens, p.heads, p.key_heads, p.key_dim, p.value_dim, repr(p.scale)]
    arrays = b"".join(a.tobytes() for a in (*inputs.values(), *cotangents))
    done = subprocess.run([program, *map(str, words)], input=arrays, stdout=subprocess.PIPE, check=True)
    flat = np.frombuffer(done.stdout, dtype=np.float32)
    shapes = {"out": p.shapes()["v"], "final": p.shapes()["initial"], **p.shapes()}
    ends = np.cumsum([np.prod(shape, dtype=int) for shape in shapes.values()])
    assert ends[-1] == flat.size, (ends[-1], flat.size)
    parts = np.split(flat, ends[:-1])
    return {name: part.reshape(shape) for (name, shape), part in zip(shapes.items(), parts)}


def judge(program, problem, function, roundings=32):
    """Holds the kernel to `function`, which takes a dict of tensors and returns outputs and final states. Both sides
    compute in float32, so the largest difference of each array is compared with its root mean square times the root
    of the number of tokens, `roundings` each. Returns the largest share of what is allowed."""
    inputs, cotangents = problem.draw()
    got = run(program, problem, inputs, cotangents)
    leaves = {name: torch.tensor(a, requires_grad=True) for name, a in inputs.items()}
    results = function(leaves)
    named = {name: leaf for name, leaf in leaves.items() if leaf.numel() > 0}
    gradients = torch.autograd.grad(results, list(named.values()), [torch.tensor(c) for c in cotangents])
    right = dict(zip(("out", "final"), (r.detach().numpy() for r in results)))
    right.update({name: g.numpy() for name, g in zip(named, gradients)})
    worst = 0.0
    for name, expected in right.items():
        allowed = roundings * np.finfo(np.float32).eps * np.sqrt(problem.tokens) * np.sqrt(np.mean(expected**2))
        share = np.abs(got[name] - expected).max() / allowed
        print(f"  {name}: measured/allowed {share:.3f}")
        assert share <= 1, f"{name}: {share:.3g} times the allowed difference"
        worst = max(worst, share)
    return worst
