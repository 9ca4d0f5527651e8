"""Trained and compiled models of attention as torch modules, written from their description (docs of arch/model.h) with
plain torch operations: to run, to train on, to take apart. The program's own kernels are faster.
"""

from __future__ import annotations

import json
import math
import struct
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from .errors import InputError

__all__ = ["Recogniser", "load"]


def _refuse(what):
    raise InputError(f"model: {what}; yore.load knows models of attention with positions none, sinusoidal, learned, alibi or "
                     "rotary, and the program runs every model")


class _Norm(nn.Module):
    """Layer norm or root mean square; "rms+1" stores its weight less 1."""

    def __init__(self, width, kind, epsilon):
        super().__init__()
        self.kind, self.epsilon = kind, epsilon
        self.weight = nn.Parameter(torch.zeros(width) if kind == "rms+1" else torch.ones(width))
        if kind == "layer":
            self.bias = nn.Parameter(torch.zeros(width))

    def forward(self, x):
        if self.kind == "layer":
            return F.layer_norm(x, (x.shape[-1],), self.weight, self.bias, self.epsilon)
        unit = x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.epsilon)
        return unit * (self.weight + 1 if self.kind == "rms+1" else self.weight)


def _norm(width, record):
    return None if record["kind"] == "none" else _Norm(width, record["kind"], record["epsilon"])


def _alibi_slopes(heads):
    """Press et al. 2022: for H a power of two 2^(-8h/H), else those below it and every second one above."""
    power = 2 ** math.floor(math.log2(heads))
    slopes = [2.0 ** (-8.0 * h / power) for h in range(1, power + 1)]
    return slopes + [2.0 ** (-8.0 * h / (2 * power)) for h in range(1, 2 * power + 1, 2)][: heads - power]


def _angles(length, width, base):
    pairs = torch.arange((width + 1) // 2, dtype=torch.float64)
    return torch.arange(length, dtype=torch.float64)[:, None] * torch.exp(pairs * (-2.0 * math.log(base) / width))


class _Attention(nn.Module):
    """Softmax attention over the past: o["lookback"] earlier positions a head (-1: all), with or without the own one."""

    def __init__(self, width, o):
        super().__init__()
        for option, usual in (("rotary_scaling", "none"), ("value_scale", "none")):
            if o.get(option, usual) not in (usual, "off"):
                _refuse(f"attention with {option}={o[option]}")
        if o["positions"] not in ("none", "alibi", "rotary"):
            _refuse(f"attention with positions={o['positions']}")
        self.o = o
        heads, kv_heads, dim = o["heads"], o["kv_heads"], o["head_width"]
        self.qkv = nn.Linear(width, (heads + 2 * kv_heads) * dim, bias=o["bias"])
        self.out = nn.Linear(heads * dim, width, bias=o["out_bias"])
        if o["qk_norm"] != "none":
            self.q_norm = _Norm(dim, o["qk_norm"], o["qk_norm_epsilon"])
            self.k_norm = _Norm(dim, o["qk_norm"], o["qk_norm_epsilon"])
        if o["sink_logits"]:
            self.sink_logits = nn.Parameter(torch.zeros(heads))
        self.slopes = _alibi_slopes(heads) if o["positions"] == "alibi" else None
        lookback = o["lookback"]
        self.lookback = list(lookback) if isinstance(lookback, list) else [lookback] * heads

    def _turned(self, x):
        """x [B, H, T, D] with its first dims turned by their positions."""
        dims = 2 * int(self.o["head_width"] * self.o["rotary_fraction"] / 2 + 1e-9)
        angle = _angles(x.shape[2], dims, self.o["rotary_base"])
        cos, sin = angle.cos().to(x.dtype), angle.sin().to(x.dtype)
        turning, rest = x[..., :dims], x[..., dims:]
        adjacent = self.o["rotary_style"] == "adjacent"
        a, b = (turning[..., 0::2], turning[..., 1::2]) if adjacent else turning.split(dims // 2, -1)
        turned = (a * cos - b * sin, a * sin + b * cos)
        return torch.cat([torch.stack(turned, -1).flatten(-2) if adjacent else torch.cat(turned, -1), rest], -1)

    def forward(self, x):
        o, (batch, time, _) = self.o, x.shape
        heads, kv_heads, dim = o["heads"], o["kv_heads"], o["head_width"]
        qkv = self.qkv(x).view(batch, time, heads + 2 * kv_heads, dim).transpose(1, 2)
        q, k, v = qkv.split([heads, kv_heads, kv_heads], 1)
        if o["qk_norm"] != "none":
            q, k = self.q_norm(q), self.k_norm(k)
        if o["positions"] == "rotary":
            q, k = self._turned(q), self._turned(k)
        k, v = (part.repeat_interleave(heads // kv_heads, 1) for part in (k, v))
        scores = q @ k.transpose(-1, -2) * o["scale"]
        if o["soft_cap"] > 0:
            scores = o["soft_cap"] * torch.tanh(scores / o["soft_cap"])
        place = torch.arange(time, device=x.device)
        distance = place[:, None] - place[None, :]
        if self.slopes:
            scores = scores - torch.tensor(self.slopes, dtype=x.dtype, device=x.device)[:, None, None] * distance
        earlier = distance >= (1 if o["strict"] else 0)
        seen = torch.stack([earlier & ((distance <= k) | (place < o["sinks"])) if k >= 0 else earlier for k in self.lookback])
        scores = scores.masked_fill(~seen, -math.inf)
        if o["sink_logits"]:
            sink = self.sink_logits[None, :, None, None].expand(batch, heads, time, 1)
            weights = torch.cat([scores, sink], -1).softmax(-1)[..., :-1]
        else:
            # Where nothing is seen nothing is handed on.
            weights = torch.where(seen.any(-1, keepdim=True), scores.softmax(-1), torch.zeros_like(scores))
        return self.out((weights @ v).transpose(1, 2).reshape(batch, time, heads * dim))


_ACTIVATIONS = {
    "relu": F.relu, "gelu": F.gelu, "gelu-tanh": lambda x: F.gelu(x, approximate="tanh"),
    "swiglu": F.silu, "geglu": lambda x: F.gelu(x, approximate="tanh"),
}


class _FeedForward(nn.Module):
    def __init__(self, width, record):
        super().__init__()
        self.activation = record["activation"]
        if self.activation in ("swiglu", "geglu"):
            self.gate = nn.Linear(width, record["width"], bias=record["bias"])
        self.up = nn.Linear(width, record["width"], bias=record["bias"])
        self.down = nn.Linear(record["width"], width, bias=record["bias"])

    def forward(self, x):
        act = _ACTIVATIONS[self.activation]
        return self.down(act(self.gate(x)) * self.up(x) if hasattr(self, "gate") else act(self.up(x)))


class _Block(nn.Module):
    def __init__(self, width, record):
        super().__init__()
        if record["mixer"]["name"] != "attention":
            _refuse(f"a layer of {record['mixer']['name']}")
        self.place = record["norm_place"]
        parts = {"attention": _Attention(width, record["mixer"]["options"])}
        if record["feed_forward"]["activation"] != "none":
            parts["mlp"] = _FeedForward(width, record["feed_forward"])
        for name, part in parts.items():
            part.norm = _norm(width, record["norm"])
            part.norm_after = _norm(width, record["norm"]) if self.place == "both" else None
            setattr(self, name, part)

    def forward(self, x):
        for part in (self.attention, getattr(self, "mlp", None)):
            if part is None:
                continue
            norm = part.norm or (lambda y: y)
            if self.place == "post":
                x = norm(x + part(x))
            else:
                x = x + (part.norm_after or (lambda y: y))(part(norm(x)))
        return x


class Recogniser(nn.Module):
    """A model from its description, model.json: {"model", "alphabet", ..}. Parameters are named as in model.safetensors.

    ``module(tokens)`` takes token numbers [batch, time] (for a recogniser the letters, and EOS, number ``len(alphabet)``,
    last) and gives a logit a sequence [batch], or for other read-outs [batch, time, outputs]. ``module.logits(words)`` and
    ``module.accepts(words)`` take words of any lengths.

    >>> import yore
    >>> module = yore.compile_language("(ab)*").module()
    >>> module.logits(["abab", "aba"])
    tensor([ 4., -4.])
    """

    def __init__(self, description: dict):
        super().__init__()
        model = description["model"]
        self.description, self.alphabet = description, list(description.get("alphabet") or [])
        embedding, read_out = model["embedding"], model["read_out"]
        width = embedding["width"]
        self.embedding = nn.Embedding(embedding["vocabulary"], width)
        if embedding["positions"] == "learned":
            self.positions = nn.Embedding(embedding["max_positions"], width)
        self.layers = nn.ModuleList(_Block(width, block) for block in model["blocks"])
        self.final_norm = _norm(width, model["final_norm"])
        if read_out["tied"]:
            if read_out["bias"]:
                _refuse("a tied read-out with a bias")
        else:
            self.read_out = nn.Linear(width, read_out["outputs"], bias=read_out["bias"])

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        record = self.description["model"]
        x = self.embedding(tokens) * record["embedding"]["scale"]
        time, width = x.shape[1:]
        if record["embedding"]["positions"] == "sinusoidal":
            angle = _angles(time, width, 10000.0)
            x = x + torch.stack([angle.sin(), angle.cos()], 2).flatten(1)[:, :width].to(x)
        elif record["embedding"]["positions"] == "learned":
            x = x + self.positions.weight[:time]
        for block in self.layers:
            x = block(x)
        accept = record["read_out"]["kind"] == "accept"
        if accept:
            x = x[:, -1]
        if self.final_norm is not None:
            x = self.final_norm(x)
        logits = F.linear(x, self.embedding.weight) if record["read_out"]["tied"] else self.read_out(x)
        cap = record["read_out"]["soft_cap"]
        if cap > 0:
            logits = cap * torch.tanh(logits / cap)
        return logits.squeeze(-1) if accept else logits

    def tokens(self, word) -> list[int]:
        """The letters' numbers, and EOS. InputError for a letter outside the alphabet."""
        if not self.alphabet:
            raise InputError("word: the model's tokens have no names")
        short = all(len(name) == 1 for name in self.alphabet)
        letters = (list(word) if short else word.split()) if isinstance(word, str) else list(word)
        for letter in letters:
            if letter not in self.alphabet:
                raise InputError(f'word: "{letter}" is no letter of the alphabet {", ".join(self.alphabet)}')
        return [self.alphabet.index(letter) for letter in letters] + [len(self.alphabet)]

    def logits(self, words) -> torch.Tensor:
        """One a word, without gradients; words of one length are computed together."""
        rows = [self.tokens(word) for word in words]
        by_length: dict[int, list[int]] = {}
        for i, row in enumerate(rows):
            by_length.setdefault(len(row), []).append(i)
        found = torch.empty(len(rows))
        with torch.no_grad():
            for places in by_length.values():
                found[places] = self(torch.tensor([rows[i] for i in places], device=self.embedding.weight.device)).float().cpu()
        return found

    def accepts(self, words) -> list[bool]:
        """Whether each logit is above 0; what `yore.extract` asks."""
        return (self.logits(words) > 0).tolist()


def _read_safetensors(path):
    """The arrays of a safetensors file in float32; InputError for what is none."""
    data = path.read_bytes()
    try:
        (length,) = struct.unpack("<Q", data[:8])
        header = json.loads(data[8 : 8 + length])
        arrays = {}
        for name, entry in header.items():
            if name == "__metadata__":
                continue
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            kind = {"F32": torch.float32, "F64": torch.float64, "BF16": torch.bfloat16}[entry["dtype"]]
            arrays[name] = torch.frombuffer(bytearray(data[begin:end]), dtype=kind).reshape(entry["shape"]).float()
        return arrays
    except (struct.error, ValueError, KeyError, RuntimeError) as error:
        raise InputError(f"{path}: is no safetensors file of floating-point arrays ({error})") from error


def load(run) -> Recogniser:
    """A trained run, a compiled or an imported model, by its folder, as a torch module with the program's logits.

    InputError where there is no model, or one that the module cannot be: a layer that is not attention.

    >>> import tempfile, yore
    >>> folder = tempfile.mkdtemp()
    >>> yore.compile_language("(ab)*").save(folder)
    >>> yore.load(folder).accepts(["abab", "abba"])
    [True, False]
    """
    folder = Path(run)
    if not (folder / "model.json").is_file():
        raise InputError(f"{folder}: expected the folder of a run or a model, with model.json and model.safetensors")
    try:
        description = json.loads((folder / "model.json").read_text("utf-8"))
        module = Recogniser(description)
    except (ValueError, KeyError, TypeError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{folder / 'model.json'}: is no description of a model ({error!r})") from error
    try:
        module.load_state_dict(_read_safetensors(folder / "model.safetensors"))
    except RuntimeError as error:
        raise InputError(f"{folder / 'model.safetensors'}: does not fit model.json: {error}") from error
    return module.eval()
